// SPDX-License-Identifier: BSD-2-Clause
// Who owned which buffer when, how many packets came and were dropped, how many calls were made: small enough
// to be kept of a run of any length, exact enough to be drawn.
#pragma once

#include "core/scenario/scenario.h"

#include <array>
#include <cstdint>
#include <vector>

namespace zbuf {

/// What a buffer was.
enum class Owner : std::uint8_t {
  absent, ///< not lent yet, or no more
  free,   ///< the kernel's, empty
  store,  ///< the kernel fills it
  hold,   ///< the kernel's, full: waiting to be copied out, or given back and not noticed yet
  user,   ///< the generations differ: the user reads it
};
inline constexpr std::size_t owner_count = 5;

/// A stretch of the run, and one reader in it.
struct PictureLane {
  /// Of A and B: for how long (in units of the axis) each was what.
  std::array<std::array<double, owner_count>, 2> owned{};
  std::uint64_t drops = 0;
  std::uint64_t calls = 0;
};
struct PictureColumn {
  std::uint64_t arrived = 0;
  std::uint64_t missed = 0;
  std::vector<PictureLane> lanes{}; ///< by descriptor
};

/// A chapter that was reached.
struct PictureMark {
  std::uint32_t chapter = 0; ///< from 0
  std::uint64_t position = 0;
  std::uint64_t time_ns = 0;
  std::uint64_t event = 0; ///< index of the event that it is about
};

/// Feed it the events of a run, in order. Memory is bounded: at most 512 stretches, which double in width as
/// the run goes on. No drop is ever left out.
class Picture {
 public:
  /// Descriptors that get a lane; what further ones do is not drawn.
  static constexpr std::size_t most_lanes = 8;

  explicit Picture(PictureAxis axis) : axis_(axis) {}

  /// The kinds that add() wants to see; others change nothing.
  static KindMask kinds();
  /// Where the beginning of the run is not known: the state before the first event. Before add().
  void begin(const State& state);
  /// An event, and the state after it.
  void add(const State& state, const Event& event);
  /// The run is over.
  void finish(std::uint64_t end_ns);

  [[nodiscard]] PictureAxis axis() const { return axis_; }
  /// Of the axis: nanoseconds, or steps. 0 for an empty run.
  [[nodiscard]] std::uint64_t length() const { return length_; }
  /// Where the last packet came, or a buffer changed hands: what follows is idle.
  [[nodiscard]] std::uint64_t busy_length() const { return busy_length_; }
  [[nodiscard]] std::size_t lanes() const { return now_.size(); }
  [[nodiscard]] const std::vector<PictureMark>& marks() const { return marks_; }

  /// The stretch [0, length) in `count` equal columns. What lies behind a shorter `length` than the run's is
  /// left out; a longer one leaves the rest empty.
  [[nodiscard]] std::vector<PictureColumn> columns(std::size_t count, std::uint64_t length) const;

 private:
  struct Now { ///< of one descriptor
    std::array<Owner, 2> owner{};
    std::uint64_t since = 0; ///< position
  };

  /// One of the latest events, for marks, which come a little after the event that they are about.
  struct Seen {
    std::uint64_t event = 0;
    std::uint64_t position = 0;
    std::uint64_t time_ns = 0;
  };

  void mark(const Event& event, std::uint64_t position);
  PictureColumn& cell(std::uint64_t position);
  PictureLane& lane(PictureColumn& cell, std::size_t descriptor) const;
  void settle(std::size_t descriptor, std::uint64_t position);
  void halve();

  PictureAxis axis_;
  std::uint64_t width_ = 1; ///< of a cell, in units of the axis
  std::uint64_t steps_ = 0;
  std::uint64_t length_ = 0;
  std::uint64_t busy_length_ = 0;
  std::vector<PictureColumn> cells_;
  std::vector<Now> now_;
  std::vector<PictureMark> marks_;
  std::array<Seen, 64> seen_{};
  std::size_t seen_count_ = 0;
};

} // namespace zbuf

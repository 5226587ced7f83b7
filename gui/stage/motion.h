// SPDX-License-Identifier: GPL-3.0-or-later
// What is on its way at an instant: packets, buffers that change places, bytes that read(2) copies.
//
// In the trace these steps take no time, for they happen at one instant. So that they can be seen, each is
// stretched over a window of model time that begins with its event. Where something is follows from the
// events of the window and nothing else: stepping back gives the same picture.
#pragma once

#include "core/trace/recording.h"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace zbuf::gui::stage {

struct Instant {
  const Recording* recording = nullptr;
  const State* state = nullptr;
  std::uint64_t done = 0; ///< events that have happened
  std::uint64_t time_ns = 0;
  std::uint16_t descriptor = 0;
  std::uint64_t window_ns = 1; ///< how long a step is drawn out: model time
  /// 1: everything is where the events put it, as when stepping; 0: under way. Between: on the way to that.
  double settled = 1;
};

enum class Fate : std::uint8_t { waiting, accepted, rejected, stored, dropped };

struct Flight {
  std::uint32_t packet = ZB_NO_PACKET;
  std::uint64_t event = 0; ///< index of the one that decided its fate
  Fate fate = Fate::waiting;
  std::uint8_t buffer = ZB_NO_BUFFER; ///< stored: where
  std::uint32_t offset = 0;           ///< stored: at
  double progress = 0;                ///< 0 at the interface .. 1 arrived
  bool operator==(const Flight&) const = default;
};

/// Where a buffer is drawn: between columns 0 (hold), 1 (store), 2 (free); 0 in the kernel .. 1 with the
/// user.
struct Pose {
  double column = 0;
  double up = 0;
  double below = 0; ///< 0 .. 1: on its way round the others, from hold to free
  bool moving = false;
  bool operator==(const Pose&) const = default;
};

struct CopyFlight {
  std::uint8_t source = ZB_A;
  std::uint32_t bytes = 0;
  double progress = 1;
  bool operator==(const CopyFlight&) const = default;
};

/// Events a second of model time.
struct Rates {
  std::uint64_t span_ns = 0;  ///< measured over; 0: not known
  std::uint64_t received = 0; ///< how many in the span
  double received_hz = 0, rejected_hz = 0, stored_hz = 0, dropped_hz = 0;
  bool operator==(const Rates&) const = default;
};

struct Motion {
  std::vector<Flight> flights{};
  bool streams = false;        ///< too many packets to draw each: flights is empty, rates tell
  bool hurried = false;        ///< too many hand-offs to draw each: buffers are where the state puts them
  std::uint64_t hand_offs = 0; ///< rotations, publications, acknowledgements and reclaims in the window
  Rates rates{};
  std::array<Pose, 2> poses{};
  std::optional<CopyFlight> copy{};
};

/// More packets in a window are drawn as streams.
inline constexpr std::size_t most_flights = 40;
/// More changes of place in a window are not followed.
inline constexpr std::size_t most_hand_offs = 12;

[[nodiscard]] Motion motion_at(const Instant& instant);

/// The resting place of a buffer.
[[nodiscard]] Pose pose_of(const DescriptorState& d, std::uint8_t which);

} // namespace zbuf::gui::stage

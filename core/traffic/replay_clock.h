// SPDX-License-Identifier: BSD-2-Clause
// When a replayed packet comes: from its time stamp, its place or its length, in integers only.
#pragma once

#include "core/traffic/arrivals.h"
#include "core/traffic/capture.h"

#include <cstdint>
#include <optional>

namespace zbuf {

/// The times of the packets of one replay, over all its rounds.
class ReplayClock {
 public:
  using Stamp = __int128; ///< nanoseconds since any epoch: files may claim any 64-bit number of seconds

  /// `config` is in range.
  explicit ReplayClock(const ReplayConfig& config);

  /// When the next packet comes. Nothing where its time stamp is further from the first than 2^62 ns, or time
  /// has come to 2^63 ns.
  std::optional<std::uint64_t> next(Stamp stamp, std::uint32_t wire_length);

  /// The capture begins anew.
  void begin_round();

  [[nodiscard]] std::uint64_t held_back_count() const { return held_back_count_; }
  /// How often a time stamp was earlier than the one before it, in all rounds, and by how much at most, in
  /// ns.
  [[nodiscard]] std::uint64_t went_back_count() const { return went_back_count_; }
  [[nodiscard]] Stamp furthest_back() const { return furthest_back_; }

 private:
  std::optional<std::uint64_t> from_stamp(Stamp stamp, std::uint32_t wire_length);
  std::optional<std::uint64_t> from_length(std::uint32_t wire_length);

  ReplayTiming timing_;
  std::uint64_t factor_; ///< in 2^-44
  ConstantRate rate_;
  std::uint64_t line_bits_per_second_;

  // Of this round, in time as recorded.
  Stamp first_stamp_ = 0;
  Stamp last_stamp_ = 0;
  std::uint64_t round_ns_ = 0; ///< when it began
  std::uint64_t last_ns_ = 0;  ///< of its latest packet, since then
  std::uint64_t packet_count_ = 0;
  std::uint32_t last_length_ = 0;

  std::uint64_t held_back_count_ = 0;
  std::uint64_t went_back_count_ = 0;
  Stamp furthest_back_ = 0;
  std::uint64_t line_ns_ = 0;        ///< when the line is free again
  std::uint64_t line_remainder_ = 0; ///< the rest, in 1 / line_bits_per_second_ ns
};

} // namespace zbuf

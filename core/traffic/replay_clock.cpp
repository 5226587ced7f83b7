// SPDX-License-Identifier: BSD-2-Clause
#include "core/traffic/replay_clock.h"

#include <algorithm>

namespace zbuf {

namespace {

constexpr std::uint64_t longest_ns = std::uint64_t{1} << 62;
constexpr int factor_bits = 44;

std::uint64_t bits_on_line(std::uint32_t wire_length) {
  constexpr std::uint64_t shortest_frame = 60;
  constexpr std::uint64_t around_a_frame = 24;      // preamble 8, FCS 4, gap 12
  constexpr std::uint64_t longest_frame = 16 << 20; // records may claim more, which no line has
  return 8 * (std::clamp<std::uint64_t>(wire_length, shortest_frame, longest_frame) + around_a_frame);
}

} // namespace

ReplayClock::ReplayClock(const ReplayConfig& config)
    : timing_(config.timing), factor_(std::uint64_t{1} << factor_bits),
      rate_(config.timing == ReplayTiming::rate ? config.packets_per_second : 1),
      line_bits_per_second_(config.line_bits_per_second) {
  if (timing_ == ReplayTiming::scaled)
    factor_ = static_cast<std::uint64_t>(config.time_factor * static_cast<double>(factor_));
}

std::optional<std::uint64_t> ReplayClock::next(Stamp stamp, std::uint32_t wire_length) {
  switch (timing_) {
  case ReplayTiming::original:
  case ReplayTiming::scaled:
    return from_stamp(stamp, wire_length);
  case ReplayTiming::rate:
    return rate_.next();
  case ReplayTiming::line:
    return from_length(wire_length);
  }
  return std::nullopt;
}

std::optional<std::uint64_t> ReplayClock::from_stamp(Stamp stamp, std::uint32_t wire_length) {
  if (packet_count_++ == 0)
    first_stamp_ = last_stamp_ = stamp;
  if (stamp < last_stamp_) {
    ++went_back_count_;
    furthest_back_ = std::max(furthest_back_, last_stamp_ - stamp);
  }
  last_stamp_ = stamp;
  last_length_ = wire_length;
  const Stamp since_first = stamp - first_stamp_;
  if (since_first > Stamp{longest_ns})
    return std::nullopt;
  if (since_first < Stamp{last_ns_})
    ++held_back_count_;
  else
    last_ns_ = static_cast<std::uint64_t>(since_first);

  const auto recorded_ns = static_cast<unsigned __int128>(round_ns_) + last_ns_;
  const auto played_ns = recorded_ns * factor_ >> factor_bits;
  if (recorded_ns >= 2 * longest_ns || played_ns >= 2 * longest_ns)
    return std::nullopt;
  return static_cast<std::uint64_t>(played_ns);
}

std::optional<std::uint64_t> ReplayClock::from_length(std::uint32_t wire_length) {
  const std::uint64_t parts = bits_on_line(wire_length) * 1'000'000'000 + line_remainder_;
  line_ns_ += parts / line_bits_per_second_;
  line_remainder_ = parts % line_bits_per_second_;
  if (line_ns_ >= 2 * longest_ns)
    return std::nullopt;
  return line_ns_;
}

void ReplayClock::begin_round() {
  const std::uint64_t mean_gap_ns = packet_count_ > 1 ? last_ns_ / (packet_count_ - 1) : 0;
  const std::uint64_t line_ns = bits_on_line(last_length_) * 1'000'000'000 / line_bits_per_second_;
  round_ns_ += last_ns_ + std::max({mean_gap_ns, line_ns, std::uint64_t{1}});
  last_ns_ = 0;
  packet_count_ = 0;
}

} // namespace zbuf

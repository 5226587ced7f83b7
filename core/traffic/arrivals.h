// SPDX-License-Identifier: BSD-2-Clause
// When packets come: exact arrival times from rates, with additions only.
#pragma once

#include "core/base/random.h"

#include <cstdint>

namespace zbuf {

/// Limits of a rate in packets per second.
inline constexpr double min_packets_per_second = 0.001;
inline constexpr double max_packets_per_second = 1e9;

/// floor(n * 1e9 / rate) nanoseconds for n = 0, 1, 2 ...: no rounding ever adds up. The rate is taken to a
/// millionth of a packet per second, and must be within the limits above.
class ConstantRate {
 public:
  explicit ConstantRate(double packets_per_second);

  std::uint64_t next() {
    const std::uint64_t now = time_ns_;
    time_ns_ += step_ns_;
    remainder_ += step_remainder_;
    if (remainder_ >= rate_) {
      remainder_ -= rate_;
      ++time_ns_;
    }
    return now;
  }

  void restart() { time_ns_ = remainder_ = 0; }

 private:
  std::uint64_t rate_; ///< packets per 1e6 seconds
  std::uint64_t step_ns_;
  std::uint64_t step_remainder_; ///< the rest of a step, in 1 / rate_ ns
  std::uint64_t time_ns_ = 0;
  std::uint64_t remainder_ = 0;
};

/// Exponentially distributed gaps with mean 1 / rate, kept to 2^-16 ns.
class PoissonArrivals {
 public:
  PoissonArrivals(double packets_per_second, std::uint64_t seed);

  std::uint64_t next() {
    // At most 37 times the mean, itself at most 2^56: no overflow.
    fraction_ += static_cast<std::uint64_t>(random_.exponential() * mean_gap_);
    time_ns_ += fraction_ >> 16;
    fraction_ &= 0xffff;
    return time_ns_;
  }

 private:
  Random random_;
  double mean_gap_; ///< in 2^-16 ns
  std::uint64_t time_ns_ = 0;
  std::uint64_t fraction_ = 0;
};

/// Bursts of constant rate: on for a while, off for a while.
class BurstArrivals {
 public:
  BurstArrivals(double packets_per_second, std::uint64_t on_ns, std::uint64_t off_ns)
      : within_(packets_per_second), on_ns_(on_ns), off_ns_(off_ns) {}

  std::uint64_t next() {
    std::uint64_t offset_ns = within_.next();
    if (offset_ns >= on_ns_) {
      burst_ns_ += on_ns_ + off_ns_;
      within_.restart();
      offset_ns = within_.next();
    }
    return burst_ns_ + offset_ns;
  }

 private:
  ConstantRate within_;
  std::uint64_t on_ns_;
  std::uint64_t off_ns_;
  std::uint64_t burst_ns_ = 0;
};

} // namespace zbuf

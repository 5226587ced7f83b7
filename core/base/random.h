// SPDX-License-Identifier: BSD-2-Clause
// One seed, one sequence, on every compiler and machine: integers only, and a logarithm of our own.
#pragma once

#include <bit>
#include <cstdint>

namespace zbuf {

/// SplitMix64 (Steele, Lea, Flood 2014): 2^64 values per seed, any seed is good. Not for secrets.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  /// Uniform in 0 .. bound-1 (bound > 0), by Lemire's multiplication: at most 2^-32 from uniform for
  /// bounds below 2^32.
  std::uint64_t below(std::uint64_t bound) {
    return static_cast<std::uint64_t>((static_cast<unsigned __int128>(next()) * bound) >> 64);
  }

  /// Uniform in low .. high, both included.
  std::uint64_t between(std::uint64_t low, std::uint64_t high) { return low + below(high - low + 1); }

  /// Exponentially distributed with mean 1. Plain IEEE operations, so the same bits everywhere.
  double exponential() {
    // u in (0, 1], from 53 bits; -ln(u) with u = m * 2^-e.
    const std::uint64_t bits = (next() >> 11) + 1;
    const int exponent = 63 - std::countl_zero(bits);
    double m = static_cast<double>(bits) / static_cast<double>(std::uint64_t{1} << exponent); // 1 <= m < 2
    int e = 53 - exponent;
    if (m > 1.4142135623730951) {
      m /= 2;
      --e;
    }
    const double s = (m - 1) / (m + 1);
    const double s2 = s * s;
    double term = s;
    double sum = 0;
    for (int k = 1; k <= 21; k += 2) {
      sum += term / k;
      term *= s2;
    }
    return static_cast<double>(e) * 0.6931471805599453 - 2 * sum;
  }

 private:
  std::uint64_t state_;
};

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
// Figures from repeated measurements: what lies in the middle, how far the rest is spread, and whether the
// machine was quiet enough for either to mean anything.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace zbuf {

/// Of any number of values; all 0 of none.
struct Spread {
  double median = 0;
  double low = 0;  ///< a quarter of the values lie below
  double high = 0; ///< a quarter of the values lie above

  /// Between the quartiles, as a share of the median; 0 where that is 0.
  [[nodiscard]] double relative() const { return median > 0 ? (high - low) / median : 0; }
};

/// Quantiles are interpolated between the values beside them.
[[nodiscard]] Spread spread_of(std::vector<double> values);

/// The ratio of each pair, which were measured right after each other: what slows down both does not matter.
/// Pairs with a 0 below the line are left out. Pre: as many of one as of the other.
[[nodiscard]] Spread paired_ratio(std::span<const double> above, std::span<const double> below);

/// How far the values have moved from the first third of them to the last, as a share of the median: -0.1 is
/// 10 % down. 0 for fewer than 6 of them.
[[nodiscard]] double drift_of(std::span<const double> values);

} // namespace zbuf

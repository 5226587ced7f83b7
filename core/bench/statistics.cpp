// SPDX-License-Identifier: BSD-2-Clause
#include "core/bench/statistics.h"

#include "core/base/assert.h"

#include <algorithm>

namespace zbuf {

namespace {

/// Pre: sorted, not empty.
double quantile(const std::vector<double>& sorted, double share) {
  const double at = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

} // namespace

Spread spread_of(std::vector<double> values) {
  if (values.empty())
    return {};
  std::sort(values.begin(), values.end());
  return {quantile(values, 0.5), quantile(values, 0.25), quantile(values, 0.75)};
}

Spread paired_ratio(std::span<const double> above, std::span<const double> below) {
  ZBUF_ASSERT(above.size() == below.size());
  std::vector<double> ratios;
  for (std::size_t i = 0; i < above.size(); ++i)
    if (below[i] > 0)
      ratios.push_back(above[i] / below[i]);
  return spread_of(std::move(ratios));
}

double drift_of(std::span<const double> values) {
  if (values.size() < 6)
    return 0;
  const std::size_t third = values.size() / 3;
  const auto first = values.first(third);
  const auto last = values.last(third);
  const double median = spread_of({values.begin(), values.end()}).median;
  if (median <= 0)
    return 0;
  return (spread_of({last.begin(), last.end()}).median - spread_of({first.begin(), first.end()}).median) /
         median;
}

} // namespace zbuf

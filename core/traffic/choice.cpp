// SPDX-License-Identifier: BSD-2-Clause
#include "core/traffic/choice.h"

#include "core/base/assert.h"

#include <numeric>

namespace zbuf {

WeightedChoice::WeightedChoice(std::span<const std::uint32_t> weights) {
  ZBUF_ASSERT(!weights.empty() && weights.size() <= 65536);
  const std::uint64_t total = std::accumulate(weights.begin(), weights.end(), std::uint64_t{0});
  ZBUF_ASSERT(total > 0);

  // In units in which a slot holds `total`, so that nothing is rounded before the threshold.
  std::vector<std::uint64_t> left(weights.size());
  std::vector<std::uint32_t> poor;
  std::vector<std::uint32_t> rich;
  for (std::uint32_t i = 0; i < weights.size(); ++i) {
    left[i] = std::uint64_t{weights[i]} * weights.size();
    (left[i] < total ? poor : rich).push_back(i);
    slots_.push_back({0, i, i});
  }
  while (!poor.empty()) {
    const std::uint32_t giver = rich.back(); // there is one: what is left is `total` per slot on average
    const std::uint32_t taker = poor.back();
    poor.pop_back();
    slots_[taker] = {static_cast<std::uint64_t>((static_cast<unsigned __int128>(left[taker]) << 64) / total),
                     taker, giver};
    left[giver] -= total - left[taker];
    if (left[giver] < total) {
      rich.pop_back();
      poor.push_back(giver);
    }
  }
}

} // namespace zbuf

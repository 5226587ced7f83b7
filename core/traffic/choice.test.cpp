// SPDX-License-Identifier: BSD-2-Clause
#include "core/traffic/choice.h"

#include <gtest/gtest.h>
#include <numeric>
#include <rapidcheck/gtest.h>

namespace zbuf {
namespace {

/// Draws with numbers spread evenly over all 64-bit ones, so that shares come out exact but for one step per
/// slot.
std::vector<std::uint64_t> count_evenly(const WeightedChoice& choice, std::size_t size, std::uint64_t draws) {
  std::vector<std::uint64_t> counts(size);
  const std::uint64_t step = UINT64_MAX / draws;
  for (std::uint64_t i = 0; i < draws; ++i)
    ++counts[choice.draw(i * step)];
  return counts;
}

RC_GTEST_PROP(WeightedChoice, SharesAreTheWeights, ()) {
  auto weights = *rc::gen::container<std::vector<std::uint32_t>>(rc::gen::inRange<std::uint32_t>(0, 1000));
  weights.push_back(1);
  const std::uint64_t total = std::accumulate(weights.begin(), weights.end(), std::uint64_t{0});
  constexpr std::uint64_t draws = 100'000;
  const auto counts = count_evenly(WeightedChoice(weights), weights.size(), draws);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double expected = static_cast<double>(draws) * weights[i] / static_cast<double>(total);
    RC_ASSERT(std::abs(static_cast<double>(counts[i]) - expected) <=
              2.0 * static_cast<double>(weights.size()));
    if (weights[i] == 0)
      RC_ASSERT(counts[i] == 0u);
  }
}

TEST(WeightedChoice, OneOfOneAndExtremes) {
  const std::uint32_t one[] = {5};
  EXPECT_EQ(WeightedChoice(one).draw(0), 0u);
  EXPECT_EQ(WeightedChoice(one).draw(UINT64_MAX), 0u);
  const std::uint32_t last[] = {0, 0, 1};
  for (const std::uint64_t random : {std::uint64_t{0}, UINT64_MAX / 3, UINT64_MAX / 2, UINT64_MAX})
    EXPECT_EQ(WeightedChoice(last).draw(random), 2u);
}

TEST(WeightedChoiceDeathTest, NothingToChooseFromIsAProgrammingError) {
  const std::uint32_t zeros[] = {0, 0};
  EXPECT_DEATH(WeightedChoice{zeros}, "total > 0");
  EXPECT_DEATH(WeightedChoice{{}}, "empty");
}

} // namespace
} // namespace zbuf

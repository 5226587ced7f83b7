// SPDX-License-Identifier: BSD-2-Clause
// Medians, ratios of pairs, drift, and what is called noisy.
#include "core/bench/bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace zbuf {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Statistics, TheMiddleAndTheQuarters) {
  const Spread spread = spread_of({5, 1, 4, 2, 3});
  EXPECT_EQ(spread.median, 3);
  EXPECT_EQ(spread.low, 2);
  EXPECT_EQ(spread.high, 4);
  EXPECT_DOUBLE_EQ(spread.relative(), 2.0 / 3);
  EXPECT_EQ(spread_of({7, 1}).median, 4) << "between two values";
  EXPECT_EQ(spread_of({7}).low, 7);
  EXPECT_EQ(spread_of({}).median, 0);
  EXPECT_EQ(spread_of({}).relative(), 0);
}

TEST(Statistics, OneWildValueChangesNothing) {
  EXPECT_EQ(spread_of({10, 10, 10, 10, 1e9}).median, 10);
  EXPECT_EQ(spread_of({10, 10, 10, 10, 1e9}).high, 10);
}

TEST(Statistics, RatiosAreOfPairs) {
  // A machine that gets slower from round to round: each pair still says 2.
  const std::vector<double> above{200, 100, 50}, below{100, 50, 25};
  const Spread ratio = paired_ratio(above, below);
  EXPECT_EQ(ratio.median, 2);
  EXPECT_EQ(ratio.low, 2);
  EXPECT_EQ(ratio.high, 2);
  EXPECT_EQ(paired_ratio(std::vector<double>{4, 9}, std::vector<double>{0, 3}).median, 3) << "nothing by 0";
}

TEST(Statistics, DriftIsFromTheFirstThirdToTheLast) {
  EXPECT_DOUBLE_EQ(drift_of(std::vector<double>{90, 90, 100, 100, 110, 110}), 0.2);
  EXPECT_EQ(drift_of(std::vector<double>{100, 120, 100, 100, 120, 100}), 0);
  EXPECT_EQ(drift_of(std::vector<double>{1, 2, 3, 4, 5}), 0) << "too few to tell";
}

Measurement round_of(std::uint64_t duration_ns, std::uint64_t kernel_cpu_ns) {
  Measurement round;
  round.duration_ns = duration_ns;
  round.kernel_cpu_ns = kernel_cpu_ns;
  return round;
}

TEST(Noise, AQuietMachine) {
  const CaseResult one{{}, {}, {round_of(1000, 1000), round_of(1000, 990)}};
  const Noise noise = judge_noise({one}, {100, 101, 100, 99, 100, 100});
  EXPECT_FALSE(noise.noisy());
  EXPECT_THAT(noise.reasons, IsEmpty());
}

TEST(Noise, ADriftingMachineIsReported) {
  const Noise noise = judge_noise({}, {100, 100, 100, 101, 101, 102, 104, 107, 110});
  EXPECT_TRUE(noise.noisy());
  EXPECT_THAT(noise.reasons.front(), HasSubstr("the same computation"));
  EXPECT_GT(noise.yardstick_drift, 0.05);
}

TEST(Noise, CoresThatOthersUseAreReported) {
  const CaseResult one{{}, {}, {round_of(1000, 600), round_of(1000, 700)}};
  const Noise noise = judge_noise({one}, {100, 100, 100});
  EXPECT_THAT(noise.reasons, ElementsAre(HasSubstr("others use the cores")));
}

TEST(Noise, IsACaseThatIsNotTheSameFromRoundToRound) {
  CaseResult steady, unsteady;
  for (const std::uint64_t packets : {1000u, 1010u, 990u, 1000u, 1005u}) {
    Measurement round;
    round.duration_ns = round.kernel_cpu_ns = 1'000'000;
    round.packets = packets;
    steady.rounds.push_back(round);
    round.packets = unsteady.rounds.size() % 2 == 0 ? packets : packets / 2;
    unsteady.rounds.push_back(round);
  }
  const std::vector<double> yardstick(10, 100.0);
  EXPECT_FALSE(judge_noise({steady}, yardstick).noisy());
  const Noise noise = judge_noise({steady, unsteady}, yardstick);
  ASSERT_EQ(noise.reasons.size(), 1u);
  EXPECT_THAT(noise.reasons.front(), ::testing::HasSubstr("1 of 2 cases"));
}

} // namespace
} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
#include "core/traffic/arrivals.h"

#include <cmath>
#include <gtest/gtest.h>

namespace zbuf {
namespace {

TEST(ConstantRate, PacketNComesAtNOverRateExactly) {
  for (const double rate : {0.001, 1.0, 3.0, 7.25, 812'000.0, 14'880'952.380952, 999'999'999.0, 1e9}) {
    ConstantRate arrivals(rate);
    const auto millionths = static_cast<std::uint64_t>(std::llround(rate * 1e6));
    for (std::uint64_t n = 0; n < 100'000; ++n) {
      const auto exact = static_cast<unsigned __int128>(n) * 1'000'000'000'000'000u / millionths;
      ASSERT_EQ(arrivals.next(), static_cast<std::uint64_t>(exact)) << "rate " << rate << ", packet " << n;
    }
  }
}

TEST(ConstantRate, EverySecondHasTheSameCountForEver) {
  ConstantRate arrivals(300'007);
  std::uint64_t in_second = 0;
  std::uint64_t second = 0;
  while (second < 10) {
    const std::uint64_t now = arrivals.next();
    if (now / 1'000'000'000 != second) {
      ASSERT_EQ(in_second, 300'007u) << "second " << second;
      second = now / 1'000'000'000;
      in_second = 0;
    }
    ++in_second;
  }
}

TEST(ConstantRateDeathTest, RatesOutOfRangeAreProgrammingErrors) {
  EXPECT_DEATH(ConstantRate(0), "usable");
  EXPECT_DEATH(PoissonArrivals(2e9, 1), "usable");
}

TEST(PoissonArrivals, GapsHaveTheMeanAndTheSpreadOfTheirDistribution) {
  constexpr int count = 1'000'000;
  constexpr double mean_ns = 1000;
  PoissonArrivals arrivals(1e6, 42);
  std::uint64_t last = 0;
  double squares = 0;
  int longer_than_mean = 0;
  for (int i = 0; i < count; ++i) {
    const std::uint64_t now = arrivals.next();
    ASSERT_GE(now, last);
    const auto gap = static_cast<double>(now - last);
    squares += gap * gap;
    longer_than_mean += gap > mean_ns ? 1 : 0;
    last = now;
  }
  // Five standard errors: 0.5 % of the mean, 1.1 % of the mean square; e^-1 of the gaps exceed the mean.
  EXPECT_NEAR(static_cast<double>(last) / count, mean_ns, 5);
  EXPECT_NEAR(squares / count, 2 * mean_ns * mean_ns, 0.011 * 2 * mean_ns * mean_ns * 2);
  EXPECT_NEAR(static_cast<double>(longer_than_mean) / count, 0.36788, 0.0025);
}

TEST(PoissonArrivals, SlowestRateDoesNotOverflow) {
  PoissonArrivals arrivals(min_packets_per_second, 7);
  std::uint64_t last = 0;
  for (int i = 0; i < 10'000; ++i) {
    const std::uint64_t now = arrivals.next();
    ASSERT_GE(now, last);
    ASSERT_LE(now - last, 37'000'000'000'000u);
    last = now;
  }
  EXPECT_NEAR(static_cast<double>(last) / 1e16, 1, 0.05);
}

TEST(BurstArrivals, OnAndOffAsConfigured) {
  // 10 packets per ms for 1 ms, then 9 ms of nothing.
  BurstArrivals arrivals(10'000, 1'000'000, 9'000'000);
  for (std::uint64_t burst = 0; burst < 1000; ++burst)
    for (std::uint64_t i = 0; i < 10; ++i)
      ASSERT_EQ(arrivals.next(), burst * 10'000'000 + i * 100'000);
}

TEST(BurstArrivals, EveryBurstBeginsWithAPacketHoweverShort) {
  BurstArrivals arrivals(1, 5, 95);
  for (std::uint64_t burst = 0; burst < 100; ++burst)
    ASSERT_EQ(arrivals.next(), burst * 100);
}

TEST(BurstArrivals, WithoutAPauseTheyFollowEachOther) {
  BurstArrivals arrivals(1000, 2'500'000, 0); // packets at 0, 1 and 2 ms of every 2.5 ms
  for (const std::uint64_t expected :
       {0u, 1'000'000u, 2'000'000u, 2'500'000u, 3'500'000u, 4'500'000u, 5'000'000u})
    ASSERT_EQ(arrivals.next(), expected);
}

} // namespace
} // namespace zbuf

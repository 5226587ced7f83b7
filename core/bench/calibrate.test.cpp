// SPDX-License-Identifier: BSD-2-Clause
// Costs as a file, and what the model makes of them. How well it predicts this machine is calibration's own
// report; it is a test where a quiet machine is promised (ZBUF_QUIET_MACHINE=1 in the environment).
#include "core/bench/calibrate.h"

#include <cmath>
#include <cstdlib>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace zbuf {
namespace {

using testing::HasSubstr;

Costs simple() {
  Costs costs;
  costs.packet_ns = 80;
  costs.filter_ns = 20;
  costs.copy_ps = 0;
  costs.copy_out_ps = 1000;
  costs.syscall_ns = 1;
  costs.handle_ns = 1;
  return costs;
}

TEST(Prediction, ZeroCopyIsBoundByTheKernelsSide) {
  const auto pps = predict_pps(simple(), BufferMode::zbuf, 64);
  ASSERT_TRUE(pps) << pps.error().text();
  EXPECT_NEAR(*pps, 1e9 / 100, 3e5) << "the last fills are still on their way";
}

TEST(Prediction, ReadIsBoundByItsReadersCopy) {
  // 1544 bytes of each record at 1 ns, and 1 ns to handle it.
  const auto pps = predict_pps(simple(), BufferMode::buffer, 1514);
  ASSERT_TRUE(pps) << pps.error().text();
  EXPECT_NEAR(*pps, 1e9 / 1545, 2e4);
}

TEST(Calibration, IsWrittenAsScenariosHaveIt) {
  Calibration calibration;
  calibration.costs = simple();
  calibration.machine = {"System", "Processor", 2};
  const std::string toml = costs_as_toml(calibration);
  EXPECT_THAT(toml, HasSubstr("on Processor, System, 2 cores."));
  EXPECT_THAT(toml, HasSubstr("[costs]\npacket_ns = 80\nfilter_ns = 20\n"));
  for (const CostInfo& cost : cost_infos)
    EXPECT_THAT(toml, HasSubstr("\n" + std::string(cost.name) + " = "));
}

TEST(Calibration, StopsOnRequest) {
  const auto stopped = calibrate([](double) { return false; });
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, Error::Code::interrupted);
}

TEST(Calibration, PredictsWithinAQuarter) {
  if (std::getenv("ZBUF_QUIET_MACHINE") == nullptr)
    GTEST_SKIP() << "only with ZBUF_QUIET_MACHINE=1: it measures time";
  const auto calibration = calibrate();
  ASSERT_TRUE(calibration) << calibration.error().text();
  if (calibration->noise.noisy())
    GTEST_SKIP() << "noisy: " << calibration->noise.reasons.front();
  ASSERT_EQ(calibration->predictions.size(), 6u);
  for (const Prediction& prediction : calibration->predictions)
    EXPECT_LE(std::abs(prediction.deviation()), 0.25)
        << (prediction.mode == BufferMode::zbuf ? "zero-copy, " : "read(2), ") << prediction.packet_bytes
        << " bytes";
}

} // namespace
} // namespace zbuf

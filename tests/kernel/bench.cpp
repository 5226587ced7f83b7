// SPDX-License-Identifier: BSD-2-Clause
// zbuf bench through the module: the real read(2) beside zero-copy. What it counts is exact, whatever the
// machine does meanwhile.
#include "core/bench/bench.h"
#include "tests/kernel/machine.h"

#include <algorithm>
#include <gtest/gtest.h>

namespace zbuf {
namespace {

const Measurement& only(const CaseResult& one) {
  EXPECT_EQ(one.not_run, "");
  EXPECT_EQ(one.rounds.size(), 1u);
  static const Measurement none{};
  return one.rounds.empty() ? none : one.rounds.front();
}

TEST(Bench, MeasuresTheRealReadBesideZeroCopy) {
  const ScopedSysctl zero_copy("net.bpf.zerocopy_enable", 1);
  BenchPlan plan;
  plan.ways = {Way::native, Way::native_read};
  plan.packets = {PacketChoice{.size_bytes = 1000}};
  plan.buffer_bytes = {65536};
  plan.policies = {ReaderPolicy::sleep};
  plan.rounds = 1;
  plan.case_ns = 300'000'000;
  Bench bench(plan);
  const auto prepared = bench.prepare();
  ASSERT_TRUE(prepared) << prepared.error().text();
  const BenchResult result = bench.run();
  ASSERT_EQ(result.cases.size(), 2u);
  const Measurement& zbuf = only(result.cases[0]);
  const Measurement& read = only(result.cases[1]);
  for (const Measurement* one : {&zbuf, &read}) {
    EXPECT_GT(one->seen.packets, 100u);
    EXPECT_EQ(one->seen.packet_bytes, one->seen.packets * 1000) << "packets of another size, or twice";
    EXPECT_LE(one->seen.packets + one->all.dropped, one->all.offered + 1);
    EXPECT_GT(one->all.system_calls, 0u);
  }
  EXPECT_EQ(zbuf.all.user_copied_bytes, 0u);
  EXPECT_GE(read.all.user_copied_bytes, read.seen.packet_bytes);
  EXPECT_EQ(read.all.user_copied_bytes, read.all.kernel_copied_bytes);
  const bool compared = std::any_of(result.comparisons.begin(), result.comparisons.end(),
                                    [](const Comparison& c) { return c.what == "reader CPU per packet"; });
  EXPECT_TRUE(compared);
}

} // namespace
} // namespace zbuf

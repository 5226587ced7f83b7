// SPDX-License-Identifier: BSD-2-Clause
// Real runs, short ones: what they count is exact, whatever the machine does meanwhile. No test here looks at
// a clock. Only that a thread ran at all in so short a time is luck: run() tries again until it did.
#include "core/bench/report.h"
#include "core/bench/test_schema.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace zbuf {
namespace {

using nlohmann::json;
using testing::HasSubstr;

BenchPlan short_plan(Way way, std::uint32_t packet_bytes = 1514) {
  BenchPlan plan;
  plan.ways = {way};
  plan.packets = {PacketChoice{.size_bytes = packet_bytes}};
  plan.buffer_bytes = {65536};
  plan.rounds = 2;
  plan.case_ns = 20'000'000;
  plan.warm_up_ns = 1'000'000;
  return plan;
}

/// Each thread that a round is about had the processor long enough to do something.
bool every_thread_ran(const BenchPlan& plan, Way way, const Measurement& round) {
  switch (way) {
  case Way::zero_copy:
  case Way::read_call:
  case Way::queue:
  case Way::exact_queue:
    return plan.filter.empty() ? round.seen.packets > 0 : round.all.offered > 0; // a filter refuses all here
  case Way::plain_copy:
    return round.packets > 0;
  case Way::path:
  case Way::tpacket:
    return round.all.stored > 0;
  default: // the system's own device: what is asked of it does not depend on packets
    return true;
  }
}

/// Measures, and again if a thread did not run: on a busy machine it may wait longer for the processor than
/// the round lasts.
BenchResult run(const BenchPlan& plan) {
  Bench bench(plan);
  const auto prepared = bench.prepare();
  EXPECT_TRUE(prepared) << prepared.error().text();
  for (int tries_left = 50;; --tries_left) {
    BenchResult result = bench.run();
    const bool good = std::all_of(result.cases.begin(), result.cases.end(), [&](const CaseResult& one) {
      return std::all_of(one.rounds.begin(), one.rounds.end(), [&](const Measurement& round) {
        return every_thread_ran(plan, one.one.way, round);
      });
    });
    if (good || tries_left == 1)
      return result;
  }
}

struct Setting {
  Way way;
  ReaderPolicy policy;
};

void PrintTo(const Setting& setting, std::ostream* out) {
  *out << way_name(setting.way) << ", " << policy_name(setting.policy);
}

class BpfRuns : public testing::TestWithParam<Setting> {};

TEST_P(BpfRuns, EveryPacketAndByteIsAccountedFor) {
  BenchPlan plan = short_plan(GetParam().way);
  plan.policies = {GetParam().policy};
  const BenchResult result = run(plan);
  constexpr std::uint64_t record = 26 + 1514;
  constexpr std::uint64_t stride = ZB_WORDALIGN(record);
  for (const Measurement& round : result.cases.front().rounds) {
    EXPECT_GT(round.seen.packets, 0u);
    EXPECT_EQ(round.all.offered, round.all.stored + round.all.dropped);
    EXPECT_EQ(round.all.filtered_out, 0u);
    EXPECT_EQ(round.all.kernel_copied_bytes, round.all.stored * record);
    EXPECT_EQ(round.seen.packet_bytes, round.seen.packets * 1514);
    ASSERT_LE(round.seen.packets, round.all.stored);
    EXPECT_LE((round.all.stored - round.seen.packets) * record, 2 * 65536u)
        << "the rest lies in the two buffers";
    if (GetParam().way == Way::zero_copy)
      EXPECT_EQ(round.all.user_copied_bytes, 0u);
    else // whole fills: all records padded, but the last one of each
      EXPECT_EQ(round.all.user_copied_bytes,
                round.seen.packets * stride - round.seen.fills * (stride - record));
  }
  EXPECT_EQ(result.cases.front().rounds.size(), 2u);
}

INSTANTIATE_TEST_SUITE_P(Bench, BpfRuns,
                         testing::Values(Setting{Way::zero_copy, ReaderPolicy::busy},
                                         Setting{Way::zero_copy, ReaderPolicy::poll},
                                         Setting{Way::zero_copy, ReaderPolicy::sleep},
                                         Setting{Way::read_call, ReaderPolicy::busy},
                                         Setting{Way::read_call, ReaderPolicy::sleep}));

TEST(Bench, ZeroCopyCopiesHalfTheBytesAndMakesNoCalls) {
  BenchPlan plan = short_plan(Way::zero_copy);
  plan.ways = {Way::zero_copy, Way::read_call};
  const BenchResult result = run(plan);
  for (const Measurement& round : result.cases[0].rounds) {
    EXPECT_EQ(round.all.system_calls, 0u) << "a busy reader finds full buffers without asking";
    EXPECT_EQ(round.all.wakeups, 0u);
  }
  const auto copied =
      std::find_if(result.comparisons.begin(), result.comparisons.end(),
                   [](const Comparison& one) { return one.what == "bytes copied per packet"; });
  ASSERT_NE(copied, result.comparisons.end());
  EXPECT_LE(copied->ratio.high, 0.5);
  EXPECT_GT(copied->ratio.low, 0.49);
  EXPECT_GE(result.cases[1].rounds[0].all.system_calls, result.cases[1].rounds[0].seen.fills);
}

TEST(Bench, AFilterThatRefusesLeavesNothingToCopy) {
  BenchPlan plan = short_plan(Way::zero_copy);
  plan.filter = "tcp";
  const BenchResult result = run(plan);
  const Measurement& round = result.cases.front().rounds.front();
  EXPECT_GT(round.all.offered, 0u);
  EXPECT_EQ(round.all.filtered_out, round.all.offered);
  EXPECT_EQ(round.all.kernel_copied_bytes, 0u);
  EXPECT_EQ(round.copied_bytes_per_packet(), 0) << "and no division by nothing";
}

void expect_queue(Way way, std::uint64_t bytes_in, std::uint64_t bytes_out) {
  const BenchResult result = run(short_plan(way, 64));
  for (const Measurement& round : result.cases.front().rounds) {
    EXPECT_GT(round.seen.packets, 0u);
    EXPECT_EQ(round.all.offered, round.all.stored + round.all.dropped);
    EXPECT_LE(round.seen.packets, round.all.stored);
    EXPECT_LE((round.all.stored - round.seen.packets) * 64, 2 * 65536u) << "as many bytes in flight";
    EXPECT_EQ(round.all.kernel_copied_bytes, round.all.stored * bytes_in);
    EXPECT_EQ(round.all.user_copied_bytes, round.seen.packets * bytes_out);
  }
}

TEST(Bench, TheQueuesLoseNothingThatTheyTook) {
  constexpr std::uint64_t slot = 16 + 1520; // for the largest frame of Ethernet
  expect_queue(Way::queue, 64 + slot, slot);
  expect_queue(Way::exact_queue, 64 + 16, 64 + 16);
}

TEST(Bench, ThePathIsTheKernelsSideAlone) {
  const BenchResult result = run(short_plan(Way::path));
  for (const Measurement& round : result.cases.front().rounds) {
    EXPECT_GT(round.all.stored, 0u);
    EXPECT_EQ(round.seen.packets, 0u) << "nobody reads";
    EXPECT_EQ(round.all.kernel_copied_bytes / round.all.stored, 26u + 1514u);
    EXPECT_EQ(round.all.user_copied_bytes, 0u);
    EXPECT_EQ(round.all.system_calls, 0u);
  }
}

TEST(Bench, ItsOwnDeviceRunsOrSaysWhyNot) {
  BenchPlan plan = short_plan(Way::native);
  plan.ways = {Way::native, Way::native_read};
  plan.policies = {ReaderPolicy::sleep};
  const BenchResult result = run(plan);
  ASSERT_EQ(result.cases.size(), 2u);
  for (const CaseResult& one : result.cases)
    EXPECT_EQ(one.not_run.empty(), !one.rounds.empty()) << one.not_run;
}

TEST(Bench, PlainCopiesAreCounted) {
  const BenchResult result = run(short_plan(Way::plain_copy));
  const Measurement& round = result.cases.front().rounds.front();
  EXPECT_GT(round.packets, 0u);
  EXPECT_EQ(round.all.kernel_copied_bytes, round.all.stored * 1514);
}

TEST(Bench, TpacketRunsOrSaysWhyNot) {
  BenchPlan plan = short_plan(Way::tpacket);
  plan.ways = {Way::tpacket, Way::plain_copy};
  plan.policies = {ReaderPolicy::busy};
  const BenchResult result = run(plan);
  const CaseResult& tpacket = result.cases.front();
  EXPECT_EQ(tpacket.not_run.empty(), !tpacket.rounds.empty());
  for (const Measurement& round : tpacket.rounds) {
    EXPECT_GT(round.all.stored, 0u);
    EXPECT_LE(round.seen.packets, round.all.stored);
  }
  EXPECT_FALSE(result.cases.back().rounds.empty()) << "the rest runs all the same";
}

TEST(Bench, ProgressIsToldAndARunCanBeStopped) {
  BenchPlan plan = short_plan(Way::plain_copy);
  plan.rounds = 1000;
  Bench bench(plan);
  ASSERT_TRUE(bench.prepare());
  std::size_t calls = 0;
  const BenchResult result = bench.run([&](const BenchProgress& progress) {
    EXPECT_EQ(progress.done, ++calls);
    EXPECT_EQ(progress.total, 1000u);
    EXPECT_EQ(progress.so_far->cases.front().rounds.size(), calls);
    if (calls == 3)
      bench.interrupt();
  });
  EXPECT_TRUE(result.interrupted);
  EXPECT_EQ(result.cases.front().rounds.size(), 3u);
}

TEST(BenchJson, FollowsItsSchema) {
  BenchPlan plan = short_plan(Way::zero_copy);
  plan.ways = {Way::zero_copy, Way::read_call, Way::tpacket};
  const BenchResult result = run(plan);
  json document = json::parse(bench_as_json(result));
  EXPECT_EQ(schema_fault("bench.schema.json", document), "");
  EXPECT_EQ(document["cases"][0]["rounds"].size(), 2u);
  EXPECT_EQ(document["cases"][0]["user_copied_bytes_per_packet"]["median"], 0);
  document["cases"][0]["rounds"][0]["surprise"] = 1;
  EXPECT_THAT(schema_fault("bench.schema.json", document), HasSubstr("surprise"))
      << "the schema can find faults";
}

TEST(BenchText, SaysWhatIsMeasuredAndHow) {
  BenchPlan plan = short_plan(Way::zero_copy);
  plan.ways = {Way::zero_copy, Way::read_call};
  BenchResult result = run(plan);
  const std::string text = bench_as_text(result);
  EXPECT_THAT(text, HasSubstr("zero-copy, 1514 bytes, 64 KiB, busy"));
  EXPECT_THAT(text, HasSubstr("zero-copy / read"));
  EXPECT_THAT(text, HasSubstr(result.crossing.empty() ? "shown better than it is" : "crosses a real kernel"));
  result.machine.cores = 1;
  EXPECT_THAT(remarks_on(result).front(), HasSubstr("one core"));
}

TEST(Goals, AreJudgedByTheRoundsOfTheirCases) {
  BenchPlan plan = goals_plan();
  plan.rounds = 1;
  BenchResult result;
  result.plan = plan;
  const auto cases = cases_of(plan);
  ASSERT_TRUE(cases);
  for (const BenchCase& one : *cases) {
    CaseResult made{one, {}, {Measurement{}}, {}};
    made.rounds[0].duration_ns = 1'000'000;
    made.rounds[0].packets = one.way == Way::zero_copy ? 3000 : 1000;
    result.cases.push_back(made);
  }
  const auto goals = judge_goals(result);
  const auto find = [&](const char* what) {
    return *std::find_if(goals.begin(), goals.end(), [&](const Goal& goal) { return goal.what == what; });
  };
  EXPECT_TRUE(find("throughput, zero-copy / read(2), 1514 bytes, 512 KiB").met());
  EXPECT_FALSE(find("throughput, zero-copy / read(2), 1514 bytes, 32 KiB").met()) << "3 is not 4";
  EXPECT_THAT(goals_as_text(goals), HasSubstr("MISSED"));
  result.cases.clear();
  EXPECT_FALSE(judge_goals(result).front().met()) << "what was not measured is not met";
}

} // namespace
} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
// Results read back: the same figures, and for anything else a sentence with the place.
#include "core/bench/lines.h"
#include "core/bench/report.h"
#include "core/bench/test_schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace zbuf {
namespace {

using nlohmann::json;
using testing::HasSubstr;

BenchPlan short_plan() {
  BenchPlan plan;
  plan.packets = {PacketChoice{.size_bytes = 64}, PacketChoice{.imix = true}};
  plan.buffer_bytes = {65536};
  plan.rounds = 2;
  plan.case_ns = 2'000'000;
  plan.warm_up_ns = 0;
  plan.costs = Costs{};
  return plan;
}

struct Lines {
  std::vector<std::string> all;
  BenchResult result;
};

Lines run(const BenchPlan& plan) {
  Bench bench(plan);
  EXPECT_TRUE(bench.prepare());
  Lines lines;
  BenchProgress now;
  lines.result = bench.run(
      [&](const BenchProgress& progress) {
        now = progress;
        lines.all.push_back(measured_line(progress));
      },
      [&](const BenchResult& so_far) {
        now.so_far = &so_far;
        lines.all.push_back(round_line(now));
      });
  now.so_far = &lines.result;
  lines.all.push_back(result_line(now));
  return lines;
}

std::string error_of(const json& document) {
  const auto result = read_bench_json(document.dump(), "x.json");
  return result ? "" : result.error().text();
}

TEST(BenchJson, ReadBackIsTheSame) {
  BenchPlan plan = short_plan();
  plan.ways.push_back(Way::tpacket); // which this machine may not run
  const BenchResult result = run(plan).result;
  const std::string text = bench_as_json(result);
  const auto read = read_bench_json(text);
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(bench_as_json(*read), text);
  EXPECT_EQ(bench_as_text(*read), bench_as_text(result));
}

TEST(BenchJson, WhatIsNoJsonIsShownByLineAndColumn) {
  const auto result = read_bench_json("{\n  \"format\": oops\n}", "x.json");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().line, 2u);
  EXPECT_GE(result.error().column, 13u);
  EXPECT_THAT(result.error().text(), HasSubstr("x.json:2:"));
  EXPECT_FALSE(read_bench_json(""));
  EXPECT_FALSE(read_bench_json("[1e999]"));
  EXPECT_FALSE(read_bench_json(std::string(100'000, '[')));
}

TEST(BenchJson, WhatIsNoResultIsShownByItsMember) {
  const json good = json::parse(bench_as_json(run(short_plan()).result));
  EXPECT_EQ(error_of(good), "");
  const auto with = [&](const char* pointer, const json& value) {
    json bad = good;
    bad[json::json_pointer(pointer)] = value;
    return error_of(bad);
  };
  EXPECT_EQ(with("/format", "other"),
            "x.json: format is \"other\"; expected \"zbuf-bench\": a result of zbuf bench --json");
  EXPECT_THAT(with("/version", 2), HasSubstr("version is 2; expected 1"));
  EXPECT_THAT(with("/cases/1/mode", "magic"),
              HasSubstr("cases[1].mode is \"magic\"; expected one of zero-copy, read"));
  EXPECT_THAT(with("/cases/0/rounds/1/packets", -1),
              HasSubstr("cases[0].rounds[1].packets is -1; expected a whole"));
  EXPECT_THAT(with("/cases/0/packets", "99999"), HasSubstr("cases[0].packets is \"99999\""));
  EXPECT_THAT(with("/comparisons/0/above", 77),
              HasSubstr("comparisons[0].above is 77; expected a whole number, 0 to 3"));
  EXPECT_THAT(with("/cases", json::array()), HasSubstr("expected nothing: there are no cases"));
  EXPECT_THAT(with("/noise", json::array()), HasSubstr("noise.reasons is not there"));
  EXPECT_THAT(error_of(json::array()), HasSubstr("format is not there"));
}

TEST(BenchJson, AFileThatIsNotThereIsSaid) {
  const auto result = load_bench_json("/nowhere/x.json");
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().text(), HasSubstr("/nowhere/x.json: no such file"));
  EXPECT_FALSE(load_bench_json("/")) << "a folder is no file";
}

TEST(BenchLines, AddUpToTheResult) {
  const Lines lines = run(short_plan());
  ASSERT_EQ(lines.all.size(), 8u + 2 + 1) << "four cases, two rounds";
  BenchFollower follower;
  std::size_t rounds = 0;
  for (const std::string& line : lines.all) {
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    const auto news = follower.take(line);
    ASSERT_TRUE(news) << news.error().text();
    if (*news == BenchFollower::News::round) {
      ++rounds;
      EXPECT_EQ(follower.so_far().cases.front().rounds.size(), rounds);
    }
    if (rounds == 2) {
      EXPECT_EQ(bench_as_json(follower.so_far()), bench_as_json(lines.result)) << "before the last line, too";
    }
  }
  EXPECT_EQ(rounds, 2u);
  EXPECT_EQ(follower.done(), 8u);
  EXPECT_EQ(follower.total(), 8u);
}

TEST(BenchLines, FollowTheirSchema) {
  for (const std::string& line : run(short_plan()).all) {
    const json record = json::parse(line);
    EXPECT_EQ(schema_fault("bench_lines.schema.json", record), "");
    if (record.contains("result")) {
      EXPECT_EQ(schema_fault("bench.schema.json", record["result"]), "");
    }
  }
  EXPECT_THAT(schema_fault("bench_lines.schema.json", json::parse(R"({"record":"x","done":0,"total":1})")),
              HasSubstr("none of the words"));
}

TEST(BenchLines, WhatIsNoneOfThemIsRefusedAndNothingIsLost) {
  const Lines lines = run(short_plan());
  BenchFollower follower;
  for (const std::string& line : lines.all)
    ASSERT_TRUE(follower.take(line));
  for (const char* bad :
       {"", "zbuf: no", "{}", "[]", R"({"record":"round","done":1,"total":2})",
        R"({"record":"noise","done":1,"total":2})", R"({"record":"measured","done":-1,"total":2})"})
    EXPECT_FALSE(follower.take(bad)) << bad;
  EXPECT_EQ(bench_as_json(follower.so_far()), bench_as_json(lines.result));
}

TEST(Model, HasBothModesAndNoOthers) {
  const PacketChoice packets{.size_bytes = 1514};
  const auto zero_copy = model_case(Costs{}, packets, {Way::zero_copy, 0, 65536, ReaderPolicy::busy});
  const auto read = model_case(Costs{}, packets, {Way::read_call, 0, 65536, ReaderPolicy::sleep});
  ASSERT_TRUE(zero_copy && *zero_copy && read && *read);
  EXPECT_EQ((*zero_copy)->system_calls_per_packet, 0);
  EXPECT_EQ((*zero_copy)->user_copied_bytes_per_packet, 0);
  EXPECT_EQ((*zero_copy)->copied_bytes_per_packet, 1540);
  EXPECT_GT((*zero_copy)->packets_per_second, (*read)->packets_per_second);
  EXPECT_GT((*read)->system_calls_per_packet, 1.0 / 43) << "one for each fill at least, of 42 records";
  EXPECT_GT((*read)->copied_bytes_per_packet, 2 * 1540);
  EXPECT_FALSE(*model_case(Costs{}, packets, {Way::queue, 0, 65536, ReaderPolicy::busy}));
  EXPECT_FALSE(*model_case(Costs{}, {.capture = "x.pcap"}, {Way::zero_copy, 0, 65536, ReaderPolicy::busy}));
}

} // namespace
} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
#include "core/scenario/edit.h"

#include "core/scenario/scenario.h"

#include <gtest/gtest.h>

namespace zbuf {
namespace {

constexpr const char* scenario = R"(# A comment that stays.
title = "Café"  # and this one

[[traffic]]
rate = "200 kpps"   # fast
sizes = [ { bytes = 60, weight = 7 },
          { bytes = 1514, weight = 1 } ]
limit = 10

[[reader]]
name = "fast"

[[reader]]
name = "slow"
buffer = '64 KiB'
)";

TEST(Edit, ReplacesAValueAndNothingElse) {
  const auto edited = with_setting(scenario, {"traffic", 0, "rate"}, "\"1 Mpps\"");
  ASSERT_TRUE(edited) << edited.error().text();
  std::string expected = scenario;
  expected.replace(expected.find("\"200 kpps\""), 10, "\"1 Mpps\"");
  EXPECT_EQ(*edited, expected);
}

TEST(Edit, ReplacesValuesOfSeveralLines) {
  const auto edited = with_setting(scenario, {"traffic", 0, "sizes"}, "200");
  ASSERT_TRUE(edited);
  EXPECT_EQ(setting_in(*edited, {"traffic", 0, "sizes"}), "200");
  EXPECT_EQ(edited->find("1514"), std::string::npos);
  EXPECT_NE(edited->find("limit = 10"), std::string::npos);
}

TEST(Edit, AddsAKeyToTheRightElement) {
  auto edited = with_setting(scenario, {"reader", 1, "handle_ns"}, "900");
  ASSERT_TRUE(edited);
  EXPECT_EQ(setting_in(*edited, {"reader", 1, "handle_ns"}), "900");
  EXPECT_EQ(setting_in(*edited, {"reader", 0, "handle_ns"}), std::nullopt);
  edited = with_setting(*edited, {"reader", 1, "handle_ns"}, "901");
  EXPECT_EQ(setting_in(*edited, {"reader", 1, "handle_ns"}), "901");
  EXPECT_TRUE(parse_scenario(*edited, "x.toml", "."));
}

TEST(Edit, AddsASectionAndAKeyOfTheScenario) {
  auto edited = with_setting(scenario, {"kernel", 0, "revision"}, "\"zbuf\"");
  ASSERT_TRUE(edited);
  edited = with_setting(*edited, {"", 0, "seed"}, "7");
  ASSERT_TRUE(edited);
  const auto parsed = parse_scenario(*edited, "x.toml", ".");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->runs[0].config.seed, 7u);
  EXPECT_STREQ(parsed->runs[0].config.kernel.revision->name, "zbuf");
}

TEST(Edit, SaysWhatCannotBeSet) {
  EXPECT_FALSE(with_setting(scenario, {"reader", 2, "buffer"}, "4096"));
  EXPECT_FALSE(with_setting(scenario, {"interface", 0, "mtu"}, "4096"));
  EXPECT_FALSE(with_setting(scenario, {"fault", 0, "at"}, "4096"));
  EXPECT_FALSE(with_setting("title = ", {"", 0, "seed"}, "1"));
  const auto bad = with_setting(scenario, {"traffic", 0, "rate"}, "1 Mpps");
  ASSERT_FALSE(bad);
  EXPECT_NE(bad.error().message.find("1 Mpps"), std::string::npos);
}

TEST(Edit, StringsAreEscaped) {
  const std::string nasty = "tcp \"and\" \\ \n";
  const auto edited = with_setting(scenario, {"reader", 0, "filter"}, toml_string(nasty));
  ASSERT_TRUE(edited);
  const auto parsed = parse_scenario(*edited, "x.toml", ".");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->runs[0].readers[0].filter.text, nasty);
}

} // namespace
} // namespace zbuf

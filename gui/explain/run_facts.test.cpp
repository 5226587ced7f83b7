// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/explain/run_facts.h"

#include <gtest/gtest.h>

namespace zbuf::gui::explain {
namespace {

TEST(RunFacts, OfARun) {
  const RunFacts facts = run_facts(R"json({"interfaces": ["em0", "lo0"], "boot_time_ns": 1206316800000000000,
        "readers": [{"name": "slow", "descriptor": 1, "mode": "zero-copy", "filter": "udp port 53", "snaplen": 128},
                    {"name": "all", "descriptor": 0, "mode": "read(2)", "filter": ""}]})json");
  EXPECT_EQ(facts.interface(1), "lo0");
  EXPECT_EQ(facts.interface(2), "interface 2");
  ASSERT_NE(facts.reader(1), nullptr);
  EXPECT_EQ(facts.reader(1)->name, "slow");
  EXPECT_EQ(facts.reader(1)->filter, "udp port 53");
  EXPECT_EQ(facts.reader(1)->snaplen, 128u);
  EXPECT_EQ(facts.reader(0)->filter, "");
  EXPECT_EQ(facts.reader(7), nullptr);
  EXPECT_EQ(facts.boot_time_ns, 1'206'316'800'000'000'000u);
}

TEST(RunFacts, OfAnythingElseAreEmpty) {
  for (const char* text :
       {"", "{", "[]", "17", "{\"readers\":7,\"interfaces\":{}}", "{\"readers\":[3,{}]}",
        "{\"boot_time_ns\":-1,\"readers\":[{\"descriptor\":\"x\",\"snaplen\":-4,\"filter\":9}]}"}) {
    const RunFacts facts = run_facts(text);
    EXPECT_EQ(facts.interface(0), "interface 0") << text;
    EXPECT_FALSE(facts.boot_time_ns) << text;
    EXPECT_EQ(facts.reader(0), nullptr) << text;
  }
}

} // namespace
} // namespace zbuf::gui::explain

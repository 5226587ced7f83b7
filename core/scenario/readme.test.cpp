// SPDX-License-Identifier: BSD-2-Clause
// scenarios/README.md is the manual of the format: every key and every name is in it.
#include "core/scenario/scenario.h"

#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

namespace zbuf {
namespace {

std::string manual() {
  std::ifstream in(ZBUF_SOURCE_DIR "/scenarios/README.md");
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// Asks for a key that is none, in the table that the text opens, and reads the known ones off the complaint.
std::vector<std::string> keys_after(const std::string& opening) {
  const std::string toml = opening + "\nqqqqqqqqqqqqqqqqqqqq = 1\n";
  const auto scenario = parse_scenario(toml, "s.toml", "");
  std::vector<std::string> keys;
  if (scenario)
    return keys;
  for (const Error& error : scenario.error()) {
    const std::size_t at = error.message.find("; it has ");
    if (error.message.find("qqqqqqqqqqqqqqqqqqqq") == std::string::npos || at == std::string::npos)
      continue;
    std::istringstream list(error.message.substr(at + 9));
    for (std::string key; std::getline(list >> std::ws, key, ',');)
      keys.push_back(key);
  }
  return keys;
}

TEST(Manual, HasEveryKey) {
  const std::string text = manual();
  std::size_t count = 0;
  for (const char* opening :
       {"", "[kernel]", "[costs]", "[[interface]]", "[[traffic]]", "[[traffic]]\nprocess = \"bursts\"",
        "[[traffic]]\nkind = \"capture\"\ntiming = \"scaled\"", "[[reader]]", "[[reader]]\nscript = []",
        "[[fault]]\ndo = \"stall\"", "[[fault]]\ndo = \"scribble\"", "[[fault]]\ndo = \"sysctl\"",
        "[[chapter]]", "[[check]]", "[[compare]]", "[base]"}) {
    const auto keys = keys_after(opening);
    EXPECT_FALSE(keys.empty()) << opening;
    for (const std::string& key : keys) {
      const bool told =
          text.find("`" + key + "`") != std::string::npos || text.find("[" + key + "]") != std::string::npos;
      EXPECT_TRUE(told) << opening << ": " << key;
      ++count;
    }
  }
  EXPECT_GT(count, 100u);
}

TEST(Manual, HasEveryNameOfExpressions) {
  const std::string text = manual();
  for (const auto& terms : {run_terms(), descriptor_terms(), buffer_terms(), counter_terms()})
    for (const TermInfo& term : terms)
      EXPECT_NE(text.find("`" + std::string(term.name) + "`"), std::string::npos) << term.name;
  for (std::size_t kind = 0; kind < event_kinds; ++kind) {
    const char* const name = kind_info(static_cast<std::uint8_t>(kind)).name;
    EXPECT_TRUE(name == nullptr || text.find(name) != std::string::npos) << name;
  }
}

TEST(Manual, ItsExampleIsGood) {
  const std::string text = manual();
  const std::size_t begin = text.find("```toml\n") + 8;
  const std::size_t end = text.find("```", begin);
  const auto scenario = parse_scenario(text.substr(begin, end - begin), "README.md", "");
  EXPECT_TRUE(scenario) << scenario.error().front().text();
}

} // namespace
} // namespace zbuf

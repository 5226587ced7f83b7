// SPDX-License-Identifier: BSD-2-Clause
// The manual of the format: scenarios/README.md has every name of expressions and an example that is good,
// and the tables of keys say what the parser does.
#include "core/scenario/key_info.h"
#include "core/scenario/scenario.h"

#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <set>
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

TEST(Keys, TheParserKnowsThoseOfTheDocumentsAndNoOther) {
  std::map<std::string, std::set<std::string>> documented;
  for (const KeyGroup& group : key_groups())
    for (const KeyInfo& key : group.keys)
      documented[group.section].insert(key.name);
  std::map<std::string, std::set<std::string>> parsed;
  const auto ask = [&](const std::string& section, const std::string& opening) {
    const auto keys = keys_after(opening);
    EXPECT_FALSE(keys.empty()) << opening;
    parsed[section].insert(keys.begin(), keys.end());
  };
  for (const char* section : {"kernel", "costs", "base"})
    ask(section, fmt::format("[{}]", section));
  for (const char* section : {"interface", "traffic", "reader", "chapter", "check", "compare"})
    ask(section, fmt::format("[[{}]]", section));
  for (const char* what : {"stall", "scribble", "sysctl"})
    ask("fault", fmt::format("[[fault]]\ndo = \"{}\"", what));
  ask("", "");
  for (const char* section :
       {"kernel", "costs", "interface", "traffic", "reader", "fault", "chapter", "check", "base", "compare"})
    EXPECT_EQ(parsed[""].erase(section), 1u) << section;
  documented.erase("traffic.sizes"); // a table within a value
  EXPECT_EQ(parsed, documented);
  EXPECT_GT(key_paths().size(), 80u);
}

TEST(Keys, EachHasItsTypeDefaultAndMeaningInWords) {
  const std::string all = keys_as_markdown(key_groups());
  EXPECT_NE(all.find("| `buffer` | size, 32 B to 2 MiB | 512 KiB | of each of the two"), std::string::npos)
      << all;
  EXPECT_NE(all.find("| `linger` | duration, 0 to 60 min | 100 ms | "), std::string::npos) << all;
  EXPECT_NE(all.find("| `syscall_ns` | 1 to 1000000000 | 130 | "), std::string::npos) << all;
  for (const zb_revision& revision : zb_revisions)
    EXPECT_NE(all.find(fmt::format("`{}`", revision.name)), std::string::npos);
  for (const KeyGroup& group : key_groups())
    for (const KeyInfo& key : group.keys)
      EXPECT_FALSE(key.type.empty()) << group.head << key.name;
}

TEST(Keys, AreFoundByPath) {
  EXPECT_EQ(groups_of_key("traffic.rate").size(), 2u) << "made up, and of a capture";
  ASSERT_EQ(groups_of_key("seed").size(), 1u);
  EXPECT_EQ(groups_of_key("seed").front().keys.size(), 1u);
  EXPECT_TRUE(groups_of_key("reader.seed").empty());
}

TEST(Manual, HasEveryNameOfExpressionsThatIsNoEventOrCounter) {
  const std::string text = manual();
  for (const auto& terms : {run_terms(), descriptor_terms(), buffer_terms()})
    for (const TermInfo& term : terms)
      EXPECT_NE(text.find("`" + std::string(term.name) + "`"), std::string::npos) << term.name;
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

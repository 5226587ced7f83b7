// SPDX-License-Identifier: BSD-2-Clause
// Rules of the house that a compiler does not check, as tests.
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

namespace {

struct Source {
  std::string name;
  std::string text;
};

/// The engine's own sources, tests left out.
std::vector<Source> engine() {
  std::vector<Source> sources;
  for (const auto& entry : std::filesystem::directory_iterator(ZBUF_SOURCE_DIR "/kernel/engine")) {
    const std::string name = entry.path().filename();
    if (!name.ends_with(".c") && (!name.ends_with(".h") || name.starts_with("test_")))
      continue;
    std::ifstream file(entry.path());
    std::ostringstream text;
    text << file.rdbuf();
    sources.push_back({name, text.str()});
  }
  EXPECT_GT(sources.size(), 10u);
  return sources;
}

std::vector<std::string> matches(const std::string& text, const std::regex& pattern) {
  std::vector<std::string> found;
  for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at)
    found.push_back(at->str());
  return found;
}

void expect_only_in(const std::regex& pattern, const std::vector<std::string>& allowed) {
  bool used = false;
  for (const Source& source : engine()) {
    const auto found = matches(source.text, pattern);
    if (std::find(allowed.begin(), allowed.end(), source.name) == allowed.end())
      EXPECT_TRUE(found.empty()) << source.name << ": " << found.front();
    else
      used = used || !found.empty();
  }
  EXPECT_TRUE(used) << "the pattern finds nothing where it should: it cannot fail";
}

const std::regex header_field(R"((->|\.)\s*(kernel_gen|kernel_len|user_gen)\b)");

TEST(Lint, TheSharedHeaderIsTouchedInOneFile) {
  expect_only_in(header_field, {"shared_header.h"});
}

TEST(Lint, TheSharedHeaderPatternKnowsAnAccess) {
  for (const char* access : {"h->kernel_gen", "h -> user_gen", "header.kernel_len", "(*h).user_gen"})
    EXPECT_EQ(matches(access, header_field).size(), 1u) << access;
  for (const char* other : {"zb_header_kernel_gen(h)", "uint32_t kernel_gen;", "d->kernel_generation"})
    EXPECT_TRUE(matches(other, header_field).empty()) << other;
}

TEST(Lint, AtomicOperationsAreNamedInOneFile) {
  expect_only_in(std::regex(R"(__atomic_\w+)"), {"shared_header.h"});
  // types.h tells what they are in a kernel that has its own.
  expect_only_in(std::regex(R"(\bZB_(LOAD|STORE)_\w+)"), {"shared_header.h", "types.h"});
}

TEST(Lint, TheEngineAsksTheTableAndNeverComparesRevisions) {
  expect_only_in(std::regex(R"(\bZB_(R177548|2008_04|R180310|FREEBSD|ZBUF)\b)"),
                 {"revision.c", "revision.h"});
}

TEST(Lint, EngineFilesCarryTheLicence) {
  for (const Source& source : engine())
    EXPECT_NE(source.text.find("SPDX-License-Identifier: BSD-2-Clause"), std::string::npos) << source.name;
}

} // namespace

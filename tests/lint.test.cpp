// SPDX-License-Identifier: BSD-2-Clause
// Rules of the house that a compiler does not check, as tests.
#include <algorithm>
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

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// The engine's own sources, tests left out.
std::vector<Source> engine() {
  std::vector<Source> sources;
  for (const auto& entry : std::filesystem::directory_iterator(ZBUF_SOURCE_DIR "/kernel/engine")) {
    const std::string name = entry.path().filename();
    if (!name.ends_with(".c") && (!name.ends_with(".h") || name.starts_with("test_")))
      continue;
    sources.push_back({name, contents(entry.path())});
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

// ---- Rooms ----

/// The rooms of core, from the bottom up, as its CMakeLists.txt has them.
std::vector<std::string> rooms(const std::string& cmake_lists) {
  static const std::regex pattern(R"(add_subdirectory\((\w+)\))");
  std::vector<std::string> found;
  for (std::sregex_iterator at(cmake_lists.begin(), cmake_lists.end(), pattern), end; at != end; ++at)
    found.push_back((*at)[1]);
  return found;
}

/// What a file of `room` includes and must not: rooms that stand further up, the window, and Qt.
std::vector<std::string> forbidden_includes(const std::string& text, const std::string& room,
                                            const std::vector<std::string>& rooms) {
  static const std::regex pattern(R"(#\s*include\s*["<]((core/(\w+)/|gui/|Qt|Q[A-Z])[^">]*)[">])");
  const auto own = std::find(rooms.begin(), rooms.end(), room);
  std::vector<std::string> found;
  for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at)
    if (own == rooms.end() || std::find(rooms.begin(), own + 1, (*at)[3].str()) == own + 1)
      found.push_back((*at)[1]);
  return found;
}

/// Tests and benchmarks may use what they like of core.
bool is_for_tests(const std::string& name) {
  static const std::regex pattern(R"(.*\.(test|bench|fuzz)\.(c|cpp)|test_.*\.h)");
  return std::regex_match(name, pattern);
}

TEST(Lint, ARoomIncludesOnlyThoseBelowIt) {
  const std::filesystem::path core = ZBUF_SOURCE_DIR "/core";
  const std::vector<std::string> order = rooms(contents(core / "CMakeLists.txt"));
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(core)) {
    const std::filesystem::path& path = entry.path();
    const std::string kind = path.extension();
    if ((kind != ".h" && kind != ".cpp" && kind != ".c") || is_for_tests(path.filename()))
      continue;
    ++files;
    const std::string room = *std::filesystem::relative(path, core).begin();
    EXPECT_NE(std::find(order.begin(), order.end(), room), order.end()) << path << ": no room of core";
    for (const std::string& include : forbidden_includes(contents(path), room, order))
      ADD_FAILURE() << path << " includes " << include << ", which is above " << room
                    << " (core/CMakeLists.txt)";
  }
  EXPECT_GT(files, 200u);
}

TEST(Lint, RoomsKnowAForbiddenInclude) {
  const auto order = rooms("add_subdirectory(base)\nadd_subdirectory(trace)\nadd_subdirectory(sim)\n");
  EXPECT_EQ(order, (std::vector<std::string>{"base", "trace", "sim"}));
  for (const char* include :
       {"#include \"core/sim/costs.h\"\n", "# include <core/sim/costs.h>\n", "#include \"core/attic/x.h\"\n",
        "#include \"gui/main_window.h\"\n", "#include <QString>\n", "#include <QtCore/QObject>\n"})
    EXPECT_EQ(forbidden_includes(include, "trace", order).size(), 1u) << include;
  for (const char* include : {"#include \"core/base/result.h\"\n", "#include \"core/trace/event.h\"\n",
                              "#include <queue>\n", "#include \"kernel/engine/abi.h\"\n"})
    EXPECT_TRUE(forbidden_includes(include, "trace", order).empty()) << include;
}

TEST(Lint, EngineFilesCarryTheLicence) {
  for (const Source& source : engine())
    EXPECT_NE(source.text.find("SPDX-License-Identifier: BSD-2-Clause"), std::string::npos) << source.name;
}

} // namespace

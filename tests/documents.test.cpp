// SPDX-License-Identifier: BSD-2-Clause
// Rules for every file of the project: what documents and comments point at exists, each file names its
// licence, and lines are of a length. Layout and scripts are checked by tools (cmake/lint.sh).
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

const fs::path root = ZBUF_SOURCE_DIR;

struct File {
  std::string name; ///< from the root of the project
  std::string text;
  [[nodiscard]] bool in(std::string_view folder) const { return name.starts_with(folder); }
  [[nodiscard]] bool ends(std::string_view extension) const { return name.ends_with(extension); }
};

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// All that is the project's: nothing that was built, and of the topmost folder only what cannot be
/// somebody's own.
const std::vector<File>& all_files() {
  static const std::vector<File> files = [] {
    std::vector<File> found;
    const auto take = [&](const fs::path& path) {
      found.push_back({fs::relative(path, root).generic_string(), text_of(path)});
    };
    for (const auto& entry : fs::directory_iterator(root)) {
      const std::string name = entry.path().filename();
      if (entry.is_regular_file() && name != ".git" &&
          (!entry.path().has_extension() || name.ends_with(".md") || name == "CMakeLists.txt"))
        take(entry.path());
      if (!entry.is_directory() || name == ".git" || name == ".cache" || name.starts_with("build"))
        continue;
      for (const auto& inner : fs::recursive_directory_iterator(entry.path()))
        if (inner.is_regular_file())
          take(inner.path());
    }
    std::sort(found.begin(), found.end(), [](const File& a, const File& b) { return a.name < b.name; });
    EXPECT_GT(found.size(), 500u);
    return found;
  }();
  return files;
}

bool exists(const std::string& name) {
  return fs::exists(root / name);
}

std::vector<std::string> all(const std::string& text, const std::regex& pattern, std::size_t group) {
  std::vector<std::string> found;
  for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at)
    found.push_back(at->str(group));
  return found;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);)
    lines.push_back(line);
  return lines;
}

// ---- Rules of the specification ----

/// "2.17", "2.16a", "M2", "S4c", and sections: "2".
std::set<std::string> defined_rules(const std::string& specification) {
  static const std::regex rule(R"((?:\*\*|\| | *- |### )(\d\.\d+[a-d]?)\b.*)");
  static const std::regex named(R"((?:- )?\*\*([MS]\d['a-c]?)[* ].*)");
  static const std::regex section(R"(## (\d)\. .*)");
  std::set<std::string> rules;
  std::smatch match;
  for (const std::string& line : lines_of(specification))
    for (const std::regex* kind : {&rule, &named, &section})
      if (std::regex_match(line, match, *kind))
        rules.insert(match.str(1));
  return rules;
}

/// The rules that a text cites, as in "spec 2.7, 2.8-2 and section 4" or "rule 5.5 S4c", also across lines of
/// a comment.
std::vector<std::string> citations(const std::string& text) {
  static const std::regex line_break(R"(\n\s*(?://+|\*|#)?\s*)");
  static const std::regex list(
      R"(\b(?:[Ss]pec(?:ification)?|[Rr]ules?) (?:section )?(?=\d)((?:(?:, and |, | to | and | or | )?)"
      R"((?:section )?(?:\d+(?:\.\d+[a-d]?)?(?:-\d[ab]?)?|[MS]\d['a-c]?)\b)+))");
  static const std::regex item(R"((\d+(?:\.\d+[a-d]?)?|[MS]\d['a-c]?)(?:-\d[ab]?)?)");
  std::vector<std::string> found;
  std::string near;
  for (std::size_t at = 0; (at = text.find_first_of("SsRr", at)) != std::string::npos; ++at) {
    const std::string_view rest = std::string_view(text).substr(at);
    if (!rest.substr(1).starts_with("pec") && !rest.substr(1).starts_with("ule"))
      continue;
    near = std::regex_replace(std::string((at == 0 ? " " : text.substr(at - 1, 1)) + text.substr(at, 200)),
                              line_break, " ");
    std::smatch match;
    if (!std::regex_search(near, match, list) || match.position(0) > 1)
      continue;
    const std::string cited = match.str(1);
    for (const std::string& rule : all(cited, item, 1))
      found.push_back(rule);
  }
  return found;
}

/// Literals of nothing but numbers, which the window shows as rules: "2.9, 3.6".
std::vector<std::string> shown_rules(const std::string& text) {
  static const std::regex literal(R"re("(\d\.\d+[a-d]?(?:, \d\.\d+[a-d]?)*)")re");
  static const std::regex number(R"(\d\.\d+[a-d]?)");
  std::vector<std::string> found;
  for (const std::string& numbers : all(text, literal, 1))
    for (const std::string& rule : all(numbers, number, 0))
      found.push_back(rule);
  return found;
}

TEST(Documents, TheRulesThatAreCitedExist) {
  const std::set<std::string> rules = defined_rules(text_of(root / "kernel/bpf-behaviour.md"));
  EXPECT_GT(rules.size(), 120u);
  std::size_t cited = 0;
  std::size_t shown = 0;
  for (const File& file : all_files()) {
    if (file.name == "tests/documents.test.cpp" || file.ends(".jsonl"))
      continue;
    for (const std::string& rule : citations(file.text)) {
      EXPECT_TRUE(rules.contains(rule)) << file.name << " cites " << rule;
      ++cited;
    }
    if (!file.in("gui/explain/") || file.ends(".test.cpp"))
      continue;
    for (const std::string& rule : shown_rules(file.text)) {
      EXPECT_TRUE(rules.contains(rule)) << file.name << " shows " << rule;
      ++shown;
    }
  }
  EXPECT_GT(cited, 200u) << "the pattern finds too little: it cannot fail";
  EXPECT_GT(shown, 50u) << "the pattern finds too little: it cannot fail";
}

TEST(Documents, ACitationIsRecognised) {
  EXPECT_THAT(citations("hands over (spec 2.3, 2.4)."), ElementsAre("2.3", "2.4"));
  EXPECT_THAT(citations("Spec 1.5 to 1.8, 2.8 step 6, 7.3"), ElementsAre("1.5", "1.8", "2.8"));
  EXPECT_THAT(citations("/* seen (spec 2.7,\n * 2.16a) and rule 4.99 */"),
              ElementsAre("2.7", "2.16a", "4.99"));
  EXPECT_THAT(citations("spec 5.9 M3 to M5; spec 5.5 S4c"), ElementsAre("5.9", "M3", "M5", "5.5", "S4c"));
  EXPECT_THAT(citations("(spec 2.8-5a) (spec 1.1, 2.15, section 4)"), ElementsAre("2.8", "1.1", "2.15", "4"));
  EXPECT_THAT(citations("inspect 2.7; a special 3; the rules of fold.h; spec: 1.1"), IsEmpty());
  EXPECT_THAT(shown_rules(R"(caption.rules = "2.9, 3.6a"; "13.2"; "2.9 v")"), ElementsAre("2.9", "3.6a"));
  EXPECT_THAT(
      defined_rules("## 2. The\n**2.1** x\n - 2.16a *y*\n| 4.5b | z |\n### 5.1 (a)\n- **M1** w\n2.7 no"),
      ElementsAre("2", "2.1", "2.16a", "4.5b", "5.1", "M1"));
}

// ---- Links, paths, functions ----

std::string without_code(const std::string& markdown) {
  std::string text;
  bool code = false;
  for (const std::string& line : lines_of(markdown)) {
    if (line.find("```") != std::string::npos)
      code = !code;
    else if (!code)
      text += std::regex_replace(line, std::regex("`[^`]*`"), "`") + "\n";
  }
  return text;
}

/// What GitHub calls the place of each heading.
std::set<std::string> anchors(const std::string& markdown) {
  std::set<std::string> found;
  std::map<std::string, int> times;
  bool code = false;
  for (const std::string& line : lines_of(markdown)) {
    if (line.starts_with("```"))
      code = !code;
    const std::size_t level = line.find_first_not_of('#');
    if (code || level == 0 || level == std::string::npos || line[level] != ' ')
      continue;
    std::string anchor;
    for (const char c : line.substr(level + 1))
      if (c == ' ')
        anchor += '-';
      else if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || (c & 0x80) != 0)
        anchor += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const int before = times[anchor]++;
    found.insert(before == 0 ? anchor : anchor + "-" + std::to_string(before));
  }
  return found;
}

/// The links of a document that lead nowhere; those to other hosts are not followed.
std::vector<std::string> dead_links(const File& document, std::size_t& followed) {
  std::vector<std::string> dead;
  for (const std::string& link : all(without_code(document.text), std::regex(R"(\]\(([^)\s]+)\))"), 1)) {
    if (link.find("://") != std::string::npos || link.starts_with("mailto:"))
      continue;
    ++followed;
    const std::size_t hash = link.find('#');
    const fs::path target =
        hash == 0 ? root / document.name : (root / document.name).parent_path() / link.substr(0, hash);
    const std::string text = hash == 0 ? document.text : fs::is_regular_file(target) ? text_of(target) : "";
    if ((hash != 0 && !fs::exists(target)) ||
        (hash != std::string::npos && !anchors(text).contains(link.substr(hash + 1))))
      dead.push_back(link);
  }
  return dead;
}

TEST(Documents, LinksLeadSomewhere) {
  std::size_t followed = 0;
  for (const File& file : all_files())
    if (file.ends(".md")) {
      EXPECT_THAT(dead_links(file, followed), IsEmpty()) << file.name;
    }
  EXPECT_GT(followed, 40u) << "the pattern finds too little: it cannot fail";
}

TEST(Documents, ADeadLinkIsRecognised) {
  std::size_t followed = 0;
  const File planted{
      "tests/planted.md",
      "# A title, twice\n## A title, twice\n[a](vectors/README.md#results) [b](#a-title-twice-1)\n"
      "[c](vectors/none.md) [d](#none) [e](vectors/README.md#none) [f](https://example.org/none)\n"
      "`[g](none)`\n```\n[h](none)\n```\n"};
  EXPECT_THAT(dead_links(planted, followed),
              ElementsAre("vectors/none.md", "#none", "vectors/README.md#none"));
  EXPECT_EQ(followed, 5u);
}

/// "core/trace/fold.h" in any document, also "tests/vectors/*.jsonl", and "core/trace/fold" for its pair of
/// files.
std::vector<std::string> paths_in(const std::string& text) {
  static const std::regex path(
      R"((?:^|[^\w/.-])((?:kernel|core|gui|tests|scenarios|cmake)/[\w./*-]*[\w/*]))");
  return all(text, path, 1);
}

bool names_something(const std::string& path) {
  if (exists(path))
    return true;
  const std::size_t star = path.find('*');
  const std::string begin = star == std::string::npos ? path + "." : path.substr(0, star);
  const std::string end = star == std::string::npos ? "" : path.substr(path.rfind('*') + 1);
  return std::any_of(all_files().begin(), all_files().end(),
                     [&](const File& file) { return file.in(begin) && file.ends(end); });
}

TEST(Documents, ThePathsThatAreNamedExist) {
  std::size_t named = 0;
  for (const File& file : all_files()) {
    if (!file.ends(".md"))
      continue;
    for (const std::string& path : paths_in(file.text)) {
      EXPECT_TRUE(names_something(path)) << file.name << " names " << path;
      ++named;
    }
  }
  EXPECT_GT(named, 60u) << "the pattern finds too little: it cannot fail";
}

TEST(Documents, AMissingPathIsRecognised) {
  EXPECT_THAT(
      paths_in("`core/trace/fold.h`, (tests/vectors/*.jsonl). build/core/cli, a/core/x; kernel/engine/."),
      ElementsAre("core/trace/fold.h", "tests/vectors/*.jsonl", "kernel/engine/"));
  for (const char* there :
       {"core/trace/fold.h", "core/trace/fold", "tests/vectors/*/*.jsonl", "kernel/engine/"})
    EXPECT_TRUE(names_something(there)) << there;
  for (const char* not_there :
       {"core/trace/none.h", "core/trace/fol", "tests/vectors/*.none", "kernel/none/"})
    EXPECT_FALSE(names_something(not_there)) << not_there;
}

/// `fold()` and `Recorder::drain()`: the last name.
std::vector<std::string> functions_in(const std::string& text) {
  return all(text, std::regex(R"(`(?:\w+::)*(\w+)\(\)`)"), 1);
}

TEST(Documents, TheFunctionsThatAreNamedExist) {
  std::string sources;
  for (const File& file : all_files())
    if (file.ends(".c") || file.ends(".h") || file.ends(".cpp"))
      sources += file.name == "tests/documents.test.cpp" ? "" : file.text;
  std::size_t named = 0;
  for (const char* document : {"ARCHITECTURE.md", "CONTRIBUTING.md"})
    for (const std::string& function : functions_in(text_of(root / document))) {
      EXPECT_NE(sources.find(function + "("), std::string::npos) << document << " names " << function << "()";
      ++named;
    }
  EXPECT_GT(named, 10u) << "the pattern finds too little: it cannot fail";
  EXPECT_THAT(functions_in("`fold()`, `Recorder::drain()` and fold()"), ElementsAre("fold", "drain"));
  EXPECT_EQ(sources.find("no_such"
                         "_function("),
            std::string::npos);
}

// ---- Licences ----

/// Why a file names no licence: its format has no comments. Empty: it has them.
std::string has_no_comments(const File& file) {
  static const std::map<std::string, std::string> formats{{".json", "JSON"},      {".jsonl", "JSON"},
                                                          {".png", "a picture"},  {".gif", "a picture"},
                                                          {".pcap", "a capture"}, {".pcapng", "a capture"}};
  if (file.name == "LICENSE" || file.name == "gui/LICENSE")
    return "the licence itself";
  const auto format = formats.find(fs::path(file.name).extension());
  return format == formats.end() ? "" : format->second;
}

std::string licence_of(const File& file) {
  // What programs need of the module has the module's licence.
  if (file.name == "kernel/include/net/zbuf_ring.h")
    return "GPL-2.0-only OR BSD-2-Clause";
  return file.in("gui/")            ? "GPL-3.0-or-later"
         : file.in("kernel/linux/") ? "GPL-2.0-only OR BSD-2-Clause"
                                    : "BSD-2-Clause";
}

/// It says so within its first lines, and says nothing else.
bool names_its_licence(const File& file) {
  static const std::regex tag(R"(SPDX-License-Identifier: ([\w. -]*[\w.]))");
  std::string head;
  const std::vector<std::string> lines = lines_of(file.text);
  for (std::size_t i = 0; i < std::min<std::size_t>(lines.size(), 5); ++i)
    head += lines[i] + "\n";
  std::vector<std::string> tags = all(head, tag, 1);
  for (std::string& name : tags)
    if (name.ends_with(" --"))
      name.resize(name.size() - 3);
  return tags == std::vector{licence_of(file)};
}

TEST(Documents, EveryFileNamesItsLicence) {
  for (const File& file : all_files())
    if (has_no_comments(file).empty()) {
      EXPECT_TRUE(names_its_licence(file)) << file.name << " begins without " << licence_of(file);
    }
}

TEST(Documents, AMissingLicenceIsRecognised) {
  const std::string tag = "// SPDX-License-"
                          "Identifier: ";
  EXPECT_TRUE(names_its_licence({"core/a.cpp", tag + "BSD-2-Clause\n"}));
  EXPECT_TRUE(names_its_licence({"a.md", "<!-- " + tag.substr(3) + "BSD-2-Clause -->\n"}));
  EXPECT_TRUE(names_its_licence({"kernel/linux/a.c", tag + "GPL-2.0-only OR BSD-2-Clause\n"}));
  EXPECT_FALSE(names_its_licence({"gui/a.cpp", tag + "BSD-2-Clause\n"}));
  EXPECT_FALSE(names_its_licence({"core/a.cpp", tag + "GPL-3.0-or-later\n"}));
  EXPECT_FALSE(names_its_licence({"core/a.cpp", "int a;\n"}));
  EXPECT_EQ(has_no_comments({"core/a.cpp", ""}), "");
  EXPECT_NE(has_no_comments({"core/a.json", ""}), "");
}

// ---- Lines ----

/// Columns, tabs being 8. The engine and the drop-in are FreeBSD's style(9), the rest of the C stays within
/// Linux's limit.
std::size_t line_limit(const File& file) {
  if (file.in("kernel/engine/") && !file.ends(".cpp") && !file.in("kernel/engine/test_"))
    return file.ends(".txt") ? SIZE_MAX : 80;
  if (file.in("kernel/freebsd/sys/"))
    return 80;
  if (file.ends(".c") || file.in("kernel/linux/zbl.h") || file.in("kernel/include/"))
    return 100;
  return file.ends(".cpp") || file.ends(".h") ? 110 : SIZE_MAX;
}

std::size_t columns(std::string_view line) {
  std::size_t count = 0;
  for (const char c : line)
    if (c == '\t')
      count += 8 - count % 8;
    else
      count += (c & 0xc0) != 0x80 ? 1 : 0;
  return count;
}

/// What is wrong with the lines of a text.
std::vector<std::string> bad_lines(const File& file) {
  std::vector<std::string> bad;
  std::size_t number = 0;
  for (const std::string& line : lines_of(file.text)) {
    const std::string at = file.name + ":" + std::to_string(++number);
    if (columns(line) > line_limit(file))
      bad.push_back(at + " is too long");
    if (line.ends_with(' ') || line.ends_with('\t') || line.ends_with('\r'))
      bad.push_back(at + " ends with blanks");
  }
  if (!file.text.empty() && !file.text.ends_with('\n'))
    bad.push_back(file.name + " does not end with a new line");
  return bad;
}

TEST(Documents, LinesAreShortAndEndWithoutBlanks) {
  // Words that cannot be broken: raw strings and examples.
  const std::set<std::string> long_words{"core/trace/export.h", "gui/explain/run_facts.test.cpp",
                                         "gui/theme/style_sheet.cpp", "tests/historic_schedules.test.cpp",
                                         // Tables that are being made.
                                         "kernel/engine/abi.h", "kernel/engine/event.h"};
  for (const File& file : all_files())
    if (file.text.find('\0') == std::string::npos && !file.in("tests/vectors/freebsd") &&
        !long_words.contains(file.name)) {
      EXPECT_THAT(bad_lines(file), IsEmpty());
    }
}

TEST(Documents, ABadLineIsRecognised) {
  const std::string long_line(81, 'x');
  EXPECT_THAT(bad_lines({"kernel/engine/a.c", long_line + "\n"}),
              ElementsAre("kernel/engine/a.c:1 is too long"));
  EXPECT_THAT(bad_lines({"kernel/engine/a.c", "\n" + std::string(10, '\t') + "x\n"}),
              ElementsAre("kernel/engine/a.c:2 is too long"));
  EXPECT_THAT(bad_lines({"core/a.cpp", long_line + "\n"}), IsEmpty());
  EXPECT_THAT(bad_lines({"core/a.cpp", "x \ny"}),
              ElementsAre("core/a.cpp:1 ends with blanks", "core/a.cpp does not end with a new line"));
  EXPECT_EQ(columns("\u2026\t|"), 9u);
}

} // namespace

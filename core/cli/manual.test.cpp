// SPDX-License-Identifier: BSD-2-Clause
// zbuf.1 is the manual of the program: every command and every option that --help shows is in it, and no
// other.
#include "core/cli/test_process.h"

#include <algorithm>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace zbuf {
namespace {

using Words = std::vector<std::string>;
/// By name with its dashes; whether it takes an argument.
using Options = std::map<std::string, bool>;
/// By the name of the command; "" is the program itself.
using Commands = std::map<std::string, Options>;

Words words_of(const std::string& line) {
  std::istringstream in(line);
  return {std::istream_iterator<std::string>(in), {}};
}

std::string replaced(std::string text, std::string_view piece, std::string_view by) {
  for (std::size_t at = 0; (at = text.find(piece, at)) != std::string::npos; at += by.size())
    text.replace(at, piece.size(), by);
  return text;
}

// ---- What --help shows ----

std::string help_of(const std::string& command) {
  Words words{ZBUF_PROGRAM, "--help"};
  if (!command.empty())
    words.insert(words.begin() + 1, command);
  const Finished help = ChildProcess(words).wait();
  EXPECT_EQ(help.status, 0) << command;
  return help.out;
}

/// The lines that begin an entry below such a title.
std::vector<std::string> entries_below(const std::string& help, const std::string& title) {
  std::vector<std::string> entries;
  std::istringstream in(help);
  bool below = false;
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(" "))
      below = line == title;
    else if (below && line.starts_with("  ") && line[2] != ' ')
      entries.push_back(line.substr(2));
  }
  return entries;
}

/// "-q,--quiet    Says ...", "--json F    Write ...", "--goals Excludes: --from    Measure ..."
Options options_in(const std::string& help) {
  Options options;
  for (const std::string& entry : entries_below(help, "Options:")) {
    const std::size_t names_end = entry.find(' ');
    const std::string more = names_end == std::string::npos ? "" : entry.substr(names_end + 1);
    const bool argument =
        !more.empty() && more[0] != ' ' && !more.starts_with("Excludes:") && !more.starts_with("Needs:");
    for (const std::string& name : words_of(replaced(entry.substr(0, names_end), ",", " ")))
      options[name] = argument;
  }
  return options;
}

Commands program() {
  Commands commands;
  const std::string help = help_of("");
  commands[""] = options_in(help);
  for (const std::string& entry : entries_below(help, "Subcommands:")) {
    const std::string name = words_of(entry).front();
    commands[name] = options_in(help_of(name));
    for (const auto& [option, argument] : commands[""])
      commands[name].erase(option);
  }
  return commands;
}

// ---- What the page says ----

/// An option that the page speaks of, in running text or an example.
struct Mention {
  std::string command; ///< whose it is said to be
  std::string option;
  std::string line;
};

struct Page {
  Commands commands{};
  std::vector<Mention> mentions{};
};

class PageReader {
 public:
  explicit PageReader(const Commands& known) : known_(known) {}

  Page read(std::istream& in) {
    for (std::string line; std::getline(in, line);)
      if (line.starts_with("."))
        take(line);
    return std::move(page_);
  }

 private:
  void take(const std::string& line) {
    const Words words = words_of(line.substr(1));
    if (words.at(0) == "Sh") {
      place_.clear();
      section_ = words.at(1);
    } else if (words.at(0) == "Ss") {
      place_ = words.at(1);
      page_.commands[place_];
    } else if (words.at(0) == "Dl") {
      note_example(line);
    } else if (words.at(0) == "It" && words.at(1) == "Fl") {
      note_item(words);
    } else {
      if (words.at(0) == "It" && words.at(1) == "Cm" && section_ != "COMMANDS")
        place_ = words.at(2);
      note_mentions(words, line);
    }
  }

  /// ".It Fl q , -quiet", ".It Fl -json Ar file"
  void note_item(const Words& words) {
    Words names;
    std::size_t at = 1;
    for (; at + 1 < words.size() && (words[at] == "Fl" || words[at] == ","); at += 2)
      names.push_back("-" + words[at + 1]);
    for (const std::string& name : names)
      page_.commands[place_][name] = at < words.size();
  }

  /// ".Cm run Fl -costs" speaks of another command, ".Nm zbuflab Fl -follow" of another program.
  void note_mentions(const Words& words, const std::string& line) {
    std::string whose = place_;
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
      if (words[i] == "Cm" && known_.contains(words[i + 1]))
        whose = words[i + 1];
      if (words[i + 1] == "zbuflab")
        return;
      if (words[i] == "Fl" && words[i + 1] != "-")
        page_.mentions.push_back({whose, "-" + words[i + 1], line});
    }
  }

  /// ".Dl $ zbuf run 4 \-\-trace run.zbt"
  void note_example(const std::string& line) {
    const Words words = words_of(replaced(line, "\\-", "-"));
    auto word = std::find(words.begin(), words.end(), "zbuf");
    std::string whose;
    for (; word != words.end() && *word != "--" && *word != "|"; ++word)
      if (whose.empty() && known_.contains(*word))
        whose = *word;
      else if (word->starts_with("-"))
        page_.mentions.push_back({whose, *word, line});
  }

  const Commands& known_;
  Page page_{};
  std::string section_{};
  std::string place_{}; ///< the command that is spoken of
};

Page page(const Commands& known) {
  std::ifstream in(ZBUF_SOURCE_DIR "/core/cli/zbuf.1");
  Page page = PageReader(known).read(in);
#if !defined(__linux__)
  page.commands.erase("exec");
  std::erase_if(page.mentions, [](const Mention& mention) { return mention.command == "exec"; });
#endif
  return page;
}

std::string name_of(const std::string& command) {
  return command.empty() ? "zbuf" : "zbuf " + command;
}

// ---- Both ----

TEST(ManPage, HasEveryCommandAndEveryOptionBelowItsCommand) {
  const Commands there = program();
  ASSERT_TRUE(there.contains("run") && there.at("run").contains("--json")) << "--help was not understood";
  const Page manual = page(there);
  for (const auto& [command, options] : there) {
    const auto described = manual.commands.find(command);
    if (described == manual.commands.end()) {
      ADD_FAILURE() << name_of(command) << " is not in zbuf.1: expected .Ss " << command;
      continue;
    }
    for (const auto& [option, argument] : options) {
      const auto found = described->second.find(option);
      if (found == described->second.end())
        ADD_FAILURE() << name_of(command) << " " << option << " is not in zbuf.1, below its command";
      else
        EXPECT_EQ(found->second, argument) << name_of(command) << " " << option << ": takes an argument";
    }
  }
}

TEST(ManPage, InventsNothing) {
  const Commands there = program();
  const Page manual = page(there);
  ASSERT_TRUE(manual.commands.contains("run") && manual.commands.at("run").contains("--json"))
      << "zbuf.1 was not understood";
  for (const auto& [command, options] : manual.commands) {
    const auto known = there.find(command);
    if (known == there.end()) {
      ADD_FAILURE() << "zbuf.1 has " << command << ", which is no command";
      continue;
    }
    for (const auto& [option, argument] : options)
      EXPECT_TRUE(known->second.contains(option)) << "zbuf.1: " << name_of(command) << " has no " << option;
  }
}

TEST(ManPage, SpeaksOnlyOfOptionsThatAreThere) {
  const Commands there = program();
  const Page manual = page(there);
  ASSERT_FALSE(manual.mentions.empty()) << "zbuf.1 was not understood";
  for (const Mention& mention : manual.mentions) {
    const auto known = there.find(mention.command);
    const bool good = there.at("").contains(mention.option) ||
                      (known != there.end() && known->second.contains(mention.option));
    EXPECT_TRUE(good) << name_of(mention.command) << " has no " << mention.option
                      << ", but zbuf.1 says: " << mention.line;
  }
}

} // namespace
} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
// What can be said of every key of a scenario file: for documents, completion and whoever writes a scenario.
// Made from the one table of keys (keys.cpp), which the parser reads by as well.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace zbuf {

/// A key, in words.
struct KeyInfo {
  std::string name{};
  std::string type{};     ///< and range: "size, 72 B to 64 KiB"
  std::string fallback{}; ///< what holds without it: "1500", "none", "required"
  std::string meaning{};  ///< one line
  bool may_be_table = false;
};

/// The keys that go together, in the order of the documents. A section of several groups comes several times.
struct KeyGroup {
  std::string section{}; ///< "reader"; empty: the scenario itself
  std::string head{};    ///< as the file has it: "[[reader]]"
  std::string when{};    ///< in which case they mean something; empty: always
  std::vector<KeyInfo> keys{};
};

/// Every key that a scenario may have.
[[nodiscard]] const std::vector<KeyGroup>& key_groups();

/// "seed", "reader.buffer": of every key, once.
[[nodiscard]] std::vector<std::string> key_paths();

/// A table for each group, in Markdown.
[[nodiscard]] std::string keys_as_markdown(std::span<const KeyGroup> groups);

/// The groups that have the key of that path, and of their keys this one only; empty if there is none.
[[nodiscard]] std::vector<KeyGroup> groups_of_key(std::string_view path);

/// A section of each run that may be there several times: [[interface]], [[traffic]] ...
[[nodiscard]] bool is_repeated_section(std::string_view section);

/// A key whose value may be a table: it is set as a whole.
[[nodiscard]] bool takes_table(std::string_view key);

} // namespace zbuf

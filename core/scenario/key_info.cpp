// SPDX-License-Identifier: BSD-2-Clause
#include "core/scenario/key_info.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace zbuf {

namespace {

std::string path_of(const KeyGroup& group, const KeyInfo& key) {
  return group.section.empty() ? key.name : group.section + "." + key.name;
}

} // namespace

std::vector<std::string> key_paths() {
  std::vector<std::string> paths;
  for (const KeyGroup& group : key_groups())
    for (const KeyInfo& key : group.keys)
      if (std::string path = path_of(group, key); std::find(paths.begin(), paths.end(), path) == paths.end())
        paths.push_back(std::move(path));
  return paths;
}

std::string keys_as_markdown(std::span<const KeyGroup> groups) {
  std::string out;
  for (const KeyGroup& group : groups) {
    const std::string head = group.section.empty() ? group.head : fmt::format("`{}`", group.head);
    out += fmt::format("{}## {}{}{}\n\n| key | type | default | what |\n| --- | --- | --- | --- |\n",
                       out.empty() ? "" : "\n", head, group.when.empty() ? "" : ", ", group.when);
    for (const KeyInfo& key : group.keys)
      out += fmt::format("| `{}` | {} | {} | {} |\n", key.name, key.type, key.fallback, key.meaning);
  }
  return out;
}

std::vector<KeyGroup> groups_of_key(std::string_view path) {
  std::vector<KeyGroup> found;
  for (KeyGroup group : key_groups()) {
    std::erase_if(group.keys, [&](const KeyInfo& key) { return path_of(group, key) != path; });
    if (!group.keys.empty())
      found.push_back(std::move(group));
  }
  return found;
}

bool is_repeated_section(std::string_view section) {
  constexpr std::array<std::string_view, 4> repeated{"interface", "traffic", "reader", "fault"};
  return std::find(repeated.begin(), repeated.end(), section) != repeated.end();
}

bool takes_table(std::string_view name) {
  for (const KeyGroup& group : key_groups())
    for (const KeyInfo& key : group.keys)
      if (key.name == name)
        return key.may_be_table;
  return false;
}

} // namespace zbuf

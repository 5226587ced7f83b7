// SPDX-License-Identifier: BSD-2-Clause
// zbuf completion: completions for shells, made from the program's own options, so that they cannot go stale.
#include "core/cli/commands.h"

#include "core/scenario/key_info.h"

#include <fmt/format.h>
#include <memory>

namespace zbuf {

namespace {

/// What may follow a command: its options; or an option: its values.
struct Entry {
  std::string after; ///< empty: the program itself
  std::vector<std::string> words{};
};

std::vector<std::string> options_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames())
      names.push_back("--" + name);
    for (const std::string& name : option->get_snames())
      names.push_back("-" + name);
  }
  return names;
}

/// The options that take a name of some table, whatever their command, and those names.
std::vector<Entry> named_values() {
  Entry revisions{"--revision"};
  for (const zb_revision& known : zb_revisions)
    revisions.words.emplace_back(known.name);
  return {revisions, {"--keys", key_paths()}};
}

std::vector<Entry> entries_of(const CLI::App& app) {
  std::vector<Entry> entries{{"", options_of(app)}};
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    entries.push_back({command->get_name(), options_of(*command)});
  return entries;
}

std::vector<std::string> commands_of(const std::vector<Entry>& entries) {
  std::vector<std::string> names;
  for (const Entry& entry : entries)
    if (!entry.after.empty())
      names.push_back(entry.after);
  return names;
}

std::string for_bash(const std::vector<Entry>& entries) {
  std::string values;
  for (const Entry& entry : named_values())
    values += fmt::format("    {}) COMPREPLY=($(compgen -W '{}' -- \"$current\")); return ;;\n", entry.after,
                          fmt::join(entry.words, " "));
  std::string cases;
  for (const Entry& entry : entries)
    if (!entry.after.empty())
      cases += fmt::format("    {}) words='{}' ;;\n", entry.after, fmt::join(entry.words, " "));
  return fmt::format("_zbuf() {{\n"
                     "  local current=${{COMP_WORDS[COMP_CWORD]}} words=\n"
                     "  case ${{COMP_WORDS[COMP_CWORD-1]}} in\n{}"
                     "  esac\n"
                     "  case ${{COMP_WORDS[1]}} in\n{}"
                     "    *) words='{} {}' ;;\n"
                     "  esac\n"
                     "  if [[ $COMP_CWORD -eq 1 || $current == -* ]]; then\n"
                     "    COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
                     "  fi\n"
                     "}}\n"
                     "complete -o default -F _zbuf zbuf\n",
                     values, cases, fmt::join(commands_of(entries), " "),
                     fmt::join(entries.front().words, " "));
}

std::string for_zsh(const std::vector<Entry>& entries) {
  std::string values;
  for (const Entry& entry : named_values())
    values += fmt::format("    {}) compadd -- {}; return ;;\n", entry.after, fmt::join(entry.words, " "));
  std::string cases;
  for (const Entry& entry : entries)
    if (!entry.after.empty())
      cases += fmt::format("    {}) options=({}) ;;\n", entry.after, fmt::join(entry.words, " "));
  return fmt::format("#compdef zbuf\n"
                     "_zbuf() {{\n"
                     "  local -a options\n"
                     "  if (( CURRENT == 2 )); then\n"
                     "    compadd {}\n"
                     "    return\n"
                     "  fi\n"
                     "  case $words[CURRENT-1] in\n{}"
                     "  esac\n"
                     "  case $words[2] in\n{}"
                     "  esac\n"
                     "  if [[ $PREFIX == -* ]]; then compadd -- $options; else _files; fi\n"
                     "}}\n"
                     "compdef _zbuf zbuf\n",
                     fmt::join(commands_of(entries), " "), values, cases);
}

/// " -x -a 'r177548 ...'", where the values of an option are known.
std::string values_of(const std::string& option) {
  for (const Entry& entry : named_values())
    if (entry.after == option)
      return fmt::format(" -x -a '{}'", fmt::join(entry.words, " "));
  return {};
}

std::string for_fish(const std::vector<Entry>& entries) {
  std::string out;
  for (const std::string& command : commands_of(entries))
    out += fmt::format("complete -c zbuf -n __fish_use_subcommand -a {}\n", command);
  for (const Entry& entry : entries)
    for (const std::string& option : entry.words) {
      const bool is_long = option.starts_with("--");
      const std::string where =
          entry.after.empty() ? "" : fmt::format(" -n '__fish_seen_subcommand_from {}'", entry.after);
      out += fmt::format("complete -c zbuf{} -{} {}{}\n", where, is_long ? "l" : "s",
                         option.substr(is_long ? 2 : 1), values_of(option));
    }
  return out;
}

} // namespace

void add_completion(CLI::App& app, CommandContext&) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("completion", "Print completions for a shell");
  command->add_option("shell", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}))
      ->type_name("SHELL");
  command->footer("Examples:\n"
                  "  source <(zbuf completion bash)\n"
                  "  zbuf completion fish > ~/.config/fish/completions/zbuf.fish");
  command->callback([shell, &app] {
    const std::vector<Entry> entries = entries_of(app);
    fmt::print("{}", *shell == "bash"  ? for_bash(entries)
                     : *shell == "zsh" ? for_zsh(entries)
                                       : for_fish(entries));
  });
}

} // namespace zbuf

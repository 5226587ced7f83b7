// SPDX-License-Identifier: BSD-2-Clause
// zbuf list: the lessons that are there, the keys that a scenario may have, and the names in its expressions.
#include "core/cli/commands.h"

#include "core/cli/lessons.h"
#include "core/scenario/key_info.h"
#include "core/scenario/vocabulary.h"

#include <filesystem>
#include <fmt/format.h>
#include <memory>

namespace zbuf {

namespace {

int list_lessons(const CommandContext& context) {
  const std::string folder = scenario_folder(context.folder);
  const std::vector<std::string> paths = scenarios_in(folder);
  if (paths.empty()) {
    tell(Error{Error::Code::not_found,
               folder.empty()
                   ? std::string("no folder with scenarios was found; give --scenarios DIR, or set "
                                 "ZBUF_SCENARIOS")
                   : fmt::format("{}: there are no scenarios in that folder", folder)});
    return status_bad_input;
  }
  const TextStyle style = style_of(1, context.colour);
  std::size_t widest = 0;
  std::vector<Scenario> scenarios;
  int status = status_good;
  for (const std::string& path : paths) {
    auto scenario = load_scenario(path);
    if (!scenario) {
      tell(scenario.error());
      status = status_bad_input;
      continue;
    }
    widest = std::max(widest, columns_of(scenario->title));
    scenarios.push_back(std::move(*scenario));
  }
  const std::size_t indent = widest + 7;
  for (const Scenario& scenario : scenarios) {
    const std::string number = scenario.number != 0 ? fmt::format("{}", scenario.number) : "";
    fmt::print("{}  {}", pad_left(number, 3), paint(style, Ink::strong, pad_right(scenario.title, widest)));
    std::string before = "  ";
    for (const std::string& line : wrap(scenario.summary, std::max(style.width, indent + 30) - indent)) {
      fmt::print("{}{}\n", before, paint(style, Ink::faint, presentable(style, line)));
      before = std::string(indent, ' ');
    }
    if (scenario.summary.empty())
      fmt::print("\n");
  }
  fmt::print("{}\n", paint(style, Ink::faint, fmt::format("\nin {}; run one with: zbuf run NUMBER", folder)));
  return status;
}

/// All of them, or the one of that path.
int list_keys(const std::string& path) {
  const std::vector<KeyGroup> groups = path.empty() ? key_groups() : groups_of_key(path);
  fmt::print("{}", keys_as_markdown(groups));
  if (!groups.empty())
    return status_good;
  const std::vector<std::string> known = key_paths();
  tell(Error{Error::Code::bad_input,
             fmt::format("\"{}\" is no key of a scenario{}", path,
                         suggestion(path, std::vector<std::string_view>(known.begin(), known.end())))});
  return status_bad_input;
}

/// Every name that an expression may have.
int list_names() {
  std::vector<TermInfo> events;
  for (std::size_t kind = 0; kind < event_kinds; ++kind)
    if (const KindInfo& info = kind_info(static_cast<std::uint8_t>(kind)); info.name != nullptr)
      events.push_back({info.name, info.meaning});
  const std::pair<const char*, std::vector<TermInfo>> groups[] = {
      {"Events: 1 when one has just happened, in `when` and `stop_when`", events},
      {"Counters of a reader, or of all", counter_terms()},
      {"Of a run", run_terms()},
      {"State of a descriptor", descriptor_terms()},
      {"Of a buffer: after `a.`, `b.` or `copy.`", buffer_terms()},
  };
  for (const auto& [head, terms] : groups) {
    fmt::print("## {}\n\n| name | meaning |\n| --- | --- |\n", head);
    for (const TermInfo& term : terms)
      fmt::print("| `{}` | {} |\n", term.name, term.text);
    fmt::print("\n");
  }
  return status_good;
}

} // namespace

void add_list(CLI::App& app, CommandContext& context) {
  auto key = std::make_shared<std::string>();
  CLI::App* list = app.add_subcommand("list", "Show the lessons");
  CLI::Option* keys =
      list->add_option("--keys", *key,
                       "Show the keys that a scenario may have: all, or one such as reader.buffer")
          ->expected(0, 1)
          ->type_name("KEY");
  CLI::Option* names = list->add_flag("--names")->description(
      "Show the names that expressions may have: events, counters, state");
  names->excludes(keys);
  list->footer("Examples:\n"
               "  zbuf list\n"
               "  zbuf --scenarios my/folder list\n"
               "  zbuf list --keys kernel.revision\n"
               "  zbuf list --names");
  list->callback([key, keys, names, &context] {
    context.status = names->count() != 0  ? list_names()
                     : keys->count() != 0 ? list_keys(*key)
                                          : list_lessons(context);
  });
}

} // namespace zbuf

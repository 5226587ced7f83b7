// SPDX-License-Identifier: BSD-2-Clause
// zbuf list: the lessons that are there.
#include "core/cli/commands.h"

#include "core/cli/lessons.h"

#include <filesystem>
#include <fmt/format.h>

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

} // namespace

void add_list(CLI::App& app, CommandContext& context) {
  CLI::App* list = app.add_subcommand("list", "Show the lessons");
  list->footer("Examples:\n"
               "  zbuf list\n"
               "  zbuf --scenarios my/folder list");
  list->callback([&context] { context.status = list_lessons(context); });
}

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
// zbuf check: is a scenario good? Nothing is run.
#include "core/cli/commands.h"

#include "core/cli/lessons.h"
#include "core/scenario/runner.h"
#include "core/scenario/units.h"

#include <fmt/format.h>
#include <memory>

namespace zbuf {

namespace {

bool check_one(const std::string& path, const TextStyle& style) {
  const auto scenario = load_scenario(path);
  if (!scenario) {
    tell(scenario.error());
    return false;
  }
  const Errors errors = Runner(*scenario, {}).prepare();
  tell(errors);
  if (!errors.empty())
    return false;
  fmt::print("{} {}  {}\n", paint(style, Ink::good, style.unicode ? "✓" : "ok"), path,
             paint(style, Ink::faint,
                   fmt::format("{}: {}, {}, {}", scenario->title, show_count(scenario->runs.size(), "run"),
                               show_count(scenario->chapters.size(), "chapter"),
                               show_count(scenario->checks.size(), "check"))));
  return true;
}

} // namespace

void add_check(CLI::App& app, CommandContext& context) {
  auto arguments = std::make_shared<std::vector<std::string>>();
  CLI::App* check = app.add_subcommand("check", "Validate scenarios without running them");
  check->add_option("scenario", *arguments, "A file, a folder, a lesson's number, or part of its name")
      ->required()
      ->type_name("SCENARIO");
  check->footer(
      "All mistakes of a file are told at once, as file:line:column: what, and what was expected.\n\n"
      "Examples:\n"
      "  zbuf check my.toml\n"
      "  zbuf check scenarios/*.toml\n\n"
      "Exit status: 0 good, 2 not.");
  check->callback([arguments, &context] {
    const TextStyle style = style_of(1, context.colour);
    const std::string folder = scenario_folder(context.folder);
    for (const std::string& argument : *arguments) {
      const auto paths = find_scenarios(argument, folder);
      if (!paths) {
        tell(paths.error());
        context.status = status_bad_input;
        continue;
      }
      for (const std::string& path : *paths)
        if (!check_one(path, style))
          context.status = status_bad_input;
    }
  });
}

} // namespace zbuf

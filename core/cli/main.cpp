// SPDX-License-Identifier: BSD-2-Clause
// zbuf: runs scenarios, looks at recordings, and compares the engine with a real kernel.
#include "core/cli/commands.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fmt/format.h>
#include <iostream>
#include <new>
#include <system_error>

namespace zbuf {

void tell(const Error& error) {
  fmt::print(stderr, "{}\n", error.text());
}

void tell(const Errors& errors) {
  for (const Error& error : errors)
    tell(error);
}

CLI::Option* add_revision_option(CLI::App& app, std::string& revision, const std::string& help) {
  std::vector<std::string> names;
  for (const zb_revision& known : zb_revisions)
    names.emplace_back(known.name);
  return app.add_option("--revision", revision, help)->check(CLI::IsMember(names))->type_name("R");
}

namespace {

/// A first word that is no command: what was meant? "help" is "--help", of a command if one follows.
Result<std::vector<std::string>> words_of(int argc, char** argv, const CLI::App& app) {
  std::vector<std::string> words(argv + 1, argv + argc);
  if (words.empty() || words[0].starts_with("-"))
    return words;
  if (words[0] == "help") {
    words.erase(words.begin());
    words.resize(std::min<std::size_t>(words.size(), 1));
    words.emplace_back("--help");
  }
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  if (words[0].starts_with("-") || std::find(names.begin(), names.end(), words[0]) != names.end())
    return words;
  return fail(Error::Code::bad_input,
              fmt::format("{}: no such command; there are {}{}", words[0], fmt::join(names, ", "),
                          suggestion(words[0], std::vector<std::string_view>(names.begin(), names.end()))));
}

/// An empty name is that of a variable that was not set, and no wish to have no file.
void refuse_empty_names(CLI::App& app) {
  for (CLI::App* const command : app.get_subcommands([](const CLI::App*) { return true; }))
    for (CLI::Option* const option : command->get_options())
      if (option->nonpositional() && option->get_type_name().starts_with("F"))
        option->check(CLI::Validator(
            [](const std::string& name) {
              return std::string(name.empty() ? "the name of the file is empty" : "");
            },
            ""));
}

/// What was printed may not have reached its file.
int flush_output(int status) {
  std::cout.flush();
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0 && std::cout)
    return status;
  fmt::print(stderr, "standard output: cannot be written: {}\n", std::strerror(errno));
  return status_bad_input;
}

int run_program(int argc, char** argv) {
  CommandContext context;
  CLI::App app("zbuf lab: zero-copy BPF made visible");
  app.name("zbuf");
  app.set_version_flag("--version", "zbuf " ZBUF_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  const std::map<std::string, Colour> colours{
      {"auto", Colour::automatic}, {"always", Colour::always}, {"never", Colour::never}};
  app.add_option("--color", context.colour, "Colours: auto, always or never. NO_COLOR is honoured")
      ->transform(CLI::Validator(
          [colours](std::string& word) {
            const auto found = colours.find(CLI::detail::to_lower(word));
            if (found == colours.end())
              return fmt::format("{}: expected auto, always or never", word);
            word = std::to_string(static_cast<int>(found->second));
            return std::string();
          },
          ""))
      ->type_name("WHEN");
  app.add_option("--scenarios", context.folder,
                 "The folder with the lessons (default: $ZBUF_SCENARIOS, or its own)")
      ->type_name("DIR");
  app.footer("Examples:\n"
             "  zbuf list                     the lessons\n"
             "  zbuf run 4                    lesson 4: the slow reader\n"
             "  zbuf run 17 --trace run.zbt   ... and record it\n"
             "  zbuf trace run.zbt            what is in a recording\n"
             "  zbuf COMMAND --help           more examples\n\n"
             "Exit status: 0 all checks hold, 1 a check failed, 2 bad usage or bad input, 130 interrupted.");
  add_run(app, context);
  add_check(app, context);
  add_list(app, context);
  add_trace(app, context);
  add_attach(app, context);
#ifdef ZBUF_HAS_EXEC
  add_exec(app, context);
#endif
  add_conform(app, context);
  add_bench(app, context);
  add_calibrate(app, context);
  add_convert(app, context);
  add_stat(app, context);
  add_doctor(app, context);
  add_completion(app, context);
  auto words = words_of(argc, argv, app);
  if (!words) {
    tell(words.error());
    return status_bad_input;
  }
  refuse_empty_names(app);
  std::reverse(words->begin(), words->end()); // as CLI11 takes them
  try {
    app.parse(*words);
  } catch (const CLI::RequiredError& error) {
    // What is not known may be why something is missing.
    const std::vector<std::string> unknown = app.remaining(true);
    return app.exit(unknown.empty() ? static_cast<const CLI::ParseError&>(error)
                                    : CLI::ExtrasError(unknown)) == 0
               ? status_good
               : status_bad_input;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? status_good : status_bad_input;
  }
  return context.status;
}

} // namespace

} // namespace zbuf

int main(int argc, char** argv) {
  try {
    return zbuf::flush_output(zbuf::run_program(argc, argv));
  } catch (const std::bad_alloc&) {
    std::fputs("zbuf: there is not enough memory for this\n", stderr);
  } catch (const std::system_error& error) {
    std::fprintf(stderr, "zbuf: %s\n", error.what());
  }
  return zbuf::status_bad_input;
}

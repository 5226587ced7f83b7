// SPDX-License-Identifier: BSD-2-Clause
// zbuf conform: does the engine do what a real kernel did? Recorded observations, replayed and compared.
#include "core/cli/commands.h"

#include "core/base/read_file.h"
#include "core/observation/conform.h"

#include <fmt/format.h>
#include <memory>

namespace zbuf {

namespace {

struct ConformArguments {
  std::vector<std::string> files{};
  std::string revision = "freebsd";
  std::size_t keep = 20;
};

constexpr const char* expected_file = "observations, as tests/vectors/README.md describes them";

void show(const Difference& difference, const std::string& file) {
  fmt::print("{}:{}: case {}, {}: {}: expected {}, found {}\n", file, difference.line, difference.case_name,
             difference.operation, difference.field, difference.expected, difference.found);
}

int conform(const ConformArguments& arguments) {
  const MakeBed make_bed = emulated_beds(*zb_revision_find(arguments.revision.c_str()));
  std::uint64_t observations = 0;
  std::uint64_t differing = 0;
  std::size_t shown = 0;
  for (const std::string& file : arguments.files) {
    const auto bytes = read_file(file, expected_file, std::size_t{1} << 30);
    if (!bytes) {
      tell(bytes.error());
      return status_bad_input;
    }
    Conformance result;
    const auto replayed = replay_observations(*bytes, file, make_bed, result, arguments.keep - shown);
    if (!replayed) {
      tell(replayed.error());
      return status_bad_input;
    }
    if (result.observations == 0) {
      tell(Error{Error::Code::bad_input, fmt::format("nothing is in it; expected {}", expected_file), file});
      return status_bad_input;
    }
    for (const Difference& difference : result.differences)
      show(difference, file);
    shown += result.differences.size();
    observations += result.observations;
    differing += result.differing;
  }
  fmt::print("{} observations, {} differ\n", observations, differing);
  return differing == 0 ? status_good : status_failed;
}

} // namespace

void add_conform(CLI::App& app, CommandContext& context) {
  auto arguments = std::make_shared<ConformArguments>();
  CLI::App* command =
      app.add_subcommand("conform", "Compare the engine with recorded observations of a kernel");
  command->add_option("file", arguments->files, "Observations, as tests/vectors/README.md describes them")
      ->required()
      ->type_name("FILE.jsonl");
  add_revision_option(*command, arguments->revision, "The kernel to emulate")->capture_default_str();
  command->add_option("--keep", arguments->keep, "Show so many differences at most")
      ->capture_default_str()
      ->check(CLI::Range(std::size_t{0}, std::size_t{1'000'000}).description(""))
      ->type_name("N");
  command->footer("Examples:\n"
                  "  zbuf conform tests/vectors/freebsd-13.2/*.jsonl\n"
                  "  zbuf conform --revision r177548 tests/vectors/freebsd-13.2/zbuf.jsonl\n\n"
                  "The last line says: N observations, M differ.\n"
                  "Exit status: 0 none differs, 1 some do, 2 a file cannot be read, or has none.");
  command->callback([arguments, &context] { context.status = conform(*arguments); });
}

} // namespace zbuf

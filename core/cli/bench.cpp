// SPDX-License-Identifier: BSD-2-Clause
// zbuf bench: measures, in real time on this machine, what the modes cost.
#include "core/cli/commands.h"

#include "core/base/output_file.h"
#include "core/bench/lines.h"
#include "core/bench/report.h"
#include "core/cli/interrupt.h"
#include "core/cli/window_program.h"
#include "core/scenario/units.h"

#include <fmt/format.h>
#include <memory>
#include <unistd.h>

namespace zbuf {

namespace {

struct BenchArguments {
  std::vector<std::string> modes{};
  std::vector<std::string> against{};
  std::vector<std::string> sizes{};
  std::vector<std::string> buffers{};
  std::vector<std::string> policies{};
  std::string filter{}, time{}, costs{}, from{};
  std::string json{}, lines{}, plot{};
  unsigned rounds = 0;
  bool goals = false;
  bool quiet = false;
};

/// The names of an enumeration, for options that take one.
template <typename Value, std::size_t count, typename Name>
Result<Value> choose(const std::string& word, const char* what, Name name) {
  std::string known;
  for (std::size_t i = 0; i < count; ++i) {
    const auto value = static_cast<Value>(i);
    if (name(value) == word)
      return value;
    known += fmt::format("{}{}", known.empty() ? "" : ", ", name(value));
  }
  return fail(Error::Code::bad_input, fmt::format("{}: no such {}; expected one of {}", word, what, known));
}

/// Replaces what the plan had by what was asked for, if anything was.
template <typename Value, typename Read>
Result<void> read_list(const std::vector<std::string>& words, std::vector<Value>& into, Read read) {
  if (words.empty())
    return {};
  into.clear();
  for (const std::string& word : words) {
    auto value = read(word);
    if (!value)
      return fail(value.error());
    into.push_back(std::move(*value));
  }
  return {};
}

Result<std::size_t> read_buffer(const std::string& word) {
  const auto bytes = parse_quantity(word, Quantity::size);
  if (!bytes)
    return fail(Error::Code::bad_input,
                fmt::format("buffer size {}: expected a number of bytes, such as 32768 or \"32 KiB\"", word));
  return static_cast<std::size_t>(*bytes);
}

Result<BenchPlan> plan_of(const BenchArguments& arguments) {
  BenchPlan plan = arguments.goals ? goals_plan() : BenchPlan{};
  Result<void> good = read_list(arguments.modes, plan.ways, [](const std::string& word) {
    return choose<Way, way_count>(word, "mode", way_name);
  });
  std::vector<Way> against;
  if (good)
    good = read_list(arguments.against, against,
                     [](const std::string& word) { return choose<Way, way_count>(word, "way", way_name); });
  plan.ways.insert(plan.ways.end(), against.begin(), against.end());
  if (good)
    good = read_list(arguments.sizes, plan.packets, parse_packet_choice);
  if (good)
    good = read_list(arguments.buffers, plan.buffer_bytes, read_buffer);
  if (good)
    good = read_list(arguments.policies, plan.policies, [](const std::string& word) {
      return choose<ReaderPolicy, policy_count>(word, "policy", policy_name);
    });
  if (!good)
    return fail(good.error());
  plan.filter = arguments.filter;
  if (arguments.rounds != 0)
    plan.rounds = arguments.rounds;
  if (!arguments.time.empty()) {
    const auto time_ns = parse_quantity(arguments.time, Quantity::duration);
    if (!time_ns)
      return fail(Error::Code::bad_input,
                  fmt::format("time {}: expected a duration, such as \"100 ms\"", arguments.time));
    plan.case_ns = *time_ns;
    plan.warm_up_ns = *time_ns / 10;
  }
  return plan;
}

/// Where the figures go, all of it known to be possible before anything runs.
struct Outputs {
  OutputFile json{};
  OutputFile lines{};
  std::string window_program{}; ///< empty: no plot is wanted

  [[nodiscard]] std::FILE* for_people() const {
    return json.is_standard_output() || lines.is_standard_output() ? stderr : stdout;
  }
};

Result<Outputs> open_outputs(const BenchArguments& arguments) {
  Outputs outputs;
  if (arguments.json == "-" && arguments.lines == "-")
    return fail(Error::Code::bad_input,
                "--json and --json-lines both to standard output; expected one of them");
  if (!arguments.plot.empty()) {
    if (auto good = check_picture_name(arguments.plot); !good)
      return fail(good.error());
    auto program = find_window_program("take --json F: zbuflab --plot F draws it on another machine");
    if (!program)
      return fail(program.error());
    outputs.window_program = std::move(*program);
  }
  for (auto [path, file] : {std::pair{&arguments.json, &outputs.json}, {&arguments.lines, &outputs.lines}}) {
    auto opened = OutputFile::open(*path, file == &outputs.lines ? OutputFile::Kind::grows
                                                                 : OutputFile::Kind::finished);
    if (!opened)
      return fail(opened.error());
    *file = std::move(*opened);
  }
  return outputs;
}

Result<void> draw(const Outputs& outputs, const BenchResult& result, const std::string& picture) {
  if (outputs.window_program.empty())
    return {};
  auto scratch = ScratchFile::create();
  if (!scratch)
    return fail(scratch.error());
  auto file = OutputFile::open(scratch->path());
  if (!file)
    return fail(file.error());
  if (auto written = file->write(bench_as_json(result)); !written)
    return written;
  return draw_results(outputs.window_program, scratch->path(), picture);
}

/// Table, goals, file and plot of what was measured, now or before.
int show(const BenchArguments& arguments, Outputs& outputs, const BenchResult& result) {
  if (!arguments.quiet)
    fmt::print(outputs.for_people(), "{}", bench_as_text(result));
  if (arguments.goals)
    fmt::print(outputs.for_people(), "\n{}", goals_as_text(judge_goals(result)));
  auto written = outputs.json.write(outputs.json ? bench_as_json(result) : std::string());
  if (written)
    written = draw(outputs, result, arguments.plot);
  if (!written) {
    tell(written.error());
    return status_bad_input;
  }
  if (result.interrupted && arguments.from.empty())
    return status_interrupted;
  if (rounds_done(result) != 0)
    return status_good;
  tell(Error{Error::Code::unsupported, fmt::format("nothing could be measured: {}",
                                                   result.cases.empty() ? std::string("there are no cases")
                                                                        : result.cases.front().not_run)});
  return status_bad_input;
}

/// An error of writing the lines ends it.
Result<BenchResult> measure(const BenchArguments& arguments, Bench& bench, OutputFile& lines) {
  const bool shows = is_terminal(STDERR_FILENO) && !arguments.quiet;
  BenchProgress now;
  Result<void> written;
  const auto write = [&](const std::string& line) {
    if (written && lines)
      written = lines.append(line);
    if (!written)
      bench.interrupt();
  };
  const InterruptScope interruptible([&] { bench.interrupt(); });
  BenchResult result = bench.run(
      [&](const BenchProgress& progress) {
        now = progress;
        if (shows)
          fmt::print(stderr, "\r{} of {} measurements", progress.done, progress.total);
        write(measured_line(progress));
      },
      [&](const BenchResult& so_far) {
        now.so_far = &so_far;
        write(round_line(now));
      });
  if (shows)
    fmt::print(stderr, "\r{:40}\r", "");
  now.so_far = &result;
  write(result_line(now));
  if (written)
    written = lines.complete();
  if (!written)
    return fail(written.error());
  return result;
}

int bench(const BenchArguments& arguments) {
  auto plan = plan_of(arguments);
  if (!plan) {
    tell(plan.error());
    return status_bad_input;
  }
  if (!arguments.costs.empty()) {
    const auto costs = load_costs(arguments.costs);
    if (!costs) {
      tell(costs.error());
      return status_bad_input;
    }
    plan->costs = *costs;
  }
  Bench bench(*plan);
  auto prepared = bench.prepare();
  auto outputs = open_outputs(arguments);
  if (!prepared || !outputs) {
    tell(prepared ? outputs.error() : prepared.error());
    return status_bad_input;
  }
  const auto result = measure(arguments, bench, outputs->lines);
  if (!result) {
    tell(result.error());
    return status_bad_input;
  }
  return show(arguments, *outputs, *result);
}

/// What was measured before.
int show_saved(const BenchArguments& arguments) {
  const auto result = load_bench_json(arguments.from);
  if (!result) {
    tell(result.error());
    return status_bad_input;
  }
  auto outputs = open_outputs(arguments);
  if (!outputs) {
    tell(outputs.error());
    return status_bad_input;
  }
  return show(arguments, *outputs, *result);
}

} // namespace

void add_bench(CLI::App& app, CommandContext& context) {
  auto arguments = std::make_shared<BenchArguments>();
  CLI::App* command =
      app.add_subcommand("bench", "Measure zero-copy and read(2) on this machine, in real time");
  command
      ->add_option(
          "--mode", arguments->modes,
          "zero-copy, read (default: both), path, memcpy, spsc, spsc-exact, tpacket, native, native-read")
      ->delimiter(',')
      ->type_name("M,...");
  command
      ->add_option("--against", arguments->against,
                   "These as well: spsc, spsc-exact, tpacket, native, native-read, path, memcpy")
      ->delimiter(',')
      ->type_name("M,...");
  command
      ->add_option("--size", arguments->sizes,
                   "Packets: bytes, 14 to 9216; imix; or a capture (default: 64,1514)")
      ->delimiter(',')
      ->type_name("S,...");
  command
      ->add_option("--buffer", arguments->buffers, "Bytes of each buffer, 4 KiB to 2 MiB (default: 512KiB)")
      ->delimiter(',')
      ->type_name("B,...");
  command
      ->add_option("--policy", arguments->policies,
                   "What the reader does meanwhile: busy, poll, sleep (default: busy)")
      ->delimiter(',')
      ->type_name("P,...");
  command
      ->add_option("--filter", arguments->filter,
                   "pcap-filter(7) (default: a program that accepts everything)")
      ->type_name("EXPR");
  command
      ->add_option("--rounds", arguments->rounds, "How often each case is measured, in turns (default: 11)")
      ->check(CLI::Range(1u, 1000u).description(""))
      ->type_name("N");
  command->add_option("--time", arguments->time, "How long each time (default: 100ms)")->type_name("T");
  command->add_flag("--goals", arguments->goals,
                    "Measure what zero-copy is to reach, and say whether it does");
  command->add_option("--json", arguments->json, "Write every figure as JSON (- for standard output)")
      ->type_name("F");
  command
      ->add_option("--json-lines", arguments->lines,
                   "Write progress and each round as it happens, a line of JSON each (- for standard output)")
      ->type_name("F");
  command->add_option("--plot", arguments->plot, "Draw the figures: .png, .svg or .pdf (zbuflab draws)")
      ->type_name("F");
  command
      ->add_option("--costs", arguments->costs,
                   "Costs from zbuf calibrate: say what the model makes of each case, too")
      ->type_name("F");
  CLI::Option* const from =
      command
          ->add_option("--from", arguments->from, "Measure nothing: show or draw figures saved with --json")
          ->type_name("F");
  for (const char* const name : {"--mode", "--against", "--size", "--buffer", "--policy", "--filter",
                                 "--rounds", "--time", "--goals", "--costs", "--json-lines"})
    from->excludes(command->get_option(name));
  command->add_flag("-q,--quiet", arguments->quiet, "No table");
  command->footer(
      "Examples:\n"
      "  zbuf bench                                  both modes, 64 and 1514 bytes\n"
      "  zbuf bench --size 64,256,1514,9000          against packet size\n"
      "  zbuf bench --size imix --buffer 4KiB,32KiB,512KiB,2MiB\n"
      "  zbuf bench --against spsc,tpacket           what Linux programs would pick otherwise\n"
      "  zbuf bench --size 64,256,1514,9000 --plot bench.svg\n"
      "  zbuf bench --json bench.json                every figure, to be drawn later:\n"
      "  zbuf bench --from bench.json --plot bench.pdf\n\n"
      "All figures are measured, but those that --costs adds; those of zbuf run are modelled.\n"
      "Exit status: 0 measured, 2 bad usage or bad input, or nothing could be measured, 130 interrupted.");
  command->callback([arguments, &context] {
    context.status = arguments->from.empty() ? bench(*arguments) : show_saved(*arguments);
  });
}

} // namespace zbuf

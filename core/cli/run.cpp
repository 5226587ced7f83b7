// SPDX-License-Identifier: BSD-2-Clause
// zbuf run: runs scenarios and says what came out.
#include "core/cli/commands.h"

#include "core/base/output_file.h"
#include "core/cli/interrupt.h"
#include "core/cli/lessons.h"
#include "core/scenario/report_text.h"
#include "core/scenario/runner.h"
#include "core/trace/export.h"
#include "core/trace/format.h"

#include <chrono>
#include <fmt/format.h>
#include <fstream>
#include <limits>
#include <memory>
#include <sstream>
#include <unistd.h>

namespace zbuf {

namespace {

struct RunArguments {
  std::vector<std::string> scenarios{};
  std::string json{}, junit{}, trace{}, write{};
  std::string revision{}, capture{}, until{}, costs{};
  std::uint64_t seed = 0;
  bool has_seed = false;
  bool quiet = false;
  bool strict = false;

  [[nodiscard]] Overrides overrides() const {
    Overrides all;
    if (has_seed)
      all.seed = seed;
    if (!revision.empty())
      all.revision = revision;
    if (!capture.empty())
      all.capture = capture;
    if (!until.empty())
      all.until = until;
    all.strict = strict;
    return all;
  }
};

/// The whole command: everything that can be wrong is found before anything runs.
class RunCommand {
 public:
  RunCommand(RunArguments arguments, const CommandContext& context)
      : arguments_(std::move(arguments)), context_(context) {}

  int run() {
    if (!load() || !open_outputs() || !can_run())
      return status_bad_input;
    for (const Scenario& scenario : scenarios_)
      if (!run_one(scenario))
        break;
    write_reports();
    return status_;
  }

 private:
  /// All there is to replace in scenarios, files read.
  tl::expected<Overrides, Errors> overrides() const {
    Overrides all = arguments_.overrides();
    if (arguments_.costs.empty())
      return all;
    const auto costs = load_costs(arguments_.costs);
    if (!costs)
      return tl::make_unexpected(costs.error());
    all.costs = *costs;
    return all;
  }

  bool load() {
    const auto overrides = this->overrides();
    if (!overrides) {
      tell(overrides.error());
      return false;
    }
    const std::string folder = scenario_folder(context_.folder);
    bool good = true;
    for (const std::string& argument : arguments_.scenarios) {
      const auto paths = find_scenarios(argument, folder);
      if (!paths) {
        tell(paths.error());
        good = false;
        continue;
      }
      for (const std::string& path : *paths) {
        auto scenario = load_scenario(path, *overrides);
        if (scenario) {
          scenarios_.push_back(std::move(*scenario));
        } else {
          tell(scenario.error());
          good = false;
        }
      }
    }
    return good;
  }

  bool open_outputs() {
    if (scenarios_.size() > 1 && (!arguments_.trace.empty() || !arguments_.write.empty())) {
      tell(Error{Error::Code::bad_input, "--trace and --write take one scenario at a time"});
      return false;
    }
    // A recording's own file is opened by its recorder, before the run as well.
    const std::string trace = arguments_.trace == "-" ? "-" : "";
    const std::string* const paths[] = {&arguments_.json, &arguments_.junit, &trace, &arguments_.write};
    OutputFile* const files[] = {&json_, &junit_, &trace_, &write_};
    bool good = true;
    for (std::size_t i = 0; i < std::size(paths); ++i) {
      auto file = OutputFile::open(*paths[i]);
      if (!file) {
        tell(file.error());
        good = false;
        continue;
      }
      *files[i] = std::move(*file);
      if (files[i]->is_standard_output() && std::exchange(standard_output_taken_, true)) {
        tell(Error{Error::Code::bad_input,
                   "- (standard output) can be given for one of --json, --junit, --trace and "
                   "--write only"});
        good = false;
      }
    }
    return good && choose_recording();
  }

  /// A recording is made for --trace and for --write; in a scratch file unless somebody wants to keep it.
  bool choose_recording() {
    if (!trace_ && !arguments_.trace.empty()) {
      recording_path_ = arguments_.trace;
    } else if (trace_ || write_) {
      auto scratch = ScratchFile::create();
      if (!scratch) {
        tell(scratch.error());
        return false;
      }
      scratch_ = std::move(*scratch);
      recording_path_ = scratch_.path();
    }
    return true;
  }

  /// Filters, captures and names of all scenarios, before the first of them runs.
  bool can_run() {
    bool good = true;
    for (const Scenario& scenario : scenarios_) {
      const Errors errors = Runner(scenario, {}).prepare();
      tell(errors);
      good &= errors.empty();
    }
    return good;
  }

  /// False: stop here.
  bool run_one(const Scenario& scenario) {
    constexpr std::uint32_t whole_packets = format::max_packet_snap;
    ProgressBar bar(scenario.title, !arguments_.quiet, context_.colour);
    RunOptions options;
    options.trace_path = recording_path_;
    options.record_all = scratch_.path().empty();
    if (write_) {
      options.packet_snap = whole_packets;
      options.packets_limit_bytes = std::numeric_limits<std::uint64_t>::max();
    }
    options.on_progress = [&](const RunProgress& progress) { bar.show(progress); };
    Runner runner(scenario, std::move(options));
    if (const Errors errors = runner.prepare(); !errors.empty()) {
      tell(errors);
      status_ = status_bad_input;
      return false;
    }
    const auto began = std::chrono::steady_clock::now();
    {
      const InterruptScope interruptible([&] { runner.interrupt(); });
      reports_.push_back(runner.run());
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    say(reports_.back(), took.count());
    note_status(reports_.back().outcome());
    if (!reports_.back().runs.empty())
      export_recording();
    return reports_.back().outcome() != Outcome::interrupted;
  }

  /// The report, where a person reads it.
  void say(const ScenarioReport& report, double seconds) {
    const int descriptor = standard_output_taken_ ? STDERR_FILENO : STDOUT_FILENO;
    const TextStyle style = style_of(descriptor, context_.colour);
    std::string text;
    if (arguments_.quiet)
      text = failures_as_text(report, style);
    else if (scenarios_.size() > 1)
      text = summary_line(report, style) + '\n' + failures_as_text(report, style);
    else
      text = report_as_text(report, style);
    if (is_terminal(descriptor) && !arguments_.quiet && scenarios_.size() == 1) {
      text.pop_back();
      text += paint(style, Ink::faint, fmt::format("  {:.2f} s\n", seconds));
    }
    std::FILE* const out = descriptor == STDERR_FILENO ? stderr : stdout;
    fmt::print(out, "{}", text);
    std::fflush(out);
  }

  void note_status(Outcome outcome) {
    const int status = outcome == Outcome::passed        ? status_good
                       : outcome == Outcome::failed      ? status_failed
                       : outcome == Outcome::interrupted ? status_interrupted
                                                         : status_bad_input;
    if (status_ != status_bad_input && status != status_good)
      status_ = status == status_failed && status_ == status_interrupted ? status_ : status;
  }

  void note(const Result<void>& done) {
    if (done)
      return;
    tell(done.error());
    status_ = status_bad_input;
  }

  void export_recording() {
    if (trace_)
      note(copy_to(trace_, recording_path_));
    if (!write_)
      return;
    const auto recording = Recording::open(recording_path_);
    if (!recording) {
      note(fail(recording.error()));
      return;
    }
    std::ostringstream packets;
    const std::uint16_t descriptor = reports_.back().runs.front().readers.front().descriptor;
    const auto written = export_pcap(*recording, packets, descriptor == ZB_NO_DESCRIPTOR ? 0 : descriptor);
    note(written ? write_.write(packets.str()) : fail(written.error()));
  }

  static Result<void> copy_to(OutputFile& file, const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::vector<char> piece(1 << 20);
    while (in.read(piece.data(), static_cast<std::streamsize>(piece.size())), in.gcount() > 0)
      if (auto done = file.append({piece.data(), static_cast<std::size_t>(in.gcount())}); !done)
        return done;
    return file.complete();
  }

  void write_reports() {
    if (json_)
      note(json_.write(report_as_json(reports_)));
    if (junit_)
      note(junit_.write(report_as_junit(reports_)));
  }

  RunArguments arguments_;
  const CommandContext& context_;
  std::vector<Scenario> scenarios_;
  OutputFile json_, junit_, write_;
  OutputFile trace_; ///< standard output, or nothing
  bool standard_output_taken_ = false;
  ScratchFile scratch_;
  std::string recording_path_;
  std::vector<ScenarioReport> reports_;
  int status_ = status_good;
};

} // namespace

void add_run(CLI::App& app, CommandContext& context) {
  auto arguments = std::make_shared<RunArguments>();
  CLI::App* run = app.add_subcommand("run", "Run scenarios, and check them");
  run->add_option("scenario", arguments->scenarios,
                  "A file, a folder, a lesson's number, or part of its name")
      ->required()
      ->type_name("SCENARIO");
  run->add_option("--json", arguments->json, "Write the report as JSON (- for standard output)")
      ->type_name("F");
  run->add_option("--junit", arguments->junit, "Write the report as JUnit XML (- for standard output)")
      ->type_name("F");
  run->add_option("--trace", arguments->trace,
                  "Record the run; further runs of a comparison go to F.NAME.ext")
      ->type_name("F");
  run->add_option("--write", arguments->write,
                  "Write what the first reader was delivered, as a capture (- for standard output)")
      ->type_name("F.pcap");
  CLI::Option* seed =
      run->add_option("--seed", arguments->seed, "Instead of the scenario's seed")->type_name("N");
  seed->check(CLI::Range(std::uint64_t{0}, std::uint64_t{INT64_MAX}).description(""));
  add_revision_option(*run, arguments->revision, "Instead of the scenario's kernel.revision");
  run->add_option("--pcap", arguments->capture, "Replay this capture instead of the scenario's traffic")
      ->type_name("F");
  run->add_flag("--strict", arguments->strict,
                "A record of a capture that would be left out, because it is damaged, is an error");
  run->add_option("--until", arguments->until, "Stop when this expression holds, such as \"drops > 0\"")
      ->type_name("EXPR");
  run->add_option("--costs", arguments->costs, "Costs from zbuf calibrate, instead of the scenario's")
      ->type_name("F");
  run->add_flag("-q,--quiet", arguments->quiet, "Say only what went wrong");
  run->footer("Examples:\n"
              "  zbuf run 4                                  lesson 4, with a picture of what happened\n"
              "  zbuf run scenarios/*.toml --junit out.xml   all of them, for a CI system\n"
              "  zbuf run 4 --until 'drops > 0' --trace f    up to the first drop, recorded\n"
              "  zbuf run 17 --pcap my.pcap --write got.pcap your own packets through zero-copy BPF\n"
              "  zbuf run 9 --revision r177548               the kernel of March 2008\n"
              "  zbuf run 4 --json - | jq .scenarios[0].runs[].total.dropped\n\n"
              "The checks of a scenario are about its own run: of one that --until, --pcap, --seed or "
              "--revision\nchanged, some may fail.\n"
              "Exit status: 0 all checks hold, 1 a check failed, 2 bad usage or bad input, 130 interrupted.");
  run->callback([arguments, seed, &context] {
    arguments->has_seed = seed->count() > 0;
    context.status = RunCommand(*arguments, context).run();
  });
}

} // namespace zbuf

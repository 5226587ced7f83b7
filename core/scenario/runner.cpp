// SPDX-License-Identifier: BSD-2-Clause
#include "core/scenario/runner.h"

#include "core/scenario/units.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace zbuf {

/// One run, from its preparation to its figures.
struct Runner::Run {
  std::size_t number;
  std::unique_ptr<Recorder> recorder; ///< outlives the simulation
  std::unique_ptr<Simulation> simulation;
  Picture picture;
  RunResult result{};
  RunFigures figures{};
  std::string trace_path{};
  Errors trace_errors{};
};

namespace {

constexpr std::size_t most_conversations = 8;

std::string path_of_run(const std::string& base_path, const Scenario& scenario, std::size_t number) {
  if (base_path.empty() || number == 0)
    return base_path;
  std::filesystem::path path(base_path);
  const std::string extension = path.extension().string();
  path.replace_extension();
  return fmt::format("{}.{}{}", path.string(), scenario.runs[number].name, extension);
}

const char* mode_name(const SimReader& reader) {
  if (!reader.script.empty())
    return "script";
  return reader.options.mode == BufferMode::zbuf ? "zero-copy" : "read(2)";
}

/// What a recording says about the run that it is of.
std::string metadata_of(const Scenario& scenario, std::size_t number, const SimConfig& config) {
  using nlohmann::json;
  const PlannedRun& run = scenario.runs[number];
  const Scope names = scenario.scope_of(number);
  json readers = json::array();
  for (std::size_t i = 0; i < run.readers.size(); ++i) {
    const PlannedReader& planned = run.readers[i];
    readers.push_back({{"name", planned.reader.name},
                       {"descriptor", names.runs[0].readers[i].descriptor},
                       {"interface", planned.reader.interface},
                       {"mode", mode_name(planned.reader)},
                       {"buffer_bytes", planned.reader.options.buffer_bytes},
                       {"filter", planned.filter.text},
                       {"snaplen", planned.snaplen}});
  }
  json interfaces = json::array(), link_bits = json::array();
  for (const SimInterface& interface : config.interfaces) {
    interfaces.push_back(interface.config.name);
    link_bits.push_back(interface.link_bits);
  }
  json chapters = json::array();
  for (const PlannedChapter& chapter : scenario.chapters)
    chapters.push_back(chapter.text);
  const json metadata{{"title", scenario.title},
                      {"file", scenario.file},
                      {"number", scenario.number},
                      {"lesson", scenario.lesson},
                      {"run", run.name},
                      {"seed", run.config.seed},
                      {"revision", run.config.kernel.revision->name},
                      {"modelled", true},
                      {"boot_time_ns", run.config.kernel.boot_time_ns},
                      {"readers", readers},
                      {"interfaces", interfaces},
                      {"link_bits", link_bits},
                      {"chapters", chapters}};
  return metadata.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// Has the picture see the events that it is made of. The stop condition is asked about all of its kinds, so
/// it is a place to look from.
void observe(SimConfig& config, Picture& picture) {
  const auto stop_when = std::move(config.stop_when);
  const KindMask stop_kinds = stop_when ? config.stop_kinds : 0;
  const KindMask kinds = Picture::kinds();
  config.stop_kinds = stop_kinds | kinds;
  config.stop_when = [&picture, kinds, stop_kinds, stop_when](const State& state, const Event& event) {
    if (contains(kinds, event.kind))
      picture.add(state, event);
    return contains(stop_kinds, event.kind) && stop_when(state, event);
  };
}

/// When the run ends, as far as the plan says.
std::optional<std::uint64_t> expected_end_ns(const PlannedRun& run) {
  if (run.config.duration_ns)
    return run.config.duration_ns;
  std::optional<std::uint64_t> end_ns;
  for (const PlannedTraffic& traffic : run.traffic) {
    const auto* synthetic = std::get_if<SyntheticConfig>(&traffic.packets);
    if (synthetic == nullptr)
      return std::nullopt;
    double time_ns = static_cast<double>(synthetic->duration_ns);
    if (synthetic->limit_packets != 0) {
      double pace = 1e9 / synthetic->packets_per_second;
      if (synthetic->arrivals == ArrivalProcess::bursts)
        pace *= static_cast<double>(synthetic->burst_on_ns + synthetic->burst_off_ns) /
                static_cast<double>(synthetic->burst_on_ns);
      const double by_count = pace * static_cast<double>(synthetic->limit_packets);
      time_ns = synthetic->duration_ns == 0 ? by_count : std::min(time_ns, by_count);
    }
    end_ns = std::max(end_ns.value_or(0), static_cast<std::uint64_t>(time_ns) + synthetic->start_ns);
  }
  return end_ns;
}

std::string reader_line(const SimReader& reader) {
  if (!reader.script.empty())
    return fmt::format("a script of {} steps", reader.script.size());
  return fmt::format("{}, 2 × {}", mode_name(reader), show_size(reader.options.buffer_bytes));
}

} // namespace

Runner::Runner(const Scenario& scenario, RunOptions options)
    : scenario_(scenario), options_(std::move(options)) {}
Runner::~Runner() = default;

tl::expected<std::unique_ptr<Runner::Run>, Errors> Runner::make_run(std::size_t number) const {
  auto config = make_config(scenario_, number);
  if (!config)
    return tl::make_unexpected(std::move(config.error()));
  auto run = std::make_unique<Run>(Run{number, nullptr, nullptr, Picture(scenario_.axis)});
  Recorder::Options options;
  if (number == 0 || options_.record_all)
    options.path = run->trace_path = path_of_run(options_.trace_path, scenario_, number);
  options.packet_snap = options_.packet_snap;
  options.packets_limit_bytes = options_.packets_limit_bytes;
  options.name_at_end = options_.name_at_end;
  options.digest = true;
  options.metadata = metadata_of(scenario_, number, *config);
  auto recorder = Recorder::create(options);
  if (!recorder)
    return tl::make_unexpected(Errors{recorder.error()});
  run->recorder = std::move(*recorder);
  observe(*config, run->picture);
  auto simulation = Simulation::create(std::move(*config), *run->recorder);
  if (!simulation) {
    Error error = simulation.error();
    if (error.file.empty())
      error.file = scenario_.file;
    return tl::make_unexpected(Errors{std::move(error)});
  }
  run->simulation = std::move(*simulation);
  return run;
}

Errors Runner::prepare() {
  Errors errors;
  for (std::size_t i = 0; i < scenario_.runs.size(); ++i) {
    auto run = make_run(i);
    if (run) {
      runs_.push_back(std::move(*run));
      continue;
    }
    for (Error& error : run.error()) {
      const bool known = std::any_of(errors.begin(), errors.end(),
                                     [&](const Error& other) { return other.text() == error.text(); });
      if (!known)
        errors.push_back(std::move(error));
    }
  }
  return errors;
}

void Runner::execute(Run& run) {
  if (options_.on_progress) {
    const auto end_ns = expected_end_ns(scenario_.runs[run.number]);
    run.simulation->on_progress([this, &run, end_ns](const Simulation& simulation) {
      RunProgress progress{run.number, runs_.size(), scenario_.runs[run.number].name, simulation.now_ns(),
                           simulation.packets()};
      if (end_ns && *end_ns > 0)
        progress.fraction =
            std::min(1.0, static_cast<double>(progress.now_ns) / static_cast<double>(*end_ns));
      options_.on_progress(progress);
    });
  }
  current_.store(run.simulation.get());
  if (interrupted_.load()) // before it was there to be told
    run.simulation->interrupt();
  run.result = run.simulation->run();
  current_.store(nullptr);
  run.picture.finish(run.result.end_ns);
  run.figures.end_ns = run.result.end_ns;
  run.figures.kernel_busy_ns = run.result.kernel_busy_ns;
  for (const ReaderUse& use : run.result.readers)
    run.figures.reader_cpu_ns.push_back(use.cpu_ns);
  const bool partial = run.result.end == RunEnd::interrupted || run.result.end == RunEnd::failed;
  if (const auto finished = run.recorder->finish(partial); !finished)
    run.trace_errors.push_back(finished.error());
}

void Runner::interrupt() {
  interrupted_.store(true);
  if (Simulation* const simulation = current_.load())
    simulation->interrupt();
}

// ---- I6 ----

/// The digest of the first events of the base run, or of all if there are no more.
std::uint64_t Runner::digest_of_beginning() {
  auto config = make_config(scenario_, 0);
  if (!config)
    return 0; // a capture that is gone meanwhile
  auto recorder = *Recorder::create({.digest = true});
  config->stop_kinds = all_kinds;
  config->stop_when = [stop_when = config->stop_when](const State& state, const Event& event) {
    return state.events >= repeated_events || (stop_when && stop_when(state, event));
  };
  auto simulation = Simulation::create(std::move(*config), *recorder);
  if (!simulation)
    return 0;
  repeats_.push_back(std::make_unique<Run>(Run{0, std::move(recorder), std::move(*simulation), Picture({})}));
  Run& repeat = *repeats_.back();
  current_.store(repeat.simulation.get());
  if (interrupted_.load())
    repeat.simulation->interrupt();
  repeat.simulation->run();
  current_.store(nullptr);
  return repeat.recorder->digest();
}

bool Runner::is_repeatable(const Run& base) {
  const std::uint64_t again = digest_of_beginning();
  if (base.recorder->state().events <= repeated_events)
    return again == base.recorder->digest();
  return again == digest_of_beginning();
}

// ---- What came out ----

VariantReport Runner::report_of(Run& run) {
  const PlannedRun& planned = scenario_.runs[run.number];
  const State& state = run.recorder->state();
  VariantReport report;
  report.name = planned.name;
  report.revision = planned.config.kernel.revision->name;
  report.seed = planned.config.seed;
  report.traffic = traffic_lines(planned);
  report.end = run.result.end;
  report.end_ns = run.result.end_ns;
  report.kernel_busy_ns = run.result.kernel_busy_ns;
  report.events = state.events;
  report.digest = run.recorder->digest();
  report.arrived = state.arrived();
  report.missed = state.missed();
  report.in_buffers = state.in_buffers();
  report.total = state.total();
  for (const SourceRemarks& remarks : run.result.remarks) {
    report.capture_skipped += remarks.skipped;
    report.capture_mended += remarks.mended;
  }
  report.errors = run.result.errors;
  report.errors.insert(report.errors.end(), run.trace_errors.begin(), run.trace_errors.end());
  report.trace_path = run.trace_path;
  for (std::size_t i = 0; i < run.result.readers.size(); ++i) {
    const ReaderUse& use = run.result.readers[i];
    ReaderReport reader{use.name, reader_line(planned.readers[i].reader), use.descriptor, use.cpu_ns};
    if (use.descriptor < state.descriptors.size()) {
      reader.counters = state.descriptors[use.descriptor].total;
      reader.in_buffers = state.descriptors[use.descriptor].in_buffers();
    }
    report.readers.push_back(std::move(reader));
  }
  for (std::size_t i = 0; i < invariants; ++i) {
    const auto invariant = static_cast<Invariant>(i);
    const bool must_break =
        std::find(planned.breaks.begin(), planned.breaks.end(), invariant) != planned.breaks.end();
    if (invariant != Invariant::repeatable)
      report.invariants.push_back({invariant, true, must_break, state.violation(invariant)});
  }
  for (const PlannedChapter& chapter : scenario_.chapters)
    report.chapters.push_back({chapter.text, chapter.when.text});
  for (const PictureMark& mark : run.picture.marks())
    if (mark.chapter < report.chapters.size()) {
      ChapterReport& chapter = report.chapters[mark.chapter];
      chapter.reached = true;
      chapter.time_ns = mark.time_ns;
      chapter.event = mark.event;
    }
  report.picture = std::move(run.picture);
  return report;
}

void Runner::evaluate(ScenarioReport& report) {
  std::vector<RunView> views;
  for (const auto& run : runs_)
    views.push_back({&run->recorder->state(), nullptr, &run->figures});
  const Scope scope = scenario_.scope_at_end();
  for (const PlannedCheck& check : scenario_.checks) {
    CheckReport outcome{check.expression.text, check.text, check.expression.place, !report.partial};
    if (!report.partial) {
      const Expression expression = *Expression::compile(check.expression.text, scope);
      outcome.holds = expression.holds(views);
      outcome.readings = expression.readings();
    }
    report.checks.push_back(std::move(outcome));
  }
}

void Runner::warn(ScenarioReport& report) const {
  const VariantReport& base = report.runs.front();
  for (std::size_t i = 0; i < base.chapters.size(); ++i)
    if (!base.chapters[i].reached && !report.partial)
      report.warnings.push_back(
          fmt::format("chapter {} was never reached: {}", i + 1, base.chapters[i].when));
  // The runs of a comparison have the same captures.
  const auto& remarks = runs_.front()->result.remarks;
  for (std::size_t i = 0; i < remarks.size(); ++i)
    if (const auto* capture = std::get_if<PlannedCapture>(&scenario_.runs.front().traffic[i].packets))
      for (const std::string& line : remarks[i].lines)
        report.warnings.push_back(fmt::format("{}: {}", capture->shown, line));
  for (std::size_t r = 0; r < report.runs.size(); ++r) {
    const Scope names = scenario_.scope_of(r);
    for (std::size_t i = 0; i < report.runs[r].readers.size(); ++i) {
      const ReaderReport& reader = report.runs[r].readers[i];
      const std::uint16_t expected = names.runs[0].readers[i].descriptor;
      if (reader.descriptor != ZB_NO_DESCRIPTOR && reader.descriptor != expected)
        report.warnings.push_back(
            fmt::format("run {}: {} opened descriptor {}, but names like {}.drops mean "
                        "descriptor {}; let each process open once, in the order of their start",
                        report.runs[r].name, reader.name, reader.descriptor, reader.name, expected));
    }
  }
}

ScenarioReport Runner::run() {
  ScenarioReport report{scenario_.file, scenario_.title, scenario_.number, scenario_.summary,
                        scenario_.lesson};
  std::size_t done = 0;
  for (; done < runs_.size() && !interrupted_.load(); ++done)
    execute(*runs_[done]);
  runs_.resize(done);
  for (const auto& run : runs_)
    report.partial |= run->result.end == RunEnd::interrupted || run->result.end == RunEnd::failed;
  report.partial |= done < scenario_.runs.size();
  if (done == 0)
    return report;
  InvariantReport repeatable{Invariant::repeatable, !report.partial};
  if (!report.partial) {
    repeatable.must_break = std::find(scenario_.runs[0].breaks.begin(), scenario_.runs[0].breaks.end(),
                                      Invariant::repeatable) != scenario_.runs[0].breaks.end();
    repeatable.violation.count = is_repeatable(*runs_.front()) ? 0 : 1;
    runs_.front()->figures.unrepeatable = repeatable.violation.count;
    if (interrupted_.load()) { // meanwhile: the second run says nothing
      repeatable = {Invariant::repeatable, false};
      report.partial = true;
    }
  }
  evaluate(report);
  report.conversations = conversations_of(scenario_.runs.front(), most_conversations);
  for (const auto& run : runs_)
    report.runs.push_back(report_of(*run));
  report.runs.front().invariants.push_back(repeatable);
  warn(report);
  return report;
}

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
// From a plan to a simulation: filters compiled, captures found, conditions armed.
#include "core/filter/filter.h"
#include "core/scenario/scenario.h"

#include <algorithm>
#include <fmt/format.h>

namespace zbuf {

namespace {

Result<std::unique_ptr<Source>> open_source(const PlannedTraffic& traffic, std::uint64_t seed) {
  if (const auto* capture = std::get_if<PlannedCapture>(&traffic.packets))
    return open_capture(capture->path, capture->replay).map([](auto source) -> std::unique_ptr<Source> {
      return source;
    });
  SyntheticConfig synthetic = std::get<SyntheticConfig>(traffic.packets);
  synthetic.seed = seed;
  return make_synthetic(synthetic);
}

/// Builds the configuration of one run, and notes all that is in the way.
class ConfigMaker {
 public:
  ConfigMaker(const Scenario& scenario, std::size_t run)
      : scenario_(scenario), run_(scenario.runs[run]), scope_(scenario.scope_of(run)), config_(run_.config) {}

  tl::expected<SimConfig, Errors> make() {
    for (const PlannedInterface& interface : run_.interfaces)
      config_.interfaces.push_back(interface.interface);
    find_links();
    for (const PlannedTraffic& traffic : run_.traffic)
      add_traffic(traffic);
    for (const PlannedReader& reader : run_.readers)
      add_reader(reader);
    for (const PlannedFault& fault : run_.faults)
      add_fault(fault);
    for (const PlannedChapter& chapter : scenario_.chapters)
      add_chapter(chapter);
    add_stop();
    if (!errors_.empty())
      return tl::make_unexpected(std::move(errors_));
    return std::move(config_);
  }

 private:
  void report(Place place, const Error& cause) {
    Error error = cause;
    if (error.file.empty()) {
      error.file = scenario_.file;
      error.line = place.line;
      error.column = place.column;
    }
    const bool known = std::any_of(errors_.begin(), errors_.end(),
                                   [&](const Error& other) { return other.text() == error.text(); });
    if (!known)
      errors_.push_back(std::move(error));
  }

  [[nodiscard]] InterfaceConfig& interface(const std::string& name) {
    return std::find_if(config_.interfaces.begin(), config_.interfaces.end(),
                        [&](const SimInterface& i) { return i.config.name == name; })
        ->config;
  }

  /// An interface is of the kind of the first capture replayed there, unless the file says of which.
  void find_links() {
    for (std::size_t i = 0; i < run_.interfaces.size(); ++i) {
      for (const PlannedTraffic& traffic : run_.traffic) {
        const auto* capture = std::get_if<PlannedCapture>(&traffic.packets);
        if (capture == nullptr || traffic.interface != config_.interfaces[i].config.name)
          continue;
        if (const auto source = open_capture(capture->path, capture->replay)) {
          config_.interfaces[i].link_bits = (*source)->link_bits();
          if (!run_.interfaces[i].has_link)
            config_.interfaces[i].config.link_type = static_cast<std::uint32_t>((*source)->link_type());
        }
        break;
      }
    }
  }

  void add_traffic(const PlannedTraffic& traffic) {
    const auto source = open_source(traffic, config_.seed);
    if (!source) {
      report(traffic.place, source.error());
      return;
    }
    const std::uint32_t link = interface(traffic.interface).link_type;
    if (static_cast<std::uint32_t>((*source)->link_type()) != link)
      report(traffic.place,
             Error{Error::Code::bad_input,
                   fmt::format(
                       "packets of link type {} cannot arrive at {}, which is of link type {}; give each an "
                       "interface of its own kind",
                       (*source)->link_type(), traffic.interface, link)});
    config_.traffic.push_back(
        {traffic.interface, [traffic](std::uint64_t seed) { return open_source(traffic, seed); }});
  }

  void add_reader(const PlannedReader& planned) {
    SimReader reader = planned.reader;
    if (planned.has_filter) {
      const int link = static_cast<int>(interface(reader.interface).link_type);
      auto program = compile_filter(planned.filter.text, link, planned.snaplen);
      const std::uint32_t most = config_.kernel.tunables.maxinsns;
      if (program && program->size() > most && !changes_maxinsns())
        report(planned.filter.place,
               Error{Error::Code::bad_input,
                     fmt::format(
                         "filter \"{}\": it has {} instructions, and net.bpf.maxinsns allows {}; expected a "
                         "shorter one, or kernel.sysctl.net.bpf.maxinsns = {}",
                         planned.filter.text, program->size(), most, program->size())});
      else if (program)
        reader.options.filter = std::move(*program);
      else
        report(planned.filter.place, program.error());
    }
    config_.readers.push_back(std::move(reader));
  }

  /// A fault may raise it before the reader comes.
  [[nodiscard]] bool changes_maxinsns() const {
    return std::any_of(run_.faults.begin(), run_.faults.end(), [](const PlannedFault& planned) {
      return planned.fault.kind == SimFault::Kind::sysctl && planned.fault.name == "net.bpf.maxinsns";
    });
  }

  /// Checked by parse_scenario(): it compiles.
  [[nodiscard]] Expression compiled(const std::string& text) const {
    return *Expression::compile(text, scope_);
  }

  static std::function<bool(const State&, const Event&)> condition(const Expression& expression) {
    return [expression](const State& state, const Event& event) { return expression.holds(state, event); };
  }

  void add_fault(const PlannedFault& planned) {
    SimFault fault = planned.fault;
    if (!planned.when.text.empty()) {
      const Expression when = compiled(planned.when.text);
      fault.kinds = when.kinds();
      fault.when = condition(when);
    }
    config_.faults.push_back(std::move(fault));
  }

  void add_chapter(const PlannedChapter& planned) {
    const Expression when = compiled(planned.when.text);
    config_.chapters.push_back({when.kinds(), condition(when)});
  }

  void add_stop() {
    std::vector<Expression> any;
    for (const std::string& text : {run_.stop_when.text, run_.until})
      if (!text.empty())
        any.push_back(compiled(text));
    if (any.empty())
      return;
    for (const Expression& expression : any)
      config_.stop_kinds |= expression.kinds();
    config_.stop_when = [any](const State& state, const Event& event) {
      return std::any_of(any.begin(), any.end(),
                         [&](const Expression& expression) { return expression.holds(state, event); });
    };
  }

  const Scenario& scenario_;
  const PlannedRun& run_;
  Scope scope_;
  SimConfig config_;
  Errors errors_;
};

} // namespace

tl::expected<SimConfig, Errors> make_config(const Scenario& scenario, std::size_t run) {
  return ConfigMaker(scenario, run).make();
}

std::vector<std::string> traffic_lines(const PlannedRun& run) {
  std::vector<std::string> lines;
  for (const PlannedTraffic& traffic : run.traffic)
    if (const auto source = open_source(traffic, run.config.seed)) {
      std::string description = (*source)->description();
      // As the author wrote it: the report is the same on every machine.
      if (const auto* capture = std::get_if<PlannedCapture>(&traffic.packets))
        if (const std::size_t at = description.find(capture->path); at != std::string::npos)
          description.replace(at, capture->path.size(), capture->shown);
      lines.push_back(fmt::format("{}: {}", traffic.interface, description));
    }
  return lines;
}

} // namespace zbuf

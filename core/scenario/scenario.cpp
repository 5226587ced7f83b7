// SPDX-License-Identifier: BSD-2-Clause
#include "core/scenario/scenario.h"

#include "core/base/read_file.h"
#include "core/scenario/keys.h"
#include "core/scenario/variants.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <set>

namespace zbuf {

void read_breaks(TableReader& reader, std::vector<Invariant>& breaks) {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < invariants; ++i)
    names.emplace_back(invariant_name(static_cast<Invariant>(i)));
  for (const LocatedText& name : reader.texts("breaks").value_or(std::vector<LocatedText>{})) {
    const auto found = std::find(names.begin(), names.end(), name.text);
    if (found == names.end())
      reader.not_a_choice("breaks", name, names);
    else
      breaks.push_back(static_cast<Invariant>(found - names.begin()));
  }
}

namespace {

constexpr std::size_t most_sections = 64; ///< [[reader]], [[chapter]] and so on, of each kind

std::vector<const toml::table*> read_tables(TableReader& reader, std::string_view key) {
  auto tables = reader.tables(key);
  if (tables.size() > most_sections) {
    reader.diagnostics().report(
        place_of(*tables[most_sections]),
        fmt::format("{} [[{}]]; expected at most {}", tables.size(), key, most_sections));
    tables.resize(most_sections);
  }
  return tables;
}

/// One document, read: what it says about its run, and what the file says about all of them.
class DocumentReader {
 public:
  DocumentReader(const toml::table& document, const std::string& folder, Diagnostics& diagnostics)
      : top_(document, "the scenario", diagnostics), folder_(folder), diagnostics_(diagnostics) {}

  /// What describes the scenario, whatever run.
  void read_head(Scenario& scenario) {
    read_keys(top_, scenario_keys(), scenario);
    for (const toml::table* table : read_tables(top_, "chapter"))
      scenario.chapters.push_back(read_section(*table, "[[chapter]]", chapter_keys()));
    for (const toml::table* table : read_tables(top_, "check"))
      scenario.checks.push_back(read_section(*table, "[[check]]", check_keys()));
    for (const toml::table* table : read_tables(top_, "compare"))
      compares_.push_back(read_section(*table, "[[compare]]", compare_keys()).breaks);
  }

  PlannedRun read_run() {
    PlannedRun run;
    SimConfig& config = run.config;
    read_keys(top_, run_keys(), run);
    config.kernel.tunables.zerocopy_enable =
        true; // what lessons are about, off by default as it is on FreeBSD
    if (const toml::table* kernel = top_.table("kernel"))
      read_kernel(*kernel, config.kernel, diagnostics_);
    if (const toml::table* costs = top_.table("costs"))
      read_costs(*costs, config.costs, diagnostics_);
    for (const toml::table* table : read_tables(top_, "interface"))
      run.interfaces.push_back(read_interface(*table, diagnostics_));
    if (run.interfaces.empty())
      run.interfaces.push_back({});
    for (const toml::table* table : read_tables(top_, "traffic"))
      add_traffic(run, *table);
    for (const toml::table* table : read_tables(top_, "reader"))
      add_reader(run, *table);
    for (const toml::table* table : read_tables(top_, "fault"))
      add_fault(run, *table);
    if (run.readers.empty() && !top_.find("reader"))
      diagnostics_.report({1, 1}, "there is no [[reader]]; expected at least one");
    return run;
  }

  /// Name of the base run, if the file gives it one.
  std::string read_base_name() {
    const toml::table* table = top_.table("base");
    return table == nullptr ? std::string{} : read_section(*table, "[base]", base_keys()).name;
  }

  /// What read_run() of another document has asked, too, is known here.
  void finish() {
    for (const auto& key : scenario_keys())
      (void)top_.find(key.name);
    for (const char* section : {"chapter", "check", "compare", "base"})
      (void)top_.find(section);
    top_.finish();
  }

  /// Of each [[compare]].
  [[nodiscard]] const std::vector<std::vector<Invariant>>& compares() const { return compares_; }

 private:
  /// A section of which there is nothing more to say than its keys do.
  template <typename Section>
  Section read_section(const toml::table& table, const char* name, const Keys<Section>& keys) {
    TableReader reader(table, name, diagnostics_);
    Section section;
    read_keys(reader, keys, section);
    reader.finish();
    return section;
  }

  /// An interface by name; by default the first one.
  std::string interface_of(const PlannedRun& run, const toml::table& table, const std::string& name) {
    if (name.empty())
      return run.interfaces.front().interface.config.name;
    std::vector<std::string_view> names;
    for (const PlannedInterface& planned : run.interfaces)
      names.push_back(planned.interface.config.name);
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      const toml::node* node = table.get("interface");
      diagnostics_.report(place_of(*node),
                          fmt::format("there is no [[interface]] named \"{}\"; there is {}{}", name,
                                      fmt::join(names, ", "), suggestion(name, names)));
    }
    return name;
  }

  void add_traffic(PlannedRun& run, const toml::table& table) {
    PlannedTraffic traffic = zbuf::read_traffic(table, folder_, diagnostics_);
    traffic.interface = interface_of(run, table, traffic.interface);
    const auto* synthetic = std::get_if<SyntheticConfig>(&traffic.packets);
    if (synthetic != nullptr && synthetic->limit_packets == 0 && synthetic->duration_ns == 0 &&
        !run.config.duration_ns && run.stop_when.text.empty())
      diagnostics_.report(place_of(table),
                          "this traffic never ends: give it \"limit\" or \"duration\", or the "
                          "scenario a \"duration\" or \"stop_when\"");
    run.traffic.push_back(std::move(traffic));
  }

  void add_reader(PlannedRun& run, const toml::table& table) {
    PlannedReader planned = zbuf::read_reader(table, diagnostics_);
    planned.reader.interface = interface_of(run, table, planned.reader.interface);
    for (const PlannedReader& other : run.readers)
      if (other.reader.name == planned.reader.name)
        diagnostics_.report(place_of(table),
                            fmt::format("two [[reader]] are named \"{}\"; each needs a \"name\" of "
                                        "its own",
                                        other.reader.name));
    run.readers.push_back(std::move(planned));
  }

  void add_fault(PlannedRun& run, const toml::table& table) {
    using Kind = SimFault::Kind;
    PlannedFault planned = zbuf::read_fault(table, diagnostics_);
    const Kind kind = planned.fault.kind;
    if (kind != Kind::sysctl && !run.readers.empty()) {
      std::vector<std::string_view> names;
      const bool of_interface =
          kind == Kind::interface_down || kind == Kind::interface_up || kind == Kind::interface_gone;
      if (of_interface)
        for (const PlannedInterface& interface : run.interfaces)
          names.push_back(interface.interface.config.name);
      else
        for (const PlannedReader& reader : run.readers)
          names.push_back(reader.reader.name);
      const std::string& target = planned.target.text;
      planned.fault.target = target.empty() ? std::string(names.front()) : target;
      if (std::find(names.begin(), names.end(), planned.fault.target) == names.end())
        diagnostics_.report(planned.target.place,
                            fmt::format("there is no {} named \"{}\"; there is {}{}",
                                        of_interface ? "[[interface]]" : "[[reader]]", target,
                                        fmt::join(names, ", "), suggestion(target, names)));
    }
    run.faults.push_back(std::move(planned));
  }

  TableReader top_;
  const std::string& folder_;
  Diagnostics& diagnostics_;
  std::vector<std::vector<Invariant>> compares_;
};

// ---- Over the whole scenario ----

/// --pcap: one capture in place of all traffic.
void replace_traffic(PlannedRun& run, const std::string& path) {
  PlannedTraffic traffic;
  traffic.interface =
      run.traffic.empty() ? run.interfaces.front().interface.config.name : run.traffic.front().interface;
  traffic.packets = PlannedCapture{path, path, {}};
  for (PlannedInterface& interface : run.interfaces)
    if (interface.interface.config.name == traffic.interface)
      interface.has_link = false;
  run.traffic = {std::move(traffic)};
}

void check_names(const Scenario& scenario, const std::vector<VariantDocument>& variants,
                 Diagnostics& diagnostics) {
  std::set<std::string> seen;
  for (const PlannedRun& run : scenario.runs)
    for (const PlannedReader& reader : run.readers)
      seen.insert(reader.reader.name);
  for (std::size_t i = 0; i < scenario.runs.size(); ++i) {
    const std::string& name = scenario.runs[i].name;
    const Place place = variants[i].place.line == 0 ? Place{1, 1} : variants[i].place;
    if (!is_good_name(name) || is_reserved_name(name))
      diagnostics.report(
          place, fmt::format("a run is named \"{}\"; expected 1 to 15 letters, digits and _, the first "
                             "of them not a digit, and not a word of expressions",
                             name));
    else if (!seen.insert(name).second)
      diagnostics.report(place,
                         fmt::format("a run is named \"{}\", and so is another run, or a reader; choose "
                                     "another name",
                                     name));
  }
}

void report_faults(const LocatedText& text, const std::vector<ExpressionFault>& faults,
                   Diagnostics& diagnostics) {
  for (const ExpressionFault& fault : faults)
    diagnostics.report(diagnostics.within(text, fault.position), fault.message);
}

void check_condition(const LocatedText& text, const Scope& scope, Diagnostics& diagnostics) {
  if (text.place.line == 0 && text.text.empty())
    return;
  const auto expression = Expression::compile(text.text, scope);
  if (!expression)
    report_faults(text, expression.error(), diagnostics);
  else if (expression->kinds() == 0)
    diagnostics.report(
        text.place,
        fmt::format("\"{}\" never changes; expected a counter, a state or an event in it", text.text));
}

void check_expressions(const Scenario& scenario, Diagnostics& diagnostics) {
  for (std::size_t i = 0; i < scenario.runs.size(); ++i) {
    const Scope scope = scenario.scope_of(i);
    for (const PlannedChapter& chapter : scenario.chapters)
      check_condition(chapter.when, scope, diagnostics);
    for (const PlannedFault& fault : scenario.runs[i].faults)
      check_condition(fault.when, scope, diagnostics);
    check_condition(scenario.runs[i].stop_when, scope, diagnostics);
  }
  const Scope at_end = scenario.scope_at_end();
  for (const PlannedCheck& check : scenario.checks) {
    if (check.expression.place.line == 0)
      continue;
    const auto expression = Expression::compile(check.expression.text, at_end);
    if (!expression)
      report_faults(check.expression, expression.error(), diagnostics);
  }
}

/// An expression from the command line has a place in no file.
std::optional<Error> check_until(const Scenario& scenario, const std::string& until) {
  const auto expression = Expression::compile(until, scenario.scope_of(0));
  if (expression)
    return std::nullopt;
  const ExpressionFault& fault = expression.error().front();
  Error error{Error::Code::bad_input, fmt::format("--until \"{}\": {}", until, fault.message)};
  return error;
}

tl::expected<std::string, Errors> whole_file(const std::string& path, const char* expected) {
  constexpr std::size_t most_bytes = 16 << 20;
  auto text = read_file(path, expected, most_bytes);
  if (!text)
    return tl::make_unexpected(Errors{text.error()});
  return std::move(*text);
}

} // namespace

tl::expected<Costs, Errors> load_costs(const std::string& path) {
  const auto text = whole_file(path, "a file of costs, as zbuf calibrate --write makes one");
  if (!text)
    return tl::make_unexpected(text.error());
  Diagnostics diagnostics(path, *text);
  Costs costs;
  if (const auto document = parse_document(*text, diagnostics)) {
    TableReader top(*document, "a file of costs", diagnostics);
    if (const toml::table* table = top.table("costs"))
      read_costs(*table, costs, diagnostics);
    top.missing("costs", "a table");
    top.finish();
  }
  if (!diagnostics.empty())
    return tl::make_unexpected(diagnostics.take());
  return costs;
}

tl::expected<Scenario, Errors> parse_scenario(std::string_view toml, const std::string& file,
                                              const std::string& folder, const Overrides& overrides) {
  Diagnostics diagnostics(file, toml);
  const std::vector<VariantDocument> variants = split_variants(toml, overrides, diagnostics);
  if (variants.empty())
    return tl::make_unexpected(diagnostics.take());
  Scenario scenario;
  scenario.file = file;
  std::vector<std::vector<Invariant>> compares;
  for (const VariantDocument& variant : variants) {
    DocumentReader reader(variant.document, folder, diagnostics);
    std::string name = variant.name;
    const bool is_base = scenario.runs.empty();
    if (is_base) {
      reader.read_head(scenario);
      name = reader.read_base_name();
      compares = reader.compares();
    }
    PlannedRun run = reader.read_run();
    reader.finish();
    if (is_base && name.empty())
      name = run.readers.empty() || run.readers.front().reader.options.mode == BufferMode::zbuf ? "zbuf"
                                                                                                : "read";
    run.name = name;
    if (variant.compare && *variant.compare < compares.size())
      run.breaks = compares[*variant.compare];
    if (overrides.capture)
      replace_traffic(run, *overrides.capture);
    for (PlannedTraffic& traffic : run.traffic)
      if (auto* capture = std::get_if<PlannedCapture>(&traffic.packets))
        capture->replay.strict = overrides.strict;
    if (overrides.costs)
      run.config.costs = *overrides.costs;
    scenario.runs.push_back(std::move(run));
  }
  check_names(scenario, variants, diagnostics);
  if (diagnostics.empty()) // names in expressions depend on all the rest
    check_expressions(scenario, diagnostics);
  if (!diagnostics.empty())
    return tl::make_unexpected(diagnostics.take());
  if (overrides.until) {
    if (auto error = check_until(scenario, *overrides.until))
      return tl::make_unexpected(Errors{std::move(*error)});
    for (PlannedRun& run : scenario.runs)
      run.until = *overrides.until;
  }
  return scenario;
}

tl::expected<Scenario, Errors> load_scenario(const std::string& path, const Overrides& overrides) {
  const auto text = whole_file(path, "a scenario (*.toml)");
  if (!text)
    return tl::make_unexpected(text.error());
  return parse_scenario(*text, path, std::filesystem::path(path).parent_path().string(), overrides);
}

// ---- Scopes ----

namespace {

/// Descriptors are numbered in order of open: when does this process open its own?
std::uint64_t opens_at_ns(const SimReader& reader) {
  std::uint64_t time_ns = reader.start_ns;
  for (const SimStep& step : reader.script) {
    if (step.kind == SimStep::Kind::operation && step.operation.name == "open")
      break;
    if (step.kind == SimStep::Kind::sleep)
      time_ns += step.time_ns;
    else if (step.kind == SimStep::Kind::at)
      time_ns = std::max(time_ns, step.time_ns);
  }
  return time_ns;
}

Scope::Run names_of(const PlannedRun& run) {
  std::vector<std::size_t> order(run.readers.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t x, std::size_t y) {
    return opens_at_ns(run.readers[x].reader) < opens_at_ns(run.readers[y].reader);
  });
  Scope::Run names{run.name, {}};
  for (const PlannedReader& reader : run.readers)
    names.readers.push_back({reader.reader.name, 0});
  for (std::size_t i = 0; i < order.size(); ++i)
    names.readers[order[i]].descriptor = static_cast<std::uint16_t>(i);
  return names;
}

} // namespace

Scope Scenario::scope_at_end() const {
  Scope scope;
  scope.at_end = true;
  for (const PlannedRun& run : runs)
    scope.runs.push_back(names_of(run));
  return scope;
}

Scope Scenario::scope_of(std::size_t run) const {
  Scope scope;
  scope.runs.push_back(names_of(runs[run]));
  return scope;
}

} // namespace zbuf

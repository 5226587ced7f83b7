// SPDX-License-Identifier: BSD-2-Clause
// The report as JSON. report.schema.json describes it; whoever changes one changes the other, and the version
// where readers of the old one would be misled.
#include "core/scenario/report.h"

#include <cmath>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace zbuf {

namespace {

using json = nlohmann::ordered_json;

constexpr int report_version = 1;

/// JSON has no infinity and no "not a number".
json number(double value) {
  constexpr double exact = 9007199254740992.0; // 2^53
  if (!std::isfinite(value))
    return nullptr;
  if (value == std::floor(value) && std::fabs(value) < exact)
    return static_cast<std::int64_t>(value);
  return value;
}

json counters(const Counters& counters) {
  json all = json::object();
  for_each_counter(counters, [&](const char* name, std::uint64_t value) { all[name] = value; });
  return all;
}

json check(const CheckReport& check) {
  json readings = json::object();
  for (const Reading& reading : check.readings)
    readings[reading.name] = number(reading.value);
  return {{"expression", check.expression},
          {"text", check.text},
          {"line", check.place.line},
          {"result", !check.evaluated ? "not checked"
                     : check.holds    ? "holds"
                                      : "fails"},
          {"readings", std::move(readings)}};
}

json invariant(const InvariantReport& report) {
  json out{{"name", invariant_name(report.invariant)},
           {"promise", invariant_text(report.invariant)},
           {"checked", report.checked},
           {"must_break", report.must_break},
           {"broken", report.violation.count},
           {"as_expected", report.as_expected()}};
  if (report.violation.count != 0 && report.invariant != Invariant::repeatable)
    out["first"] = {{"event", report.violation.first_event}, {"time_ns", report.violation.first_ns}};
  return out;
}

json reader(const ReaderReport& report) {
  json out{{"name", report.name}, {"description", report.description}};
  out["descriptor"] = report.descriptor == ZB_NO_DESCRIPTOR ? json(nullptr) : json(report.descriptor);
  out["cpu_ns_modelled"] = report.cpu_ns;
  out["in_buffers"] = report.in_buffers;
  out["counters"] = counters(report.counters);
  return out;
}

json chapter(const ChapterReport& report) {
  json out{{"text", report.text}, {"when", report.when}, {"reached", report.reached}};
  if (report.reached) {
    out["time_ns"] = report.time_ns;
    out["event"] = report.event;
  }
  return out;
}

json conversation(const Conversation& one) {
  return {{"protocol", one.protocol},
          {"source", one.source},
          {"destination", one.destination},
          {"packets", one.packets},
          {"bytes", one.bytes}};
}

json errors(const Errors& errors) {
  json all = json::array();
  for (const Error& error : errors)
    all.push_back(error.text());
  return all;
}

template <typename Items, typename F>
json list(const Items& items, F&& f) {
  json all = json::array();
  for (const auto& item : items)
    all.push_back(f(item));
  return all;
}

json variant(const VariantReport& run) {
  return {{"name", run.name},
          {"revision", run.revision},
          {"seed", run.seed},
          {"traffic", run.traffic},
          {"end", run_end_name(run.end)},
          {"end_ns", run.end_ns},
          {"kernel_busy_ns_modelled", run.kernel_busy_ns},
          {"events", run.events},
          {"digest", fmt::format("{:016x}", run.digest)},
          {"arrived", run.arrived},
          {"missed", run.missed},
          {"in_buffers", run.in_buffers},
          {"total", counters(run.total)},
          {"readers", list(run.readers, reader)},
          {"invariants", list(run.invariants, invariant)},
          {"chapters", list(run.chapters, chapter)},
          {"capture", {{"skipped", run.capture_skipped}, {"mended", run.capture_mended}}},
          {"errors", errors(run.errors)}};
}

json scenario(const ScenarioReport& report) {
  return {{"file", report.file},
          {"title", report.title},
          {"number", report.number},
          {"outcome", outcome_name(report.outcome())},
          {"partial", report.partial},
          {"runs", list(report.runs, variant)},
          {"conversations", list(report.conversations, conversation)},
          {"checks", list(report.checks, check)},
          {"warnings", report.warnings}};
}

} // namespace

std::string report_as_json(const std::vector<ScenarioReport>& reports) {
  const json document{
      {"format", "zbuf-report"}, {"version", report_version}, {"scenarios", list(reports, scenario)}};
  return document.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
#include "core/bench/json_fields.h"
#include "core/bench/lines.h"
#include "core/bench/report.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace zbuf {

namespace {

using nlohmann::ordered_json;

template <typename T>
ordered_json as_json(const T& of) {
  if constexpr (HasFields<const T>) {
    ordered_json object = ordered_json::object();
    fields_of(of, [&](const char* name, const auto& member) { object[name] = as_json(member); });
    return object;
  } else {
    return of;
  }
}

ordered_json as_json(const Costs& costs) {
  ordered_json object = ordered_json::object();
  for (const CostInfo& cost : cost_infos)
    object[std::string(cost.name)] = costs.*cost.member;
  return object;
}

/// With the latest `most` rounds.
ordered_json as_json(const BenchPlan& plan, const CaseResult& one, std::size_t most) {
  ordered_json rounds = ordered_json::array();
  for (std::size_t i = one.rounds.size() - std::min(most, one.rounds.size()); i < one.rounds.size(); ++i)
    rounds.push_back(as_json(one.rounds[i]));
  ordered_json object{
      {"mode", way_name(one.one.way)},
      {"packets", plan.packets.at(one.one.packets).name()},
      {"buffer_bytes", one.one.buffer_bytes},
      {"policy", policy_name(one.one.policy)},
      {"not_run", one.not_run},
      {"packets_per_second", as_json(one.spread(&Measurement::packets_per_second))},
      {"kernel_ns_per_packet", as_json(one.spread(&Measurement::kernel_ns_per_packet))},
      {"reader_ns_per_packet", as_json(one.spread(&Measurement::reader_ns_per_packet))},
      {"copied_bytes_per_packet", as_json(one.spread(&Measurement::copied_bytes_per_packet))},
      {"user_copied_bytes_per_packet", as_json(one.spread(&Measurement::user_copied_bytes_per_packet))},
      {"system_calls_per_packet", as_json(one.spread(&Measurement::calls_per_packet))},
      {"wakeups_per_packet", as_json(one.spread(&Measurement::wakeups_per_packet))},
      {"rounds", std::move(rounds)}};
  if (one.modelled)
    object["modelled"] = as_json(*one.modelled);
  return object;
}

ordered_json document_of(const BenchResult& result, std::size_t most_rounds) {
  ordered_json cases = ordered_json::array();
  for (const CaseResult& one : result.cases)
    cases.push_back(as_json(result.plan, one, most_rounds));
  ordered_json comparisons = ordered_json::array();
  for (const Comparison& comparison : result.comparisons)
    comparisons.push_back(as_json(comparison));
  ordered_json noise{{"noisy", result.noise.noisy()}};
  noise.update(as_json(result.noise));
  ordered_json document{{"format", "zbuf-bench"},
                        {"version", 1},
                        {"machine", as_json(result.machine)},
                        {"crossing", result.crossing},
                        {"filter", result.plan.filter},
                        {"rounds", result.plan.rounds},
                        {"case_ns", result.plan.case_ns},
                        {"warm_up_ns", result.plan.warm_up_ns},
                        {"interrupted", result.interrupted},
                        {"cases", std::move(cases)},
                        {"comparisons", std::move(comparisons)},
                        {"noise", std::move(noise)},
                        {"remarks", result.remarks}};
  if (result.plan.costs)
    document["model"] = {{"costs", as_json(*result.plan.costs)}};
  return document;
}

/// Paths of captures may be anything; what is no text is shown as such.
std::string written(const ordered_json& document, int indent) {
  return document.dump(indent, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

ordered_json line_of(std::string_view record, std::size_t done, std::size_t total) {
  return {{"record", record}, {"done", done}, {"total", total}};
}

} // namespace

std::string bench_as_json(const BenchResult& result) {
  return written(document_of(result, result.plan.rounds), 2);
}

std::string measured_line(const BenchProgress& progress) {
  return written(line_of("measured", progress.done, progress.total), -1);
}

std::string round_line(const BenchProgress& progress) {
  ordered_json line = line_of("round", progress.done, progress.total);
  line["result"] = document_of(*progress.so_far, 1);
  return written(line, -1);
}

std::string result_line(const BenchProgress& progress) {
  ordered_json line = line_of("result", progress.done, progress.total);
  line["result"] = document_of(*progress.so_far, progress.so_far->plan.rounds);
  return written(line, -1);
}

} // namespace zbuf

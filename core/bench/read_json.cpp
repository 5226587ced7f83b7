// SPDX-License-Identifier: BSD-2-Clause
// What report_json.cpp writes, read again. Files come from anywhere: nothing in them is believed.
#include "core/base/read_file.h"
#include "core/bench/json_fields.h"
#include "core/bench/json_reader.h"
#include "core/bench/lines.h"
#include "core/bench/report.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

namespace zbuf {

namespace {

using nlohmann::json;

template <typename Value, std::size_t count, typename Name>
Value word(const JsonPlace& place, Name name) {
  const std::string text = place.text();
  std::string known;
  for (std::size_t i = 0; i < count; ++i) {
    if (name(static_cast<Value>(i)) == text)
      return static_cast<Value>(i);
    known += fmt::format("{}{}", known.empty() ? "" : ", ", name(static_cast<Value>(i)));
  }
  place.expected("one of " + known);
  return Value{};
}

/// Where it stands in the list, into which it is put if it is not there.
template <typename Value, typename Equal>
std::size_t place_in(std::vector<Value>& list, const Value& value, Equal equal) {
  const auto found =
      std::find_if(list.begin(), list.end(), [&](const Value& one) { return equal(one, value); });
  if (found != list.end())
    return static_cast<std::size_t>(found - list.begin());
  list.push_back(value);
  return list.size() - 1;
}

void read(const JsonPlace& at, std::uint64_t& to) {
  to = at.count();
}
void read(const JsonPlace& at, unsigned& to) {
  to = static_cast<unsigned>(at.count(1u << 20));
}
void read(const JsonPlace& at, double& to) {
  to = at.number();
}
void read(const JsonPlace& at, std::string& to) {
  to = at.text();
}

template <typename T>
void read(const JsonPlace& at, T& to);

template <typename T>
void read(const JsonPlace& at, std::vector<T>& to) {
  for (const JsonPlace& item : at.items())
    read(item, to.emplace_back());
}

template <typename T>
void read(const JsonPlace& at, T& to) {
  fields_of(to, [&](const char* name, auto& member) { read(at[name], member); });
}

CaseResult read_case(const JsonPlace& at, BenchPlan& plan) {
  CaseResult made;
  made.one.way = word<Way, way_count>(at["mode"], way_name);
  made.one.policy = word<ReaderPolicy, policy_count>(at["policy"], policy_name);
  constexpr std::uint64_t largest = 1u << 30;
  made.one.buffer_bytes = static_cast<std::size_t>(at["buffer_bytes"].count(largest));
  const std::string packets = at["packets"].text();
  if (const auto choice = parse_packet_choice(packets))
    made.one.packets = place_in(plan.packets, *choice, [](const PacketChoice& a, const PacketChoice& b) {
      return a.name() == b.name();
    });
  else
    at["packets"].expected("14 to 9216, imix, or the path of a capture");
  place_in(plan.ways, made.one.way, std::equal_to<>());
  place_in(plan.buffer_bytes, made.one.buffer_bytes, std::equal_to<>());
  place_in(plan.policies, made.one.policy, std::equal_to<>());
  made.not_run = at["not_run"].text();
  read(at["rounds"], made.rounds);
  if (at.has("modelled"))
    read(at["modelled"], made.modelled.emplace());
  return made;
}

void read_plan(const JsonPlace& at, BenchPlan& plan) {
  plan = {};
  plan.ways.clear();
  plan.packets.clear();
  plan.buffer_bytes.clear();
  plan.policies.clear();
  plan.filter = at["filter"].text();
  plan.rounds = static_cast<unsigned>(at["rounds"].count(1000));
  plan.case_ns = at["case_ns"].count();
  plan.warm_up_ns = at["warm_up_ns"].count();
  if (!at.has("model"))
    return;
  plan.costs.emplace();
  const JsonPlace costs = at["model"]["costs"];
  for (const CostInfo& cost : cost_infos)
    if (const std::string name(cost.name); costs.has(name.c_str()))
      (*plan.costs).*cost.member = costs[name.c_str()].count();
}

void read_kind(const JsonPlace& at) {
  if (at["format"].text() != "zbuf-bench")
    at["format"].expected("\"zbuf-bench\": a result of zbuf bench --json");
  else if (at["version"].count() != 1)
    at["version"].expected("1; a later zbuf wrote it");
}

BenchResult read_document(const JsonPlace& at) {
  BenchResult result;
  read_kind(at);
  read_plan(at, result.plan);
  read(at["machine"], result.machine);
  result.crossing = at["crossing"].text();
  result.interrupted = at["interrupted"].yes();
  for (const JsonPlace& one : at["cases"].items())
    result.cases.push_back(read_case(one, result.plan));
  for (const JsonPlace& one : at["comparisons"].items()) {
    if (result.cases.empty()) {
      at["comparisons"].expected("nothing: there are no cases");
      break;
    }
    for (const char* const number : {"above", "below"})
      (void)one[number].count(result.cases.size() - 1);
    read(one, result.comparisons.emplace_back());
  }
  read(at["noise"], result.noise);
  read(at["remarks"], result.remarks);
  return result;
}

/// Line and column of a byte, both from 1.
void set_place(Error& error, std::string_view text, std::size_t byte) {
  const std::string_view before = text.substr(0, std::min(byte > 0 ? byte - 1 : 0, text.size()));
  error.line = static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n') + 1);
  const std::size_t line_begin = before.rfind('\n') + 1; // npos + 1 is 0
  error.column = static_cast<std::uint32_t>(before.size() - line_begin + 1);
}

Result<json> parse(std::string_view text, const std::string& name) {
  try {
    return json::parse(text);
  } catch (const json::parse_error& fault) {
    Error error{Error::Code::bad_input, "from here on it is no JSON; expected a result of zbuf bench --json"};
    error.file = name;
    set_place(error, text, fault.byte);
    return fail(std::move(error));
  } catch (const json::exception&) { // a number beyond all numbers
    Error error{Error::Code::bad_input,
                "a number in it is out of range; expected a result of zbuf bench --json"};
    error.file = name;
    return fail(std::move(error));
  }
}

Result<BenchResult> as_result(const json& document, const std::string& name) {
  JsonPlace::Fault fault;
  BenchResult result = read_document({document, fault});
  if (!fault)
    return result;
  Error error{Error::Code::bad_input, *fault};
  error.file = name;
  return fail(std::move(error));
}

} // namespace

Result<BenchResult> read_bench_json(std::string_view text, const std::string& name) {
  const auto document = parse(text, name);
  if (!document)
    return fail(document.error());
  return as_result(*document, name);
}

Result<BenchResult> load_bench_json(const std::string& path) {
  constexpr std::size_t most_bytes = 256u << 20;
  const auto text = read_file(path, "a result of zbuf bench --json", most_bytes);
  if (!text)
    return fail(text.error());
  return read_bench_json(*text, path);
}

Result<BenchFollower::News> BenchFollower::take(std::string_view line) {
  const auto document = parse(line, {});
  if (!document)
    return fail(document.error());
  JsonPlace::Fault fault;
  const JsonPlace at(*document, fault);
  const std::string record = at["record"].text();
  if (record != "measured" && record != "round" && record != "result")
    at["record"].expected("measured, round, or result");
  const std::uint64_t done = at["done"].count(), total = at["total"].count();
  BenchResult result;
  if (record == "round" || record == "result")
    result = read_document(at["result"]);
  if (fault)
    return fail(Error::Code::bad_input, *fault);
  done_ = static_cast<std::size_t>(done);
  total_ = static_cast<std::size_t>(total);
  if (record == "measured")
    return News::nothing;
  if (record == "round" && result.cases.size() == so_far_.cases.size())
    for (std::size_t i = 0; i < result.cases.size(); ++i) {
      std::vector<Measurement>& rounds = result.cases[i].rounds;
      std::vector<Measurement>& before = so_far_.cases[i].rounds;
      if (result.cases[i].not_run.empty())
        rounds.insert(rounds.begin(), before.begin(), before.end());
    }
  so_far_ = std::move(result);
  return record == "round" ? News::round : News::result;
}

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
#include "core/bench/report.h"

#include <algorithm>
#include <fmt/format.h>

namespace zbuf {

namespace {

/// "12.3 M", three digits that count.
std::string short_number(double value) {
  constexpr std::pair<double, const char*> units[] = {{1e9, " G"}, {1e6, " M"}, {1e3, " k"}};
  for (const auto& [size, unit] : units)
    if (value >= size) {
      const double shown = value / size;
      return fmt::format("{:.{}f}{}", shown, shown < 10 ? 2 : shown < 100 ? 1 : 0, unit);
    }
  return fmt::format("{:.{}f}", value, value < 10 ? 2 : value < 100 ? 1 : 0);
}

std::string share(const Spread& spread) {
  return fmt::format("{:.0f} %", 100 * spread.relative());
}

std::string case_row(const BenchPlan& plan, const CaseResult& one, std::size_t width) {
  const std::string name = case_name(plan, one.one);
  if (!one.not_run.empty())
    return fmt::format("{:<{}}  not run: {}\n", name, width, one.not_run);
  const Spread rate = one.spread(&Measurement::packets_per_second);
  return fmt::format("{:<{}}  {:>8} {:>6}  {:>7} {:>7}  {:>7}  {:>8} {:>8}\n", name, width,
                     short_number(rate.median), share(rate),
                     short_number(one.spread(&Measurement::kernel_ns_per_packet).median),
                     short_number(one.spread(&Measurement::reader_ns_per_packet).median),
                     short_number(one.spread(&Measurement::copied_bytes_per_packet).median),
                     short_number(1000 * one.spread(&Measurement::calls_per_packet).median),
                     short_number(1000 * one.spread(&Measurement::wakeups_per_packet).median));
}

std::string ratio_rows(const BenchResult& result) {
  std::string text;
  for (const Comparison& comparison : result.comparisons) {
    const BenchCase& above = result.cases[comparison.above].one;
    const BenchCase& below = result.cases[comparison.below].one;
    std::string setting = case_name(result.plan, above);
    setting.erase(0, setting.find(", ") + 2);
    text +=
        fmt::format("{:<34}  {:>6.2f}  ({:.2f} to {:.2f})  {}, {}\n",
                    fmt::format("{} / {}", way_name(above.way), way_name(below.way)), comparison.ratio.median,
                    comparison.ratio.low, comparison.ratio.high, comparison.what, setting);
  }
  return text;
}

} // namespace

std::string bench_as_text(const BenchResult& result) {
  std::size_t width = 4;
  for (const CaseResult& one : result.cases)
    width = std::max(width, case_name(result.plan, one.one).size());
  std::string text =
      fmt::format("Measured on {}{}{}, {} core{}; {} round{} of {} ms for each case, interleaved{}.\n\n",
                  result.machine.processor, result.machine.processor.empty() ? "" : ", ",
                  result.machine.system, result.machine.cores, result.machine.cores == 1 ? "" : "s",
                  result.plan.rounds, result.plan.rounds == 1 ? "" : "s", result.plan.case_ns / 1'000'000,
                  result.interrupted ? " (interrupted: fewer rounds)" : "");
  text += fmt::format("{:<{}}  {:>8} {:>6}  {:>7} {:>7}  {:>7}  {:>8} {:>8}\n", "", width, "packets",
                      "spread", "kernel", "reader", "copied", "calls", "wake-ups");
  text += fmt::format("{:<{}}  {:>8} {:>6}  {:>7} {:>7}  {:>7}  {:>8} {:>8}\n", "medians", width, "/s", "",
                      "ns/pkt", "ns/pkt", "B/pkt", "/1000", "/1000");
  for (const CaseResult& one : result.cases)
    text += case_row(result.plan, one, width);
  if (!result.comparisons.empty())
    text += "\nRatios: median of the rounds' own ratios (middle half)\n" + ratio_rows(result);
  text += "\n";
  if (result.noise.noisy())
    text += "NOISY: read these figures with care, or measure again.\n";
  for (const std::string& reason : result.noise.reasons)
    text += "  " + reason + "\n";
  if (!result.noise.noisy() && rounds_done(result) != 0)
    text += "The machine was quiet.\n";
  for (const std::string& remark : result.remarks)
    text += remark + "\n";
  return text;
}

std::string goals_as_text(const std::vector<Goal>& goals) {
  std::string text;
  for (const Goal& goal : goals)
    text +=
        fmt::format("{:<6} {:<64} {:>8} {} {:<5g} {}\n",
                    !goal.found  ? "-"
                    : goal.met() ? "met"
                                 : "MISSED",
                    goal.what, goal.found ? fmt::format("{:.3g}", goal.found->median) : "none",
                    goal.at_least ? ">=" : "<=", goal.bound,
                    goal.found ? fmt::format("({:.3g} to {:.3g})", goal.found->low, goal.found->high) : "");
  return text;
}

} // namespace zbuf

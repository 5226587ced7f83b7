// SPDX-License-Identifier: BSD-2-Clause
// The report as JUnit XML. No times: virtual ones would be taken for real ones, and real ones would make two
// reports of one scenario differ.
#include "core/scenario/junit.h"
#include "core/scenario/report.h"

#include <fmt/format.h>

namespace zbuf {

namespace {

using Case = JunitCase;

std::string readings(const CheckReport& check) {
  std::string text;
  for (const Reading& reading : check.readings)
    text += fmt::format("{}{} is {:.10g}", text.empty() ? "" : ", ", reading.name, reading.value);
  return text;
}

Case of_check(const CheckReport& check, const std::string& file) {
  Case one{check.text.empty() ? check.expression : fmt::format("{} ({})", check.text, check.expression)};
  if (!check.evaluated) {
    one.result = Case::skipped;
    one.message = "the runs are not complete";
  } else if (!check.holds) {
    one.result = Case::failed;
    one.message =
        fmt::format("{}:{}: {} does not hold: {}", file, check.place.line, check.expression, readings(check));
  }
  return one;
}

Case of_invariant(const VariantReport& run, const InvariantReport& report) {
  Case one{
      fmt::format("{}: {} {}", run.name, invariant_name(report.invariant), invariant_text(report.invariant))};
  if (!report.checked) {
    one.result = Case::skipped;
    one.message = "the runs are not complete";
  } else if (!report.as_expected()) {
    one.result = Case::failed;
    one.message = report.must_break
                      ? "it holds, but the scenario is there to show that it breaks"
                      : fmt::format("broken {} times, first at event {}, {} ns", report.violation.count,
                                    report.violation.first_event, report.violation.first_ns);
  }
  return one;
}

std::vector<Case> cases_of(const ScenarioReport& report) {
  std::vector<Case> cases;
  for (const VariantReport& run : report.runs) {
    Case whole{fmt::format("{}: runs to its end", run.name)};
    if (!run.errors.empty()) {
      whole.result = Case::error;
      for (const Error& error : run.errors)
        whole.message += (whole.message.empty() ? "" : "\n") + error.text();
    } else if (run.end == RunEnd::interrupted) {
      whole.result = Case::error;
      whole.message = "interrupted";
    }
    cases.push_back(std::move(whole));
    for (const InvariantReport& invariant : run.invariants)
      cases.push_back(of_invariant(run, invariant));
  }
  for (const CheckReport& check : report.checks)
    cases.push_back(of_check(check, report.file));
  return cases;
}

} // namespace

std::string report_as_junit(const std::vector<ScenarioReport>& reports) {
  std::string suites;
  for (const ScenarioReport& report : reports)
    suites += junit_suite(report.title, cases_of(report));
  return junit_document(suites);
}

} // namespace zbuf

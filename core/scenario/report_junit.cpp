// SPDX-License-Identifier: BSD-2-Clause
// The report as JUnit XML. No times: virtual ones would be taken for real ones, and real ones would make two
// reports of one scenario differ.
#include "core/scenario/report.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace zbuf {

namespace {

/// Bytes that are not UTF-8 replaced: a path may hold any.
std::string valid_utf8(std::string_view text) {
  using nlohmann::json;
  return json::parse(json(text).dump(-1, ' ', false, json::error_handler_t::replace)).get<std::string>();
}

/// Text for XML 1.0, which has no words for most control characters.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : valid_utf8(text)) {
    switch (c) {
    case '&':
      out += "&amp;";
      break;
    case '<':
      out += "&lt;";
      break;
    case '>':
      out += "&gt;";
      break;
    case '"':
      out += "&quot;";
      break;
    case '\n':
      out += "&#10;";
      break;
    default:
      out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    }
  }
  return out;
}

struct Case {
  std::string name;
  enum { passed, failed, error, skipped } result = passed;
  std::string message{};
};

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

std::string suite(const ScenarioReport& report) {
  const std::vector<Case> cases = cases_of(report);
  std::size_t counts[4]{};
  std::string body;
  const std::string name = escaped(report.title);
  for (const Case& one : cases) {
    ++counts[one.result];
    body += fmt::format("    <testcase classname=\"{}\" name=\"{}\"", name, escaped(one.name));
    const std::string message = escaped(one.message);
    if (one.result == Case::passed)
      body += "/>\n";
    else if (one.result == Case::skipped)
      body += fmt::format("><skipped message=\"{}\"/></testcase>\n", message);
    else
      body += fmt::format("><{0} message=\"{1}\">{1}</{0}></testcase>\n",
                          one.result == Case::failed ? "failure" : "error", message);
  }
  return fmt::format(
      "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">\n{}  "
      "</testsuite>\n",
      name, cases.size(), counts[Case::failed], counts[Case::error], counts[Case::skipped], body);
}

} // namespace

std::string report_as_junit(const std::vector<ScenarioReport>& reports) {
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"zbuf\">\n";
  for (const ScenarioReport& report : reports)
    out += suite(report);
  return out + "</testsuites>\n";
}

} // namespace zbuf

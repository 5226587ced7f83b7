// SPDX-License-Identifier: BSD-2-Clause
#include "core/scenario/junit.h"

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

} // namespace

std::string junit_suite(std::string_view title, const std::vector<JunitCase>& cases) {
  std::size_t counts[4]{};
  std::string body;
  const std::string name = escaped(title);
  for (const JunitCase& one : cases) {
    ++counts[one.result];
    body += fmt::format("    <testcase classname=\"{}\" name=\"{}\"", name, escaped(one.name));
    const std::string message = escaped(one.message);
    if (one.result == JunitCase::passed)
      body += "/>\n";
    else if (one.result == JunitCase::skipped)
      body += fmt::format("><skipped message=\"{}\"/></testcase>\n", message);
    else
      body += fmt::format("><{0} message=\"{1}\">{1}</{0}></testcase>\n",
                          one.result == JunitCase::failed ? "failure" : "error", message);
  }
  return fmt::format(
      "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">\n{}  "
      "</testsuite>\n",
      name, cases.size(), counts[JunitCase::failed], counts[JunitCase::error], counts[JunitCase::skipped],
      body);
}

std::string junit_document(std::string_view suites) {
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"zbuf\">\n{}</testsuites>\n", suites);
}

} // namespace zbuf

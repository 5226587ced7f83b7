// SPDX-License-Identifier: BSD-2-Clause
// JUnit XML, which other tools read: test cases, suites, a document.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace zbuf {

struct JunitCase {
  std::string name;
  enum { passed, failed, error, skipped } result = passed;
  std::string message{}; ///< why it did not pass
};

/// Any bytes are allowed in names and messages.
[[nodiscard]] std::string junit_suite(std::string_view name, const std::vector<JunitCase>& cases);
/// Suites, one after the other, as a document.
[[nodiscard]] std::string junit_document(std::string_view suites);

} // namespace zbuf

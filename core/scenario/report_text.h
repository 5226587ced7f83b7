// SPDX-License-Identifier: BSD-2-Clause
// The report for people: a drawing of each run, a table that compares them, chapters and checks.
#pragma once

#include "core/scenario/report.h"
#include "core/scenario/text_style.h"

#include <string>

namespace zbuf {

/// Everything, lesson text included; ends with a newline.
[[nodiscard]] std::string report_as_text(const ScenarioReport& report, const TextStyle& style);

/// Only what went wrong: checks, invariants, errors. Empty if nothing did.
[[nodiscard]] std::string failures_as_text(const ScenarioReport& report, const TextStyle& style);

/// One line: mark, number, title, how many checks.
[[nodiscard]] std::string summary_line(const ScenarioReport& report, const TextStyle& style);

/// Runs above one another on the same axis: packets, who owned A and B, drops, calls.
[[nodiscard]] std::string picture_as_text(const std::vector<const VariantReport*>& runs,
                                          const TextStyle& style);

/// The figures: a column for each run, or a row where there are many.
[[nodiscard]] std::string table_as_text(const std::vector<VariantReport>& runs, const TextStyle& style);

} // namespace zbuf

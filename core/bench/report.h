// SPDX-License-Identifier: BSD-2-Clause
// What a benchmark found, for people and for programs.
#pragma once

#include "core/bench/bench.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace zbuf {

/// Tables: a line for each case, then the ratios, how quiet the machine was, and remarks. ASCII; ends with a
/// new line.
[[nodiscard]] std::string bench_as_text(const BenchResult& result);

/// As bench.schema.json says, with every round, so that a drawing needs nothing else.
[[nodiscard]] std::string bench_as_json(const BenchResult& result);

/// The same back again: medians and spreads follow from the rounds. Members that it does not know are passed
/// over. Errors: bad_input, with line and column where it is no JSON, else with the member's place in it, as
/// in "cases[3].mode"; `name` is the file's, for errors.
Result<BenchResult> read_bench_json(std::string_view json, const std::string& name = {});

/// Reads a file of these, 256 MiB at most. Errors: those, not_found, io.
Result<BenchResult> load_bench_json(const std::string& path);

/// What zero-copy is expected to reach on any machine of two cores, and what it did here.
struct Goal {
  std::string what{};
  double bound = 0;
  bool at_least = true;          ///< else at most
  std::optional<Spread> found{}; ///< nothing: not measured, or not to be had here

  [[nodiscard]] bool met() const {
    return found && (at_least ? found->median >= bound : found->median <= bound);
  }
};

/// What to measure for the goals.
[[nodiscard]] BenchPlan goals_plan();

/// Pre: the result of such a plan; its rounds and times may differ.
[[nodiscard]] std::vector<Goal> judge_goals(const BenchResult& result);

/// A line for each.
[[nodiscard]] std::string goals_as_text(const std::vector<Goal>& goals);

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
// A benchmark that is under way, as lines of JSON: what `zbuf bench --json-lines` writes and the window
// reads. bench_lines.schema.json describes them.
#pragma once

#include "core/bench/bench.h"

#include <string>
#include <string_view>

namespace zbuf {

/// After each measurement; `so_far` is not looked at. Each of the three ends with a new line.
[[nodiscard]] std::string measured_line(const BenchProgress& progress);
/// After each round, with its measurements and what all rounds so far say.
[[nodiscard]] std::string round_line(const BenchProgress& progress);
/// At the end, with everything.
[[nodiscard]] std::string result_line(const BenchProgress& progress);

/// Adds the lines up.
class BenchFollower {
 public:
  enum class News { nothing, round, result };

  /// One line. Errors: bad_input: it is none of them; what was known stays.
  Result<News> take(std::string_view line);

  [[nodiscard]] std::size_t done() const { return done_; } ///< measurements
  [[nodiscard]] std::size_t total() const { return total_; }
  /// All rounds up to now; no cases before the first.
  [[nodiscard]] const BenchResult& so_far() const { return so_far_; }

 private:
  std::size_t done_ = 0;
  std::size_t total_ = 0;
  BenchResult so_far_{};
};

} // namespace zbuf

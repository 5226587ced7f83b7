// SPDX-License-Identifier: BSD-2-Clause
// Conditions over counters and state: "drops == 0", "zbuf.syscalls < read.syscalls / 100".
//
// muParser parses and evaluates them; the names are those of vocabulary.h, and A, B and none for buffers.
// There are + - * / ^, < <= == != >= >, && || and !, c ? x : y, and the functions min, max, abs.
#pragma once

#include "core/scenario/vocabulary.h"

#include <memory>
#include <span>
#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace zbuf {

/// What is wrong with an expression, and at which of its bytes, from 0.
struct ExpressionFault {
  std::string message;
  std::size_t position = 0;
};

/// A name of an expression and the value that it had.
struct Reading {
  std::string name;
  double value = 0;
};

/// A compiled expression. Single-threaded. A copy shares its compiled form.
class Expression {
 public:
  /// All faults at once: names that are not known, or else what the parser says. At most 2000 bytes.
  static tl::expected<Expression, std::vector<ExpressionFault>> compile(const std::string& text,
                                                                        const Scope& scope);

  /// The value now. Pre: a view for each run of the scope. Not a number where 0 was divided by 0.
  [[nodiscard]] double value(std::span<const RunView> runs) const;
  /// Is it true? A value that is not a number is not true.
  [[nodiscard]] bool holds(std::span<const RunView> runs) const;
  /// While a run goes on.
  [[nodiscard]] bool holds(const State& state, const Event& event) const;

  /// Only events of these kinds can change the value.
  [[nodiscard]] KindMask kinds() const;
  /// Its names, in order of appearance, with their values at the last evaluation.
  [[nodiscard]] std::vector<Reading> readings() const;
  [[nodiscard]] const std::string& text() const;

 private:
  struct Compiled;
  explicit Expression(std::shared_ptr<Compiled> compiled) : compiled_(std::move(compiled)) {}
  std::shared_ptr<Compiled> compiled_;
};

} // namespace zbuf

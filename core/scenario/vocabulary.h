// SPDX-License-Identifier: BSD-2-Clause
// What the names in expressions mean: counters, state, and the events themselves.
//
// A name is looked up in this order:
//   VARIANT.name      of another run of the comparison (checks only)
//   READER.name       of one reader's descriptor; READER.a.name of one of its buffers
//   a.name, b.name, copy.name    of a buffer of the first descriptor
//   name              of the whole run: a figure, a counter (the sum over descriptors), a slot of the first
//                     descriptor, or 1 if the event just seen is of that kind (`rotated`)
#pragma once

#include "core/base/result.h"
#include "core/trace/state.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace zbuf {

/// What is known when a run is over.
struct RunFigures {
  std::uint64_t end_ns = 0;
  std::uint64_t kernel_busy_ns = 0;
  std::vector<std::uint64_t> reader_cpu_ns{}; ///< in the order of Scope::Run::readers
  std::uint64_t unrepeatable = 0;             ///< I6: 1 if a second run went otherwise
};

/// One run as an expression sees it. What it points to outlives the evaluation.
struct RunView {
  const State* state = nullptr;
  const Event* event = nullptr;        ///< the one just folded; null at the end
  const RunFigures* figures = nullptr; ///< null while it runs
};

/// What the names may refer to.
struct Scope {
  struct Reader {
    std::string name;
    std::uint16_t descriptor = 0;
  };
  struct Run {
    std::string name;
    std::vector<Reader> readers{};
  };
  std::vector<Run> runs{}; ///< the base run, which plain names mean, first
  bool at_end = false;     ///< for checks: figures of the end, and runs by name
};

/// A name, found.
struct Variable {
  struct Where; // private to vocabulary.cpp
  double (*read)(const Where&) = nullptr;
  const CounterInfo* counter = nullptr; ///< instead of `read`
  std::uint16_t run = 0;
  std::uint16_t reader = 0;                    ///< its place in Scope::Run::readers
  std::uint16_t descriptor = ZB_NO_DESCRIPTOR; ///< none: all together
  std::uint8_t buffer = ZB_A;
  zb_event_kind kind = ZB_EV_NONE; ///< a name of an event
  KindMask kinds = 0;              ///< no event of another kind changes the value
};

/// What a name refers to; an error that says what is wrong with it, with a suggestion.
Result<Variable> find_variable(std::string_view name, const Scope& scope);

/// Pre: a run for each of the scope's.
[[nodiscard]] double read_variable(const Variable& variable, std::span<const RunView> runs);

/// A name of the vocabulary, and what it stands for: for the manual.
struct TermInfo {
  std::string_view name;
  std::string_view text;
};
[[nodiscard]] std::vector<TermInfo> run_terms();        ///< of a run, without counters
[[nodiscard]] std::vector<TermInfo> descriptor_terms(); ///< of a reader's descriptor, without counters
[[nodiscard]] std::vector<TermInfo> buffer_terms();     ///< after `a.`
[[nodiscard]] std::vector<TermInfo> counter_terms();    ///< of a run or of a reader
/// Names that no reader and no variant may have, because they would hide what is above.
[[nodiscard]] bool is_reserved_name(std::string_view name);

} // namespace zbuf

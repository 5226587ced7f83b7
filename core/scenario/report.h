// SPDX-License-Identifier: BSD-2-Clause
// What came out of a scenario: for a terminal, a CI system, and a window.
//
// Everything in it follows from the scenario and its seed; how long the machine took for it is not in it.
#pragma once

#include "core/scenario/conversations.h"
#include "core/scenario/expression.h"
#include "core/scenario/picture.h"
#include "core/scenario/scenario.h"
#include "core/sim/simulation.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace zbuf {

struct CheckReport {
  std::string expression{};
  std::string text{}; ///< the author's; may be empty
  Place place{};
  bool evaluated = false; ///< false: the runs are not complete, so nothing can be said
  bool holds = false;
  std::vector<Reading> readings{}; ///< the names in it, and what they were
};

struct InvariantReport {
  Invariant invariant = Invariant::accounted;
  bool checked = true;
  bool must_break = false; ///< the scenario shows a known fault
  Violation violation{};
  [[nodiscard]] bool holds() const { return violation.count == 0; }
  [[nodiscard]] bool as_expected() const { return !checked || holds() != must_break; }
};

struct ReaderReport {
  std::string name{};
  std::string description{};                   ///< "zero-copy, 2 x 512 KiB"
  std::uint16_t descriptor = ZB_NO_DESCRIPTOR; ///< none: it never opened one
  std::uint64_t cpu_ns = 0;                    ///< modelled
  std::uint64_t in_buffers = 0;
  Counters counters{};
};

struct ChapterReport {
  std::string text{};
  std::string when{};
  bool reached = false;
  std::uint64_t time_ns = 0;
  std::uint64_t event = 0; ///< index of the event that it is about
};

/// One of the runs.
struct VariantReport {
  std::string name{};
  std::string revision{};
  std::uint64_t seed = 0;
  std::vector<std::string> traffic{}; ///< a line for each source
  RunEnd end = RunEnd::finished;
  std::uint64_t end_ns = 0;
  bool has_processor_times = true;  ///< else the two kinds of them are 0, and mean nothing
  std::uint64_t kernel_busy_ns = 0; ///< modelled
  std::uint64_t events = 0;
  std::uint64_t digest = 0; ///< of all its events
  std::uint64_t arrived = 0;
  std::uint64_t missed = 0;
  std::uint64_t in_buffers = 0;
  Counters total{}; ///< of all readers
  std::vector<ReaderReport> readers{};
  std::vector<InvariantReport> invariants{}; ///< I1 to I5; the base run has I6 as well
  std::vector<ChapterReport> chapters{};
  std::uint64_t capture_skipped = 0, capture_mended = 0; ///< records of captures (SourceRemarks)
  Errors errors{}; ///< sources and readers that failed; what came before them stands
  Picture picture{PictureAxis::time};
  std::string trace_path{}; ///< where it was recorded; empty: nowhere

  [[nodiscard]] std::uint64_t reader_cpu_ns() const;
};

enum class Outcome {
  passed,
  failed,      ///< a check or an invariant
  interrupted, ///< stopped from outside: partial
  bad_input,   ///< a source or a reader failed: partial
};

struct ScenarioReport {
  std::string file{};
  std::string title{};
  std::uint32_t number = 0;
  std::string summary{};
  std::string lesson{};
  std::vector<VariantReport> runs{};         ///< the base run first; fewer than planned if interrupted
  std::vector<Conversation> conversations{}; ///< of the captures of the base run, the eight most frequent
  std::vector<CheckReport> checks{};
  std::vector<std::string> warnings{};
  bool partial = false;

  [[nodiscard]] Outcome outcome() const;
};

/// "passed", "failed", "interrupted", "bad input"
[[nodiscard]] const char* outcome_name(Outcome outcome);
/// "finished", "duration", "stopped", "interrupted", "failed"
[[nodiscard]] const char* run_end_name(RunEnd end);

/// report.schema.json describes it. One document for any number of scenarios.
[[nodiscard]] std::string report_as_json(const std::vector<ScenarioReport>& reports);

/// JUnit's XML as CI systems read it: a test suite for each scenario, a test case for each check, for the
/// invariants of each run, and for the run itself.
[[nodiscard]] std::string report_as_junit(const std::vector<ScenarioReport>& reports);

} // namespace zbuf

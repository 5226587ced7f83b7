// SPDX-License-Identifier: BSD-2-Clause
#include "core/scenario/report.h"

#include <algorithm>

namespace zbuf {

std::uint64_t VariantReport::reader_cpu_ns() const {
  std::uint64_t sum = 0;
  for (const ReaderReport& reader : readers)
    sum += reader.cpu_ns;
  return sum;
}

Outcome ScenarioReport::outcome() const {
  for (const VariantReport& run : runs)
    if (!run.errors.empty())
      return Outcome::bad_input;
  if (partial)
    return Outcome::interrupted;
  for (const VariantReport& run : runs)
    for (const InvariantReport& invariant : run.invariants)
      if (!invariant.as_expected())
        return Outcome::failed;
  const bool all =
      std::all_of(checks.begin(), checks.end(), [](const CheckReport& check) { return check.holds; });
  return all ? Outcome::passed : Outcome::failed;
}

const char* outcome_name(Outcome outcome) {
  switch (outcome) {
  case Outcome::passed:
    return "passed";
  case Outcome::failed:
    return "failed";
  case Outcome::interrupted:
    return "interrupted";
  case Outcome::bad_input:
    return "bad input";
  }
  return "";
}

const char* run_end_name(RunEnd end) {
  switch (end) {
  case RunEnd::finished:
    return "finished";
  case RunEnd::duration:
    return "duration";
  case RunEnd::stopped:
    return "stopped";
  case RunEnd::interrupted:
    return "interrupted";
  case RunEnd::failed:
    return "failed";
  }
  return "";
}

} // namespace zbuf

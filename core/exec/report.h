// SPDX-License-Identifier: BSD-2-Clause
// What `zbuf exec` says in the end.
#pragma once

#include "core/exec/kernel_server.h"
#include "core/exec/program.h"
#include "core/scenario/text_style.h"

#include <string>
#include <vector>

namespace zbuf::exec {

struct Report {
  std::string program{};
  Ending ending{};
  std::uint64_t duration_ns = 0; ///< from its start to its end
  std::string traffic{};         ///< one line
  std::string revision{};
  std::uint64_t packets = 0; ///< that arrived
  bool traffic_ended = false;
  std::vector<DescriptorReport> descriptors{};
};

/// Some lines for a person: how the program ended, each descriptor's figures, and its mistakes with the
/// instant of the first of each.
[[nodiscard]] std::string report_as_text(const Report& report, const TextStyle& style);

/// Mistakes of all descriptors, without what may have been meant.
[[nodiscard]] std::size_t mistake_count(const Report& report);

/// All of it for programs: an object, whose "descriptors" have their "mistakes", each with the id of its kind
/// (mistake_kinds.h), the instant of its first time, its rules, its lesson and its sentence.
[[nodiscard]] std::string report_as_json(const Report& report);
/// One test case for each kind of mistake, which fails if the program made it.
[[nodiscard]] std::string report_as_junit(const Report& report);

/// The mistakes alone, as the recording's metadata has them:
/// {"mistakes":[{"id":"kept-one","descriptor":0,"time_ns":...,"text":...,...}]}
[[nodiscard]] std::string mistakes_as_json(const std::vector<DescriptorReport>& descriptors);

} // namespace zbuf::exec

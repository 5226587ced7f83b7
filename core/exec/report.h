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

/// The mistakes alone, as the recording's metadata has them:
/// {"mistakes":[{"descriptor":0,"time_ns":...,"text":...}]}
[[nodiscard]] std::string mistakes_as_json(const std::vector<DescriptorReport>& descriptors);

} // namespace zbuf::exec

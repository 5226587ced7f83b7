// SPDX-License-Identifier: BSD-2-Clause
// Who talks to whom in a capture: the conversations with the most packets, by name.
#pragma once

#include "core/scenario/scenario.h"

#include <cstdint>
#include <string>
#include <vector>

namespace zbuf {

struct Conversation {
  std::string protocol{}; ///< the highest one understood in its first packet that has one
  std::string source{};   ///< of its first packet
  std::string destination{};
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0; ///< on the wire
};

/// Of the captures of a run, the most frequent first; others are left out. Reads at most 100000 packets of
/// each. Captures that cannot be read to their end are told of elsewhere: here they end early.
[[nodiscard]] std::vector<Conversation> conversations_of(const PlannedRun& run, std::size_t most);

} // namespace zbuf

// SPDX-License-Identifier: GPL-3.0-or-later
// What the plots show of a run, sampled from the fold at equal steps of model time.
#pragma once

#include "core/trace/recording.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace zbuf::gui {

/// Of one descriptor of one run, at instant i * end_ns / steps, for i from 0 to steps.
struct Sample {
  std::uint64_t delivered = 0; ///< these four: so far
  std::uint64_t dropped = 0;
  std::uint64_t copied_bytes = 0;
  std::uint64_t calls = 0;
  std::uint64_t waiting = 0; ///< most packets in the buffers at one time, since the sample before
  double awake = 0; ///< part of the time since the sample before in which the reader was not asleep in a call
};
using Samples = std::vector<Sample>;
inline constexpr std::size_t sample_steps = 400;

/// Folds the whole run: 0.3 s for ten million events, on a worker thread. Nothing if `stop` was set
/// meanwhile.
[[nodiscard]] std::optional<Samples> sample_run(const std::shared_ptr<const Recording>& recording,
                                                std::uint16_t descriptor, std::uint64_t end_ns,
                                                const std::atomic<bool>& stop);

} // namespace zbuf::gui

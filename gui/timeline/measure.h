// SPDX-License-Identifier: GPL-3.0-or-later
// What happened between two instants.
#pragma once

#include "gui/model/playback.h"
#include "gui/timeline/time_range.h"

#include <QStringList>

#include <vector>

namespace zbuf::gui {

/// Of one track and descriptor: differences of what the fold counted until the two instants.
struct Measured {
  std::uint64_t arrived = 0;
  std::uint64_t delivered = 0;
  std::uint64_t dropped = 0;
  std::uint64_t calls = 0;
};

/// After `span.from_ns`, until and with `span.until_ns`; one entry for each track. Two folds of a chunk for
/// each: about 0.2 ms.
[[nodiscard]] std::vector<Measured> measure(const Playback& playback, const TimeRange& span);

/// Lines for the screen: the time between, then one for each track.
[[nodiscard]] QStringList measure_text(const Playback& playback, const TimeRange& span);

} // namespace zbuf::gui

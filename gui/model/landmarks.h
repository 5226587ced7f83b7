// SPDX-License-Identifier: GPL-3.0-or-later
// Where steps and jumps lead to in a recording. Private to this room.
#pragma once

#include "gui/model/playback.h"

#include <cstdint>
#include <optional>

namespace zbuf::gui {

/// How many events have happened at the end of a step from `done`; nothing if there is none in that
/// direction.
[[nodiscard]] std::optional<std::uint64_t> step_from(const Track& track, std::uint64_t done, Unit unit,
                                                     bool forward, std::uint16_t descriptor);

/// The same for jumps, but for start and end.
[[nodiscard]] std::optional<std::uint64_t> jump_from(const Track& track, std::uint64_t done,
                                                     Landmark landmark, bool forward);

} // namespace zbuf::gui

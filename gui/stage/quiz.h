// SPDX-License-Identifier: GPL-3.0-or-later
// "What happens next?" The answer is in the recording, and the other choices are what could be thought.
#pragma once

#include "core/trace/recording.h"

#include <QString>

#include <cstdint>
#include <vector>

namespace zbuf::gui::stage {

struct Choice {
  QString text{};
  bool right = false;
  bool operator==(const Choice&) const = default;
};

struct Quiz {
  std::vector<Choice> choices{}; ///< none: nothing more happens to this descriptor
  std::uint64_t event = 0;       ///< index of the event asked for
  bool operator==(const Quiz&) const = default;
};

/// What somebody answered, while the instant that it led to is on the screen.
struct Answer {
  bool right = false;
  QString text{};         ///< the right one
  std::uint64_t done = 0; ///< events after which it is shown
  bool operator==(const Answer&) const = default;
};

/// About the next step of the descriptor after `done` events. The same instant asks the same question.
[[nodiscard]] Quiz quiz_at(const Recording& recording, const State& state, std::uint64_t done,
                           std::uint16_t descriptor);

} // namespace zbuf::gui::stage

// SPDX-License-Identifier: GPL-3.0-or-later
// The few signs on buttons, drawn in the theme's colours at any size.
#pragma once

#include <QColor>
#include <QIcon>

namespace zbuf::gui {

enum class Sign {
  to_start,
  step_back,
  play,
  pause,
  step,
  to_end,
  previous, ///< a chevron to the left
  next,
  menu,
  close,
  check, ///< a tick
  cross,
  pending, ///< three dots
  done,    ///< a tick, for lessons
  current, ///< a full circle
  open,    ///< an empty circle
};

/// Follows the colour that is given; ask again when the theme changes.
[[nodiscard]] QIcon icon(Sign sign, const QColor& colour, const QColor& checked = {});

} // namespace zbuf::gui

// SPDX-License-Identifier: GPL-3.0-or-later
// Which lanes there are, and where.
#pragma once

#include "gui/model/playback.h"
#include "gui/theme/theme.h"

#include <QRectF>

#include <cstdint>
#include <vector>

namespace zbuf::gui {

enum class Lane : std::uint8_t {
  heading,
  buffer_a,
  buffer_b,
  reader,
  drops,
  calls,
  wakeups,
  empty_looks,
  faults,
  packets
};
inline constexpr std::size_t lane_count = 10;

struct LaneRow {
  Lane lane = Lane::heading;
  std::size_t track = 0;
  double top = 0;
  double height = 0;
  [[nodiscard]] double bottom() const { return top + height; }
  [[nodiscard]] double middle() const { return top + height / 2; }
};

/// Of the canvas, in its own units. The ruler with its flags is above the rows.
struct LaneLayout {
  double label_width = 0; ///< names of the lanes, left
  double lanes_width = 0; ///< what is drawn over time, right of them
  double right_margin = 0;
  double ruler_height = 0; ///< flags of chapters and bookmarks, and below them the times
  double flags_height = 0; ///< ... of this the flags
  std::vector<LaneRow> rows{};

  [[nodiscard]] double bottom() const { return rows.empty() ? ruler_height : rows.back().bottom(); }
  /// Null between rows and outside.
  [[nodiscard]] const LaneRow* row_at(double y) const;
  [[nodiscard]] const LaneRow* row(Lane lane, std::size_t track) const;
};

/// "drops"; the track's name for a heading.
[[nodiscard]] QString lane_name(Lane lane);

/// The lanes that the runs need: some are left out where nothing of their kind ever happens. Drops and calls
/// always have one. `room` is what there is; what remains goes to the rows, and what is missing makes the
/// canvas higher.
[[nodiscard]] LaneLayout layout_lanes(const Playback& playback, const QSizeF& room);

/// The least height at which everything can be read.
[[nodiscard]] double least_height(const Playback& playback);

} // namespace zbuf::gui

// SPDX-License-Identifier: GPL-3.0-or-later
// Draws lanes: bands, marks, curves. What is drawn depends on its arguments and the theme alone.
#pragma once

#include "gui/timeline/lane_data.h"
#include "gui/timeline/lane_layout.h"

#include <QPainter>

namespace zbuf::gui {

class LanePainter {
 public:
  /// `range` is what is on the screen; the data may be of another stretch and are drawn where they belong.
  LanePainter(QPainter& painter, const LaneLayout& layout, const TimeRange& range);

  /// Names and grounds of all lanes, and the ruler's lines.
  void draw_frame(const Playback& playback);
  void draw_data(const LaneData& data);
  /// The ruler's figures, but for those that `plate` would cover in part.
  void draw_times(const QRectF& plate);

 private:
  /// Columns of a lane in which something happened, drawn as one thing.
  struct Group {
    double left = 0;
    double right = 0;
    std::uint64_t count = 0;
    std::uint64_t highest = 0; ///< in one column
  };

  [[nodiscard]] double x(std::uint64_t time_ns) const;
  [[nodiscard]] std::vector<Group> groups_of(const Timeline& timeline, Series series) const;
  [[nodiscard]] std::vector<std::uint64_t> times() const;
  [[nodiscard]] double baseline() const;
  void draw_ground(const LaneRow& row, const Playback& playback);
  void draw_row(const LaneRow& row, const TrackLanes& lanes);
  void draw_spans(const LaneRow& row, const Spans& spans, std::uint64_t end_ns);
  void draw_band(const QRectF& band, const LaneRow& row, const Span& span);
  void draw_mixed(const QRectF& band, const LaneRow& row, const Span& span);
  [[nodiscard]] QRectF seen(const QRectF& band) const;
  void draw_plate(const QRectF& band, const QStringList& words);
  void draw_words(const QRectF& band, const QStringList& words, const QColor& ink);
  void draw_drops(const LaneRow& row, const Timeline& timeline);
  void draw_marks(const LaneRow& row, const Timeline& timeline);
  void draw_bars(const LaneRow& row, const Timeline& timeline, Series series, const Group& group,
                 const QColor& ink);
  void draw_symbol(Lane lane, const QPointF& middle, double size);
  void draw_incidents(const LaneRow& row, const TrackLanes& lanes);
  void draw_overwritten(const LaneRow& row, const TrackLanes& lanes);
  void draw_packets(const LaneRow& row, const Timeline& timeline);
  void draw_each_packet(const LaneRow& row, const Timeline& timeline);

  QPainter& painter_;
  const LaneLayout& layout_;
  TimeRange range_;
  double line_; ///< height of a line of text
  QFont font_;
  QFont mono_;
};

/// The colour, of which the ground shows through: alpha is 0 to 255.
[[nodiscard]] QColor faint(const QColor& colour, int alpha);
/// Of the bands of a buffer and of a reader.
[[nodiscard]] QColor holder_fill(Holder holder);
[[nodiscard]] QColor activity_fill(Activity activity);

} // namespace zbuf::gui

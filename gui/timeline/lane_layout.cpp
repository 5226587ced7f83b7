// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/timeline/lane_layout.h"

#include <QCoreApplication>
#include <QFontMetricsF>

#include <algorithm>
#include <array>
#include <cmath>

namespace zbuf::gui {

namespace {

using Present = std::array<bool, lane_count>;

bool any(const Recording& recording, std::initializer_list<zb_event_kind> kinds) {
  return std::any_of(kinds.begin(), kinds.end(), [&](zb_event_kind kind) {
    return recording.event_count(static_cast<std::uint8_t>(kind)) != 0;
  });
}

/// All tracks have the same lanes, so that they can be compared.
Present lanes_of(const Playback& playback) {
  Present present{};
  const auto set = [&](Lane lane, bool there) { present[static_cast<std::size_t>(lane)] |= there; };
  for (const Lane lane : {Lane::buffer_a, Lane::buffer_b, Lane::drops, Lane::calls, Lane::packets})
    set(lane, true);
  set(Lane::heading, playback.track_count() > 1);
  for (std::size_t i = 0; i < playback.track_count(); ++i) {
    const Recording& recording = *playback.track(i).recording;
    set(Lane::reader, any(recording, {ZB_EV_READER, ZB_EV_SLEPT}));
    set(Lane::wakeups, any(recording, {ZB_EV_WOKEN}));
    set(Lane::empty_looks, any(recording, {ZB_EV_LOOKED}));
    const State end = recording.state_after(recording.event_count());
    set(Lane::faults, end.any_broken() || end.faults != 0 ||
                          any(recording, {ZB_EV_SCRIBBLED, ZB_EV_BAD_RECORD, ZB_EV_LOST_EVENTS}));
    for (const DescriptorState& d : end.descriptors)
      set(Lane::faults, d.total.wiped != 0);
  }
  return present;
}

/// In lines of text: a lane's least height, and its share of what remains.
struct Measure {
  double least = 1;
  double share = 0;
};
Measure measure_of(Lane lane) {
  switch (lane) {
  case Lane::heading:
    return {1.05, 0};
  case Lane::buffer_a:
  case Lane::buffer_b:
    return {1.15, 1.5};
  case Lane::reader:
    return {1.0, 0.7};
  case Lane::packets:
    return {1.2, 3};
  default:
    return {lane == Lane::drops ? 0.9 : 0.8, 1};
  }
}

constexpr double gap = 0.1;          ///< between rows, in lines
constexpr double most_stretch = 1.6; ///< of a row, in times its least height; the packets' may grow further
constexpr double ruler_lines = 2.0;  ///< flags above, times below

std::vector<LaneRow> rows_of(const Playback& playback) {
  const Present present = lanes_of(playback);
  std::vector<LaneRow> rows;
  for (std::size_t track = 0; track < playback.track_count(); ++track)
    for (std::size_t lane = 0; lane < lane_count; ++lane)
      if (present[lane])
        rows.push_back({static_cast<Lane>(lane), track, 0, 0});
  return rows;
}

double line_height() {
  return std::ceil(QFontMetricsF(theme().ui(9)).height());
}

double height_of(const std::vector<LaneRow>& rows) {
  double lines = ruler_lines;
  for (const LaneRow& row : rows)
    lines += measure_of(row.lane).least + gap;
  return std::ceil(lines * line_height());
}

double label_width(const std::vector<LaneRow>& rows, const Playback& playback) {
  const QFontMetricsF metrics(theme().mono(9));
  double widest = 0;
  for (const LaneRow& row : rows)
    widest = std::max(widest, metrics.horizontalAdvance(lane_name(row.lane)));
  for (std::size_t i = 0; i < playback.track_count(); ++i) // names stand in headings, which may reach further
    widest = std::max(widest,
                      std::min(QFontMetricsF(theme().ui(9, true)).horizontalAdvance(playback.track(i).name),
                               metrics.averageCharWidth() * 16));
  return std::ceil(widest + 2.2 * metrics.averageCharWidth());
}

} // namespace

const LaneRow* LaneLayout::row_at(double y) const {
  const auto at = std::find_if(rows.begin(), rows.end(),
                               [&](const LaneRow& row) { return y >= row.top && y < row.bottom(); });
  return at == rows.end() ? nullptr : &*at;
}

const LaneRow* LaneLayout::row(Lane lane, std::size_t track) const {
  const auto at = std::find_if(rows.begin(), rows.end(),
                               [&](const LaneRow& row) { return row.lane == lane && row.track == track; });
  return at == rows.end() ? nullptr : &*at;
}

QString lane_name(Lane lane) {
  static constexpr const char* names[lane_count] = {"",
                                                    QT_TRANSLATE_NOOP("Lane", "A"),
                                                    QT_TRANSLATE_NOOP("Lane", "B"),
                                                    QT_TRANSLATE_NOOP("Lane", "reader"),
                                                    QT_TRANSLATE_NOOP("Lane", "drops"),
                                                    QT_TRANSLATE_NOOP("Lane", "calls"),
                                                    QT_TRANSLATE_NOOP("Lane", "wake-ups"),
                                                    QT_TRANSLATE_NOOP("Lane", "empty looks"),
                                                    QT_TRANSLATE_NOOP("Lane", "faults"),
                                                    QT_TRANSLATE_NOOP("Lane", "packets")};
  const char* const name = names[static_cast<std::size_t>(lane)];
  return *name == '\0' ? QString() : QCoreApplication::translate("Lane", name);
}

LaneLayout layout_lanes(const Playback& playback, const QSizeF& room) {
  LaneLayout layout;
  layout.rows = rows_of(playback);
  const double line = line_height();
  layout.ruler_height = std::ceil(ruler_lines * line);
  layout.flags_height = std::ceil(0.95 * line);
  layout.label_width = label_width(layout.rows, playback);
  layout.right_margin = std::ceil(line * 0.5);
  layout.lanes_width = std::max(1.0, room.width() - layout.label_width - layout.right_margin);

  double shares = 0;
  for (const LaneRow& row : layout.rows)
    shares += measure_of(row.lane).share;
  const double spare = std::max(0.0, room.height() - height_of(layout.rows));
  double y = layout.ruler_height;
  for (LaneRow& row : layout.rows) {
    const Measure measure = measure_of(row.lane);
    const double least = measure.least * line;
    const double most = least * (row.lane == Lane::packets ? 4 : most_stretch);
    row.top = std::round(y);
    row.height = std::round(std::min(least + spare * measure.share / std::max(shares, 1.0), most));
    y = row.bottom() + std::max(1.0, std::round(gap * line));
  }
  return layout;
}

double least_height(const Playback& playback) {
  return height_of(rows_of(playback));
}

} // namespace zbuf::gui

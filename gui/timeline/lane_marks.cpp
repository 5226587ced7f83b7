// SPDX-License-Identifier: GPL-3.0-or-later
// What LanePainter draws beside bands: drops, calls and their like, faults, packets.
#include "gui/theme/format.h"
#include "gui/timeline/lane_painter.h"

#include <QCoreApplication>
#include <QFontMetricsF>

#include <algorithm>
#include <cmath>

namespace zbuf::gui {

namespace {

Series series_of(Lane lane) {
  switch (lane) {
  case Lane::wakeups:
    return Series::wakeups;
  case Lane::empty_looks:
    return Series::empty_looks;
  default:
    return Series::calls;
  }
}

} // namespace

// ---- Marks ----

std::vector<LanePainter::Group> LanePainter::groups_of(const Timeline& timeline, Series series) const {
  constexpr double near = 3;
  std::vector<Group> groups;
  for (std::size_t i = 0; i < timeline.buckets.size(); ++i) {
    const std::uint64_t number = timeline.buckets[i][series];
    if (number == 0)
      continue;
    const std::uint64_t end_ns =
        i + 1 < timeline.buckets.size() ? timeline.begin_ns(i + 1) : timeline.until_ns;
    if (end_ns <= range_.from_ns || timeline.begin_ns(i) >= range_.until_ns)
      continue;
    const double left = x(timeline.begin_ns(i));
    const double right = x(end_ns);
    if (!groups.empty() && left - groups.back().right < near) {
      Group& group = groups.back();
      group.right = std::max(group.right, right);
      group.count += number;
      group.highest = std::max(group.highest, number);
    } else {
      groups.push_back({left, right, number, number});
    }
  }
  return groups;
}

/// However few and however far out the zoom: a drop is at least this wide, and stands out from its lane.
void LanePainter::draw_drops(const LaneRow& row, const Timeline& timeline) {
  constexpr double least = 2.5;
  painter_.setPen(Qt::NoPen);
  painter_.setRenderHint(QPainter::Antialiasing);
  const QFontMetricsF metrics(font_);
  for (const Group& group : groups_of(timeline, Series::dropped)) {
    const double width = std::max(group.right - group.left, least);
    const QRectF bar((group.left + group.right - width) / 2, row.top, width, row.height);
    painter_.fillRect(bar, theme().danger());
    if (width < 2 * least) { // a head, so that a lonely one is not overlooked
      const double half = std::min(row.height * 0.3, 4.5);
      const double middle = bar.center().x();
      painter_.setBrush(theme().danger());
      painter_.drawPolygon(
          QPolygonF{{middle - half, row.top}, {middle + half, row.top}, {middle, row.top + 1.4 * half}});
    }
    const QString text = count(group.count);
    if (metrics.horizontalAdvance(text) + metrics.averageCharWidth() < width &&
        metrics.height() <= row.height + 4) {
      painter_.setFont(font_);
      painter_.setPen(theme().on_accent());
      painter_.drawText(bar, Qt::AlignCenter, text);
      painter_.setPen(Qt::NoPen);
    }
  }
}

void LanePainter::draw_marks(const LaneRow& row, const Timeline& timeline) {
  const Series series = series_of(row.lane);
  const double size = std::min(row.height * 0.62, line_ * 0.55);
  const QColor ink = row.lane == Lane::calls ? theme().text() : theme().muted();
  painter_.setPen(Qt::NoPen);
  painter_.setRenderHint(QPainter::Antialiasing);
  const std::vector<Group> groups = groups_of(timeline, series);
  std::size_t crowded = 0;
  for (std::size_t i = 0; i < groups.size(); ++i)
    crowded +=
        groups[i].right - groups[i].left > size || (i > 0 && groups[i].left - groups[i - 1].right < size);
  const bool symbols = crowded * 4 <= groups.size();
  for (const Group& group : groups) {
    if (symbols && group.right - group.left <= size)
      draw_symbol(row.lane, {(group.left + group.right) / 2, row.middle()}, size);
    else
      draw_bars(row, timeline, series, group, ink);
  }
}

/// Too dense for symbols: how many in each column, as height.
void LanePainter::draw_bars(const LaneRow& row, const Timeline& timeline, Series series, const Group& group,
                            const QColor& ink) {
  const double full = row.height * 0.86;
  const std::size_t first = timeline.index(
      std::max(timeline.from_ns, range_.time_at(group.left - layout_.label_width, layout_.lanes_width)));
  for (std::size_t i = first; i < timeline.buckets.size(); ++i) {
    const double left = x(timeline.begin_ns(i));
    if (left >= group.right)
      break;
    const std::uint64_t number = timeline.buckets[i][series];
    if (number == 0)
      continue;
    const double right = i + 1 < timeline.buckets.size() ? x(timeline.begin_ns(i + 1)) : x(timeline.until_ns);
    const double height = full * (0.3 + 0.7 * static_cast<double>(number) /
                                            static_cast<double>(std::max<std::uint64_t>(group.highest, 1)));
    painter_.fillRect(QRectF(left, row.bottom() - height, std::max(right - left, 1.5), height), ink);
  }
}

/// A dot for a call, a triangle for a wake-up, a ring for a look that found nothing.
void LanePainter::draw_symbol(Lane lane, const QPointF& middle, double size) {
  const double half = size / 2;
  if (lane == Lane::empty_looks) {
    painter_.setBrush(Qt::NoBrush);
    painter_.setPen(QPen(theme().muted(), std::max(1.2, size * 0.16)));
    painter_.drawEllipse(middle, half * 0.8, half * 0.8);
    painter_.setPen(Qt::NoPen);
    return;
  }
  painter_.setBrush(lane == Lane::calls ? theme().text() : theme().good());
  if (lane == Lane::wakeups)
    painter_.drawPolygon(QPolygonF{middle + QPointF(-half, half * 0.8), middle + QPointF(half, half * 0.8),
                                   middle + QPointF(0, -half)});
  else
    painter_.drawEllipse(middle, half * 0.85, half * 0.85);
}

/// A diamond; hollow where the scenario did it on purpose.
void LanePainter::draw_incidents(const LaneRow& row, const TrackLanes& lanes) {
  const double half = std::min(row.height * 0.46, line_ * 0.45);
  painter_.setRenderHint(QPainter::Antialiasing);
  for (const Incident& incident : lanes.incidents) {
    if (!range_.holds(incident.time_ns))
      continue;
    const QPointF at(x(incident.time_ns), row.middle());
    const bool on_purpose = incident.kind == Incident::Kind::fault;
    painter_.setPen(QPen(theme().danger(), 1.6));
    painter_.setBrush(on_purpose ? theme().panel() : theme().danger());
    painter_.drawPolygon(QPolygonF{at + QPointF(0, -half), at + QPointF(half, 0), at + QPointF(0, half),
                                   at + QPointF(-half, 0)});
  }
  painter_.setPen(Qt::NoPen);
}

/// A write into a buffer that the user owned stays on its band.
void LanePainter::draw_overwritten(const LaneRow& row, const TrackLanes& lanes) {
  const std::uint8_t which = row.lane == Lane::buffer_a ? ZB_A : ZB_B;
  for (const Incident& incident : lanes.incidents) {
    if (incident.kind != Incident::Kind::violation || incident.invariant != Invariant::untouched ||
        incident.buffer != which || !range_.holds(incident.time_ns))
      continue;
    const double at = x(incident.time_ns);
    painter_.fillRect(QRectF(at - 3, row.top, 6, row.height), theme().danger_ground());
    painter_.fillRect(QRectF(at - 1.5, row.top, 3, row.height), theme().danger());
  }
}

// ---- Packets ----

void LanePainter::draw_packets(const LaneRow& row, const Timeline& timeline) {
  std::uint64_t all = 0, columns = 0;
  for (const Bucket& bucket : timeline.buckets) {
    all += bucket[Series::arrived];
    columns += bucket[Series::arrived] != 0;
  }
  if (all == 0)
    return;
  if (all < 400 && static_cast<double>(all) < layout_.lanes_width / 5)
    return draw_each_packet(row, timeline);
  // So many columns to a point that it stands for some packets, and is not noise.
  const double filled = static_cast<double>(all) / static_cast<double>(columns);
  const auto join = static_cast<std::size_t>(std::clamp(24 / filled, 3.0, 40.0));
  std::vector<std::pair<double, double>> points; // x, packets a second
  double highest = 0;
  for (std::size_t i = 0; i < timeline.buckets.size(); i += join) {
    const std::size_t end = std::min(i + join, timeline.buckets.size());
    std::uint64_t number = 0;
    for (std::size_t k = i; k < end; ++k)
      number += timeline.buckets[k][Series::arrived];
    const std::uint64_t begin_ns = timeline.begin_ns(i);
    const std::uint64_t end_ns = end < timeline.buckets.size() ? timeline.begin_ns(end) : timeline.until_ns;
    if (end_ns <= begin_ns)
      continue;
    const double rate = static_cast<double>(number) * 1e9 / static_cast<double>(end_ns - begin_ns);
    points.emplace_back((x(begin_ns) + x(end_ns)) / 2, rate);
    highest = std::max(highest, rate);
  }
  const double foot = row.bottom() - 1.5;
  const double scale = (row.height - 4) / highest;
  QPolygonF curve;
  for (const auto& [at, rate] : points)
    curve << QPointF(at, foot - rate * scale);
  QPolygonF area = curve;
  area << QPointF(points.back().first, foot) << QPointF(points.front().first, foot);
  painter_.setRenderHint(QPainter::Antialiasing);
  painter_.setPen(Qt::NoPen);
  painter_.setBrush(faint(theme().muted(), 45));
  painter_.drawPolygon(area);
  painter_.setPen(QPen(theme().muted(), 1.3));
  painter_.drawPolyline(curve);
  painter_.setFont(font_);
  const QFontMetricsF metrics(font_);
  const QString text = QCoreApplication::translate("Lane", "max %1").arg(rate(highest));
  const double width = metrics.horizontalAdvance(text);
  const QRectF ground(layout_.label_width + layout_.lanes_width - width - 8, row.top + 1, width + 6,
                      metrics.height());
  painter_.setPen(Qt::NoPen);
  painter_.setBrush(faint(theme().sunken(), 220));
  painter_.drawRect(ground);
  painter_.setPen(theme().text());
  painter_.drawText(ground, Qt::AlignCenter, text);
  painter_.setPen(Qt::NoPen);
}

void LanePainter::draw_each_packet(const LaneRow& row, const Timeline& timeline) {
  const double width = std::max(1.5, line_ * 0.12);
  for (std::size_t i = 0; i < timeline.buckets.size(); ++i)
    if (timeline.buckets[i][Series::arrived] != 0)
      painter_.fillRect(
          QRectF(x(timeline.begin_ns(i)), row.top + row.height * 0.25, width, row.height * 0.75),
          theme().muted());
}

} // namespace zbuf::gui

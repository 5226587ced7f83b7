// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/timeline/lane_painter.h"

#include "gui/theme/format.h"
#include "gui/timeline/lane_text.h"

#include <QCoreApplication>
#include <QFontMetricsF>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

namespace zbuf::gui {

namespace {

QColor blend(const QColor& a, const QColor& b, double part_of_a) {
  const auto mix = [&](float x, float y) {
    return static_cast<float>(part_of_a) * x + static_cast<float>(1 - part_of_a) * y;
  };
  return QColor::fromRgbF(mix(a.redF(), b.redF()), mix(a.greenF(), b.greenF()), mix(a.blueF(), b.blueF()));
}

QColor faint(const QColor& colour, int alpha) {
  QColor result = colour;
  result.setAlpha(alpha);
  return result;
}

QColor holder_ink(Holder holder) {
  switch (holder) {
  case Holder::store:
  case Holder::user:
  case Holder::user_in_store:
  case Holder::kernel:
    return theme().on_accent();
  default:
    return theme().text();
  }
}

QColor activity_ink(Activity activity) {
  return activity == Activity::stalled ? theme().danger() : theme().text();
}

bool is_reader(const LaneRow& row) {
  return row.lane == Lane::reader;
}

QColor fill_of(const LaneRow& row, std::size_t value) {
  return is_reader(row) ? activity_fill(static_cast<Activity>(value))
                        : holder_fill(static_cast<Holder>(value));
}

/// "10 ms", not "10.000 ms": ticks are round.
QString tick_text(std::uint64_t time_ns) {
  constexpr QChar narrow_space(0x202f);
  const QString exact = time(time_ns);
  const qsizetype unit = exact.lastIndexOf(narrow_space);
  QString number = exact.left(unit);
  if (number.contains('.'))
    while (number.endsWith('0') || number.endsWith('.') || number.endsWith(narrow_space)) {
      const bool point = number.endsWith('.');
      number.chop(1);
      if (point)
        break;
    }
  return number + exact.mid(unit);
}

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

QColor holder_fill(Holder holder) {
  switch (holder) {
  case Holder::free:
    return theme().idle();
  case Holder::store:
    return theme().kernel();
  case Holder::hold:
    return blend(theme().kernel(), theme().panel(), 0.38);
  case Holder::user:
  case Holder::user_in_store:
    return theme().user();
  case Holder::kernel:
    return theme().kernel();
  case Holder::absent:
    break;
  }
  return theme().sunken();
}

QColor activity_fill(Activity activity) {
  switch (activity) {
  case Activity::awake:
    return blend(theme().user(), theme().panel(), 0.45);
  case Activity::asleep:
    return blend(theme().idle(), theme().panel(), 0.7);
  case Activity::stalled:
    return theme().danger_ground();
  case Activity::absent:
    break;
  }
  return theme().sunken();
}

LanePainter::LanePainter(QPainter& painter, const LaneLayout& layout, const TimeRange& range)
    : painter_(painter), layout_(layout), range_(range), font_(theme().ui(8.5)), mono_(theme().mono(8.5)) {
  line_ = QFontMetricsF(theme().ui(9)).height();
}

double LanePainter::x(std::uint64_t time_ns) const {
  const double at = range_.position(time_ns, layout_.lanes_width);
  return layout_.label_width + std::clamp(at, -10.0, layout_.lanes_width + 10.0);
}

// ---- The frame ----

void LanePainter::draw_frame(const Playback& playback) {
  for (const LaneRow& row : layout_.rows)
    draw_ground(row, playback);
  draw_ruler();
}

void LanePainter::draw_ruler() {
  painter_.setFont(mono_);
  const QFontMetricsF metrics(mono_);
  const double widest =
      metrics.horizontalAdvance(short_time(range_.until_ns)) + 5 * metrics.averageCharWidth();
  const double baseline = layout_.ruler_height - 0.35 * line_;
  const double end = layout_.label_width + layout_.lanes_width;
  for (const std::uint64_t tick : ticks(range_, static_cast<unsigned>(layout_.lanes_width / widest))) {
    const double at = std::round(x(tick)) + 0.5;
    painter_.setPen(QPen(faint(theme().border(), 190), 1));
    painter_.drawLine(QPointF(at, baseline + 0.1 * line_), QPointF(at, layout_.bottom()));
    const QString text = tick_text(tick);
    const double width = metrics.horizontalAdvance(text);
    painter_.setPen(theme().muted());
    painter_.drawText(QPointF(std::min(at - (tick == 0 ? 0 : width / 2), end - width), baseline), text);
  }
}

void LanePainter::draw_ground(const LaneRow& row, const Playback& playback) {
  const bool heading = row.lane == Lane::heading;
  QString name = lane_name(row.lane);
  painter_.setPen(theme().text());
  painter_.setFont(theme().mono(8.5));
  if (heading) {
    const bool focused = row.track == playback.focus();
    painter_.setFont(theme().ui(8.5, true));
    painter_.setPen(focused ? theme().accent() : theme().muted());
    name = playback.track(row.track).name;
  } else {
    painter_.setPen(theme().muted());
    painter_.fillRect(QRectF(layout_.label_width, row.top, layout_.lanes_width, row.height),
                      theme().sunken());
  }
  if (row.lane == Lane::buffer_a || row.lane == Lane::buffer_b) {
    painter_.setPen(theme().text());
    painter_.setFont(theme().mono(9, true));
  }
  const QFontMetricsF metrics(painter_.font());
  const double room = heading ? layout_.label_width + layout_.lanes_width
                              : layout_.label_width - 0.6 * metrics.averageCharWidth();
  painter_.drawText(QRectF(0.5 * metrics.averageCharWidth(), row.top, room, row.height),
                    Qt::AlignLeft | Qt::AlignVCenter, metrics.elidedText(name, Qt::ElideRight, room));
}

// ---- Bands ----

void LanePainter::draw_data(const LaneData& data) {
  painter_.save();
  painter_.setClipRect(QRectF(layout_.label_width, 0, layout_.lanes_width + 1, layout_.bottom() + 1));
  for (const LaneRow& row : layout_.rows)
    if (row.track < data.tracks.size())
      draw_row(row, data.tracks[row.track]);
  painter_.restore();
}

void LanePainter::draw_row(const LaneRow& row, const TrackLanes& lanes) {
  switch (row.lane) {
  case Lane::heading:
    break;
  case Lane::buffer_a:
    draw_spans(row, lanes.holders.buffers[0], lanes.holders_end_ns);
    draw_overwritten(row, lanes);
    break;
  case Lane::buffer_b:
    draw_spans(row, lanes.holders.buffers[1], lanes.holders_end_ns);
    draw_overwritten(row, lanes);
    break;
  case Lane::reader:
    draw_spans(row, lanes.holders.reader, lanes.holders_end_ns);
    break;
  case Lane::drops:
    draw_drops(row, lanes.counts);
    break;
  case Lane::calls:
  case Lane::wakeups:
  case Lane::empty_looks:
    draw_marks(row, lanes.counts, series_of(row.lane));
    break;
  case Lane::faults:
    draw_incidents(row, lanes);
    break;
  case Lane::packets:
    draw_packets(row, lanes.wire);
    break;
  }
}

void LanePainter::draw_spans(const LaneRow& row, const Spans& spans, std::uint64_t end_ns) {
  painter_.setPen(Qt::NoPen);
  // Neighbouring mixed ones share their words.
  QRectF words_over;
  Span mixed;
  mixed.changes = 1;
  const auto say = [&] {
    if (words_over.width() > 0)
      draw_plate(words_over, is_reader(row) ? activity_words(mixed) : holder_words(mixed));
    words_over = {};
  };
  for (std::size_t i = 0; i < spans.size(); ++i) {
    const std::uint64_t until_ns = i + 1 < spans.size() ? spans[i + 1].begin_ns : end_ns;
    if (until_ns <= range_.from_ns || spans[i].begin_ns >= range_.until_ns)
      continue;
    const double left = x(spans[i].begin_ns);
    const QRectF band(left, row.top, std::max(x(until_ns) - left, 1.0), row.height);
    if (spans[i].mixed()) {
      draw_mixed(band, row, spans[i]);
      words_over = words_over.united(band);
    } else {
      say();
      draw_band(band, row, spans[i]);
    }
  }
  say();
}

void LanePainter::draw_band(const QRectF& band, const LaneRow& row, const Span& span) {
  if (span.value == 0)
    return; // absent
  // A hair of ground between bands that are wide enough to tell.
  const bool wide = band.width() > 4;
  const QRectF shape = wide ? band.adjusted(0, 0, -1, 0) : band;
  painter_.setBrush(fill_of(row, span.value));
  const double radius = wide ? std::min(2.5, band.height() / 4) : 0;
  if (wide) {
    painter_.setRenderHint(QPainter::Antialiasing);
    painter_.drawRoundedRect(shape, radius, radius);
  } else {
    painter_.fillRect(shape, painter_.brush());
  }
  if (!is_reader(row) && span.holder() == Holder::user_in_store) {
    // The slot it still occupies is the kernel's store: its colour along the foot.
    const double foot = std::max(2.0, band.height() * 0.18);
    painter_.fillRect(QRectF(shape.left() + radius, shape.bottom() - foot, shape.width() - 2 * radius, foot),
                      theme().kernel());
  } else if (is_reader(row) && span.activity() == Activity::stalled) {
    painter_.setBrush(QBrush(faint(theme().danger(), 90), Qt::BDiagPattern));
    painter_.drawRect(shape);
  }
  if (is_reader(row))
    draw_words(shape, activity_words(span), activity_ink(span.activity()));
  else
    draw_words(shape, holder_words(span), holder_ink(span.holder()));
}

/// From the foot: the user's share of the time, then the kernel's by slot.
void LanePainter::draw_mixed(const QRectF& band, const LaneRow& row, const Span& span) {
  static constexpr Holder holders[] = {Holder::user, Holder::user_in_store, Holder::store,
                                       Holder::hold, Holder::kernel,        Holder::free};
  static constexpr Activity activities[] = {Activity::awake, Activity::stalled, Activity::asleep};
  double bottom = band.bottom();
  const auto part = [&](std::size_t value) {
    const double height = band.height() * span.share[value] / 255;
    painter_.fillRect(QRectF(band.left(), bottom - height, band.width(), height), fill_of(row, value));
    bottom -= height;
  };
  if (is_reader(row))
    for (const Activity activity : activities)
      part(static_cast<std::size_t>(activity));
  else
    for (const Holder holder : holders)
      part(static_cast<std::size_t>(holder));
}

/// The part of a band that is on the screen.
QRectF LanePainter::seen(const QRectF& band) const {
  return band.intersected(QRectF(layout_.label_width, band.top(), layout_.lanes_width, band.height()));
}

void LanePainter::draw_words(const QRectF& band, const QStringList& words, const QColor& ink) {
  const QRectF room = seen(band);
  const QFontMetricsF metrics(font_);
  if (room.width() < metrics.averageCharWidth() || metrics.height() > band.height() + 3)
    return;
  for (const QString& text : words) {
    if (metrics.horizontalAdvance(text) + metrics.averageCharWidth() > room.width())
      continue;
    painter_.setFont(font_);
    painter_.setPen(ink);
    painter_.drawText(room, Qt::AlignCenter, text);
    painter_.setPen(Qt::NoPen);
    return;
  }
}

/// Over mixed bands, of many colours: on a plate of their own.
void LanePainter::draw_plate(const QRectF& band, const QStringList& words) {
  const QFontMetricsF metrics(font_);
  const double width = metrics.horizontalAdvance(words.front()) + 2 * metrics.averageCharWidth();
  const QRectF room = seen(band);
  if (room.width() < 1.5 * width || metrics.height() > band.height() + 3)
    return;
  const QRectF plate(room.center().x() - width / 2, room.top() + 1, width, room.height() - 2);
  painter_.setRenderHint(QPainter::Antialiasing);
  painter_.setBrush(faint(theme().panel(), 225));
  painter_.drawRoundedRect(plate, 3, 3);
  draw_words(plate, words, theme().text());
}

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

void LanePainter::draw_marks(const LaneRow& row, const Timeline& timeline, Series series) {
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

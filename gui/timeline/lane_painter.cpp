// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/timeline/lane_painter.h"

#include "gui/theme/format.h"
#include "gui/timeline/lane_text.h"

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

} // namespace

QColor faint(const QColor& colour, int alpha) {
  QColor result = colour;
  result.setAlpha(alpha);
  return result;
}

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
  case Activity::idle:
    return blend(theme().idle(), theme().panel(), 0.35);
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
  painter_.setPen(QPen(faint(theme().border(), 190), 1));
  for (const std::uint64_t tick : times()) {
    const double at = std::round(x(tick)) + 0.5;
    painter_.drawLine(QPointF(at, baseline() + 0.1 * line_), QPointF(at, layout_.bottom()));
  }
}

/// Of the ruler, as many as there is room for.
std::vector<std::uint64_t> LanePainter::times() const {
  const QFontMetricsF metrics(mono_);
  const double widest =
      metrics.horizontalAdvance(short_time(range_.until_ns)) + 5 * metrics.averageCharWidth();
  return ticks(range_, static_cast<unsigned>(layout_.lanes_width / widest));
}

double LanePainter::baseline() const {
  return layout_.ruler_height - 0.35 * line_;
}

void LanePainter::draw_times(const QRectF& plate) {
  painter_.setFont(mono_);
  painter_.setPen(theme().muted());
  const QFontMetricsF metrics(mono_);
  const double end = layout_.label_width + layout_.lanes_width;
  for (const std::uint64_t tick : times()) {
    const double at = std::round(x(tick)) + 0.5;
    const QString text = tick_text(tick);
    const double width = metrics.horizontalAdvance(text);
    const double left = std::min(at - (tick == 0 ? 0 : width / 2), end - width);
    if (left + width < plate.left() || left > plate.right())
      painter_.drawText(QPointF(left, baseline()), text);
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
    draw_marks(row, lanes.counts);
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
  static constexpr Activity activities[] = {Activity::awake, Activity::stalled, Activity::asleep,
                                            Activity::idle};
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

} // namespace zbuf::gui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/timeline/overview.h"

#include "gui/theme/format.h"
#include "gui/theme/theme.h"

#include <QFontMetricsF>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace zbuf::gui {

namespace {

constexpr double edge_px = 6; ///< of the window: to be dragged

} // namespace

Overview::Overview(Playback& playback, LaneLoader& loader, LanesCanvas& canvas, QWidget* parent)
    : QWidget(parent), playback_(playback), loader_(loader), canvas_(canvas) {
  setFocusPolicy(Qt::TabFocus);
  setMouseTracking(true);
  setAccessibleName(tr("Overview of the whole run"));
  setAccessibleDescription(
      tr("The part that the timeline shows. Left and right move it, plus and minus zoom."));
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  const auto redraw = [this] {
    stale_ = true;
    update();
  };
  connect(&loader_, &LaneLoader::loaded, this, redraw);
  connect(&playback_, &Playback::tracks_changed, this, redraw);
  connect(&playback_, &Playback::grown, this, redraw);
  connect(&playback_, &Playback::focus_changed, this, redraw);
  connect(&theme(), &Theme::changed, this, [this, redraw] {
    updateGeometry();
    redraw();
  });
  connect(&playback_, &Playback::moved, this, qOverload<>(&QWidget::update));
  connect(&canvas_, &LanesCanvas::range_changed, this, qOverload<>(&QWidget::update));
}

QSize Overview::sizeHint() const {
  return {static_cast<int>(canvas_.layout_of_lanes().label_width) * 2,
          static_cast<int>(std::ceil(QFontMetricsF(theme().ui(8.5)).height() * 1.5))};
}

/// Below the lanes, at the same places.
QRectF Overview::strip() const {
  const LaneLayout& lanes = canvas_.layout_of_lanes();
  return {lanes.label_width, 1, std::max(1.0, width() - lanes.label_width - lanes.right_margin),
          height() - 2.0};
}

double Overview::x_of(std::uint64_t time_ns) const {
  return strip().left() + canvas_.whole().position(time_ns, strip().width());
}

QRectF Overview::window() const {
  const double left = x_of(canvas_.range().from_ns);
  const double width = std::max(x_of(canvas_.range().until_ns) - left, 3.0);
  return {left, strip().top(), width, strip().height()};
}

// ---- Drawing ----

void Overview::draw_run(QPainter& painter) const {
  const QRectF strip = this->strip();
  painter.fillRect(rect(), theme().panel());
  painter.fillRect(strip, theme().sunken());
  const std::shared_ptr<const LaneData> data = loader_.whole();
  if (!data || playback_.focus() >= data->tracks.size())
    return;
  const TrackLanes& lanes = data->tracks[playback_.focus()];
  const std::size_t columns = lanes.counts.buckets.size();
  const std::size_t join =
      std::max<std::size_t>(1, columns / static_cast<std::size_t>(std::max(strip.width() / 3, 1.0)));
  std::uint64_t highest = 1;
  std::vector<std::uint64_t> packets(columns / join + 1);
  for (std::size_t i = 0; i < columns; ++i)
    highest = std::max(highest, packets[i / join] += lanes.wire.buckets[i][Series::arrived]);
  QColor curve = theme().muted();
  curve.setAlpha(70);
  const double wide = strip.width() / static_cast<double>(std::max<std::size_t>(columns, 1));
  for (std::size_t i = 0; i < packets.size(); ++i) {
    const double high = strip.height() * 0.8 * static_cast<double>(packets[i]) / static_cast<double>(highest);
    const double left = strip.left() + wide * static_cast<double>(i * join);
    painter.fillRect(QRectF(left, strip.bottom() - high, wide * static_cast<double>(join), high), curve);
  }
  // No drop is ever too few to be seen.
  for (std::size_t i = 0; i < columns; ++i)
    if (lanes.counts.buckets[i][Series::dropped] != 0)
      painter.fillRect(QRectF(strip.left() + wide * static_cast<double>(i), strip.top(), std::max(wide, 2.0),
                              strip.height() * 0.45),
                       theme().danger());
  const double half = strip.height() * 0.16;
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(theme().danger());
  for (const Incident& incident : lanes.incidents) {
    const QPointF at(x_of(incident.time_ns), strip.bottom() - 1.3 * half);
    painter.drawPolygon(QPolygonF{at + QPointF(0, -half), at + QPointF(half, 0), at + QPointF(0, half),
                                  at + QPointF(-half, 0)});
  }
}

void Overview::draw_window(QPainter& painter) const {
  const QRectF window = this->window();
  const QRectF strip = this->strip();
  QColor shade = theme().panel();
  shade.setAlpha(105);
  painter.setRenderHint(QPainter::Antialiasing, false);
  painter.fillRect(QRectF(strip.left(), strip.top(), window.left() - strip.left(), strip.height()), shade);
  painter.fillRect(QRectF(window.right(), strip.top(), strip.right() - window.right(), strip.height()),
                   shade);
  painter.setRenderHint(QPainter::Antialiasing);
  QColor glass = theme().accent();
  glass.setAlpha(30);
  painter.setBrush(glass);
  painter.setPen(QPen(theme().accent(), 1.4));
  painter.drawRoundedRect(window.adjusted(0.7, 0.7, -0.7, -0.7), 3, 3);
  painter.setPen(QPen(theme().border(), 1));
  painter.setBrush(Qt::NoBrush);
  painter.drawRoundedRect(strip.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3);
}

void Overview::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const QSize wanted = (QSizeF(size()) * devicePixelRatioF()).toSize();
  if (stale_ || picture_.size() != wanted) {
    picture_ = QPixmap(wanted);
    picture_.setDevicePixelRatio(devicePixelRatioF());
    QPainter into(&picture_);
    draw_run(into);
    stale_ = false;
  }
  painter.drawPixmap(0, 0, picture_);
  const Track* const track = playback_.focused();
  if (track == nullptr)
    return;
  draw_window(painter);
  painter.setPen(QPen(theme().text(), 1.4));
  const double at = x_of(playback_.time_ns());
  painter.drawLine(QPointF(at, strip().top()), QPointF(at, strip().bottom()));
  painter.setFont(theme().ui(8.5));
  const QFontMetricsF metrics(painter.font());
  const QString text = tr("whole run: %1 events").arg(count(track->recording->event_count()));
  QRectF plate(strip().left() + 4, strip().top() + 2,
               metrics.horizontalAdvance(text) + metrics.averageCharWidth(), strip().height() - 4);
  QColor ground = theme().panel();
  ground.setAlpha(215);
  painter.setPen(Qt::NoPen);
  painter.setBrush(ground);
  painter.drawRoundedRect(plate, 3, 3);
  painter.setPen(theme().muted());
  painter.drawText(plate, Qt::AlignCenter, text);
  if (hasFocus()) {
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(theme().accent(), 1));
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
  }
}

// ---- Mouse and keys ----

Overview::Grip Overview::grip_at(double x) const {
  const QRectF window = this->window();
  if (std::abs(x - window.left()) <= edge_px && window.width() > 3 * edge_px)
    return Grip::left;
  if (std::abs(x - window.right()) <= edge_px && window.width() > 3 * edge_px)
    return Grip::right;
  return x >= window.left() - edge_px && x <= window.right() + edge_px ? Grip::middle : Grip::none;
}

void Overview::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton && event->button() != Qt::MiddleButton)
    return;
  pressed_x_ = event->position().x();
  grip_ = grip_at(pressed_x_);
  if (grip_ == Grip::none) {
    const std::uint64_t at = canvas_.whole().time_at(pressed_x_ - strip().left(), strip().width());
    canvas_.set_range(canvas_.range().with(at, 0.5, canvas_.whole()));
    grip_ = Grip::middle;
  }
  pressed_range_ = canvas_.range();
}

void Overview::mouseMoveEvent(QMouseEvent* event) {
  const double x = event->position().x();
  if (grip_ == Grip::none) {
    const Grip over = grip_at(x);
    setCursor(over == Grip::left || over == Grip::right ? Qt::SizeHorCursor
              : over == Grip::middle                    ? Qt::OpenHandCursor
                                                        : Qt::ArrowCursor);
    return;
  }
  const TimeRange whole = canvas_.whole();
  if (grip_ == Grip::middle) {
    const double by = (x - pressed_x_) / strip().width() * static_cast<double>(whole.length_ns());
    canvas_.set_range(pressed_range_.moved(by, whole));
    return;
  }
  const std::uint64_t at = whole.time_at(x - strip().left(), strip().width());
  const std::uint64_t least = std::min(TimeRange::narrowest_ns, whole.length_ns());
  TimeRange range = pressed_range_;
  if (grip_ == Grip::left)
    range.from_ns = std::min(at, range.until_ns - least);
  else
    range.until_ns = std::max(at + 1, range.from_ns + least);
  canvas_.set_range(range);
}

void Overview::mouseReleaseEvent(QMouseEvent*) {
  grip_ = Grip::none;
}

void Overview::wheelEvent(QWheelEvent* event) {
  const std::uint64_t at = canvas_.whole().time_at(event->position().x() - strip().left(), strip().width());
  const TimeRange range =
      canvas_.range().holds(at) ? canvas_.range() : canvas_.range().with(at, 0.5, canvas_.whole());
  canvas_.set_range(range.zoomed(at, std::pow(0.8, event->angleDelta().y() / 120.0), canvas_.whole()));
  event->accept();
}

void Overview::keyPressEvent(QKeyEvent* event) {
  switch (event->key()) {
  case Qt::Key_Left:
    return canvas_.pan(-0.25);
  case Qt::Key_Right:
    return canvas_.pan(0.25);
  case Qt::Key_Plus:
  case Qt::Key_Equal:
    return canvas_.zoom(0.5);
  case Qt::Key_Minus:
    return canvas_.zoom(2);
  default:
    return QWidget::keyPressEvent(event);
  }
}

} // namespace zbuf::gui

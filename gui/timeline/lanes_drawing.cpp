// SPDX-License-Identifier: GPL-3.0-or-later
// What LanesCanvas draws: the picture of the lanes when they change, and what lies over it in each frame.
#include "gui/theme/format.h"
#include "gui/theme/theme.h"
#include "gui/timeline/lane_painter.h"
#include "gui/timeline/lanes_canvas.h"
#include "gui/timeline/measure.h"

#include <QPaintEngine>

#include <algorithm>
#include <cmath>

namespace zbuf::gui {

void LanesCanvas::draw_lanes(QPainter& painter) const {
  painter.fillRect(rect(), theme().panel());
  LanePainter lanes(painter, layout_, range_);
  lanes.draw_frame(playback_);
  // While a new stretch is being read, what there is of it, or of the whole run, stands in.
  std::shared_ptr<const LaneData> data = loader_.part();
  const bool covers =
      data && data->range.from_ns <= range_.from_ns && data->range.until_ns >= range_.until_ns;
  if (!covers && loader_.whole())
    data = loader_.whole();
  if (data && data->tracks.size() == playback_.track_count())
    lanes.draw_data(*data);
}

void LanesCanvas::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const QPaintEngine::Type engine = painter.paintEngine()->type();
  if (engine == QPaintEngine::SVG || engine == QPaintEngine::Pdf || engine == QPaintEngine::Picture) {
    draw_lanes(painter); // to be scaled by whoever gets it
  } else {
    const double ratio = devicePixelRatioF();
    const QSize wanted = (QSizeF(size()) * ratio).toSize();
    if (stale_ || picture_.size() != wanted) {
      if (picture_.size() != wanted)
        picture_ = QPixmap(wanted);
      picture_.setDevicePixelRatio(ratio);
      QPainter into(&picture_);
      draw_lanes(into);
      stale_ = false;
    }
    painter.drawPixmap(0, 0, picture_);
  }
  if (playback_.track_count() == 0) {
    painter.setFont(theme().ui(9));
    painter.setPen(theme().muted());
    painter.drawText(rect(), Qt::AlignCenter | Qt::TextWordWrap,
                     tr("Run a lesson or open a recording to see it here"));
    return;
  }
  LanePainter(painter, layout_, range_).draw_times(cursor_plate());
  draw_measure(painter);
  draw_flags(painter);
  draw_cursor(painter);
  if (hasFocus()) {
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(theme().accent(), 1));
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
  }
}

void LanesCanvas::draw_flags(QPainter& painter) const {
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setFont(theme().ui(7.5, true));
  for (const Flag& flag : flags()) {
    const bool bookmark = !flag.event;
    const QColor colour = bookmark ? theme().good() : theme().accent();
    QColor pole = colour;
    pole.setAlpha(bookmark ? 190 : 110);
    painter.setPen(QPen(pole, 1));
    painter.drawLine(QPointF(flag.at, flag.shape.bottom()), QPointF(flag.at, layout_.bottom()));
    painter.setPen(Qt::NoPen);
    painter.setBrush(colour);
    if (bookmark) { // a pennant on its pole
      painter.drawRect(QRectF(flag.at - 0.75, flag.shape.top(), 1.5, flag.shape.height()));
      painter.drawPolygon(QPolygonF{
          flag.shape.topLeft(), QPointF(flag.shape.right(), flag.shape.top() + flag.shape.height() * 0.32),
          QPointF(flag.shape.left(), flag.shape.top() + flag.shape.height() * 0.64)});
      continue;
    }
    painter.drawRoundedRect(flag.shape, 3, 3);
    painter.setPen(theme().on_accent());
    painter.drawText(flag.shape, Qt::AlignCenter, flag.label);
  }
}

void LanesCanvas::draw_measure(QPainter& painter) const {
  const std::optional<TimeRange> span = measured();
  if (!span)
    return;
  const double left =
      std::clamp(x_of(span->from_ns), layout_.label_width, layout_.label_width + layout_.lanes_width);
  const double right = std::clamp(x_of(span->until_ns), left, layout_.label_width + layout_.lanes_width);
  QColor ground = theme().accent();
  ground.setAlpha(38);
  painter.fillRect(QRectF(left, layout_.flags_height, right - left, layout_.bottom() - layout_.flags_height),
                   ground);
  painter.setPen(QPen(theme().accent(), 1.2, Qt::DashLine));
  for (const double at : {left, right})
    painter.drawLine(QPointF(at, layout_.flags_height), QPointF(at, layout_.bottom()));

  const QStringList lines = measure_text(playback_, *span);
  painter.setFont(theme().ui(8.5));
  const QFontMetricsF metrics(painter.font());
  double width = 0;
  for (const QString& line : lines)
    width = std::max(width, metrics.horizontalAdvance(line));
  const double pad = metrics.averageCharWidth();
  QRectF box(0, 0, width + 2 * pad, metrics.height() * static_cast<double>(lines.size()) + pad);
  const QRectF seen = visibleRegion().isEmpty() ? QRectF(rect()) : QRectF(visibleRegion().boundingRect());
  box.moveCenter(
      QPointF((left + right) / 2, std::min(layout_.bottom(), seen.bottom()) - box.height() / 2 - 2));
  box.moveLeft(std::clamp(box.left(), 1.0, std::max(1.0, this->width() - box.width() - 1)));
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(theme().accent(), 1));
  painter.setBrush(theme().panel());
  painter.drawRoundedRect(box, 4, 4);
  painter.setPen(theme().text());
  painter.drawText(box.adjusted(pad, pad / 2, -pad, -pad / 2), Qt::AlignCenter, lines.join('\n'));
}

QRectF LanesCanvas::cursor_plate() const {
  if (!range_.holds(playback_.time_ns()))
    return {};
  const QFontMetricsF metrics(theme().mono(8.5, true));
  const double width =
      metrics.horizontalAdvance(time(playback_.time_ns())) + metrics.averageCharWidth() * 1.4;
  QRectF plate(x_of(playback_.time_ns()) - width / 2, layout_.flags_height, width,
               layout_.ruler_height - layout_.flags_height - 2);
  plate.moveLeft(std::clamp(plate.left(), 1.0, std::max(1.0, this->width() - width - 1)));
  return plate;
}

void LanesCanvas::draw_cursor(QPainter& painter) const {
  const QRectF plate = cursor_plate();
  if (plate.isEmpty())
    return;
  const double at = x_of(playback_.time_ns());
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(theme().text(), 1.6));
  painter.drawLine(QPointF(at, layout_.flags_height + 2), QPointF(at, layout_.bottom()));
  painter.setFont(theme().mono(8.5, true));
  painter.setPen(Qt::NoPen);
  painter.setBrush(theme().text());
  painter.drawRoundedRect(plate, 3, 3);
  const double half = layout_.flags_height * 0.28;
  painter.drawPolygon(QPolygonF{
      {at - half, plate.bottom() - 0.5}, {at + half, plate.bottom() - 0.5}, {at, plate.bottom() + half}});
  painter.setPen(theme().panel());
  painter.drawText(plate, Qt::AlignCenter, time(playback_.time_ns()));
}

} // namespace zbuf::gui

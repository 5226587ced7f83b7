// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/stage/brushes.h"

#include "gui/theme/theme.h"

#include <QLineF>
#include <QPainter>
#include <QVarLengthArray>

#include <cmath>

namespace zbuf::gui::stage {

QColor colour_of(Ink ink) {
  switch (ink) {
  case Ink::muted:
    return theme().muted();
  case Ink::user:
    return theme().user();
  case Ink::kernel:
    return theme().kernel();
  case Ink::danger:
    return theme().danger();
  case Ink::good:
    return theme().good();
  case Ink::accent:
    return theme().accent();
  case Ink::on_accent:
    return theme().on_accent();
  case Ink::text:
    break;
  }
  return theme().text();
}

QColor colour_of(Owner owner) {
  return owner == Owner::user ? theme().user() : theme().kernel();
}

void draw_arrow_head(QPainter& painter, const QPointF& from, const QPointF& tip, double size,
                     const QColor& colour) {
  const QLineF line(tip, from);
  if (line.length() <= 0)
    return;
  const QPointF along = (line.p2() - line.p1()) / line.length() * size;
  const QPointF across(-along.y() * 0.5, along.x() * 0.5);
  const QPointF corners[] = {tip, tip + along + across, tip + along - across};
  painter.setPen(Qt::NoPen);
  painter.setBrush(colour);
  painter.drawPolygon(corners, 3);
}

void hatch(QPainter& painter, const QRectF& rect, double spacing, const QColor& colour, double width) {
  if (rect.width() <= 0 || rect.height() <= 0)
    return;
  QVarLengthArray<QLineF, 256> lines;
  // Each line is cut at the edges, so that no clip is needed.
  for (double x = rect.left() - rect.height(); x < rect.right() && lines.size() < 1024; x += spacing) {
    const double left = std::max(x, rect.left());
    const double right = std::min(x + rect.height(), rect.right());
    if (left < right)
      lines.append(QLineF(left, rect.bottom() - (left - x), right, rect.bottom() - (right - x)));
  }
  painter.setPen(QPen(colour, width, Qt::SolidLine, Qt::FlatCap));
  painter.drawLines(lines.constData(), static_cast<int>(lines.size()));
}

double pixel_ratio(const QPainter& painter) {
  return std::max(1.0, std::abs(painter.deviceTransform().m11()));
}

QRectF sharp(const QPainter& painter, const QRectF& rect) {
  const double ratio = pixel_ratio(painter);
  const auto snap = [ratio](double x) { return std::round(x * ratio) / ratio; };
  const double left = snap(rect.left()), top = snap(rect.top());
  return {left, top, std::max(1 / ratio, snap(rect.right()) - left),
          std::max(1 / ratio, snap(rect.bottom()) - top)};
}

void draw_frame(QPainter& painter, const Panel& panel, double radius) {
  if (panel.rect.isEmpty())
    return;
  QPen pen(panel.alarm ? theme().danger() : theme().border(), panel.alarm ? 1.4 : 1);
  if (panel.dashed)
    pen = QPen(panel.alarm ? theme().danger() : theme().muted(), 1.3, Qt::DashLine);
  painter.setPen(pen);
  if (panel.dashed)
    painter.setBrush(Qt::NoBrush);
  else
    painter.setBrush(panel.alarm ? theme().danger_ground() : theme().panel());
  painter.drawRoundedRect(panel.rect, radius, radius);
}

} // namespace zbuf::gui::stage

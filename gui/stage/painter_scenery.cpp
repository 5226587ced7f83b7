// SPDX-License-Identifier: GPL-3.0-or-later
// The part of the painter for what lies around the buffers: the ground, and the ways of packets.
#include "gui/stage/painter.h"

#include "gui/stage/brushes.h"
#include "gui/theme/theme.h"

#include <QPainter>
#include <QPainterPath>

#include <algorithm>

namespace zbuf::gui::stage {

namespace {

QPainterPath path_of(const std::array<QPointF, 4>& curve) {
  QPainterPath path(curve[0]);
  path.cubicTo(curve[1], curve[2], curve[3]);
  return path;
}

/// A Bézier curve as short straight pieces. QPainterPath can measure curves too, but a hundred times slower.
class Pieces {
 public:
  explicit Pieces(const std::array<QPointF, 4>& c) {
    for (std::size_t i = 0; i <= count; ++i) {
      const double t = static_cast<double>(i) / count, s = 1 - t;
      points_[i] = c[0] * (s * s * s) + c[1] * (3 * s * s * t) + c[2] * (3 * s * t * t) + c[3] * (t * t * t);
      lengths_[i] = i == 0 ? 0 : lengths_[i - 1] + QLineF(points_[i - 1], points_[i]).length();
    }
  }
  [[nodiscard]] double length() const { return lengths_[count]; }

  [[nodiscard]] QPointF at(double along) const {
    const auto after = std::upper_bound(lengths_.begin() + 1, lengths_.end() - 1, along);
    const auto i = static_cast<std::size_t>(after - lengths_.begin());
    const double piece = lengths_[i] - lengths_[i - 1];
    return points_[i - 1] +
           (points_[i] - points_[i - 1]) * (piece > 0 ? (along - lengths_[i - 1]) / piece : 0);
  }

 private:
  static constexpr std::size_t count = 40;
  std::array<QPointF, count + 1> points_{};
  std::array<double, count + 1> lengths_{};
};

} // namespace

void Painter::draw_ground(QPainter& painter, const Scene& scene) const {
  const double u = scene.unit;
  painter.fillRect(QRectF(QPointF(), scene.size), theme().panel());
  painter.fillRect(scene.user_area, theme().user_ground());
  painter.fillRect(scene.kernel_area, theme().kernel_ground());
  const double y = scene.user_area.bottom();
  painter.setPen(QPen(theme().text(), 2.2 * u, Qt::CustomDashLine, Qt::RoundCap));
  QPen dots = painter.pen();
  dots.setDashPattern({0.01, 3.0});
  painter.setPen(dots);
  if (!scene.empty)
    painter.drawLine(QPointF(scene.user_area.left(), y), QPointF(scene.user_area.right(), y));
  if (scene.empty)
    return;
  for (const Slot& slot : scene.berths) {
    painter.setPen(QPen(theme().muted(), 1.3 * u, slot.deduced ? Qt::DotLine : Qt::DashLine));
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(slot.rect, 8 * u, 8 * u);
  }
  draw_frame(painter, scene.reader, 9 * u);
  draw_frame(painter, scene.interface, 8 * u);
  draw_frame(painter, scene.bin, 7 * u);
  draw_frame(painter, scene.counters, 7 * u);
  if (!scene.quiz.rect.isEmpty())
    draw_frame(painter, scene.quiz, 7 * u);
  painter.setPen(QPen(theme().muted(), 1.2 * u));
  painter.setBrush(theme().panel());
  painter.drawPolygon(scene.funnel.data(), static_cast<int>(scene.funnel.size()));
}

void Painter::draw_way(QPainter& painter, const Scene& scene) const {
  const double u = scene.unit;
  const QColor colour = scene.way_open ? theme().kernel() : theme().muted();
  const Qt::PenStyle style = scene.way_open ? Qt::SolidLine : Qt::DotLine;
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(colour, 1.6 * u, style));
  painter.drawLine(scene.wire[0], scene.wire[1]);
  const QPainterPath way = path_of(scene.way);
  painter.drawPath(way);
  draw_arrow_head(painter, scene.way[3] + (scene.way[2] - scene.way[3]) * 0.1, scene.way[3], 9 * u, colour);
}

void Painter::draw_streams(QPainter& painter, const Scene& scene) const {
  const double u = scene.unit;
  for (const Stream& stream : scene.streams) {
    const Pieces pieces(stream.curve);
    const QColor colour = colour_of(stream.ink);
    QColor band = colour;
    band.setAlphaF(0.3F);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(band, stream.width, Qt::SolidLine, Qt::FlatCap));
    painter.drawPath(path_of(stream.curve));
    const double spacing = 26 * u;
    for (double at = std::max(u, stream.phase * spacing); at < pieces.length(); at += spacing)
      draw_arrow_head(painter, pieces.at(std::max(0.0, at - 2 * u)), pieces.at(at),
                      4 * u + stream.width * 0.5, colour);
  }
}

void Painter::draw_tethers(QPainter& painter, const Scene& scene) const {
  const double u = scene.unit;
  for (const Card& card : scene.cards) {
    if (!card.tethered)
      continue;
    painter.setPen(QPen(colour_of(card.owner), 2.2 * u, Qt::DashLine));
    painter.drawLine(QPointF(card.rect.center().x(), card.rect.bottom()), card.home);
  }
}

void Painter::draw_packets(QPainter& painter, const Scene& scene) const {
  const double u = scene.unit;
  for (const Packet& packet : scene.packets) {
    const double half = packet.size / 2;
    const QRectF rect(packet.centre - QPointF(half, half), QSizeF(packet.size, packet.size));
    painter.setOpacity(packet.opacity);
    painter.setPen(QPen(packet.dropped ? theme().danger() : theme().panel(), (packet.dropped ? 2 : 1) * u));
    painter.setBrush(theme().flow(static_cast<std::uint32_t>(packet.flow)));
    painter.drawRoundedRect(rect, 2.5 * u, 2.5 * u);
    if (packet.selected) {
      painter.setPen(QPen(theme().accent(), 2 * u));
      painter.setBrush(Qt::NoBrush);
      painter.drawRoundedRect(rect.adjusted(-3 * u, -3 * u, 3 * u, 3 * u), 4 * u, 4 * u);
    }
  }
  painter.setOpacity(1);
}

void Painter::draw_copy(QPainter& painter, const Scene& scene) {
  if (scene.copy_arrow.size() < 2)
    return;
  const double u = scene.unit;
  painter.setPen(QPen(theme().user(), 3 * u, Qt::DashLine));
  painter.drawLine(scene.copy_arrow[0], scene.copy_arrow[1]);
  draw_arrow_head(painter, scene.copy_arrow[0], scene.copy_arrow[1], 11 * u, theme().user());
  draw_text(painter, scene.copy_text);
}

} // namespace zbuf::gui::stage

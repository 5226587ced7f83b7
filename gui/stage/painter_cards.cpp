// SPDX-License-Identifier: GPL-3.0-or-later
// The part of the painter for the buffers.
#include "gui/stage/painter.h"

#include "gui/stage/brushes.h"
#include "gui/theme/theme.h"

#include <QPainter>
#include <QPainterPath>

#include <cmath>

namespace zbuf::gui::stage {

void Painter::draw_blocks(QPainter& painter, const Scene& scene, const Card& card) const {
  const double u = scene.unit;
  painter.setPen(QPen(theme().border(), 1));
  painter.setBrush(theme().sunken());
  painter.drawRect(sharp(painter, card.strip));
  for (const Block& block : card.blocks) {
    const QRectF rect = sharp(painter, block.rect);
    QColor colour = theme().flow(static_cast<std::uint32_t>(block.flow));
    if (block.shade)
      colour = colour.darker(114);
    if (block.landing) {
      colour.setAlphaF(0.18F);
      painter.fillRect(rect, colour);
      continue;
    }
    if (block.handled || card.ghost)
      colour.setAlphaF(block.handled ? 0.38F : 0.7F);
    painter.fillRect(rect, colour);
  }
  // One hatching over all that was handled, for it is one stretch.
  QRectF handled;
  for (const Block& block : card.blocks)
    if (block.handled)
      handled = handled.isNull() ? block.rect : handled.united(block.rect);
  if (!handled.isNull())
    hatch(painter, handled, 5 * u, theme().text(), 0.8 * u);
  if (!card.stale.isNull()) {
    QColor ground = theme().danger();
    ground.setAlphaF(0.18F);
    painter.fillRect(sharp(painter, card.stale), ground);
    hatch(painter, card.stale, 5 * u, theme().danger(), 1.2 * u);
  }
  painter.setBrush(Qt::NoBrush);
  for (const Block& block : card.blocks) {
    if (!block.selected && !block.fresh)
      continue;
    painter.setPen(
        QPen(block.selected ? theme().accent() : theme().text(), (block.selected ? 2.4 : 1.6) * u));
    painter.drawRect(block.rect.adjusted(-u, -u, u, u));
  }
}

/// The kernel has written into what the user owns: that must not be overlooked.
void Painter::draw_alarm(QPainter& painter, const Scene& scene, const Card& card) const {
  const double u = scene.unit;
  QColor red = theme().danger();
  if (card.flash > 0) {
    red.setAlphaF(static_cast<float>(0.25 * card.flash));
    painter.setPen(Qt::NoPen);
    painter.setBrush(red);
    const double out = 9 * u * card.flash;
    painter.drawRoundedRect(card.rect.adjusted(-out, -out, out, out), 12 * u, 12 * u);
  }
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(theme().danger(), 3.5 * u));
  painter.drawRoundedRect(card.rect, 8 * u, 8 * u);
  // A warning sign over the header.
  const QPointF top(card.header.left() + card.header.width() * 0.32, card.header.center().y() - 15 * u);
  const QPointF corners[] = {top, top + QPointF(13 * u, 22 * u), top + QPointF(-13 * u, 22 * u)};
  painter.setPen(QPen(theme().panel(), 1.5 * u, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
  painter.setBrush(theme().danger());
  painter.drawPolygon(corners, 3);
  painter.setPen(QPen(theme().on_accent(), 2.4 * u, Qt::SolidLine, Qt::RoundCap));
  painter.drawLine(top + QPointF(0, 8 * u), top + QPointF(0, 14 * u));
  painter.drawPoint(top + QPointF(0, 18.5 * u));
}

void Painter::draw_card(QPainter& painter, const Scene& scene, const Card& card) {
  const double u = scene.unit;
  const double radius = 8 * u;
  const QColor colour = colour_of(card.owner);
  if (card.ghost)
    painter.setOpacity(0.75);
  if (card.moving) {
    QColor shadow(0, 0, 0, 40);
    painter.setPen(Qt::NoPen);
    painter.setBrush(shadow);
    painter.drawRoundedRect(card.rect.translated(2 * u, 4 * u), radius, radius);
  }
  painter.setPen(QPen(colour, 2 * u, card.ghost ? Qt::DashLine : Qt::SolidLine));
  painter.setBrush(theme().panel());
  painter.drawRoundedRect(card.rect, radius, radius);
  QPainterPath header;
  header.setFillRule(Qt::WindingFill);
  header.addRoundedRect(card.header, radius, radius);
  header.addRect(card.header.adjusted(0, card.header.height() / 2, 0, 0));
  painter.fillPath(header.simplified(), colour);
  draw_blocks(painter, scene, card);
  for (const Text& text : card.texts)
    draw_text(painter, text);
  if (card.focused) {
    painter.setPen(QPen(theme().accent(), 1.6 * u));
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(card.rect.adjusted(-4 * u, -4 * u, 4 * u, 4 * u), radius + 4 * u, radius + 4 * u);
  }
  painter.setOpacity(1);
  if (card.overwritten)
    draw_alarm(painter, scene, card);
}

} // namespace zbuf::gui::stage

// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/stage/painter.h"

#include "gui/stage/brushes.h"
#include "gui/theme/theme.h"

#include <QPainter>
#include <QPainterPath>

#include <cmath>

namespace zbuf::gui::stage {

namespace {

/// What the ground shows of a scene, for comparing.
Scene ground_parts(const Scene& scene) {
  Scene parts;
  parts.size = scene.size;
  parts.unit = scene.unit;
  parts.empty = scene.empty;
  parts.user_area = scene.user_area;
  parts.kernel_area = scene.kernel_area;
  const auto frame = [](const Panel& panel) { return Panel{panel.rect, {}, panel.alarm, panel.dashed}; };
  parts.reader = frame(scene.reader);
  parts.interface = frame(scene.interface);
  parts.bin = frame(scene.bin);
  parts.counters = frame(scene.counters);
  parts.quiz = frame(scene.quiz);
  parts.funnel = scene.funnel;
  for (std::size_t i = 0; i < scene.berths.size(); ++i) {
    parts.berths[i].rect = scene.berths[i].rect;
    parts.berths[i].deduced = scene.berths[i].deduced;
  }
  return parts;
}

} // namespace

void Painter::forget() {
  ground_ = {};
  fonts_.clear();
}

const QFont& Painter::font(Face face, double points) {
  const qint64 key = static_cast<qint64>(std::lround(points * 64)) * 4 + static_cast<int>(face);
  auto found = fonts_.find(key);
  if (found == fonts_.end())
    found = fonts_.insert(key, font_of(face, points));
  return *found;
}

void Painter::paint(QPainter& painter, const Scene& scene, const Highlight& highlight, bool cached) {
  painter.setRenderHint(QPainter::Antialiasing);
  if (cached)
    draw_cached_ground(painter, scene);
  else
    draw_ground(painter, scene);
  if (!scene.empty) {
    draw_slots(painter, scene);
    draw_streams(painter, scene);
    draw_way(painter, scene);
    draw_tethers(painter, scene);
    draw_reader(painter, scene);
    draw_panel_texts(painter, scene.interface);
    draw_panel_texts(painter, scene.bin);
    draw_panel_texts(painter, scene.counters);
    draw_quiz(painter, scene, highlight);
  }
  for (const Text& text : scene.texts)
    draw_text(painter, text);
  if (!scene.empty) {
    for (const Card& card : scene.cards)
      if (!card.moving)
        draw_card(painter, scene, card);
    draw_copy(painter, scene);
    // The pill lies on the boundary, and whoever crosses it passes above.
    draw_frame(painter, scene.pill, scene.pill.rect.height() / 2);
    draw_panel_texts(painter, scene.pill);
    for (const Card& card : scene.cards)
      if (card.moving)
        draw_card(painter, scene, card);
    draw_packets(painter, scene);
    draw_notice(painter, scene);
    draw_overview(painter, scene);
  }
  if (highlight.focus) {
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(theme().accent(), std::max(2.0, 2 * scene.unit)));
    painter.drawRoundedRect(highlight.focus->adjusted(-2, -2, 2, 2), 8 * scene.unit, 8 * scene.unit);
  }
}

void Painter::draw_cached_ground(QPainter& painter, const Scene& scene) {
  const double ratio = pixel_ratio(painter);
  const QSize pixels = (scene.size * ratio).toSize();
  Scene parts = ground_parts(scene);
  if (ground_.size() != pixels || ground_.devicePixelRatio() != ratio || !(parts == ground_of_)) {
    ground_ = QPixmap(pixels);
    ground_.setDevicePixelRatio(ratio);
    QPainter onto(&ground_);
    onto.setRenderHint(QPainter::Antialiasing);
    draw_ground(onto, scene);
    ground_of_ = std::move(parts);
  }
  painter.drawPixmap(QPointF(0, 0), ground_);
}

void Painter::draw_text(QPainter& painter, const Text& text) {
  if (text.text.isEmpty())
    return;
  painter.setFont(font(text.face, text.points));
  painter.setPen(colour_of(text.ink));
  painter.drawText(text.rect, static_cast<int>(text.align) | Qt::TextSingleLine | Qt::TextDontClip,
                   text.text);
}

void Painter::draw_panel_texts(QPainter& painter, const Panel& panel) {
  for (const Text& text : panel.texts)
    draw_text(painter, text);
}

void Painter::draw_reader(QPainter& painter, const Scene& scene) {
  const double u = scene.unit;
  if (!scene.progress.isEmpty()) {
    const double radius = scene.progress.height() / 2;
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme().border());
    painter.drawRoundedRect(scene.progress, radius, radius);
    QRectF done = scene.progress;
    done.setWidth(std::max(done.height(), done.width() * scene.progress_done));
    if (scene.progress_done > 0) {
      painter.setBrush(scene.reader_stalled ? theme().danger() : theme().user());
      painter.drawRoundedRect(done, radius, radius);
    }
  }
  draw_panel_texts(painter, scene.reader);
  if (scene.reading.size() > 1) {
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(theme().muted(), 1.6 * u));
    painter.drawPolyline(scene.reading.data(), static_cast<int>(scene.reading.size()));
    draw_arrow_head(painter, scene.reading[scene.reading.size() - 2], scene.reading.back(), 7 * u,
                    theme().muted());
  }
}

void Painter::draw_slots(QPainter& painter, const Scene& scene) {
  for (const Slot& slot : scene.berths) {
    draw_text(painter, slot.name);
    draw_text(painter, slot.note);
  }
}

void Painter::draw_quiz(QPainter& painter, const Scene& scene, const Highlight& highlight) {
  draw_panel_texts(painter, scene.quiz);
  int index = 0;
  for (const Guess& guess : scene.guesses) {
    const bool hovered = index++ == highlight.hovered_guess;
    const double radius = guess.rect.height() / 2;
    painter.setPen(QPen(hovered ? theme().accent() : theme().border(), hovered ? 1.6 : 1));
    painter.setBrush(theme().sunken());
    painter.drawRoundedRect(guess.rect, radius, radius);
    draw_text(painter, guess.text);
  }
}

void Painter::draw_overview(QPainter& painter, const Scene& scene) {
  const double u = scene.unit;
  for (const Overview& card : scene.overview) {
    painter.setPen(QPen(card.focused ? theme().accent() : theme().border(), card.focused ? 2 : 1));
    painter.setBrush(theme().panel());
    painter.drawRoundedRect(card.rect, 6 * u, 6 * u);
    for (const Overview::Bar& bar : card.bars) {
      const QColor colour = bar.owner == Owner::user ? theme().user() : theme().kernel();
      painter.setPen(QPen(bar.present ? colour : theme().border(), 1));
      painter.setBrush(theme().panel());
      painter.drawRoundedRect(bar.rect, 2.5 * u, 2.5 * u);
      QColor filled = colour;
      filled.setAlphaF(0.22F);
      painter.fillRect(QRectF(bar.rect.topLeft(), QSizeF(bar.rect.width() * bar.fill, bar.rect.height())),
                       filled);
      if (bar.present)
        draw_text(painter, bar.text);
    }
    for (const Text& text : card.texts)
      draw_text(painter, text);
  }
}

void Painter::draw_notice(QPainter& painter, const Scene& scene) {
  if (scene.notice.rect.isEmpty())
    return;
  const double radius = scene.notice.rect.height() / 2;
  painter.setPen(QPen(scene.notice.alarm ? theme().danger() : theme().border(), 1));
  painter.setBrush(scene.notice.alarm ? theme().danger_ground() : theme().highlight());
  painter.drawRoundedRect(scene.notice.rect, radius, radius);
  draw_panel_texts(painter, scene.notice);
}

} // namespace zbuf::gui::stage

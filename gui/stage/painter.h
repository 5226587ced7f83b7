// SPDX-License-Identifier: GPL-3.0-or-later
// Draws a scene. Decides nothing: what is where and what it says is in the scene.
#pragma once

#include "gui/stage/scene.h"

#include <QHash>
#include <QPixmap>

#include <optional>

class QPainter;

namespace zbuf::gui::stage {

/// What the pointer and the keyboard are at.
struct Highlight {
  std::optional<QRectF> focus{}; ///< of the keyboard
  int hovered_guess = -1;
};

class Painter {
 public:
  /// `cached`: what seldom changes is kept as a pixmap; false for a drawing that must stay lines and letters.
  void paint(QPainter& painter, const Scene& scene, const Highlight& highlight, bool cached);
  /// To be called when the theme has changed.
  void forget();

 private:
  void draw_ground(QPainter& painter, const Scene& scene) const;
  void draw_cached_ground(QPainter& painter, const Scene& scene);
  void draw_text(QPainter& painter, const Text& text);
  void draw_panel_texts(QPainter& painter, const Panel& panel);
  void draw_reader(QPainter& painter, const Scene& scene);
  void draw_way(QPainter& painter, const Scene& scene) const;
  void draw_streams(QPainter& painter, const Scene& scene) const;
  void draw_slots(QPainter& painter, const Scene& scene);
  void draw_copy(QPainter& painter, const Scene& scene);
  void draw_tethers(QPainter& painter, const Scene& scene) const;
  void draw_card(QPainter& painter, const Scene& scene, const Card& card);
  void draw_blocks(QPainter& painter, const Scene& scene, const Card& card) const;
  void draw_alarm(QPainter& painter, const Scene& scene, const Card& card) const;
  void draw_packets(QPainter& painter, const Scene& scene) const;
  void draw_quiz(QPainter& painter, const Scene& scene, const Highlight& highlight);
  void draw_overview(QPainter& painter, const Scene& scene);
  void draw_notice(QPainter& painter, const Scene& scene);

  [[nodiscard]] const QFont& font(Face face, double points);

  QPixmap ground_;
  Scene ground_of_{}; ///< the parts of it that ground_ shows
  QHash<qint64, QFont> fonts_;
};

} // namespace zbuf::gui::stage

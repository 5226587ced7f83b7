// SPDX-License-Identifier: GPL-3.0-or-later
// The whole run in a strip, and the window on it that the lanes show.
#pragma once

#include "gui/timeline/lanes_canvas.h"

#include <QWidget>

namespace zbuf::gui {

/// Drag the window to move it, its edges to widen it; click beside it to bring it there. Left and right with
/// the keys.
class Overview : public QWidget {
  Q_OBJECT
 public:
  Overview(Playback& playback, LaneLoader& loader, LanesCanvas& canvas, QWidget* parent = nullptr);

  /// What the lanes show, as it is drawn here.
  [[nodiscard]] QRectF window() const;
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  enum class Grip { none, left, middle, right };

  [[nodiscard]] QRectF strip() const;
  [[nodiscard]] double x_of(std::uint64_t time_ns) const;
  [[nodiscard]] Grip grip_at(double x) const;
  void draw_run(QPainter& painter) const;
  void draw_window(QPainter& painter) const;

  Playback& playback_;
  LaneLoader& loader_;
  LanesCanvas& canvas_;
  Grip grip_ = Grip::none;
  double pressed_x_ = 0;
  TimeRange pressed_range_{};
  QPixmap picture_{};
  bool stale_ = true;
};

} // namespace zbuf::gui

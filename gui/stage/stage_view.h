// SPDX-License-Identifier: GPL-3.0-or-later
// The stage: user process above, kernel below, and what passes between them.
#pragma once

#include "gui/model/playback.h"

#include <QWidget>

#include <memory>
#include <optional>

namespace zbuf::gui {

namespace stage {
struct Element;
struct Scene;
} // namespace stage

/// Draws one track of a playback; the focused one, or always the same. Clicking selects what is under the
/// pointer; Tab goes from part to part, Return does what a click does, Up and Down go through the records of
/// a buffer. `playback` outlives the view.
class StageView : public QWidget {
  Q_OBJECT
 public:
  explicit StageView(Playback& playback, QWidget* parent = nullptr, std::optional<std::size_t> track = {});
  ~StageView() override;

  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override;

  /// While the frames of a video are drawn: motion goes on between events even though nothing plays.
  void set_filming(bool filming);
  /// Draws the stage of this moment in that size, without pixmaps: for SVG and PDF.
  void draw(QPainter& painter, const QSizeF& size);

  /// What is shown now.
  [[nodiscard]] const stage::Scene& scene() const;
  /// What can be reached with the keyboard, in order; one of them may be the current one.
  [[nodiscard]] const std::vector<stage::Element>& elements() const;
  [[nodiscard]] int current_element() const;
  /// Makes it the current one, and does what a click on it does.
  void activate(int element);
  void set_current_element(int element);

 protected:
  bool event(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  bool focusNextPrevChild(bool next) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

} // namespace zbuf::gui

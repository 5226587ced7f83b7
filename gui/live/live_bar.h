// SPDX-License-Identifier: GPL-3.0-or-later
// Above the stage while something is captured or followed: whether the view is at the live edge, how far
// behind it is, and how the capture goes.
#pragma once

#include "gui/live/live.h"

#include <QLabel>
#include <QPushButton>
#include <QTimer>
#include <QToolButton>
#include <QWidget>

namespace zbuf::gui {

class LiveBar : public QWidget {
  Q_OBJECT
 public:
  LiveBar(Playback& playback, Live& live, QWidget* parent = nullptr);

  [[nodiscard]] QToolButton& edge() { return *edge_; }
  /// All that it says, for tests and screen readers.
  [[nodiscard]] QString text() const;
  void set_presenting(bool presenting);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  void dress();
  void show_state();
  void show_edge();
  void fit();

  Playback& playback_;
  Live& live_;
  QToolButton* edge_; ///< LIVE
  QLabel* subject_;
  QLabel* figures_;
  QLabel* gone_;  ///< what is no longer kept
  QLabel* slots_; ///< exact or deduced
  QPushButton* stop_;
  QTimer clock_; ///< while it runs, once a moment: how long nothing came, how far behind
  QString full_figures_{};
  bool presenting_ = false;
};

} // namespace zbuf::gui

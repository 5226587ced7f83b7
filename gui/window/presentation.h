// SPDX-License-Identifier: GPL-3.0-or-later
// The window before a class: large type, the stage and the author's words, and nothing else.
#pragma once

#include <QList>
#include <QObject>
#include <QWidget>

namespace zbuf::gui {

class ChapterBar;
class LiveBar;

class Presentation : public QObject {
  Q_OBJECT
 public:
  /// `hidden` are hidden meanwhile. All outlive it.
  Presentation(QWidget& window, QList<QWidget*> hidden, ChapterBar& chapter, LiveBar& live_bar,
               QWidget& stage);

  [[nodiscard]] bool is_on() const { return on_; }
  void set_on(bool on);

 private:
  QWidget& window_;
  QList<QWidget*> hidden_;
  ChapterBar& chapter_;
  LiveBar& live_bar_;
  QWidget& stage_;
  bool on_ = false;
  bool was_full_screen_ = false;
};

} // namespace zbuf::gui

// SPDX-License-Identifier: GPL-3.0-or-later
// The author's words: the lesson's text before it begins, then that of the chapter where playback is.
#pragma once

#include "gui/model/session.h"

#include <QLabel>
#include <QScrollArea>
#include <QToolButton>
#include <QWidget>

#include <optional>

namespace zbuf::gui {

class ChapterBar : public QWidget {
  Q_OBJECT
 public:
  ChapterBar(Playback& playback, Session& session, QWidget* parent = nullptr);

  /// The chapter that was reached last; none before the first.
  [[nodiscard]] static std::optional<std::size_t> chapter_at(const VariantReport& run,
                                                             std::uint64_t events_done);

  void set_lesson_shown(bool shown);
  [[nodiscard]] bool lesson_shown() const { return !lesson_->isHidden(); }
  /// For the projector: larger.
  void set_presenting(bool presenting);

 signals:
  /// The last chapter of the run, or its end, was reached.
  void finished();

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void moveEvent(QMoveEvent* event) override;

 private:
  void show_opened();
  void show_place();
  void dress();
  void fit();

  Playback& playback_;
  Session& session_;
  QToolButton* previous_;
  QToolButton* next_;
  QLabel* place_;
  QLabel* text_;
  QToolButton* about_;
  QScrollArea*
      lesson_; ///< floats below the bar, over the stage, so that nothing moves when it comes and goes
  QLabel* lesson_text_;
  bool presenting_ = false;
  bool until_it_moves_ = false; ///< the text was shown by itself, and goes by itself
};

} // namespace zbuf::gui

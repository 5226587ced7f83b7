// SPDX-License-Identifier: GPL-3.0-or-later
// "Stop when": a condition in the words of the checks, completed while it is typed, with its error under it.
#pragma once

#include "gui/model/playback.h"

#include <QCompleter>
#include <QLabel>
#include <QLineEdit>
#include <QStandardItemModel>

namespace zbuf::gui {

class StopField : public QLineEdit {
  Q_OBJECT
 public:
  explicit StopField(Playback& playback, QWidget* parent = nullptr);

  /// What is wrong with what was typed; empty: nothing.
  [[nodiscard]] QString error() const {
    return error_->isVisibleTo(error_->parentWidget()) ? error_->text() : QString();
  }

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  void moveEvent(QMoveEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  void apply();
  void show_error(const QString& text);
  void place_error();
  void offer_words(bool all);
  void take_word(const QString& word);
  void fill_vocabulary();
  [[nodiscard]] qsizetype word_begin() const;

  Playback& playback_;
  QLabel* error_; ///< floats below the field, over whatever is there
  QCompleter* completer_;
  QStandardItemModel* words_;
};

/// What may stand in a condition of this run: names, and what each stands for.
struct Word {
  QString name{};
  QString text{};
};
[[nodiscard]] QList<Word> condition_words(const VariantReport& run);

} // namespace zbuf::gui

// SPDX-License-Identifier: GPL-3.0-or-later
// What went wrong, or ought to be known, where it is in nobody's way: above the stage, until it is closed or
// no longer true.
#pragma once

#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollArea>
#include <QStringList>
#include <QToolButton>
#include <QWidget>

#include <optional>

namespace zbuf::gui {

class NoticeBar : public QWidget {
  Q_OBJECT
 public:
  explicit NoticeBar(QWidget* parent = nullptr);

  /// Something could not be done. `again`: there is a point in trying it once more.
  void show_errors(const QString& what, const QStringList& errors, bool again);
  void show_failure(const QString& what, const QStringList& errors);
  void show_notice(const QString& text);
  /// What went wrong, or else what was done.
  void show_outcome(const std::optional<QString>& error, const QString& done);
  /// Something is under way; it can be stopped.
  void show_progress(const QString& what);
  void set_fraction(double fraction); ///< negative: not known
  void end_progress();
  void clear();

  /// What is to be read there; empty: nothing.
  [[nodiscard]] QString text() const;

 signals:
  void again_wanted();
  void stop_wanted();

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  enum class Kind { none, notice, error, progress };
  void set_kind(Kind kind);
  void fit();
  void dress();

  Kind kind_ = Kind::none;
  QLabel* title_;
  QLabel* body_;
  QScrollArea* area_;
  QProgressBar* bar_;
  QPushButton* again_;
  QPushButton* stop_;
  QToolButton* close_;
};

} // namespace zbuf::gui

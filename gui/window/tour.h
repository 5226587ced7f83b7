// SPDX-License-Identifier: GPL-3.0-or-later
// A short walk through the window, at the first start: what is where, a sentence each.
#pragma once

#include <QFrame>
#include <QLabel>
#include <QList>
#include <QPointer>
#include <QPushButton>

namespace zbuf::gui {

class Tour : public QWidget {
  Q_OBJECT
 public:
  struct Stop {
    QPointer<QWidget> widget{}; ///< what it is about; null: the window
    QString title{};
    QString text{};
  };

  Tour(QList<Stop> stops, QWidget* window);
  [[nodiscard]] qsizetype at() const { return at_; }

 signals:
  void ended();

 protected:
  void paintEvent(QPaintEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  bool eventFilter(QObject* object, QEvent* event) override;

 private:
  void go_to(qsizetype stop);
  void place();
  [[nodiscard]] QRect lit() const;

  QList<Stop> stops_;
  qsizetype at_ = 0;
  QFrame* bubble_;
  QLabel* title_;
  QLabel* text_;
  QLabel* count_;
  QPushButton* skip_;
  QPushButton* next_;
};

} // namespace zbuf::gui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/tour.h"

#include "gui/theme/theme.h"

#include <QGridLayout>
#include <QKeyEvent>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>

namespace zbuf::gui {

Tour::Tour(QList<Stop> stops, QWidget* window)
    : QWidget(window), stops_(std::move(stops)), bubble_(new QFrame(this)), title_(new QLabel),
      text_(new QLabel), count_(new QLabel), skip_(new QPushButton(tr("Skip the tour"))),
      next_(new QPushButton) {
  setObjectName("tour");
  setAccessibleName(tr("Tour"));
  bubble_->setFrameShape(QFrame::StyledPanel);
  bubble_->setAutoFillBackground(true);
  title_->setFont(theme().ui(12, true));
  text_->setWordWrap(true);
  next_->setProperty("primary", true);
  next_->setObjectName("tour_next");
  skip_->setObjectName("tour_skip");
  auto* const grid = new QGridLayout(bubble_);
  grid->setContentsMargins(18, 14, 18, 14);
  grid->setVerticalSpacing(10);
  grid->addWidget(title_, 0, 0, 1, 3);
  grid->addWidget(text_, 1, 0, 1, 3);
  grid->addWidget(count_, 2, 0);
  grid->addWidget(skip_, 2, 1);
  grid->addWidget(next_, 2, 2);
  grid->setColumnStretch(0, 1);
  connect(skip_, &QPushButton::clicked, this, &Tour::ended);
  connect(next_, &QPushButton::clicked, this, [this] { go_to(at_ + 1); });
  window->installEventFilter(this);
  go_to(0);
  show();
  raise();
  next_->setFocus();
}

void Tour::go_to(qsizetype stop) {
  if (stop >= stops_.size()) {
    Q_EMIT ended();
    return;
  }
  at_ = std::max<qsizetype>(stop, 0);
  title_->setText(stops_[at_].title);
  text_->setText(stops_[at_].text);
  bubble_->setAccessibleName(stops_[at_].title + ". " + stops_[at_].text);
  count_->setText(tr("%1 of %2").arg(at_ + 1).arg(stops_.size()));
  next_->setText(at_ + 1 == stops_.size() ? tr("Begin") : tr("Next"));
  skip_->setVisible(at_ + 1 < stops_.size());
  place();
  update();
}

QRect Tour::lit() const {
  const QWidget* const widget = stops_[at_].widget;
  return widget == nullptr || !widget->isVisible()
             ? QRect()
             : QRect(widget->mapTo(window(), QPoint()), widget->size()).adjusted(2, 2, -2, -2);
}

/// Beside what it is about, on the side with the most room.
void Tour::place() {
  setGeometry(parentWidget()->rect());
  bubble_->setFixedWidth(std::min(width() - 40, QFontMetrics(theme().ui()).averageCharWidth() * 50));
  bubble_->adjustSize();
  const QSize size = bubble_->size();
  const QRect around = lit();
  constexpr int gap = 14;
  QPoint at((width() - size.width()) / 2, (height() - size.height()) / 2);
  if (!around.isNull()) {
    at = QPoint(around.center().x() - size.width() / 2, around.center().y() - size.height() / 2);
    const int room[] = {width() - around.right(), around.left(), height() - around.bottom(), around.top()};
    switch (std::max_element(std::begin(room), std::end(room)) - std::begin(room)) {
    case 0:
      at.setX(around.right() + gap);
      break;
    case 1:
      at.setX(around.left() - gap - size.width());
      break;
    case 2:
      at.setY(around.bottom() + gap);
      break;
    default:
      at.setY(around.top() - gap - size.height());
      break;
    }
  }
  bubble_->move(std::clamp(at.x(), gap, std::max(gap, width() - size.width() - gap)),
                std::clamp(at.y(), gap, std::max(gap, height() - size.height() - gap)));
}

void Tour::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  QPainterPath shade;
  shade.addRect(rect());
  if (const QRect around = lit(); !around.isNull()) {
    QPainterPath hole;
    hole.addRoundedRect(around, 6, 6);
    shade = shade.subtracted(hole);
    painter.setPen(QPen(theme().accent(), 2));
    painter.drawPath(hole);
  }
  painter.fillPath(shade, QColor(0, 0, 0, 120));
}

void Tour::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Escape)
    Q_EMIT ended();
  else if (event->key() == Qt::Key_Left || event->key() == Qt::Key_PageUp)
    go_to(at_ - 1);
  else if (event->key() == Qt::Key_Right || event->key() == Qt::Key_PageDown ||
           event->key() == Qt::Key_Return)
    go_to(at_ + 1);
}

void Tour::mousePressEvent(QMouseEvent* event) {
  event->accept(); // what lies below is not to be pressed now
}

bool Tour::eventFilter(QObject* object, QEvent* event) {
  if (object == parentWidget() && event->type() == QEvent::Resize)
    place();
  return QWidget::eventFilter(object, event);
}

} // namespace zbuf::gui

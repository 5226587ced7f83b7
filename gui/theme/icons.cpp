// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/theme/icons.h"

#include "gui/theme/theme.h"

#include <QIconEngine>
#include <QPainter>
#include <QPainterPath>

namespace zbuf::gui {

namespace {

/// In a square from (0, 0) to (16, 16).
void triangle(QPainterPath& path, double from_x, double to_x) {
  path.moveTo(from_x, 3);
  path.lineTo(to_x, 8);
  path.lineTo(from_x, 13);
  path.closeSubpath();
}

void lines(QPainter& painter, std::initializer_list<QPointF> points, double width = 2) {
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(painter.pen().color(), width, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
  painter.drawPolyline(QPolygonF(QList<QPointF>(points)));
}

void draw_transport(QPainter& painter, Sign sign) {
  QPainterPath path;
  switch (sign) {
  case Sign::to_start:
    path.addRect(3, 3, 2, 10);
    triangle(path, 13, 6);
    break;
  case Sign::step_back:
    triangle(path, 12, 4);
    break;
  case Sign::play:
  case Sign::step:
    triangle(path, 4, 12);
    break;
  case Sign::pause:
    path.addRect(4, 3, 3, 10);
    path.addRect(9, 3, 3, 10);
    break;
  default: // to the end
    triangle(path, 3, 10);
    path.addRect(11, 3, 2, 10);
    break;
  }
  painter.fillPath(path, painter.pen().color());
}

void draw(QPainter& painter, Sign sign) {
  switch (sign) {
  case Sign::previous:
    lines(painter, {{10, 3.5}, {5.5, 8}, {10, 12.5}});
    break;
  case Sign::next:
    lines(painter, {{6, 3.5}, {10.5, 8}, {6, 12.5}});
    break;
  case Sign::menu:
    for (const double y : {4.0, 8.0, 12.0})
      lines(painter, {{2.5, y}, {13.5, y}}, 1.6);
    break;
  case Sign::close:
  case Sign::cross:
    lines(painter, {{4, 4}, {12, 12}});
    lines(painter, {{12, 4}, {4, 12}});
    break;
  case Sign::check:
  case Sign::done:
    lines(painter, {{3, 8.5}, {6.5, 12}, {13, 4.5}});
    break;
  case Sign::pending:
    painter.setBrush(painter.pen().color());
    for (const double x : {3.5, 8.0, 12.5})
      painter.drawEllipse(QPointF(x, 8), 1, 1);
    break;
  case Sign::current:
    painter.setBrush(painter.pen().color());
    painter.drawEllipse(QPointF(8, 8), 4.5, 4.5);
    break;
  case Sign::open:
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(painter.pen().color(), 1.5));
    painter.drawEllipse(QPointF(8, 8), 4.5, 4.5);
    break;
  default:
    draw_transport(painter, sign);
    break;
  }
}

class SignEngine final : public QIconEngine {
 public:
  SignEngine(Sign sign, const QColor& colour, const QColor& checked)
      : sign_(sign), colour_(colour), checked_(checked.isValid() ? checked : colour) {}

  void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State state) override {
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const double side = std::min(rect.width(), rect.height());
    painter->translate(rect.center() + QPointF(0.5 - side / 2, 0.5 - side / 2));
    painter->scale(side / 16, side / 16);
    QColor colour = state == QIcon::On ? checked_ : colour_;
    if (mode == QIcon::Disabled) {
      colour = theme().muted();
      colour.setAlphaF(0.6F);
    }
    painter->setPen(QPen(colour, 1));
    draw(*painter, sign_);
    painter->restore();
  }

  QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override {
    QPixmap pixmap(size);
    if (size.isEmpty())
      return pixmap;
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    paint(&painter, QRect(QPoint(), size), mode, state);
    return pixmap;
  }

  [[nodiscard]] QIconEngine* clone() const override { return new SignEngine(*this); }

 private:
  Sign sign_;
  QColor colour_;
  QColor checked_;
};

} // namespace

QIcon icon(Sign sign, const QColor& colour, const QColor& checked) {
  return QIcon(new SignEngine(sign, colour, checked));
}

} // namespace zbuf::gui

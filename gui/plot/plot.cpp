// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/plot/plot.h"

#include "gui/theme/theme.h"

#include <cmath>

namespace zbuf::gui {

Plot::Plot(const QString& title, int usual_lines, int least_lines, QWidget* parent)
    : QCustomPlot(parent), whole_title_(title), usual_lines_(usual_lines), least_lines_(least_lines),
      title_(new QCPItemText(this)) {
  setAccessibleName(title);
  title_->setPositionAlignment(Qt::AlignLeft | Qt::AlignVCenter);
  title_->setClipToAxisRect(false);
  title_->position->setType(QCPItemPosition::ptAbsolute);
}

void Plot::dress(const Look& look) {
  setBackground(theme().panel());
  for (QCPAxis* axis : {xAxis, yAxis}) {
    axis->setTickLabelFont(look.ticks);
    axis->setTickLabelColor(theme().muted());
    axis->setLabelFont(look.ticks);
    axis->setLabelColor(theme().muted());
    axis->setBasePen(QPen(look.axes));
    axis->setTickPen(QPen(look.axes));
    axis->setSubTickPen(Qt::NoPen);
    axis->setTickLabelPadding(look.tick_padding);
    axis->setLabelPadding(1);
    axis->grid()->setPen(QPen(theme().border(), look.grid_width, Qt::DotLine));
    axis->grid()->setZeroLinePen(QPen(theme().border()));
  }
  title_->setColor(theme().text());
  title_->setFont(theme().ui(look.title_points, true));
  const int letter = QFontMetrics(look.ticks).averageCharWidth();
  const int above = static_cast<int>(std::ceil(QFontMetricsF(title_->font()).height() * look.title_lines));
  axisRect()->setMinimumMargins({letter * look.letters_left, 0, 0, 0});
  axisRect()->setAutoMargins(QCP::msLeft | QCP::msBottom);
  axisRect()->setMargins({0, above, letter * look.letters_right, 0});
}

void Plot::place_title(double left, double room) {
  title_->position->setCoords(left, title_middle());
  title_->setText(QFontMetricsF(title_->font()).elidedText(whole_title_, Qt::ElideRight, room));
}

void Plot::draw_to(QCPPainter& painter, const QRect& where) {
  place_words(where.width());
  painter.save();
  painter.translate(where.topLeft());
  toPainter(&painter, where.width(), where.height());
  painter.restore();
  place_words(width());
}

QSize Plot::sizeHint() const {
  const QFontMetrics metrics(theme().ui(9));
  return {metrics.averageCharWidth() * 48, metrics.height() * usual_lines_};
}

QSize Plot::minimumSizeHint() const {
  const QFontMetrics metrics(theme().ui(9));
  return {metrics.averageCharWidth() * 30, metrics.height() * least_lines_};
}

void Plot::resizeEvent(QResizeEvent* event) {
  QCustomPlot::resizeEvent(event);
  place_words(width());
  replot(rpQueuedReplot);
}

QString without_idle_zeros(QString number) {
  while (number.contains('.') && (number.endsWith('0') || number.endsWith('.')))
    number.chop(1);
  return number;
}

} // namespace zbuf::gui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/measure/legend.h"

#include "gui/theme/theme.h"

#include <QCoreApplication>
#include <QFontMetricsF>

#include <algorithm>
#include <cmath>

namespace zbuf::gui {

namespace {

QString tr(const char* text) {
  return QCoreApplication::translate("Measure", text);
}

QFont legend_font() {
  return theme().ui(9);
}

QPolygonF polygon(const QPointF& middle, double radius, int corners, double turn) {
  QPolygonF points;
  for (int i = 0; i < corners; ++i) {
    const double angle = turn + 2 * M_PI * i / corners;
    points += middle + QPointF(radius * std::cos(angle), radius * std::sin(angle));
  }
  return points;
}

} // namespace

void draw_sign(QPainter& painter, const QPointF& middle, double size, const Series& series) {
  painter.save();
  const QColor colour = way_colour(series.way);
  painter.setPen(QPen(colour, size / 5.5));
  painter.setBrush(series.modelled ? theme().panel() : colour);
  const double radius = size / 2;
  switch (series.way) {
  case Way::zero_copy:
    painter.drawEllipse(middle, radius, radius);
    break;
  case Way::read_call:
    painter.drawRect(QRectF(middle - QPointF(radius, radius) * 0.9, QSizeF(size, size) * 0.9));
    break;
  case Way::plain_copy:
    painter.drawPolygon(polygon(middle, radius * 1.2, 4, 0));
    break;
  case Way::path:
    painter.drawPolygon(polygon(middle, radius * 1.2, 5, -M_PI / 2));
    break;
  case Way::exact_queue:
    painter.drawPolygon(polygon(middle, radius * 1.2, 6, 0));
    break;
  default:
    painter.drawPolygon(polygon(middle, radius * 1.25, 3, series.way == Way::tpacket ? M_PI / 2 : -M_PI / 2));
    break;
  }
  painter.restore();
}

QPen series_pen(const Series& series, double width) {
  QPen pen(way_colour(series.way), series.modelled ? width * 0.8 : width);
  pen.setCapStyle(Qt::FlatCap);
  if (series.modelled)
    pen.setDashPattern({4, 3});
  return pen;
}

QString series_title(const Series& series) {
  return (series.modelled ? tr("%1, modelled") : tr("%1, measured")).arg(way_title(series.way));
}

std::vector<Series> legend_of(const BenchResult& result) {
  std::vector<Series> entries = series_of(result, MeasuredFigure::throughput);
  for (Series& entry : entries)
    entry.points.clear();
  return entries;
}

int draw_legend(QPainter* painter, const QPoint& at, int width, const std::vector<Series>& entries) {
  const QFontMetricsF metrics(legend_font());
  const double line_height = metrics.height() * 1.35;
  const double sample = metrics.averageCharWidth() * 5;
  const double gap = metrics.averageCharWidth();
  double x = 0, y = 0;
  if (painter != nullptr)
    painter->setFont(legend_font());
  for (const Series& entry : entries) {
    const QString text = series_title(entry);
    const double needed = sample + gap + metrics.horizontalAdvance(text) + 2.5 * gap;
    if (x > 0 && x + needed - 2.5 * gap > width) {
      x = 0;
      y += line_height;
    }
    if (painter != nullptr) {
      const QPointF middle = at + QPointF(x + sample / 2, y + line_height / 2);
      painter->setPen(series_pen(entry, 2));
      painter->drawLine(middle - QPointF(sample / 2, 0), middle + QPointF(sample / 2, 0));
      draw_sign(*painter, middle, metrics.height() * 0.5, entry);
      painter->setPen(theme().text());
      painter->drawText(QRectF(at.x() + x + sample + gap, at.y() + y, needed, line_height),
                        Qt::AlignLeft | Qt::AlignVCenter, text);
    }
    x += needed;
  }
  return entries.empty() ? 0 : static_cast<int>(std::ceil(y + line_height));
}

Legend::Legend(QWidget* parent) : QWidget(parent) {
  setAccessibleName(tr("Which line is which"));
  QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  policy.setHeightForWidth(true);
  setSizePolicy(policy);
}

void Legend::set_entries(std::vector<Series> entries) {
  const auto same = [](const Series& a, const Series& b) {
    return a.way == b.way && a.modelled == b.modelled;
  };
  if (std::equal(entries.begin(), entries.end(), entries_.begin(), entries_.end(), same))
    return;
  entries_ = std::move(entries);
  QStringList spoken;
  for (const Series& entry : entries_)
    spoken += series_title(entry);
  setAccessibleDescription(spoken.join(QStringLiteral("; ")));
  setFixedHeight(heightForWidth(width()));
  update();
}

int Legend::heightForWidth(int width) const {
  return draw_legend(nullptr, {}, width, entries_);
}

QSize Legend::sizeHint() const {
  return {QFontMetrics(legend_font()).averageCharWidth() * 30, heightForWidth(width())};
}

void Legend::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  setFixedHeight(heightForWidth(width()));
}

void Legend::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  draw_legend(&painter, {}, width(), entries_);
}

} // namespace zbuf::gui

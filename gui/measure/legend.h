// SPDX-License-Identifier: GPL-3.0-or-later
// Which line is which: drawn once for all plots, in the window and in files by the same code.
#pragma once

#include "gui/measure/series.h"

#include <QPainter>
#include <QWidget>

namespace zbuf::gui {

/// Signs of a point: a disc for zero-copy, a square for read(2), others for others. Hollow: modelled.
void draw_sign(QPainter& painter, const QPointF& middle, double size, const Series& series);
/// The pen of its line: dashed if it is modelled.
[[nodiscard]] QPen series_pen(const Series& series, double width);

/// What is drawn of the throughput of a result, in order and without points: other figures are of no other
/// series.
[[nodiscard]] std::vector<Series> legend_of(const BenchResult& result);
/// "zero-copy, measured".
[[nodiscard]] QString series_title(const Series& series);

/// Draws as many lines of entries as they need from the top left, or only measures; how high they are.
int draw_legend(QPainter* painter, const QPoint& at, int width, const std::vector<Series>& entries);

class Legend : public QWidget {
  Q_OBJECT
 public:
  explicit Legend(QWidget* parent = nullptr);
  void set_entries(std::vector<Series> entries);
  [[nodiscard]] bool hasHeightForWidth() const override { return true; }
  [[nodiscard]] int heightForWidth(int width) const override;
  [[nodiscard]] QSize sizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  std::vector<Series> entries_;
};

} // namespace zbuf::gui

// SPDX-License-Identifier: GPL-3.0-or-later
// One plot: a figure over a sweep, medians as points and lines, the middle half of the rounds as a band and
// as bars.
#pragma once

#include "gui/measure/series.h"

#include <qcustomplot.h>

#include <vector>

namespace zbuf::gui {

class MeasurePlot : public QCustomPlot {
  Q_OBJECT
 public:
  explicit MeasurePlot(MeasuredFigure figure, QWidget* parent = nullptr);

  [[nodiscard]] MeasuredFigure figure() const { return figure_; }
  [[nodiscard]] const std::vector<Series>& series() const { return series_; }
  /// False: there is nothing to show.
  bool set_result(const BenchResult& result);
  void apply_theme();
  /// At another size, as it is now.
  void draw_to(QCPPainter& painter, const QRect& where);

  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override;

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  void add_series(const Series& series);
  void scale_axes();
  void place_labels(double width);
  [[nodiscard]] double highest() const;
  [[nodiscard]] double lowest() const;
  [[nodiscard]] double place(const SeriesPoint& point, std::size_t series) const;
  [[nodiscard]] std::pair<double, double> ends() const;

  MeasuredFigure figure_;
  SweepAxis axis_;
  std::vector<Series> series_;
  QCPItemText* title_ = nullptr;
};

} // namespace zbuf::gui

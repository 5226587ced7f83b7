// SPDX-License-Identifier: GPL-3.0-or-later
// One plot: a figure over a sweep, medians as points and lines, the middle half of the rounds as a band and
// as bars.
#pragma once

#include "gui/measure/series.h"
#include "gui/plot/plot.h"

#include <vector>

namespace zbuf::gui {

class MeasurePlot : public Plot {
  Q_OBJECT
 public:
  explicit MeasurePlot(MeasuredFigure figure, QWidget* parent = nullptr);

  [[nodiscard]] MeasuredFigure figure() const { return figure_; }
  [[nodiscard]] const std::vector<Series>& series() const { return series_; }
  /// False: there is nothing to show.
  bool set_result(const BenchResult& result);
  void apply_theme();

 protected:
  void place_words(double width) override;

 private:
  void add_series(const Series& series);
  void scale_axes();
  [[nodiscard]] double highest() const;
  [[nodiscard]] double lowest() const;
  [[nodiscard]] double place(const SeriesPoint& point, std::size_t series) const;
  [[nodiscard]] std::pair<double, double> ends() const;

  MeasuredFigure figure_;
  SweepAxis axis_;
  std::vector<Series> series_;
};

} // namespace zbuf::gui

// SPDX-License-Identifier: GPL-3.0-or-later
// One plot: a curve for each track over model time, a line at the instant, and the values there.
#pragma once

#include "gui/compare/figures.h"
#include "gui/plot/plot.h"

#include <vector>

namespace zbuf::gui {

/// Of a track, wherever runs are compared. The first is zero-copy's orange and the second read(2)'s blue;
/// dashes and names tell them apart as well.
[[nodiscard]] QColor track_colour(std::size_t track);
[[nodiscard]] Qt::PenStyle track_dash(std::size_t track);

/// The curves are drawn when they change; the line and the values lie on a layer of their own, which is all
/// that is drawn again when the instant changes.
class ComparePlot : public Plot {
  Q_OBJECT
 public:
  explicit ComparePlot(Curve curve, QWidget* parent = nullptr);

  [[nodiscard]] Curve curve() const { return curve_; }
  /// One entry for each track. False: there is nothing to show, and the plot had better be hidden.
  bool set_runs(const std::vector<QString>& names, const std::vector<Samples>& samples, std::uint64_t end_ns);
  void set_instant(std::uint64_t time_ns);
  [[nodiscard]] double value_at(std::size_t track, std::uint64_t time_ns) const;
  void apply_theme();

 signals:
  void seek_wanted(std::uint64_t time_ns);

 protected:
  void place_words(double width) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  void scale_axes();
  void ask_for(double x);
  [[nodiscard]] double highest() const;

  Curve curve_;
  std::vector<QString> names_;
  std::vector<std::vector<double>> values_;
  std::vector<std::uint64_t> settled_; ///< by track: from this sample on there is enough to be an average
  std::uint64_t end_ns_ = 0;
  std::uint64_t time_ns_ = 0;
  double unit_ns_ = 1;
  QCPItemStraightLine* line_ = nullptr;
  std::vector<QCPItemText*> words_;
};

} // namespace zbuf::gui

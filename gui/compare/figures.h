// SPDX-License-Identifier: GPL-3.0-or-later
// The figures that runs are compared by: what each means, and how it is written.
#pragma once

#include "gui/compare/curves.h"
#include "gui/model/playback.h"

#include <QString>

#include <cmath>
#include <limits>
#include <vector>

namespace zbuf::gui {

inline constexpr double no_figure = std::numeric_limits<double>::quiet_NaN();

enum class Curve : std::uint8_t {
  delivered_rate,
  drops,
  copied_per_packet,
  calls_per_thousand,
  waiting,
  awake
};
inline constexpr std::size_t curve_count = 6;

[[nodiscard]] QString curve_title(Curve curve);
/// In base units, one for each sample; no_figure where there is nothing to say.
[[nodiscard]] std::vector<double> curve_values(Curve curve, const Samples& samples, std::uint64_t end_ns);
/// "203 kpps", "1 540", "38 %"; "–" for no_figure.
[[nodiscard]] QString curve_text(Curve curve, double value);

/// One row of the table of totals.
struct Figure {
  QString name{};
  enum class Show : std::uint8_t { count, decimal, duration, rate } show = Show::count;
  std::vector<double> now{}; ///< by track; empty for what is known of the whole run only
  std::vector<double> end{};
};

/// What the fold has counted at the instant and at the end of each track, for the descriptor in focus.
/// `ends`: the states after each track's last event. Rows that are 0 at the end of all are left out, but for
/// what a run is always asked about.
[[nodiscard]] std::vector<Figure> figures_of(const Playback& playback, const std::vector<State>& ends);
[[nodiscard]] QString figure_text(const Figure& figure, double value);
/// "1.97×"; "–" where there is no ratio.
[[nodiscard]] QString ratio_text(double value, double base);

} // namespace zbuf::gui

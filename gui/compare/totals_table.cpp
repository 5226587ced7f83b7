// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/compare/totals_table.h"

#include <algorithm>

namespace zbuf::gui {

namespace {

/// Columns: for each track the instant and the end, then for each but the first its ratio to the first.
int now_column(std::size_t track) {
  return static_cast<int>(track) * 2;
}
int end_column(std::size_t track) {
  return now_column(track) + 1;
}
int ratio_column(std::size_t track, std::size_t tracks) {
  return static_cast<int>(tracks * 2 + track) - 1;
}

} // namespace

TotalsTable::TotalsTable(QWidget* parent) : PlainTable(tr("Totals of the runs"), parent) {}

void TotalsTable::set_runs(const Playback& playback) {
  ends_.clear();
  for (std::size_t i = 0; i < playback.track_count(); ++i)
    ends_.push_back(playback.track(i).recording->state_after(playback.track(i).recording->event_count()));
  figures_ = figures_of(playback, ends_);
  const std::size_t tracks = ends_.size();
  clear();
  setRowCount(static_cast<int>(figures_.size()));
  setColumnCount(static_cast<int>(tracks == 0 ? 0 : tracks * 3 - 1));
  QStringList heads, names;
  for (std::size_t i = 0; i < tracks; ++i) {
    const QString name = playback.track(i).name;
    heads += name.isEmpty() ? tr("now") : tr("%1\nnow").arg(name);
    heads += name.isEmpty() ? tr("at the end") : tr("%1\nat the end").arg(name);
  }
  for (std::size_t i = 1; i < tracks; ++i)
    heads += tr("%1 ÷\n%2").arg(playback.track(i).name, playback.track(0).name);
  for (const Figure& figure : figures_)
    names += figure.name;
  setHorizontalHeaderLabels(heads);
  setVerticalHeaderLabels(names);
  for (std::size_t row = 0; row < figures_.size(); ++row) {
    const Figure& figure = figures_[row];
    for (std::size_t i = 0; i < tracks; ++i) {
      put(static_cast<int>(row), end_column(i), figure_text(figure, figure.end[i]));
      if (i > 0)
        put(static_cast<int>(row), ratio_column(i, tracks), ratio_text(figure.end[i], figure.end[0]));
      if (figure.now.empty())
        put(static_cast<int>(row), now_column(i), QString());
    }
  }
  set_instant(playback);
  apply_theme();
}

void TotalsTable::set_instant(const Playback& playback) {
  const std::vector<Figure> figures = figures_of(playback, ends_);
  if (figures.size() != figures_.size())
    return; // a row comes and goes with the tracks alone
  for (std::size_t row = 0; row < figures.size(); ++row)
    for (std::size_t i = 0; i < figures[row].now.size(); ++i)
      put(static_cast<int>(row), now_column(i), figure_text(figures[row], figures[row].now[i]));
}

/// The columns of the instant as wide as what they will hold at the end, so that nothing jumps while it
/// plays.
void TotalsTable::fit() {
  PlainTable::fit();
  for (std::size_t i = 0; i < ends_.size(); ++i)
    setColumnWidth(now_column(i), std::max(columnWidth(now_column(i)), columnWidth(end_column(i))));
}

} // namespace zbuf::gui

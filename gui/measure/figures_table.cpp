// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/measure/figures_table.h"

#include "gui/measure/series.h"
#include "gui/theme/format.h"
#include "gui/theme/theme.h"

#include <algorithm>
#include <cmath>

namespace zbuf::gui {

namespace {

constexpr MeasuredFigure shown[] = {MeasuredFigure::throughput, MeasuredFigure::reader_cpu,
                                    MeasuredFigure::copied, MeasuredFigure::calls};

QString short_title(MeasuredFigure figure) {
  switch (figure) {
  case MeasuredFigure::throughput:
    return FiguresTable::tr("packets/s");
  case MeasuredFigure::reader_cpu:
    return FiguresTable::tr("reader ns/packet");
  case MeasuredFigure::copied:
    return FiguresTable::tr("copied bytes/packet");
  default:
    return FiguresTable::tr("calls/1000 packets");
  }
}

/// "3.68 M ± 4 %": half of what lies between the quartiles.
QString with_spread(const Spread& spread) {
  const QString number = figure_number(spread.median);
  constexpr double least = 0.05; // what would be written as 0.0
  const double percent = 50 * spread.relative();
  if (percent < least)
    return number;
  return FiguresTable::tr("%1 ± %2 %").arg(number, QString::number(percent, 'f', percent < 9.95 ? 1 : 0));
}

QString deviation(const std::optional<Spread>& measured, const std::optional<double>& modelled) {
  if (!measured || !modelled || measured->median <= 0)
    return {};
  const int percent = static_cast<int>(std::lround(100 * (*modelled / measured->median - 1)));
  return QString("%1%2 %")
      .arg(percent < 0 ? QStringLiteral("−") : QStringLiteral("+"))
      .arg(std::abs(percent));
}

QString case_title(const BenchPlan& plan, const BenchCase& one) {
  QStringList parts{way_title(one.way)};
  if (plan.packets.size() > 1)
    parts += packets_title(plan.packets[one.packets]);
  if (plan.buffer_bytes.size() > 1)
    parts += FiguresTable::tr("2 × %1").arg(bytes(one.buffer_bytes));
  if (plan.policies.size() > 1)
    parts += policy_title(one.policy);
  return parts.join(FiguresTable::tr(", "));
}

} // namespace

FiguresTable::FiguresTable(QWidget* parent) : PlainTable(tr("Figures, measured and modelled"), parent) {}

void FiguresTable::fill(const QStringList& columns, const std::vector<QStringList>& rows) {
  setUpdatesEnabled(false);
  setColumnCount(static_cast<int>(columns.size()));
  setRowCount(static_cast<int>(rows.size()));
  setHorizontalHeaderLabels(columns);
  QStringList names;
  for (int row = 0; row < rowCount(); ++row) {
    const QStringList& cells = rows[static_cast<std::size_t>(row)];
    names += cells.front();
    for (int column = 0; column < columnCount(); ++column)
      put(row, column, cells.value(column + 1))->setForeground(theme().text());
  }
  setVerticalHeaderLabels(names);
  apply_theme();
  setUpdatesEnabled(true);
}

void FiguresTable::show_result(const BenchResult& result) {
  const bool modelled = std::any_of(result.cases.begin(), result.cases.end(),
                                    [](const CaseResult& one) { return one.modelled.has_value(); });
  QStringList columns;
  for (const MeasuredFigure figure : shown) {
    columns += tr("%1\nmeasured").arg(short_title(figure));
    if (modelled)
      columns += tr("%1\nmodelled").arg(short_title(figure));
    if (modelled && figure == MeasuredFigure::throughput)
      columns += tr("the model\nis off by");
  }
  std::vector<QStringList> rows;
  for (const CaseResult& one : result.cases) {
    QStringList cells{case_title(result.plan, one.one)};
    for (const MeasuredFigure figure : shown) {
      const auto found = measured_value(one, figure);
      const auto model = modelled_value(one, figure);
      cells += found                                                          ? with_spread(*found)
               : figure == MeasuredFigure::throughput && !one.not_run.empty() ? tr("not run")
                                                                              : QString();
      if (modelled)
        cells += model ? figure_number(*model) : QString();
      if (modelled && figure == MeasuredFigure::throughput)
        cells += deviation(found, model);
    }
    rows.push_back(std::move(cells));
  }
  fill(columns, rows);
  for (std::size_t row = 0; row < result.cases.size(); ++row)
    if (QTableWidgetItem* const cell = item(static_cast<int>(row), 0))
      cell->setToolTip(QString::fromStdString(result.cases[row].not_run));
}

void FiguresTable::show_goals(const std::vector<Goal>& goals) {
  std::vector<QStringList> rows;
  for (const Goal& goal : goals) {
    const QString bound =
        QString("%1 %2").arg(goal.at_least ? QStringLiteral("≥") : QStringLiteral("≤")).arg(goal.bound);
    rows.push_back({QString::fromStdString(goal.what), bound,
                    goal.found ? QString::number(goal.found->median, 'g', 3) : tr("not measured"),
                    !goal.found  ? QString()
                    : goal.met() ? tr("✓ met")
                                 : tr("✗ missed")});
  }
  fill({tr("goal"), tr("measured"), tr("verdict")}, rows);
  for (std::size_t row = 0; row < goals.size(); ++row)
    if (goals[row].found)
      item(static_cast<int>(row), 2)->setForeground(goals[row].met() ? theme().good() : theme().danger());
}

} // namespace zbuf::gui

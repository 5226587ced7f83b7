// SPDX-License-Identifier: GPL-3.0-or-later
// Every case with its figures, measured and modelled side by side.
#pragma once

#include "core/bench/report.h"

#include <QTableWidget>

namespace zbuf::gui {

/// As high as its rows; it scrolls to the sides alone.
class FiguresTable : public QTableWidget {
  Q_OBJECT
 public:
  explicit FiguresTable(QWidget* parent = nullptr);
  void show_result(const BenchResult& result);
  /// What was to be reached, what was, and whether that is enough.
  void show_goals(const std::vector<Goal>& goals);
  void apply_theme();

 private:
  void fill(const QStringList& columns, const std::vector<QStringList>& rows);
  void fit();
};

} // namespace zbuf::gui

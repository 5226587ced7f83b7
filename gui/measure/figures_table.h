// SPDX-License-Identifier: GPL-3.0-or-later
// Every case with its figures, measured and modelled side by side.
#pragma once

#include "core/bench/report.h"
#include "gui/panel/plain_table.h"

namespace zbuf::gui {

class FiguresTable : public PlainTable {
  Q_OBJECT
 public:
  explicit FiguresTable(QWidget* parent = nullptr);
  void show_result(const BenchResult& result);
  /// What was to be reached, what was, and whether that is enough.
  void show_goals(const std::vector<Goal>& goals);

 private:
  void fill(const QStringList& columns, const std::vector<QStringList>& rows);
};

} // namespace zbuf::gui

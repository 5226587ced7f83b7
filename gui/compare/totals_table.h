// SPDX-License-Identifier: GPL-3.0-or-later
// The totals of the runs beside each other, at the instant and at the end, with ratios.
#pragma once

#include "gui/compare/figures.h"
#include "gui/panel/plain_table.h"

namespace zbuf::gui {

class TotalsTable : public PlainTable {
  Q_OBJECT
 public:
  explicit TotalsTable(QWidget* parent = nullptr);

  /// Anew, for other tracks or another descriptor.
  void set_runs(const Playback& playback);
  /// The columns of the instant.
  void set_instant(const Playback& playback);

 private:
  void fit() override;

  std::vector<zbuf::State> ends_; ///< after the last event of each track
  std::vector<Figure> figures_;
};

} // namespace zbuf::gui

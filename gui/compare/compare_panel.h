// SPDX-License-Identifier: GPL-3.0-or-later
// Runs side by side: curves on one axis of model time, and a table of totals.
#pragma once

#include "gui/compare/compare_plot.h"
#include "gui/compare/totals_table.h"
#include "gui/panel/arranged_grid.h"

#include <QElapsedTimer>
#include <QLabel>
#include <QScrollArea>
#include <QTimer>
#include <QWidget>

#include <array>
#include <memory>
#include <optional>
#include <vector>

namespace zbuf::gui {

/// Shows all tracks of the playback, for the descriptor in focus; one track alone as well. What would be
/// empty (drops where there are none, ratios of a single run) is left out.
class ComparePanel : public QWidget {
  Q_OBJECT
 public:
  explicit ComparePanel(Playback& playback, QWidget* parent = nullptr);
  ~ComparePanel() override;

  /// Writes the plots that are shown; the ending of the path says how: .pdf, .svg, .png. The error as a
  /// sentence.
  [[nodiscard]] std::optional<QString> save_plots(const QString& path) const;

  /// Nothing is being read or will be by itself: what is drawn stays.
  [[nodiscard]] bool idle() const;
  /// Those that are shown.
  [[nodiscard]] const std::vector<ComparePlot*>& plots() const { return shown_; }
  [[nodiscard]] TotalsTable& totals() { return *totals_; }
  [[nodiscard]] QString title() const;

 protected:
  void resizeEvent(QResizeEvent* event) override;
  void showEvent(QShowEvent* event) override;

 private:
  struct Reader;
  void renew();
  void receive();
  void grow();
  void move_to_instant();
  void arrange();
  void apply_theme();
  [[nodiscard]] QString legend() const;

  Playback& playback_;
  std::unique_ptr<Reader> reader_;
  QLabel* title_ = nullptr;
  QLabel* legend_ = nullptr;
  QLabel* note_ = nullptr;
  QScrollArea* scroll_ = nullptr;
  ArrangedGrid* grid_ = nullptr;
  std::array<ComparePlot*, curve_count> plots_{};
  std::vector<ComparePlot*> shown_{}; ///< of these, those that have something to show
  TotalsTable* totals_ = nullptr;
  QTimer again_{}; ///< a run that grows is read again, now and then
  QElapsedTimer since_begun_{};
  int pause_ms_ = 0;
  std::uint64_t sampled_end_ns_ = 0; ///< the end of the runs when they were read
  bool grown_meanwhile_ = false;
};

} // namespace zbuf::gui

// SPDX-License-Identifier: GPL-3.0-or-later
// The tab Measure: runs zbuf bench, and shows what it measures as it comes, beside what the model says.
#pragma once

#include "gui/measure/bench_child.h"
#include "gui/measure/figures_table.h"
#include "gui/measure/legend.h"
#include "gui/measure/measure_plot.h"
#include "gui/measure/sweep_form.h"
#include "gui/panel/arranged_grid.h"

#include <QElapsedTimer>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollArea>
#include <QTimer>

#include <array>
#include <optional>
#include <vector>

namespace zbuf::gui {

class MeasurePanel : public QWidget {
  Q_OBJECT
 public:
  /// `costs`: where the costs of this machine are kept; empty: with the user's data.
  explicit MeasurePanel(const QString& costs = {}, QWidget* parent = nullptr);

  /// The program zbuf; found by itself, if nobody says.
  void set_program(const QString& path) { program_ = path; }
  [[nodiscard]] SweepForm& form() { return *form_; }

  void start();
  void stop() { child_.stop(); }
  [[nodiscard]] bool is_running() const { return child_.state() != BenchChild::State::idle; }

  /// Results of zbuf bench --json. The error as a sentence; what was shown then stays.
  [[nodiscard]] std::optional<QString> open_results(const QString& path);
  [[nodiscard]] std::optional<QString> save_results(const QString& path) const;
  [[nodiscard]] std::optional<QString> save_plots(const QString& path) const;
  /// What is shown; no cases: nothing.
  [[nodiscard]] const BenchResult& result() const { return result_; }
  /// Those that are shown.
  [[nodiscard]] const std::vector<MeasurePlot*>& plots() const { return shown_; }
  [[nodiscard]] QString status() const { return status_->text(); }
  [[nodiscard]] FiguresTable& figures() { return *figures_; }
  [[nodiscard]] FiguresTable& goals() { return *goals_; }

 signals:
  void save_plots_wanted();
  void save_results_wanted();
  void open_wanted();
  void finished();

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  QWidget* build_controls();
  QWidget* build_results();
  void show_state();
  void show_progress();
  void show_result();
  void end(const QString& error);
  void arrange();
  void apply_theme();

  QString program_;
  QString costs_;
  BenchChild child_;
  BenchResult result_{};
  QElapsedTimer since_;
  QTimer soon_; ///< rounds can come faster than anybody looks; painting must not disturb what is measured

  SweepForm* form_ = nullptr;
  QBoxLayout* buttons_ = nullptr;
  QPushButton* start_ = nullptr;
  QPushButton* open_ = nullptr;
  QPushButton* save_json_ = nullptr;
  QPushButton* save_plots_ = nullptr;
  QProgressBar* progress_ = nullptr;
  QLabel* status_ = nullptr;
  QLabel* error_ = nullptr;
  QLabel* title_ = nullptr;
  QLabel* how_ = nullptr;
  QLabel* verdict_ = nullptr;
  QLabel* remarks_ = nullptr;
  Legend* legend_ = nullptr;
  QWidget* results_ = nullptr;
  ArrangedGrid* grid_ = nullptr;
  QScrollArea* scroll_ = nullptr;
  FiguresTable* figures_ = nullptr;
  FiguresTable* goals_ = nullptr;
  std::array<MeasurePlot*, measured_figures> plots_{};
  std::vector<MeasurePlot*> shown_{}; ///< of these, those that have something to show
};

} // namespace zbuf::gui

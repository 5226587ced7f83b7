// SPDX-License-Identifier: GPL-3.0-or-later
// The tab Measure in the window: its commands, and the files of its figures.
#include "gui/window/main_window.h"

#include "gui/measure/measure_panel.h"

#include <QFileDialog>
#include <QFileInfo>

namespace zbuf::gui {

void MainWindow::add_measure_tab() {
  measure_ = new MeasurePanel;
  tabs_->addTab(measure_, tr("Measure"));
  connect(measure_, &MeasurePanel::open_wanted, this, &MainWindow::choose_measured);
  connect(measure_, &MeasurePanel::save_results_wanted, this, &MainWindow::save_measured);
  connect(measure_, &MeasurePanel::save_plots_wanted, this, &MainWindow::save_measured_plots);
  connect(tabs_, &QTabWidget::currentChanged, this, &MainWindow::share_room); // plots want more of it
}

bool MainWindow::shows_measured() const {
  return tabs_->currentWidget() == measure_;
}

void MainWindow::add_measure_commands() {
  const QString measure = tr("Measure");
  commands_.add(measure, tr("Measure: start or stop"), {QKeySequence(Qt::CTRL | Qt::Key_M)}, [this] {
    if (measure_->is_running()) {
      measure_->stop();
      return;
    }
    show_tab(tabs_->indexOf(measure_));
    measure_->start();
  });
  commands_.add(measure, tr("Open measured figures…"), {}, [this] { choose_measured(); });
  commands_.add(measure, tr("Save measured figures…"), {}, [this] { save_measured(); });
  commands_.add(measure, tr("Save measured plots…"), {}, [this] { save_measured_plots(); });
}

/// What zbuf bench --json wrote.
bool MainWindow::is_measured(const QString& path) {
  return path.endsWith(".json", Qt::CaseInsensitive);
}

void MainWindow::open_measured(const QString& path) {
  if (const auto error = measure_->open_results(path)) {
    notice_->show_errors(tr("%1 cannot be shown").arg(QFileInfo(path).fileName()), {*error}, false);
    return;
  }
  notice_->clear();
  settings_.add_recent(path);
  show_tab(tabs_->indexOf(measure_));
}

void MainWindow::choose_measured() {
  const QString folder = last_folder_.isEmpty() ? QDir::homePath() : last_folder_;
  const QString path = QFileDialog::getOpenFileName(this, tr("Open measured figures"), folder,
                                                    tr("Results of zbuf bench (*.json);;All files (*)"));
  if (path.isEmpty())
    return;
  last_folder_ = QFileInfo(path).absolutePath();
  open_measured(path);
}

void MainWindow::save_measured() {
  if (measure_->result().cases.empty()) {
    notice_->show_notice(tr("Nothing was measured yet."));
    return;
  }
  const QString path =
      ask_for_path(tr("Save measured figures"), "measured.json", tr("Results of zbuf bench (*.json)"));
  if (!path.isEmpty())
    tell(measure_->save_results(path),
         tr("The figures are in %1; zbuf bench --from shows them, too.").arg(path));
}

void MainWindow::save_measured_plots() {
  if (measure_->result().cases.empty()) {
    notice_->show_notice(tr("Nothing was measured yet."));
    return;
  }
  const QString path =
      ask_for_path(tr("Save measured plots"), "measured.pdf", tr("PDF, SVG or PNG (*.pdf *.svg *.png)"));
  if (!path.isEmpty())
    tell(measure_->save_plots(path), tr("The plots are in %1.").arg(path));
}

} // namespace zbuf::gui

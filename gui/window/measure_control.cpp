// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/measure_control.h"

#include "gui/measure/measure_panel.h"

#include <QFileInfo>

namespace zbuf::gui {

MeasureControl::MeasureControl(SideTabs& tabs, NoticeBar& notice, FileDialogs& dialogs, Settings& settings)
    : tabs_(tabs), panel_(tabs.measure()), notice_(notice), dialogs_(dialogs), settings_(settings) {
  connect(&panel_, &MeasurePanel::open_wanted, this, &MeasureControl::choose);
  connect(&panel_, &MeasurePanel::save_results_wanted, this, &MeasureControl::save_figures);
  connect(&panel_, &MeasurePanel::save_plots_wanted, this, &MeasureControl::save_plots);
}

void MeasureControl::add_commands(Commands& commands) {
  const auto add = [&](const QString& text, const QList<QKeySequence>& keys, void (MeasureControl::*run)()) {
    commands.add(Group::measure, text, keys, [this, run] { (this->*run)(); });
  };
  add(tr("Measure: start or stop"), {QKeySequence(Qt::CTRL | Qt::Key_M)}, &MeasureControl::start_or_stop);
  add(tr("Open measured figures…"), {}, &MeasureControl::choose);
  add(tr("Save measured figures…"), {}, &MeasureControl::save_figures);
  add(tr("Save measured plots…"), {}, &MeasureControl::save_plots);
}

void MeasureControl::start_or_stop() {
  if (panel_.is_running()) {
    panel_.stop();
    return;
  }
  tabs_.show_panel(panel_);
  panel_.start();
}

bool MeasureControl::is_measured(const QString& path) {
  return path.endsWith(".json", Qt::CaseInsensitive);
}

void MeasureControl::open(const QString& path) {
  if (const auto error = panel_.open_results(path)) {
    notice_.show_errors(tr("%1 cannot be shown").arg(QFileInfo(path).fileName()), {*error}, false);
    return;
  }
  notice_.clear();
  settings_.add_recent(path);
  tabs_.show_panel(panel_);
}

void MeasureControl::choose() {
  const QString path = dialogs_.ask_what_to_open(tr("Open measured figures"),
                                                 tr("Results of zbuf bench (*.json);;All files (*)"));
  if (!path.isEmpty())
    open(path);
}

bool MeasureControl::has_figures() {
  const bool has = !panel_.result().cases.empty();
  if (!has)
    notice_.show_notice(tr("Nothing was measured yet."));
  return has;
}

void MeasureControl::save_figures() {
  if (!has_figures())
    return;
  const QString path = dialogs_.ask_where_to_save(tr("Save measured figures"), "measured.json",
                                                  tr("Results of zbuf bench (*.json)"));
  if (!path.isEmpty())
    notice_.show_outcome(panel_.save_results(path),
                         tr("The figures are in %1; zbuf bench --from shows them, too.").arg(path));
}

void MeasureControl::save_plots() {
  if (!has_figures())
    return;
  const QString path = dialogs_.ask_where_to_save(tr("Save measured plots"), "measured.pdf",
                                                  tr("PDF, SVG or PNG (*.pdf *.svg *.png)"));
  if (!path.isEmpty())
    notice_.show_outcome(panel_.save_plots(path), tr("The plots are in %1.").arg(path));
}

} // namespace zbuf::gui

// SPDX-License-Identifier: GPL-3.0-or-later
// What the window reads and writes.
#include "gui/window/main_window.h"

#include "gui/compare/compare_panel.h"
#include "gui/files/write_file.h"
#include "gui/window/picture_export.h"
#include "gui/window/video_dialog.h"

#include <QDir>
#include <QFileDialog>
#include <QFileInfo>

namespace zbuf::gui {

namespace {

/// "04-the-slow-reader" for lesson 4, the file's name otherwise.
QString base_name(const Opened* opened) {
  return opened == nullptr ? QString("zbuf") : QFileInfo(opened->path).completeBaseName();
}

} // namespace

void MainWindow::tell(const std::optional<QString>& error, const QString& done) {
  notice_->show_notice(error.value_or(done));
}

QString MainWindow::ask_for_path(const QString& title, const QString& name, const QString& filter) {
  const QString folder = last_folder_.isEmpty() ? QDir::homePath() : last_folder_;
  QFileDialog dialog(this, title, folder, filter);
  dialog.setAcceptMode(QFileDialog::AcceptSave);
  dialog.selectFile(name);
  dialog.setDefaultSuffix(QFileInfo(name).suffix());
  if (dialog.exec() != QDialog::Accepted || dialog.selectedFiles().isEmpty())
    return {};
  last_folder_ = dialog.directory().absolutePath();
  return dialog.selectedFiles().front();
}

void MainWindow::choose_file() {
  const QString folder = last_folder_.isEmpty() ? QDir::homePath() : last_folder_;
  const QString path =
      QFileDialog::getOpenFileName(this, tr("Open a recording or a scenario"), folder,
                                   tr("Recordings and scenarios (*.zbt *.toml);;All files (*)"));
  if (path.isEmpty())
    return;
  last_folder_ = QFileInfo(path).absolutePath();
  open(path);
}

void MainWindow::save_trace() {
  const QString path = ask_for_path(tr("Save the recording"), base_name(session_.opened_now()) + ".zbt",
                                    tr("Recordings (*.zbt)"));
  if (path.isEmpty())
    return;
  const auto error = session_.save_trace(path);
  if (!error)
    settings_.add_recent(path);
  tell(error, tr("The recording is in %1. It opens at this instant.").arg(path));
}

void MainWindow::save_report() {
  if (session_.opened_now() == nullptr)
    return;
  const QString path = ask_for_path(tr("Save the report"), base_name(session_.opened_now()) + ".json",
                                    tr("Reports (*.json);;For CI systems (*.xml)"));
  if (path.isEmpty())
    return;
  const std::vector<ScenarioReport> reports{session_.opened_now()->report};
  const bool junit = path.endsWith(".xml", Qt::CaseInsensitive);
  tell(
      write_file(path, QByteArray::fromStdString(junit ? report_as_junit(reports) : report_as_json(reports))),
      tr("The report is in %1.").arg(path));
}

void MainWindow::save_scenario() {
  const std::string text = session_.scenario_text();
  if (text.empty()) {
    notice_->show_notice(tr("A recording has no scenario to save. Open a lesson or a scenario first."));
    return;
  }
  const QString path = ask_for_path(
      tr("Save as a scenario"), base_name(session_.opened_now()) + "-what-if.toml", tr("Scenarios (*.toml)"));
  if (!path.isEmpty())
    tell(write_file(path, QByteArray::fromStdString(text)),
         tr("The scenario is in %1; zbuf run takes it, too.").arg(path));
}

void MainWindow::save_picture_of(QWidget& widget, const QString& name) {
  if (!widget.isVisible()) {
    notice_->show_notice(tr("%1 is not to be seen now.").arg(name));
    return;
  }
  const QString path = ask_for_path(tr("Save a picture of %1").arg(name),
                                    base_name(session_.opened_now()) + ".png", tr("Pictures (*.png *.svg)"));
  if (!path.isEmpty())
    tell(save_picture(widget, path), tr("The picture is in %1.").arg(path));
}

void MainWindow::save_plots() {
  const QString path = ask_for_path(tr("Save the plots"), base_name(session_.opened_now()) + "-plots.pdf",
                                    tr("PDF, SVG or PNG (*.pdf *.svg *.png)"));
  if (!path.isEmpty())
    tell(compare_->save_plots(path), tr("The plots are in %1.").arg(path));
}

void MainWindow::save_video() {
  if (playback_.track_count() == 0) {
    notice_->show_notice(tr("There is no run yet of which a video could be made."));
    return;
  }
  auto* const dialog = new VideoDialog(playback_, this);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  connect(dialog, &QDialog::accepted, this, [this, dialog] {
    stage_->set_filming(true);
    if (const auto error = video_->start(dialog->span())) {
      stage_->set_filming(false);
      notice_->show_notice(*error);
      return;
    }
    notice_->show_progress(tr("Making a video …"));
  });
  dialog->open();
}

} // namespace zbuf::gui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/exports.h"

#include "gui/compare/compare_panel.h"
#include "gui/files/write_file.h"
#include "gui/model/session.h"
#include "gui/window/picture_export.h"
#include "gui/window/video_dialog.h"

#include <QFileInfo>

namespace zbuf::gui {

Exports::Exports(QWidget& window, Playback& playback, Session& session, Settings& settings,
                 FileDialogs& dialogs, NoticeBar& notice, StagePair& stage, ComparePanel& compare)
    : window_(window), playback_(playback), session_(session), settings_(settings), dialogs_(dialogs),
      notice_(notice), stage_(stage), compare_(compare), video_(playback, stage) {
  connect(&video_, &VideoExport::progress, &notice_, &NoticeBar::set_fraction);
  connect(&video_, &VideoExport::finished, this,
          [this](const QString& path) { end_video(tr("The video is in %1.").arg(path)); });
  connect(&video_, &VideoExport::failed, this, &Exports::end_video);
}

void Exports::add_commands(Commands& commands, const QList<std::pair<QString, QWidget*>>& pictures) {
  const auto add = [&](const QString& text, const QList<QKeySequence>& keys, std::function<void()> run) {
    commands.add(Group::file, text, keys, std::move(run));
  };
  add(tr("Save the recording…"), {QKeySequence::Save}, [this] { save_trace(); });
  add(tr("Save the report…"), {}, [this] { save_report(); });
  add(tr("Save as a scenario…"), {QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_S)},
      [this] { save_scenario(); });
  QList<QKeySequence> keys{QKeySequence(Qt::CTRL | Qt::Key_E)};
  for (const auto& [name, widget] : pictures) {
    add(tr("Save a picture of %1…").arg(name), keys,
        [this, widget = widget, name = name] { save_picture_of(*widget, name); });
    keys.clear();
  }
  add(tr("Save the plots…"), {}, [this] { save_plots(); });
  add(tr("Save a video…"), {QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_E)}, [this] { save_video(); });
}

/// "04-the-slow-reader" for lesson 4, the file's name otherwise.
QString Exports::base_name() const {
  const Opened* const opened = session_.opened_now();
  return opened == nullptr ? QString("zbuf") : QFileInfo(opened->path).completeBaseName();
}

void Exports::save_trace() {
  const QString path =
      dialogs_.ask_where_to_save(tr("Save the recording"), base_name() + ".zbt", tr("Recordings (*.zbt)"));
  if (path.isEmpty())
    return;
  const auto error = session_.save_trace(path);
  if (!error)
    settings_.add_recent(path);
  notice_.show_outcome(error, tr("The recording is in %1. It opens at this instant.").arg(path));
}

void Exports::save_report() {
  if (session_.opened_now() == nullptr)
    return;
  const QString path = dialogs_.ask_where_to_save(tr("Save the report"), base_name() + ".json",
                                                  tr("Reports (*.json);;For CI systems (*.xml)"));
  if (path.isEmpty())
    return;
  const std::vector<ScenarioReport> reports{session_.opened_now()->report};
  const bool junit = path.endsWith(".xml", Qt::CaseInsensitive);
  const std::string text = junit ? report_as_junit(reports) : report_as_json(reports);
  notice_.show_outcome(write_file(path, QByteArray::fromStdString(text)),
                       tr("The report is in %1.").arg(path));
}

void Exports::save_scenario() {
  const std::string text = session_.scenario_text();
  if (text.empty()) {
    notice_.show_notice(tr("A recording has no scenario to save. Open a lesson or a scenario first."));
    return;
  }
  const QString path = dialogs_.ask_where_to_save(tr("Save as a scenario"), base_name() + "-what-if.toml",
                                                  tr("Scenarios (*.toml)"));
  if (!path.isEmpty())
    notice_.show_outcome(write_file(path, QByteArray::fromStdString(text)),
                         tr("The scenario is in %1; zbuf run takes it, too.").arg(path));
}

void Exports::save_picture_of(QWidget& widget, const QString& name) {
  if (!widget.isVisible()) {
    notice_.show_notice(tr("%1 is not to be seen now.").arg(name));
    return;
  }
  const QString path = dialogs_.ask_where_to_save(tr("Save a picture of %1").arg(name), base_name() + ".png",
                                                  tr("Pictures (*.png *.svg)"));
  if (!path.isEmpty())
    notice_.show_outcome(save_picture(widget, path), tr("The picture is in %1.").arg(path));
}

void Exports::save_plots() {
  const QString path = dialogs_.ask_where_to_save(tr("Save the plots"), base_name() + "-plots.pdf",
                                                  tr("PDF, SVG or PNG (*.pdf *.svg *.png)"));
  if (!path.isEmpty())
    notice_.show_outcome(compare_.save_plots(path), tr("The plots are in %1.").arg(path));
}

void Exports::save_video() {
  if (playback_.track_count() == 0) {
    notice_.show_notice(tr("There is no run yet of which a video could be made."));
    return;
  }
  auto* const dialog = new VideoDialog(playback_, &window_);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  connect(dialog, &QDialog::accepted, this, [this, dialog] { start_video(dialog->span()); });
  dialog->open();
}

void Exports::start_video(const VideoExport::Span& span) {
  stage_.set_filming(true);
  if (const auto error = video_.start(span))
    end_video(*error);
  else
    notice_.show_progress(tr("Making a video …"));
}

void Exports::end_video(const QString& notice) {
  stage_.set_filming(false);
  notice_.show_notice(notice);
}

} // namespace zbuf::gui

// SPDX-License-Identifier: GPL-3.0-or-later
// What the window writes: recordings, reports, scenarios, pictures, plots and videos of what is open.
#pragma once

#include "gui/window/commands.h"
#include "gui/window/file_dialogs.h"
#include "gui/window/notice_bar.h"
#include "gui/window/settings.h"
#include "gui/window/stage_pair.h"
#include "gui/window/video_export.h"

namespace zbuf::gui {

class ComparePanel;
class Session;

class Exports : public QObject {
  Q_OBJECT
 public:
  /// All outlive it.
  Exports(QWidget& window, Playback& playback, Session& session, Settings& settings, FileDialogs& dialogs,
          NoticeBar& notice, StagePair& stage, ComparePanel& compare);

  /// `pictures`: what a picture can be made of, and what it is called; the first has a key.
  void add_commands(Commands& commands, const QList<std::pair<QString, QWidget*>>& pictures);
  void save_scenario();
  void cancel_video() { video_.cancel(); }

 private:
  void save_trace();
  void save_report();
  void save_picture_of(QWidget& widget, const QString& name);
  void save_plots();
  void save_video();
  void start_video(const VideoExport::Span& span);
  void end_video(const QString& notice);
  [[nodiscard]] QString base_name() const;

  QWidget& window_;
  Playback& playback_;
  Session& session_;
  Settings& settings_;
  FileDialogs& dialogs_;
  NoticeBar& notice_;
  StagePair& stage_;
  ComparePanel& compare_;
  VideoExport video_;
};

} // namespace zbuf::gui

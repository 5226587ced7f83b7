// SPDX-License-Identifier: GPL-3.0-or-later
// Opening: what the window tries to open, and what follows when it is there.
#pragma once

#include "gui/model/session.h"
#include "gui/window/commands.h"
#include "gui/window/file_dialogs.h"
#include "gui/window/measure_control.h"
#include "gui/window/notice_bar.h"
#include "gui/window/settings.h"

namespace zbuf::gui {

class LessonsPanel;
class ModeSwitch;
class TimelineView;

/// What is to be done with the read(2) run when it is there.
enum class ReadRun { nothing, look_at, compare };

class Opener : public QObject {
  Q_OBJECT
 public:
  /// What shows what is open.
  struct Views {
    QWidget& window; ///< its title
    LessonsPanel& lessons;
    NoticeBar& notice;
    ModeSwitch& mode;
    WhatIfPanel& what_if;
    TimelineView& timeline;
  };
  /// All outlive it.
  Opener(Playback& playback, Session& session, Settings& settings, FileDialogs& dialogs,
         MeasureControl& measure, const Views& views);

  /// A scenario, a recording or measured figures; the first lesson not yet watched, if empty.
  void open(const QString& path);
  void choose_file();
  /// Runs the scenario in read(2) mode as well.
  void add_read_run(ReadRun then);
  /// Something else than open() is about to show a run.
  void make_way(ReadRun then);
  void forget_read_run() { read_run_ = ReadRun::nothing; }
  void add_commands(Commands& commands);
  /// Says what became of the file that is shown, if somebody cut, changed or replaced it: once. Done each
  /// second.
  void look_at_file();

 signals:
  /// What is open will not stay.
  void opening();

 private:
  void show_opened();
  void show_started(const QString& what);
  [[nodiscard]] QString next_lesson() const;

  Playback& playback_;
  Session& session_;
  Settings& settings_;
  FileDialogs& dialogs_;
  MeasureControl& measure_;
  Views views_;
  ReadRun read_run_ = ReadRun::nothing;
  bool fate_told_ = false;
  QString tried_{}; ///< the file that is being opened, or could not be
};

} // namespace zbuf::gui

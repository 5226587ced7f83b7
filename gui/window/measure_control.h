// SPDX-License-Identifier: GPL-3.0-or-later
// The tab Measure in the window: its commands, and the files of its figures.
#pragma once

#include "gui/window/commands.h"
#include "gui/window/file_dialogs.h"
#include "gui/window/notice_bar.h"
#include "gui/window/settings.h"
#include "gui/window/side_tabs.h"

namespace zbuf::gui {

class MeasureControl : public QObject {
  Q_OBJECT
 public:
  /// All outlive it.
  MeasureControl(SideTabs& tabs, NoticeBar& notice, FileDialogs& dialogs, Settings& settings);

  /// What zbuf bench --json wrote, by its name.
  [[nodiscard]] static bool is_measured(const QString& path);
  void open(const QString& path);
  void add_commands(Commands& commands);

 private:
  void start_or_stop();
  void choose();
  void save_figures();
  void save_plots();
  [[nodiscard]] bool has_figures();

  SideTabs& tabs_;
  MeasurePanel& panel_;
  NoticeBar& notice_;
  FileDialogs& dialogs_;
  Settings& settings_;
};

} // namespace zbuf::gui

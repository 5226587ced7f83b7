// SPDX-License-Identifier: GPL-3.0-or-later
// The window: lessons, stage, explanations, timeline, comparison, and everything that can be done with them.
#pragma once

#include "gui/live/live.h"
#include "gui/live/live_bar.h"
#include "gui/model/session.h"
#include "gui/window/chapter_bar.h"
#include "gui/window/checks_panel.h"
#include "gui/window/command_palette.h"
#include "gui/window/commands.h"
#include "gui/window/header_bar.h"
#include "gui/window/lessons_panel.h"
#include "gui/window/notice_bar.h"
#include "gui/window/settings.h"
#include "gui/window/shortcut_sheet.h"
#include "gui/window/stage_pair.h"
#include "gui/window/tour.h"
#include "gui/window/video_export.h"
#include "gui/window/what_if_panel.h"

#include <QHash>
#include <QMenu>
#include <QPointer>
#include <QSet>
#include <QSplitter>
#include <QTabWidget>
#include <QWidget>

#include <memory>
#include <optional>

namespace zbuf::gui {

class ComparePanel;
class MeasurePanel;
class TimelineView;

class MainWindow : public QWidget {
  Q_OBJECT
 public:
  /// `settings` outlives the window.
  explicit MainWindow(Settings& settings);
  ~MainWindow() override;

  /// A scenario or a recording; the first lesson not yet watched, if empty.
  void open(const QString& path);
  /// Captures, and shows it while it goes on.
  void capture(const CaptureOptions& options);
  /// Follows a recording that is being written.
  void follow(const QString& path);
  /// The tour, if nobody has seen it yet.
  void greet();

  [[nodiscard]] Playback& playback() { return playback_; }
  [[nodiscard]] Session& session() { return session_; }
  [[nodiscard]] Live& live() { return live_; }
  [[nodiscard]] LiveBar& live_bar() { return *live_bar_; }
  [[nodiscard]] const Commands& commands() const { return commands_; }
  [[nodiscard]] NoticeBar& notice() { return *notice_; }
  [[nodiscard]] bool presenting() const { return presenting_; }
  void set_presenting(bool presenting);

 protected:
  void closeEvent(QCloseEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  bool eventFilter(QObject* object, QEvent* event) override;

 private:
  // main_window.cpp
  void lay_out();
  void connect_parts();
  void restore_geometry();
  void share_room();
  void show_opened();
  void dress();

  // main_window_commands.cpp
  void add_commands();
  void add_transport_commands();
  void add_view_commands();
  void add_file_commands();
  void add_help_commands();
  void fill_menu();
  void fill_recent(QMenu& menu);
  void open_palette();
  void show_tab(int tab);
  void escape();

  // main_window_live.cpp
  void add_live_commands();
  void connect_live();
  void ask_what_to_capture();

  // main_window_measure.cpp
  void add_measure_tab();
  void add_measure_commands();
  [[nodiscard]] bool shows_measured() const;
  [[nodiscard]] static bool is_measured(const QString& path);
  void open_measured(const QString& path);
  void choose_measured();
  void save_measured();
  void save_measured_plots();

  // main_window_files.cpp
  void choose_file();
  void save_trace();
  void save_report();
  void save_scenario();
  void save_picture_of(QWidget& widget, const QString& name);
  void save_plots();
  void save_video();
  void tell(const std::optional<QString>& error, const QString& done);
  [[nodiscard]] QString ask_for_path(const QString& title, const QString& name, const QString& filter);

  Settings& settings_;
  Playback playback_;
  Session session_;
  Live live_;
  Commands commands_;
  QMenu menu_;
  VideoExport* video_ = nullptr;

  HeaderBar* header_ = nullptr;
  LessonsPanel* lessons_ = nullptr;
  NoticeBar* notice_ = nullptr;
  ChapterBar* chapter_ = nullptr;
  LiveBar* live_bar_ = nullptr;
  StagePair* stage_ = nullptr;
  QTabWidget* tabs_ = nullptr;
  WhatIfPanel* what_if_ = nullptr;
  TimelineView* timeline_ = nullptr;
  ChecksPanel* checks_ = nullptr;
  ComparePanel* compare_ = nullptr;
  MeasurePanel* measure_ = nullptr;
  CommandPalette* palette_ = nullptr;
  ShortcutSheet* sheet_ = nullptr;
  QPointer<Tour> tour_{};
  QHash<QString, QSplitter*> splitters_{};
  QSet<QString> own_sizes_{};                      ///< of splitters that somebody moved
  QList<std::pair<QString, QWidget*>> pictures_{}; ///< what a picture can be made of

  bool presenting_ = false;
  bool was_full_screen_ = false;
  bool compare_when_opened_ = false; ///< the read(2) run was asked for to compare with
  bool read_when_opened_ = false;    ///< ... or to look at
  QString last_folder_{};
  QString tried_{}; ///< the file that is being opened, or could not be
};

} // namespace zbuf::gui

// SPDX-License-Identifier: GPL-3.0-or-later
// The window: it puts its parts together. Each has its own file, and state of its own.
#pragma once

#include "gui/compare/compare_panel.h"
#include "gui/live/live.h"
#include "gui/live/live_bar.h"
#include "gui/model/session.h"
#include "gui/timeline/timeline_view.h"
#include "gui/window/borders.h"
#include "gui/window/chapter_bar.h"
#include "gui/window/checks_panel.h"
#include "gui/window/command_palette.h"
#include "gui/window/commands.h"
#include "gui/window/exports.h"
#include "gui/window/file_dialogs.h"
#include "gui/window/focus_keys.h"
#include "gui/window/header_bar.h"
#include "gui/window/lessons_panel.h"
#include "gui/window/live_control.h"
#include "gui/window/main_menu.h"
#include "gui/window/measure_control.h"
#include "gui/window/notice_bar.h"
#include "gui/window/opener.h"
#include "gui/window/presentation.h"
#include "gui/window/settings.h"
#include "gui/window/shortcut_sheet.h"
#include "gui/window/side_tabs.h"
#include "gui/window/stage_pair.h"
#include "gui/window/tour_guide.h"

#include <QWidget>

namespace zbuf::gui {

class MainWindow : public QWidget {
  Q_OBJECT
 public:
  /// `settings` outlives the window.
  explicit MainWindow(Settings& settings);
  ~MainWindow() override;

  /// A scenario or a recording; the first lesson not yet watched, if empty.
  void open(const QString& path) { opener_.open(path); }
  /// Captures, and shows it while it goes on.
  void capture(const CaptureOptions& options) { live_control_.capture(options); }
  /// Follows a recording that is being written.
  void follow(const QString& path) { live_control_.follow(path); }
  /// The tour, if nobody has seen it yet.
  void greet() { guide_.greet(); }

  [[nodiscard]] Playback& playback() { return playback_; }
  [[nodiscard]] Session& session() { return session_; }
  [[nodiscard]] Live& live() { return live_; }
  [[nodiscard]] LiveBar& live_bar() { return *live_bar_; }
  [[nodiscard]] const Commands& commands() const { return commands_; }
  [[nodiscard]] NoticeBar& notice() { return *notice_; }
  [[nodiscard]] bool presenting() const { return presentation_.is_on(); }
  void set_presenting(bool presenting) { presentation_.set_on(presenting); }

 protected:
  void closeEvent(QCloseEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  QWidget& lay_out();
  void connect_parts();
  void add_commands();
  void add_view_commands();
  void add_help_commands();
  void restore_geometry();
  void share_room();
  void dress();
  void mark_lesson_done();
  void escape();

  Settings& settings_;
  Playback playback_;
  Session session_;
  Live live_;
  Commands commands_;
  MainMenu menu_;

  HeaderBar* header_;
  LessonsPanel* lessons_;
  NoticeBar* notice_;
  ChapterBar* chapter_;
  LiveBar* live_bar_;
  StagePair* stage_;
  SideTabs* tabs_;
  TimelineView* timeline_;
  ChecksPanel* checks_;
  ComparePanel* compare_;
  Borders borders_{};
  QWidget& over_time_; ///< all that is below the stage
  CommandPalette* palette_;
  ShortcutSheet* sheet_;

  FileDialogs dialogs_;
  MeasureControl measure_;
  Opener opener_;
  LiveControl live_control_;
  Exports exports_;
  Presentation presentation_;
  TourGuide guide_;
  FocusKeys focus_keys_;
};

} // namespace zbuf::gui

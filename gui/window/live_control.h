// SPDX-License-Identifier: GPL-3.0-or-later
// Live captures, as the window has them.
#pragma once

#include "gui/live/live.h"
#include "gui/window/commands.h"
#include "gui/window/opener.h"

namespace zbuf::gui {

class LiveControl : public QObject {
  Q_OBJECT
 public:
  /// All outlive it.
  LiveControl(QWidget& window, Live& live, Playback& playback, Opener& opener, NoticeBar& notice);

  /// Captures, and shows it while it goes on.
  void capture(const CaptureOptions& options);
  /// Follows a recording that is being written.
  void follow(const QString& path);
  void add_commands(Commands& commands);

 private:
  void ask_what_to_capture();

  QWidget& window_;
  Live& live_;
  Playback& playback_;
  Opener& opener_;
  NoticeBar& notice_;
};

} // namespace zbuf::gui

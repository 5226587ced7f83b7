// SPDX-License-Identifier: GPL-3.0-or-later
// The menu, and what can be found by typing: the same commands, and the files, lessons and chapters there
// are.
#pragma once

#include "gui/model/playback.h"
#include "gui/window/command_palette.h"
#include "gui/window/commands.h"
#include "gui/window/lessons_panel.h"
#include "gui/window/settings.h"

#include <QMenu>

namespace zbuf::gui {

class MainMenu : public QMenu {
  Q_OBJECT
 public:
  /// Both outlive it.
  MainMenu(const Commands& commands, Settings& settings) : commands_(commands), settings_(settings) {}

  /// A group of commands is a menu. Once, when all commands are there.
  void fill();
  [[nodiscard]] QList<CommandPalette::Entry> palette_entries(const std::vector<Lesson>& lessons,
                                                             Playback& playback);

 signals:
  void open_wanted(const QString& path);

 private:
  void fill_recent(QMenu& menu);

  const Commands& commands_;
  Settings& settings_;
};

} // namespace zbuf::gui

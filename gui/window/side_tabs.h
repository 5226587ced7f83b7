// SPDX-License-Identifier: GPL-3.0-or-later
// The panels on the right, one above the other, each with its tab.
#pragma once

#include "gui/window/commands.h"
#include "gui/window/what_if_panel.h"

#include <QTabWidget>

namespace zbuf::gui {

class MeasurePanel;
class PacketsPanel;

class SideTabs : public QTabWidget {
  Q_OBJECT
 public:
  /// Both outlive it.
  SideTabs(Playback& playback, Session& session);

  [[nodiscard]] WhatIfPanel& what_if() { return *what_if_; }
  [[nodiscard]] MeasurePanel& measure() { return *measure_; }
  [[nodiscard]] bool shows_measured() const;
  /// Brings a panel to the front, with the keyboard in it.
  void show_panel(QWidget& panel);
  void add_commands(Commands& commands);
  void dress();

 signals:
  /// Somebody wants to see a panel: whatever hides them all had better go.
  void wanted();

 private:
  PacketsPanel* packets_;
  WhatIfPanel* what_if_;
  MeasurePanel* measure_;
};

} // namespace zbuf::gui

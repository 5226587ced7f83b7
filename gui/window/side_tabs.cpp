// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/side_tabs.h"

#include "gui/bytes/bytes_panel.h"
#include "gui/explain/explain_panel.h"
#include "gui/filter/filter_panel.h"
#include "gui/measure/measure_panel.h"
#include "gui/packets/packets_panel.h"
#include "gui/theme/theme.h"

#include <QLineEdit>
#include <QTabBar>

namespace zbuf::gui {

SideTabs::SideTabs(Playback& playback, Session& session)
    : packets_(new PacketsPanel(playback)), what_if_(new WhatIfPanel(playback, session)),
      measure_(new MeasurePanel) {
  setObjectName("tabs");
  setDocumentMode(true);
  setUsesScrollButtons(true);
  tabBar()->setElideMode(Qt::ElideNone);
  tabBar()->setExpanding(false);
  addTab(new ExplainPanel(playback), tr("Explain"));
  addTab(new BytesPanel(playback), tr("Header bytes"));
  addTab(new FilterPanel(playback), tr("Filter"));
  addTab(packets_, tr("Packets"));
  addTab(what_if_, tr("What if"));
  addTab(measure_, tr("Measure"));
}

bool SideTabs::shows_measured() const {
  return currentWidget() == measure_;
}

void SideTabs::show_panel(QWidget& panel) {
  Q_EMIT wanted();
  setCurrentWidget(&panel);
  panel.setFocus(Qt::ShortcutFocusReason);
}

void SideTabs::add_commands(Commands& commands) {
  for (int tab = 0; tab < count(); ++tab)
    commands.add(Group::view, tabText(tab), {QKeySequence(Qt::ALT | static_cast<Qt::Key>(Qt::Key_1 + tab))},
                 [this, tab] { show_panel(*widget(tab)); });
  commands.add(Group::view, tr("Find a packet"), {QKeySequence::Find}, [this] {
    show_panel(*packets_);
    packets_->focus_search();
  });
}

void SideTabs::dress() {
  tabBar()->setFont(theme().ui(9.5));
  setMinimumWidth(QFontMetrics(theme().ui()).averageCharWidth() * 42);
}

} // namespace zbuf::gui

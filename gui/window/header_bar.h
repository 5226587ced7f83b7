// SPDX-License-Identifier: GPL-3.0-or-later
// The head of the window: what is open, the transport, and which run is looked at. In one row where there is
// room, else in two.
#pragma once

#include "gui/model/session.h"
#include "gui/panel/arranged_grid.h"
#include "gui/window/mode_switch.h"
#include "gui/window/transport_bar.h"

#include <QLabel>
#include <QMenu>
#include <QWidget>

namespace zbuf::gui {

class HeaderBar : public QWidget {
  Q_OBJECT
 public:
  HeaderBar(Playback& playback, Session& session, QMenu& menu, QWidget* parent = nullptr);

  [[nodiscard]] TransportBar& transport() { return *transport_; }
  [[nodiscard]] ModeSwitch& mode() { return *mode_; }
  void open_menu() { menu_button_->showMenu(); }

 protected:
  void resizeEvent(QResizeEvent* event) override;
  void paintEvent(QPaintEvent* event) override;

 private:
  void arrange();
  void dress();
  void show_title();
  void fit_title();

  Playback& playback_;
  Session& session_;
  ArrangedGrid* grid_;
  QToolButton* menu_button_;
  QLabel* brand_;
  QLabel* title_;
  QLabel* details_;
  QWidget* title_block_;
  TransportBar* transport_;
  ModeSwitch* mode_;
  QString full_details_{};
};

} // namespace zbuf::gui

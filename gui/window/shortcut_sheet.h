// SPDX-License-Identifier: GPL-3.0-or-later
// All keys at a glance, over the window.
#pragma once

#include "gui/window/commands.h"

#include <QFrame>

namespace zbuf::gui {

class ShortcutSheet : public QFrame {
  Q_OBJECT
 public:
  ShortcutSheet(const Commands& commands, QWidget* window);
  void open();

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;

 private:
  [[nodiscard]] QWidget* make_columns(std::size_t count) const;

  const Commands& commands_;
};

} // namespace zbuf::gui

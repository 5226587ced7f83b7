// SPDX-License-Identifier: GPL-3.0-or-later
// How a panel follows the playback.
#pragma once

#include "gui/model/playback.h"

#include <QTimer>
#include <QWidget>

#include <functional>

namespace zbuf::gui {

/// Draws a panel anew when the playback has moved, or another event, reader or packet is looked at: at once
/// where nothing plays, else ten times a second at most, for nobody reads faster. A hidden panel is not
/// drawn; it catches up when it is shown.
class Refresher : public QObject {
  Q_OBJECT
 public:
  /// `playback` and `panel` outlive it.
  Refresher(Playback& playback, QWidget& panel, std::function<void()> draw);

  /// Draws now, whether the panel can be seen or not.
  void refresh();

 protected:
  bool eventFilter(QObject* object, QEvent* event) override;

 private:
  void follow(bool may_wait);

  QWidget& panel_;
  std::function<void()> draw_;
  QTimer later_{};
  bool stale_ = true;
};

} // namespace zbuf::gui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/panel/refresher.h"

#include <QEvent>

namespace zbuf::gui {

Refresher::Refresher(Playback& playback, QWidget& panel, std::function<void()> draw)
    : panel_(panel), draw_(std::move(draw)) {
  constexpr int reading_ms = 100;
  later_.setSingleShot(true);
  later_.setInterval(reading_ms);
  connect(&later_, &QTimer::timeout, this, &Refresher::refresh);
  connect(&playback, &Playback::tracks_changed, this, [this] { follow(false); });
  const auto moved = [this, &playback] { follow(playback.playing()); };
  connect(&playback, &Playback::moved, this, moved);
  connect(&playback, &Playback::focus_changed, this, moved);
  connect(&playback, &Playback::selection_changed, this, moved);
  connect(&playback, &Playback::playing_changed, this, moved);
  panel_.installEventFilter(this);
}

void Refresher::follow(bool may_wait) {
  stale_ = true;
  if (!panel_.isVisible())
    return;
  if (!may_wait)
    refresh();
  else if (!later_.isActive())
    later_.start();
}

void Refresher::refresh() {
  later_.stop();
  stale_ = false;
  draw_();
}

bool Refresher::eventFilter(QObject* object, QEvent* event) {
  if (object == &panel_ && event->type() == QEvent::Show && stale_)
    refresh();
  return QObject::eventFilter(object, event);
}

} // namespace zbuf::gui

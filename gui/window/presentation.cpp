// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/presentation.h"

#include "gui/live/live_bar.h"
#include "gui/theme/theme.h"
#include "gui/window/chapter_bar.h"

namespace zbuf::gui {

Presentation::Presentation(QWidget& window, QList<QWidget*> hidden, ChapterBar& chapter, LiveBar& live_bar,
                           QWidget& stage)
    : window_(window), hidden_(std::move(hidden)), chapter_(chapter), live_bar_(live_bar), stage_(stage) {}

void Presentation::set_on(bool on) {
  if (on == on_)
    return;
  on_ = on;
  if (on)
    was_full_screen_ = window_.isFullScreen();
  for (QWidget* const part : hidden_)
    part->setVisible(!on);
  chapter_.set_presenting(on);
  live_bar_.set_presenting(on);
  constexpr double large = 1.6;
  theme().set_scale(on ? large : 1);
  const Qt::WindowStates state = window_.windowState();
  window_.setWindowState(on || was_full_screen_ ? state | Qt::WindowFullScreen
                                                : state & ~Qt::WindowFullScreen);
  if (on)
    stage_.setFocus();
}

} // namespace zbuf::gui

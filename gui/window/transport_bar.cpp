// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/transport_bar.h"

#include "gui/theme/icons.h"
#include "gui/theme/theme.h"

#include <QFontMetrics>
#include <QHBoxLayout>

namespace zbuf::gui {

namespace {

QToolButton* button(const char* object_name, const QString& text, const QString& tip) {
  auto* made = new QToolButton;
  made->setObjectName(object_name);
  made->setText(text);
  made->setToolTip(tip);
  made->setAccessibleName(tip.section('(', 0, 0).trimmed());
  made->setAccessibleDescription(tip);
  made->setToolButtonStyle(text.isEmpty() ? Qt::ToolButtonIconOnly : Qt::ToolButtonTextBesideIcon);
  made->setFocusPolicy(Qt::StrongFocus);
  return made;
}

} // namespace

TransportBar::TransportBar(Playback& playback, QWidget* parent)
    : QWidget(parent), playback_(playback), start_(button("start", {}, tr("To the start (Home)"))),
      back_(button("step_back", tr("step"), tr("One step back (Left)"))),
      play_(button("play", tr("play"), tr("Play or pause (Space)"))),
      forward_(button("step", tr("step"), tr("One step (Right)"))),
      end_(button("end", {}, tr("To the end (End)"))), unit_(new QComboBox),
      speed_(new SpeedSlider(playback)), stop_(new StopField(playback)) {
  play_->setProperty("primary", true);
  forward_->setLayoutDirection(Qt::RightToLeft); // the sign behind the word
  unit_->addItems({tr("by event"), tr("by packet"), tr("by ownership")});
  unit_->setObjectName("unit");
  unit_->setAccessibleName(tr("What a step is"));
  unit_->setToolTip(
      tr("What a step is: an event (1), a packet (2), a buffer that moves or changes hands (3)"));
  unit_->setSizeAdjustPolicy(QComboBox::AdjustToContents);
  stop_->setObjectName("stop_when");

  auto* const row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(5);
  for (QToolButton* const one : {start_, back_, play_, forward_, end_})
    row->addWidget(one);
  row->addWidget(unit_);
  row->addSpacing(6);
  row->addWidget(speed_, 2);
  row->addSpacing(6);
  row->addWidget(stop_, 3);

  connect(start_, &QToolButton::clicked, this, [this] { playback_.jump(Landmark::start, true); });
  connect(back_, &QToolButton::clicked, this, [this] { step(false); });
  connect(play_, &QToolButton::clicked, this, [this] { playback_.set_playing(!playback_.playing()); });
  connect(forward_, &QToolButton::clicked, this, [this] { step(true); });
  connect(end_, &QToolButton::clicked, this, [this] { playback_.jump(Landmark::end, true); });
  connect(&playback_, &Playback::playing_changed, this, &TransportBar::dress);
  connect(&playback_, &Playback::moved, this, &TransportBar::show_state);
  connect(&playback_, &Playback::grown, this, &TransportBar::show_state);
  connect(&playback_, &Playback::following_changed, this, &TransportBar::show_state);
  connect(&playback_, &Playback::tracks_changed, this, &TransportBar::show_state);
  connect(&theme(), &Theme::changed, this, &TransportBar::dress);
  dress();
  show_state();
}

void TransportBar::dress() {
  const QColor ink = theme().text();
  start_->setIcon(icon(Sign::to_start, ink));
  back_->setIcon(icon(Sign::step_back, ink));
  forward_->setIcon(icon(Sign::step, ink));
  end_->setIcon(icon(Sign::to_end, ink));
  play_->setIcon(icon(playback_.playing() ? Sign::pause : Sign::play, theme().on_accent()));
  play_->setText(playback_.playing() ? tr("pause") : tr("play"));
  const QFontMetrics metrics(theme().ui());
  const int side = metrics.ascent();
  for (QToolButton* const one : {start_, back_, play_, forward_, end_})
    one->setIconSize({side, side});
  // As wide for one word as for the other, so that nothing jumps.
  play_->ensurePolished();
  const QString shown = play_->text();
  int widest = 0;
  for (const QString& text : {tr("play"), tr("pause")}) {
    play_->setText(text);
    widest = std::max(widest, play_->sizeHint().width());
  }
  play_->setText(shown);
  play_->setMinimumWidth(widest);
  stop_->setMinimumWidth(metrics.averageCharWidth() * 17);
}

/// Where there is nothing to go to, a button does not pretend. It keeps the keyboard, though.
void TransportBar::show_state() {
  const bool any = playback_.track_count() > 0;
  play_->setEnabled(any);
  for (QToolButton* const one : {start_, back_})
    one->setEnabled(any && (one->hasFocus() || playback_.can_jump(Landmark::start, false)));
  for (QToolButton* const one : {forward_, end_})
    one->setEnabled(any && (one->hasFocus() || playback_.can_jump(Landmark::end, true)));
  unit_->setEnabled(any);
}

} // namespace zbuf::gui

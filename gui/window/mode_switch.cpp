// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/mode_switch.h"

#include <QHBoxLayout>
#include <QSignalBlocker>

#include <algorithm>

namespace zbuf::gui {

namespace {

QToolButton* segment(const QString& text, const QString& tip) {
  auto* button = new QToolButton;
  button->setText(text);
  button->setCheckable(true);
  button->setToolTip(tip);
  button->setAccessibleName(text);
  button->setAccessibleDescription(tip);
  button->setFocusPolicy(Qt::StrongFocus);
  return button;
}

bool reads(const Track& track) {
  const auto& readers = track.report.readers;
  return !readers.empty() && std::all_of(readers.begin(), readers.end(), [](const ReaderReport& reader) {
    return reader.description.starts_with("read(2)");
  });
}

} // namespace

QString track_title(const Track& track) {
  if (track.name == "zbuf" || (track.name.isEmpty() && !reads(track)))
    return ModeSwitch::tr("Zero-copy");
  if (track.name == "read" || track.name.isEmpty())
    return ModeSwitch::tr("read(2)");
  return QString(track.name).replace('_', ' ');
}

ModeSwitch::ModeSwitch(Playback& playback, QWidget* parent)
    : QWidget(parent), playback_(playback),
      first_(segment(tr("Zero-copy"), tr("Look at the run with zero-copy buffers (Z)"))),
      second_(segment(tr("read(2)"), tr("Look at the run with read(2), on the same packets (R)"))),
      others_(new QComboBox),
      compare_(segment(tr("Compare"), tr("Two runs side by side, at the same instant (V)"))) {
  others_->setAccessibleName(tr("Run"));
  others_->setToolTip(tr("Which of the runs that are compared to look at"));
  first_->setObjectName("mode_first");
  second_->setObjectName("mode_second");
  compare_->setObjectName("mode_compare");
  auto* const row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(4);
  for (QWidget* const part : std::initializer_list<QWidget*>{first_, second_, others_, compare_})
    row->addWidget(part);
  connect(first_, &QToolButton::clicked, this, &ModeSwitch::choose_first);
  connect(second_, &QToolButton::clicked, this, &ModeSwitch::choose_read);
  connect(others_, &QComboBox::activated, this,
          [this](int track) { playback_.set_focus(static_cast<std::size_t>(track)); });
  connect(compare_, &QToolButton::clicked, this, [this](bool on) { set_comparing(on); });
  connect(&playback_, &Playback::tracks_changed, this, &ModeSwitch::show_tracks);
  connect(&playback_, &Playback::focus_changed, this, &ModeSwitch::show_focus);
  show_tracks();
}

void ModeSwitch::choose_first() {
  playback_.set_focus(0);
  show_focus();
}

void ModeSwitch::choose_read() {
  if (playback_.track_count() > 1)
    playback_.set_focus(1);
  else if (can_add_read_)
    Q_EMIT read_wanted(false);
  show_focus();
}

void ModeSwitch::set_comparing(bool comparing) {
  if (comparing && playback_.track_count() < 2) {
    compare_->setChecked(false);
    if (can_add_read_)
      Q_EMIT read_wanted(true);
    return;
  }
  const bool changed = compare_->property("was").toBool() != comparing;
  compare_->setChecked(comparing);
  compare_->setProperty("was", comparing);
  if (changed)
    Q_EMIT comparing_changed(comparing);
}

void ModeSwitch::show_tracks() {
  const std::size_t count = playback_.track_count();
  const bool many = count > 2;
  first_->setVisible(!many);
  second_->setVisible(!many);
  others_->setVisible(many);
  if (count > 0)
    first_->setText(track_title(playback_.track(0)));
  second_->setText(count == 2 ? track_title(playback_.track(1)) : tr("read(2)"));
  for (QToolButton* const button : {first_, second_})
    button->setAccessibleName(button->text());
  first_->setEnabled(count > 0);
  second_->setEnabled(count == 2 || (count == 1 && can_add_read_));
  compare_->setEnabled(count > 1 || (count == 1 && can_add_read_));
  const QSignalBlocker quiet(others_);
  others_->clear();
  for (std::size_t i = 0; i < count; ++i)
    others_->addItem(track_title(playback_.track(i)));
  if (count < 2)
    set_comparing(false);
  show_focus();
}

void ModeSwitch::show_focus() {
  first_->setChecked(playback_.track_count() > 0 && playback_.focus() == 0);
  second_->setChecked(playback_.focus() == 1);
  const QSignalBlocker quiet(others_);
  others_->setCurrentIndex(static_cast<int>(playback_.focus()));
}

} // namespace zbuf::gui

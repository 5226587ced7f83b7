// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/stage_pair.h"

#include "gui/theme/theme.h"
#include "gui/window/mode_switch.h"

#include <QVBoxLayout>

namespace zbuf::gui {

StagePair::StagePair(Playback& playback, QWidget* parent)
    : QWidget(parent), playback_(playback), splitter_(new QSplitter(Qt::Horizontal)),
      single_(new StageView(playback)) {
  auto* const column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->addWidget(splitter_);
  splitter_->setChildrenCollapsible(false);
  splitter_->addWidget(single_);
  connect(&playback_, &Playback::tracks_changed, this, &StagePair::rebuild);
  connect(&playback_, &Playback::focus_changed, this, [this] {
    if (comparing_ && playback_.focus() != 0)
      rebuild(); // another run may stand beside the first one now
    dress();
  });
  connect(&theme(), &Theme::changed, this, &StagePair::dress);
}

std::array<std::size_t, 2> StagePair::tracks() const {
  return {0, playback_.focus() == 0 ? std::size_t{1} : playback_.focus()};
}

void StagePair::set_comparing(bool comparing) {
  comparing = comparing && playback_.track_count() > 1;
  if (comparing == comparing_)
    return;
  comparing_ = comparing;
  rebuild();
}

void StagePair::rebuild() {
  for (QWidget*& side : sides_) {
    if (side != nullptr) {
      side->hide();
      side->deleteLater();
    }
    side = nullptr;
  }
  stages_ = {};
  titles_ = {};
  comparing_ = comparing_ && playback_.track_count() > 1;
  single_->setVisible(!comparing_);
  for (std::size_t i = 0; comparing_ && i < sides_.size(); ++i) {
    sides_[i] = new QWidget;
    titles_[i] = new QLabel(track_title(playback_.track(tracks()[i])));
    titles_[i]->setAlignment(Qt::AlignCenter);
    titles_[i]->setMargin(3);
    stages_[i] = new StageView(playback_, nullptr, tracks()[i]);
    auto* const column = new QVBoxLayout(sides_[i]);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(titles_[i]);
    column->addWidget(stages_[i], 1);
    splitter_->addWidget(sides_[i]);
  }
  dress();
}

/// The run whose events are stepped through is set off.
void StagePair::dress() {
  for (std::size_t i = 0; i < titles_.size(); ++i) {
    if (titles_[i] == nullptr)
      continue;
    const bool focused = tracks()[i] == playback_.focus();
    titles_[i]->setFont(theme().ui(10, focused));
    QPalette palette;
    palette.setColor(QPalette::WindowText, focused ? theme().accent() : theme().muted());
    titles_[i]->setPalette(palette);
  }
}

void StagePair::set_filming(bool filming) {
  single_->set_filming(filming);
  for (StageView* const stage : stages_)
    if (stage != nullptr)
      stage->set_filming(filming);
}

} // namespace zbuf::gui

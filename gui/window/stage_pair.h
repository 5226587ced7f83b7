// SPDX-License-Identifier: GPL-3.0-or-later
// One stage, or two side by side with one transport.
#pragma once

#include "gui/model/playback.h"
#include "gui/stage/stage_view.h"

#include <QLabel>
#include <QSplitter>
#include <QWidget>

#include <array>

namespace zbuf::gui {

class StagePair : public QWidget {
  Q_OBJECT
 public:
  explicit StagePair(Playback& playback, QWidget* parent = nullptr);

  /// Side by side: the first run and the one in focus, or the second if that is the first.
  void set_comparing(bool comparing);
  [[nodiscard]] bool comparing() const { return comparing_; }
  /// Of one stage or the left one.
  [[nodiscard]] StageView& stage() { return *single_; }
  void set_filming(bool filming);

 private:
  void rebuild();
  void dress();
  [[nodiscard]] std::array<std::size_t, 2> tracks() const;

  Playback& playback_;
  QSplitter* splitter_;
  StageView* single_;
  std::array<QWidget*, 2> sides_{};
  std::array<StageView*, 2> stages_{};
  std::array<QLabel*, 2> titles_{};
  bool comparing_ = false;
};

} // namespace zbuf::gui

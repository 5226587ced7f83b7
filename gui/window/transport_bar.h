// SPDX-License-Identifier: GPL-3.0-or-later
// Start, step back, play, step, end; what a step is; how fast; when to stop.
#pragma once

#include "gui/model/playback.h"
#include "gui/window/speed_slider.h"
#include "gui/window/stop_field.h"

#include <QComboBox>
#include <QToolButton>
#include <QWidget>

namespace zbuf::gui {

class TransportBar : public QWidget {
  Q_OBJECT
 public:
  explicit TransportBar(Playback& playback, QWidget* parent = nullptr);

  [[nodiscard]] Unit unit() const { return static_cast<Unit>(unit_->currentIndex()); }
  void set_unit(Unit unit) { unit_->setCurrentIndex(static_cast<int>(unit)); }
  void step(bool forward) { playback_.step(unit(), forward); }
  [[nodiscard]] SpeedSlider& speed() { return *speed_; }
  [[nodiscard]] StopField& stop_field() { return *stop_; }

 private:
  void dress();
  void show_state();

  Playback& playback_;
  QToolButton* start_;
  QToolButton* back_;
  QToolButton* play_;
  QToolButton* forward_;
  QToolButton* end_;
  QComboBox* unit_;
  SpeedSlider* speed_;
  StopField* stop_;
};

} // namespace zbuf::gui

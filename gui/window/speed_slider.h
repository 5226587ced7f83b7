// SPDX-License-Identifier: GPL-3.0-or-later
// How fast model time goes: a slider with a word for where it stands.
#pragma once

#include "gui/model/playback.h"

#include <QLabel>
#include <QSlider>
#include <QWidget>

namespace zbuf::gui {

/// From 1/1 000 000 to 1000 times, and as fast as can be drawn. Equal ways are equal factors, and a slow
/// decade gets twice the way of a fast one.
class SpeedSlider : public QWidget {
  Q_OBJECT
 public:
  explicit SpeedSlider(Playback& playback, QWidget* parent = nullptr);

  void faster() { slider_->setValue(slider_->value() + 1); }
  void slower() { slider_->setValue(slider_->value() - 1); }

  /// The speeds of the slider's places.
  [[nodiscard]] static const std::vector<double>& speeds();
  [[nodiscard]] static int nearest_place(double speed);

 private:
  void show_speed();

  Playback& playback_;
  QSlider* slider_;
  QLabel* value_;
};

} // namespace zbuf::gui

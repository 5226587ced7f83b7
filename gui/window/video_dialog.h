// SPDX-License-Identifier: GPL-3.0-or-later
// Which span of the run becomes a video, how long it takes, and where it goes.
#pragma once

#include "gui/window/video_export.h"

#include <QComboBox>
#include <QDialog>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QLineEdit>
#include <QSpinBox>

namespace zbuf::gui {

class VideoDialog : public QDialog {
  Q_OBJECT
 public:
  explicit VideoDialog(Playback& playback, QWidget* parent = nullptr);

  [[nodiscard]] VideoExport::Span span() const;

 private:
  void choose_span(int which);
  void choose_path();
  void show_pace();

  Playback& playback_;
  QComboBox* which_;
  QDoubleSpinBox* from_ms_;
  QDoubleSpinBox* until_ms_;
  QDoubleSpinBox* seconds_;
  QSpinBox* rate_;
  QLineEdit* path_;
  QLabel* pace_;
};

} // namespace zbuf::gui

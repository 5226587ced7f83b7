// SPDX-License-Identifier: GPL-3.0-or-later
// Which run is looked at: zero-copy, read(2), another of the comparison, or two side by side.
#pragma once

#include "gui/model/playback.h"

#include <QComboBox>
#include <QToolButton>
#include <QWidget>

namespace zbuf::gui {

class ModeSwitch : public QWidget {
  Q_OBJECT
 public:
  explicit ModeSwitch(Playback& playback, QWidget* parent = nullptr);

  [[nodiscard]] bool comparing() const { return compare_->isChecked(); }
  void set_comparing(bool comparing);
  /// Zero-copy (or the first run), read(2) (or the second).
  void choose_first();
  void choose_read();
  /// There is but one run, and another can be had beside it.
  void set_can_add_read(bool can) {
    can_add_read_ = can;
    show_tracks();
  }

 signals:
  void comparing_changed(bool comparing);
  /// There is no read(2) track yet: run the scenario in both modes. `compare`: and then side by side.
  void read_wanted(bool compare);

 private:
  void show_tracks();
  void show_focus();

  Playback& playback_;
  QToolButton* first_;
  QToolButton* second_;
  QComboBox* others_; ///< where there are more than two
  QToolButton* compare_;
  bool can_add_read_ = false;
};

/// "Zero-copy", "read(2)", or the name that the scenario gives it.
[[nodiscard]] QString track_title(const Track& track);

} // namespace zbuf::gui

// SPDX-License-Identifier: GPL-3.0-or-later
// What to capture: the interface, the filter, the mode, and how much.
#pragma once

#include "gui/live/capture_process.h"

#include <QComboBox>
#include <QDialog>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>

namespace zbuf::gui {

class LiveForm : public QDialog {
  Q_OBJECT
 public:
  /// Begins with `last`, as far as it is there.
  explicit LiveForm(const CaptureOptions& last, QWidget* parent = nullptr);

  /// Once accepted.
  [[nodiscard]] CaptureOptions options() const;

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  void check();
  void make_room();

  QComboBox* interface_;
  QLineEdit* filter_;
  QComboBox* mode_;
  QComboBox* buffer_;
  QComboBox* limit_;
  QLabel* problem_;
  QPushButton* start_;
};

/// What is wrong with a filter, as a sentence; empty: nothing.
[[nodiscard]] QString filter_problem(const QString& filter);

} // namespace zbuf::gui

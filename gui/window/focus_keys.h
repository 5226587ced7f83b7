// SPDX-License-Identifier: GPL-3.0-or-later
// The keyboard goes to what has it first.
#pragma once

#include <QObject>
#include <QWidget>

namespace zbuf::gui {

class TourGuide;

/// Keys of the transport mean something else to a control that has the focus: arrows move in a list, a blank
/// presses a button. Sees to it for the whole application, as long as it lives.
class FocusKeys : public QObject {
  Q_OBJECT
 public:
  /// What lies over the window has the keyboard for itself. All outlive it.
  FocusKeys(const QWidget& palette, const QWidget& sheet, const TourGuide& tour);
  ~FocusKeys() override;

 protected:
  bool eventFilter(QObject* object, QEvent* event) override;

 private:
  const QWidget& palette_;
  const QWidget& sheet_;
  const TourGuide& tour_;
};

} // namespace zbuf::gui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/focus_keys.h"

#include "gui/window/tour_guide.h"

#include <QApplication>
#include <QKeyEvent>

namespace zbuf::gui {

FocusKeys::FocusKeys(const QWidget& palette, const QWidget& sheet, const TourGuide& tour)
    : palette_(palette), sheet_(sheet), tour_(tour) {
  qApp->installEventFilter(this);
}

FocusKeys::~FocusKeys() {
  qApp->removeEventFilter(this);
}

bool FocusKeys::eventFilter(QObject* object, QEvent* event) {
  const QWidget* const focus = QApplication::focusWidget();
  if (event->type() != QEvent::ShortcutOverride || focus == nullptr || object != focus)
    return QObject::eventFilter(object, event);
  const auto* const key = static_cast<QKeyEvent*>(event);
  const bool moves = (key->modifiers() & ~Qt::KeypadModifier) == Qt::NoModifier &&
                     (key->key() == Qt::Key_Left || key->key() == Qt::Key_Right ||
                      key->key() == Qt::Key_Home || key->key() == Qt::Key_End);
  const bool presses = key->key() == Qt::Key_Space && key->modifiers() == Qt::NoModifier;
  const bool has_arrows = focus->inherits("QAbstractSlider") || focus->inherits("QTabBar") ||
                          focus->inherits("QAbstractItemView") || focus->inherits("QComboBox") ||
                          focus->inherits("QAbstractSpinBox") || focus->inherits("QRadioButton");
  const bool has_blank = focus->inherits("QAbstractButton") || focus->inherits("QAbstractItemView") ||
                         focus->inherits("QComboBox");
  // Escape leaves a field before it leaves anything else.
  const bool in_front =
      sheet_.isAncestorOf(focus) || &sheet_ == focus || palette_.isAncestorOf(focus) || tour_.has(*focus);
  const bool leaves = key->key() == Qt::Key_Escape && (in_front || focus->inherits("QLineEdit"));
  const bool takes_any = &sheet_ == focus;
  if ((moves && (has_arrows || in_front)) || (presses && has_blank) || leaves || takes_any) {
    event->accept();
    return true;
  }
  return QObject::eventFilter(object, event);
}

} // namespace zbuf::gui

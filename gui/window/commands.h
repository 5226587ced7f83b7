// SPDX-License-Identifier: GPL-3.0-or-later
// Everything that can be done, once: menus, the palette, the shortcut sheet and keys all come from here.
#pragma once

#include <QAction>
#include <QKeySequence>
#include <QList>
#include <QString>
#include <QWidget>

#include <functional>

namespace zbuf::gui {

/// Where a command stands in menu and sheet.
enum class Group { play, go_to, view, live, measure, file, help };
[[nodiscard]] QString group_name(Group group);

/// Commands of a window. Their actions belong to it, and so work wherever in it the keyboard is.
class Commands {
 public:
  explicit Commands(QWidget& window) : window_(window) {}

  /// All keys work, the first is shown.
  QAction* add(Group group, const QString& text, const QList<QKeySequence>& keys, std::function<void()> run);

  [[nodiscard]] const QList<QAction*>& all() const { return all_; }
  /// In the order in which they first came.
  [[nodiscard]] QStringList groups() const;
  [[nodiscard]] QList<QAction*> of(const QString& group) const;
  [[nodiscard]] static QString group_of(const QAction& action);

 private:
  QWidget& window_;
  QList<QAction*> all_;
};

} // namespace zbuf::gui

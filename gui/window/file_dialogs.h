// SPDX-License-Identifier: GPL-3.0-or-later
// Which file to open, and where to save: asked in the folder that was used last.
#pragma once

#include <QString>
#include <QWidget>

namespace zbuf::gui {

class FileDialogs {
 public:
  /// Of this window, which outlives it.
  explicit FileDialogs(QWidget& window) : window_(window) {}

  /// A file that is there; empty: none.
  [[nodiscard]] QString ask_what_to_open(const QString& title, const QString& filter);
  /// Where to save; `name` is a suggestion, and says the ending. Empty: nowhere.
  [[nodiscard]] QString ask_where_to_save(const QString& title, const QString& name, const QString& filter);
  void set_folder(const QString& folder) { last_folder_ = folder; }

 private:
  [[nodiscard]] QString folder() const;

  QWidget& window_;
  QString last_folder_{};
};

} // namespace zbuf::gui

// SPDX-License-Identifier: GPL-3.0-or-later
// A table of figures to be read, and copied, but not changed.
#pragma once

#include <QTableWidget>

namespace zbuf::gui {

/// As high as its rows and as wide as what is in it: it scrolls to the sides alone, with the page that it is
/// on.
class PlainTable : public QTableWidget {
  Q_OBJECT
 public:
  explicit PlainTable(const QString& accessible_name, QWidget* parent = nullptr);

  /// Fonts and colours; fits it again.
  void apply_theme();

 protected:
  /// The cell, made where there was none.
  QTableWidgetItem* put(int row, int column, const QString& text);
  /// Columns as wide as their widest cell. Called when there are others, or other letters.
  virtual void fit();
};

} // namespace zbuf::gui

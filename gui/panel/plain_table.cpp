// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/panel/plain_table.h"

#include "gui/theme/theme.h"

#include <QHeaderView>
#include <QScrollBar>

#include <algorithm>

namespace zbuf::gui {

PlainTable::PlainTable(const QString& accessible_name, QWidget* parent) : QTableWidget(parent) {
  setEditTriggers(QAbstractItemView::NoEditTriggers);
  setAccessibleName(accessible_name);
  setAlternatingRowColors(true);
  setShowGrid(false);
  setCornerButtonEnabled(false);
  setSelectionMode(QAbstractItemView::ContiguousSelection);
  setTabKeyNavigation(false);
  setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
  setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
  verticalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

QTableWidgetItem* PlainTable::put(int row, int column, const QString& text) {
  QTableWidgetItem* cell = item(row, column);
  if (cell == nullptr) {
    cell = new QTableWidgetItem;
    cell->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
    setItem(row, column, cell);
  }
  cell->setText(text);
  return cell;
}

void PlainTable::apply_theme() {
  setFont(theme().mono(8.5));
  setStyleSheet(QStringLiteral("QHeaderView::section { border: none; padding: 1px 3px; background: %1; } "
                               "QTableCornerButton::section { border: none; background: %1; }")
                    .arg(theme().panel().name()));
  horizontalHeader()->setFont(theme().ui(8.5));
  verticalHeader()->setFont(theme().ui(8.5));
  verticalHeader()->setDefaultSectionSize(QFontMetrics(theme().ui(8.5)).height() + 5);
  fit();
}

void PlainTable::fit() {
  const int space = QFontMetrics(font()).averageCharWidth() * 2;
  const QFontMetrics heads(horizontalHeader()->font()), cells(font()), names(verticalHeader()->font());
  for (int column = 0; column < columnCount(); ++column) {
    const QTableWidgetItem* const head = horizontalHeaderItem(column);
    int width = head == nullptr ? 0 : heads.size(0, head->text()).width();
    for (int row = 0; row < rowCount(); ++row)
      if (const QTableWidgetItem* const cell = item(row, column))
        width = std::max(width, cells.horizontalAdvance(cell->text()));
    setColumnWidth(column, width + space);
  }
  int widest = 0;
  for (int row = 0; row < rowCount(); ++row)
    if (const QTableWidgetItem* const name = verticalHeaderItem(row))
      widest = std::max(widest, names.horizontalAdvance(name->text()));
  verticalHeader()->setFixedWidth(widest + space);
  setFixedHeight(verticalHeader()->length() + horizontalHeader()->sizeHint().height() +
                 horizontalScrollBar()->sizeHint().height() + 2 * frameWidth());
}

} // namespace zbuf::gui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/bytes/sheet.h"

#include "gui/theme/theme.h"

#include <QFontMetrics>
#include <QPainter>

#include <algorithm>

namespace zbuf::gui::bytes_view {

struct Sheet::Measures {
  QFont mono = theme().mono(9), bold = theme().mono(9, true), small = theme().ui(9),
        heading = theme().ui(9, true);
  QFontMetrics mono_metrics{bold}, small_metrics{small}, heading_metrics{heading};
  int character = mono_metrics.horizontalAdvance('0');
  int row = mono_metrics.height() * 5 / 4;
  int offset_width = character * 4; ///< right-aligned
  int bar = std::max(2, character / 3);
  int bytes_at = offset_width + bar * 2 + character;
};

Sheet::Sheet(QWidget* parent) : QWidget(parent) {
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
  connect(&theme(), &Theme::changed, this, [this] {
    updateGeometry();
    update();
  });
}

void Sheet::set_rows(std::vector<SheetRow> rows) {
  rows_ = std::move(rows);
  QStringList lines;
  for (const SheetRow& row : rows_) {
    QStringList parts;
    for (const QString& part : {row.offset, row.bytes, row.name, row.value, row.meaning, row.sign})
      if (!part.isEmpty())
        parts.append(part);
    lines.append(parts.join(' '));
  }
  setAccessibleDescription(lines.join('\n'));
  updateGeometry();
  update();
}

int Sheet::bytes_across() const {
  const Measures m;
  return width() >= m.bytes_at + m.character * (16 * 3 - 1) ? 16 : 8;
}

int Sheet::heightForWidth(int width) const {
  return draw(nullptr, width);
}

QSize Sheet::sizeHint() const {
  const Measures m;
  const int width = m.bytes_at + m.character * 44;
  return {width, heightForWidth(width)};
}

QSize Sheet::minimumSizeHint() const {
  const Measures m;
  return {m.bytes_at + m.character * 24, m.row};
}

int Sheet::draw_heading(QPainter* painter, const SheetRow& row, int top, int width, const Measures& m) const {
  const int gap = top == 0 ? 0 : m.row / 2;
  const bool together = m.heading_metrics.horizontalAdvance(row.bytes) +
                            m.small_metrics.horizontalAdvance(row.name) + m.character * 2 <=
                        width;
  const int lines = row.name.isEmpty() || together ? 1 : 2;
  if (painter != nullptr) {
    const QRect first(0, top + gap, width, m.row);
    painter->setFont(m.heading);
    painter->setPen(theme().text());
    painter->drawText(first, Qt::AlignLeft | Qt::AlignVCenter, row.bytes);
    painter->setFont(m.small);
    painter->setPen(row.colour.isValid() ? row.colour : theme().muted());
    painter->drawText(lines == 1 ? first : first.translated(0, m.row),
                      lines == 1 ? static_cast<int>(Qt::AlignRight | Qt::AlignVCenter)
                                 : static_cast<int>(Qt::AlignLeft | Qt::AlignVCenter),
                      row.name);
  }
  return gap + lines * m.row;
}

int Sheet::draw_note(QPainter* painter, const SheetRow& row, int top, int width, const Measures& m) const {
  const QRect room(0, top, width, 10000);
  const int height = m.small_metrics.boundingRect(room, Qt::TextWordWrap, row.bytes).height() + m.row / 4;
  if (painter != nullptr) {
    painter->setFont(m.small);
    painter->setPen(row.colour.isValid() ? row.colour : theme().muted());
    painter->drawText(QRect(0, top, width, height), Qt::TextWordWrap, row.bytes);
  }
  return height;
}

int Sheet::draw_bytes(QPainter* painter, const SheetRow& row, int top, int width, const Measures& m) const {
  const QString value = row.value.isEmpty() ? QString() : " = " + row.value;
  const QString sign = row.sign.isEmpty() ? QString() : QString(" (%1)").arg(row.sign);
  const int bytes_end = m.bytes_at + m.mono_metrics.horizontalAdvance(row.bytes) + m.character * 2;
  const int name_width = m.mono_metrics.horizontalAdvance(row.name + value + sign);
  const int meaning_width = m.small_metrics.horizontalAdvance(row.meaning);
  const bool beside = bytes_end + name_width <= width;
  const int name_at = beside ? bytes_end : m.bytes_at;
  const bool meaning_beside = name_at + name_width + m.character * 2 + meaning_width <= width;
  const int lines =
      1 + (!beside && name_width > 0 ? 1 : 0) + (!row.meaning.isEmpty() && !meaning_beside ? 1 : 0);
  if (painter == nullptr)
    return lines * m.row;
  const QRect first(0, top, width, m.row);
  if (row.changed)
    painter->fillRect(QRect(0, top, width, lines * m.row), theme().highlight());
  painter->fillRect(QRect(m.offset_width + m.bar, top + 1, m.bar, lines * m.row - 2), row.colour);
  painter->setFont(m.mono);
  painter->setPen(theme().muted());
  painter->drawText(QRect(0, top, m.offset_width, m.row), Qt::AlignRight | Qt::AlignVCenter, row.offset);
  painter->setFont(row.changed ? m.bold : m.mono);
  painter->setPen(theme().text());
  painter->drawText(first.adjusted(m.bytes_at, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, row.bytes);
  const QRect names = (beside ? first : first.translated(0, m.row)).adjusted(name_at, 0, 0, 0);
  painter->drawText(names, Qt::AlignLeft | Qt::AlignVCenter, row.name + value);
  painter->setPen(row.colour);
  painter->drawText(names.adjusted(m.mono_metrics.horizontalAdvance(row.name + value), 0, 0, 0),
                    Qt::AlignLeft | Qt::AlignVCenter, sign);
  painter->setFont(m.small);
  painter->setPen(theme().muted());
  const QRect meaning = meaning_beside
                            ? names.adjusted(name_width + m.character * 2, 0, 0, 0)
                            : QRect(m.bytes_at, top + (lines - 1) * m.row, width - m.bytes_at, m.row);
  painter->drawText(meaning, Qt::AlignLeft | Qt::AlignVCenter,
                    m.small_metrics.elidedText(row.meaning, Qt::ElideRight, meaning.width()));
  return lines * m.row;
}

int Sheet::draw(QPainter* painter, int width) const {
  const Measures m;
  int top = 0;
  for (const SheetRow& row : rows_) {
    switch (row.kind) {
    case SheetRow::Kind::heading:
      top += draw_heading(painter, row, top, width, m);
      break;
    case SheetRow::Kind::note:
      top += draw_note(painter, row, top, width, m);
      break;
    case SheetRow::Kind::bytes:
      top += draw_bytes(painter, row, top, width, m);
      break;
    }
  }
  return top;
}

void Sheet::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  draw(&painter, width());
}

} // namespace zbuf::gui::bytes_view

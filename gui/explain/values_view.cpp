// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/explain/values_view.h"

#include "gui/theme/theme.h"

#include <QFontMetrics>
#include <QPainter>

namespace zbuf::gui::explain {

QString value_text(const ValueLine& value) {
  if (!value.changed())
    return value.name + ' ' + value.after;
  return value.name + ' ' + value.before + " → " + value.after;
}

ValuesView::ValuesView(QWidget* parent) : QWidget(parent) {
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
  setAccessibleName(tr("Values before and after"));
  connect(&theme(), &Theme::changed, this, [this] {
    updateGeometry();
    update();
  });
}

void ValuesView::set_values(std::vector<ValueLine> values) {
  values_ = std::move(values);
  QStringList lines;
  for (const ValueLine& value : values_)
    lines.append(value.note.isEmpty() ? value_text(value) : value_text(value) + ", " + value.note);
  setAccessibleDescription(lines.join('\n'));
  setVisible(!values_.empty());
  updateGeometry();
  update();
}

int ValuesView::padding() const {
  return QFontMetrics(theme().mono()).height() * 2 / 3;
}

int ValuesView::row_height() const {
  return QFontMetrics(theme().mono()).height() * 5 / 4;
}

bool ValuesView::note_fits(const ValueLine& value, int width) const {
  const int text = QFontMetrics(theme().mono(9.5, value.changed())).horizontalAdvance(value_text(value));
  const int note = QFontMetrics(theme().ui(9)).horizontalAdvance(value.note);
  return text + note + padding() * 3 <= width;
}

int ValuesView::heightForWidth(int width) const {
  int rows = 0;
  for (const ValueLine& value : values_)
    rows += value.note.isEmpty() || note_fits(value, width) ? 1 : 2;
  return rows * row_height() + 2 * padding();
}

QSize ValuesView::sizeHint() const {
  const int width = QFontMetrics(theme().mono()).horizontalAdvance('0') * 50;
  return {width, heightForWidth(width)};
}

QSize ValuesView::minimumSizeHint() const {
  return {QFontMetrics(theme().mono()).horizontalAdvance('0') * 20, 2 * padding() + row_height()};
}

void ValuesView::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(theme().border());
  painter.setBrush(theme().sunken());
  painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5);
  const QFont note_font = theme().ui(9);
  int top = padding();
  for (const ValueLine& value : values_) {
    const QRect row(padding(), top, width() - 2 * padding(), row_height());
    const QFont font = theme().mono(9.5, value.changed());
    painter.setFont(font);
    painter.setPen(value.changed() ? theme().user() : theme().text());
    painter.drawText(row, Qt::AlignLeft | Qt::AlignVCenter,
                     QFontMetrics(font).elidedText(value_text(value), Qt::ElideRight, row.width()));
    top += row_height();
    if (value.note.isEmpty())
      continue;
    painter.setFont(note_font);
    painter.setPen(theme().muted());
    if (note_fits(value, width())) {
      painter.drawText(row, Qt::AlignRight | Qt::AlignVCenter, value.note);
      continue;
    }
    const QRect below = row.translated(padding(), row_height());
    painter.drawText(
        below, Qt::AlignLeft | Qt::AlignVCenter,
        QFontMetrics(note_font).elidedText(value.note, Qt::ElideRight, below.width() - padding()));
    top += row_height();
  }
}

} // namespace zbuf::gui::explain

// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/shortcut_sheet.h"

#include "gui/theme/theme.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QScrollArea>

#include <vector>

namespace zbuf::gui {

namespace {

QString keys_of(const QAction& action) {
  QStringList texts;
  for (const QKeySequence& key : action.shortcuts())
    texts += key.toString(QKeySequence::NativeText);
  return texts.join(ShortcutSheet::tr(" or "));
}

/// The keys of one group, under its name.
QString table_of(const QString& group, const QList<QAction*>& actions) {
  const QString cell =
      "<tr><td style='padding:2px 16px 2px 0; white-space:nowrap; font-family:\"%3\"'>%1</td>"
      "<td style='padding:2px 0'>%2</td></tr>";
  QString rows;
  for (const QAction* action : actions)
    if (!action->shortcuts().isEmpty())
      rows += cell.arg(keys_of(*action).toHtmlEscaped(), action->text().remove('&').toHtmlEscaped(),
                       theme().mono().family());
  return rows.isEmpty() ? QString()
                        : QString("<p style='margin:10px 0 2px 0; color:%3'><b>%1</b></p><table>%2</table>")
                              .arg(group.toHtmlEscaped(), rows, theme().muted().name());
}

} // namespace

ShortcutSheet::ShortcutSheet(const Commands& commands, QWidget* window)
    : QFrame(window), commands_(commands) {
  setObjectName("shortcut_sheet");
  setFrameShape(QFrame::StyledPanel);
  setAutoFillBackground(true);
  setFocusPolicy(Qt::StrongFocus);
  setAccessibleName(tr("Keys"));
  setAccessibleDescription(tr("Any key closes this sheet"));
  hide();
}

/// All of them in so many columns.
QWidget* ShortcutSheet::make_columns(std::size_t count) const {
  std::vector<QString> columns(count);
  std::vector<qsizetype> lengths(columns.size());
  for (const QString& group : commands_.groups()) {
    const auto shortest =
        static_cast<std::size_t>(std::min_element(lengths.begin(), lengths.end()) - lengths.begin());
    const QString table = table_of(group, commands_.of(group));
    columns[shortest] += table;
    lengths[shortest] += table.count("<tr>") + (table.isEmpty() ? 0 : 2);
  }
  auto* const inside = new QWidget;
  auto* const row = new QHBoxLayout(inside);
  row->setContentsMargins(24, 12, 24, 18);
  row->setSpacing(36);
  for (const QString& column : columns) {
    auto* const label = new QLabel(column);
    label->setTextFormat(Qt::RichText);
    label->setAlignment(Qt::AlignTop);
    label->setFocusPolicy(Qt::NoFocus);
    row->addWidget(label);
  }
  inside->adjustSize();
  return inside;
}

void ShortcutSheet::open() {
  delete layout();
  qDeleteAll(findChildren<QWidget*>(QString(), Qt::FindDirectChildrenOnly));
  const QSize beside(24, 10), around(40, 40);
  const QSize most = parentWidget()->size() - around;
  QWidget* inside = make_columns(3);
  for (std::size_t fewer = 2; fewer > 0 && (inside->sizeHint() + beside).width() > most.width(); --fewer) {
    delete inside; // up and down one can scroll
    inside = make_columns(fewer);
  }
  auto* const area = new QScrollArea;
  area->setWidget(inside);
  area->setWidgetResizable(true);
  area->setFrameShape(QFrame::NoFrame);
  area->setFocusPolicy(Qt::NoFocus);
  auto* const outer = new QHBoxLayout(this);
  outer->setContentsMargins(1, 1, 1, 1);
  outer->addWidget(area);
  const QSize size = (inside->sizeHint() + beside).boundedTo(most);
  setGeometry(QRect(
      QPoint((parentWidget()->width() - size.width()) / 2, (parentWidget()->height() - size.height()) / 2),
      size));
  show();
  raise();
  setFocus();
}

void ShortcutSheet::keyPressEvent(QKeyEvent* event) {
  if (event->key() != Qt::Key_Shift && event->key() != Qt::Key_Control && event->key() != Qt::Key_Alt)
    hide();
}

void ShortcutSheet::mousePressEvent(QMouseEvent*) {
  hide();
}

void ShortcutSheet::focusOutEvent(QFocusEvent* event) {
  if (event->reason() != Qt::ActiveWindowFocusReason)
    hide();
}

} // namespace zbuf::gui

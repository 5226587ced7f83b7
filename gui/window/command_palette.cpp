// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/command_palette.h"

#include "gui/theme/theme.h"

#include <QApplication>
#include <QKeyEvent>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include <algorithm>

namespace zbuf::gui {

namespace {

enum Role { entry_role = Qt::UserRole, keys_role, group_role };

class EntryDelegate final : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;

  [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override {
    return {100, QFontMetrics(theme().ui()).height() * 17 / 10};
  }

  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    painter->save();
    if ((option.state & QStyle::State_Selected) != 0) {
      QColor ground = theme().accent();
      ground.setAlphaF(0.18F);
      painter->fillRect(option.rect, ground);
    }
    const QRect row = option.rect.adjusted(12, 0, -12, 0);
    painter->setFont(theme().mono(9));
    painter->setPen(theme().muted());
    const QString keys = index.data(keys_role).toString();
    painter->drawText(row, Qt::AlignRight | Qt::AlignVCenter, keys);
    const int keys_width = keys.isEmpty() ? 0 : painter->fontMetrics().horizontalAdvance(keys) + 12;
    painter->setFont(theme().ui());
    const QString group = index.data(group_role).toString() + "  ";
    painter->drawText(row, Qt::AlignLeft | Qt::AlignVCenter, group);
    const int left = painter->fontMetrics().horizontalAdvance(group);
    painter->setPen((index.flags() & Qt::ItemIsEnabled) != 0 ? theme().text() : theme().muted());
    const QRect text = row.adjusted(left, 0, -keys_width, 0);
    painter->drawText(
        text, Qt::AlignLeft | Qt::AlignVCenter,
        painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideRight, text.width()));
    painter->restore();
  }
};

} // namespace

CommandPalette::CommandPalette(QWidget* window)
    : QFrame(window), field_(new QLineEdit), list_(new QListWidget) {
  setObjectName("palette");
  setFrameShape(QFrame::StyledPanel);
  setAutoFillBackground(true);
  setAccessibleName(tr("Commands"));
  field_->setPlaceholderText(tr("What do you want to do?"));
  field_->setAccessibleName(tr("Search for a command"));
  field_->installEventFilter(this);
  list_->setItemDelegate(new EntryDelegate(list_));
  list_->setFocusPolicy(Qt::NoFocus);
  list_->setAccessibleName(tr("Commands found"));
  list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  auto* const column = new QVBoxLayout(this);
  column->setContentsMargins(8, 8, 8, 8);
  column->addWidget(field_);
  column->addWidget(list_);
  connect(field_, &QLineEdit::textChanged, this, &CommandPalette::filter);
  connect(field_, &QLineEdit::returnPressed, this, &CommandPalette::run_current);
  connect(list_, &QListWidget::itemClicked, this, &CommandPalette::run_current);
  hide();
}

int CommandPalette::match(const QString& text, const QString& pattern) {
  const QString in = text.toLower();
  int cost = 0;
  qsizetype from = 0;
  for (const QString& word : pattern.toLower().split(' ', Qt::SkipEmptyParts)) {
    if (const qsizetype at = in.indexOf(word); at >= 0) { // a word as it is, wherever
      cost += at > 0 && in[at - 1].isLetterOrNumber() ? 2 : 0;
      continue;
    }
    for (const QChar letter : word) {
      const qsizetype at = in.indexOf(letter, from);
      if (at < 0)
        return -1;
      cost += 3 + static_cast<int>(at - from);
      from = at + 1;
    }
  }
  return cost;
}

void CommandPalette::open(QList<Entry> entries) {
  entries_ = std::move(entries);
  focus_before_ = QApplication::focusWidget();
  const QWidget* const window = parentWidget();
  const int wide = std::min(window->width() - 40, QFontMetrics(theme().ui()).averageCharWidth() * 78);
  const int high = std::min(window->height() - 120, QFontMetrics(theme().ui()).height() * 24);
  setGeometry((window->width() - wide) / 2, 60, wide, high);
  field_->clear();
  filter();
  show();
  raise();
  field_->setFocus();
}

void CommandPalette::filter() {
  list_->clear();
  QList<std::pair<int, qsizetype>> found;
  for (qsizetype i = 0; i < entries_.size(); ++i)
    if (const int cost = match(entries_[i].group + ' ' + entries_[i].text, field_->text()); cost >= 0)
      found += {cost, i};
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [cost, i] : found) {
    const Entry& entry = entries_[i];
    auto* const item = new QListWidgetItem(entry.text, list_);
    item->setData(entry_role, i);
    item->setData(keys_role, entry.keys);
    item->setData(group_role, entry.group);
    item->setData(Qt::AccessibleTextRole, QString("%1: %2 %3").arg(entry.group, entry.text, entry.keys));
    if (!entry.enabled)
      item->setFlags(item->flags() & ~Qt::ItemIsEnabled);
  }
  if (found.isEmpty()) {
    auto* const item = new QListWidgetItem(tr("Nothing of that name. Fewer letters find more."), list_);
    item->setFlags(Qt::NoItemFlags);
  }
  list_->setCurrentRow(0);
}

void CommandPalette::run_current() {
  const QListWidgetItem* const item = list_->currentItem();
  if (item == nullptr || (item->flags() & Qt::ItemIsEnabled) == 0)
    return;
  const auto run = entries_[item->data(entry_role).toLongLong()].run;
  hide();
  if (focus_before_ != nullptr)
    focus_before_->setFocus();
  run();
}

bool CommandPalette::eventFilter(QObject* object, QEvent* event) {
  if (object != field_)
    return QFrame::eventFilter(object, event);
  if (event->type() == QEvent::FocusOut && isVisible() &&
      static_cast<QFocusEvent*>(event)->reason() != Qt::ActiveWindowFocusReason) {
    hide();
    return false;
  }
  if (event->type() != QEvent::KeyPress)
    return false;
  switch (static_cast<QKeyEvent*>(event)->key()) {
  case Qt::Key_Escape:
    hide();
    if (focus_before_ != nullptr)
      focus_before_->setFocus();
    return true;
  case Qt::Key_Up:
  case Qt::Key_Down:
  case Qt::Key_PageUp:
  case Qt::Key_PageDown:
    QApplication::sendEvent(list_, event);
    return true;
  default:
    return false;
  }
}

} // namespace zbuf::gui

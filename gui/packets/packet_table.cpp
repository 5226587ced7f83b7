// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/packets/packet_table.h"

#include "gui/theme/theme.h"

#include <QFontMetrics>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QScrollBar>
#include <QWheelEvent>

#include <algorithm>

namespace zbuf::gui {

PacketTable::PacketTable(PacketModel& model, QWidget* parent) : QWidget(parent), model_(model) {
  build();
  connect(&theme(), &Theme::changed, this, &PacketTable::restyle);
  restyle();
}

PacketTable::~PacketTable() = default;

void PacketTable::build() {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(0);
  view_ = new QTableView(this);
  view_->setModel(&model_);
  view_->setAccessibleName(tr("Packets"));
  view_->setAccessibleDescription(tr("Arrows move through all packets, Enter goes to the selected one"));
  view_->setSelectionBehavior(QAbstractItemView::SelectRows);
  view_->setSelectionMode(QAbstractItemView::SingleSelection);
  view_->setShowGrid(false);
  view_->setTabKeyNavigation(false);
  view_->setWordWrap(false);
  view_->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  view_->setTextElideMode(Qt::ElideRight);
  view_->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
  view_->verticalHeader()->hide();
  view_->horizontalHeader()->setHighlightSections(false);
  view_->horizontalHeader()->setSectionResizeMode(QHeaderView::Interactive);
  view_->horizontalHeader()->setStretchLastSection(true);
  view_->setCornerButtonEnabled(false);
  view_->installEventFilter(this);
  view_->viewport()->installEventFilter(this);
  setFocusProxy(view_);
  bar_ = new QScrollBar(Qt::Vertical, this);
  bar_->setAccessibleName(tr("Position in all packets"));
  row->addWidget(view_, 1);
  row->addWidget(bar_);
  connect(bar_, &QScrollBar::valueChanged, this, [this](int value) {
    model_.set_window(static_cast<std::uint32_t>(value), visible_rows());
    mark();
  });
  connect(view_->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
          [this](const QModelIndex& index) {
            if (marking_ || !index.isValid())
              return;
            current_ = model_.number_of(index.row());
            chosen(*current_);
          });
  connect(view_, &QTableView::doubleClicked, this,
          [this](const QModelIndex& index) { activated(model_.number_of(index.row())); });
}

void PacketTable::restyle() {
  const QFontMetrics mono(theme().mono(9)), ui(theme().ui(9));
  view_->verticalHeader()->setMinimumSectionSize(1);
  view_->verticalHeader()->setDefaultSectionSize(std::max(mono.height(), ui.height()) * 5 / 4);
  QHeaderView* header = view_->horizontalHeader();
  header->setFont(theme().ui(9));
  const int digit = mono.horizontalAdvance('0');
  header->setMinimumSectionSize(digit * 3);
  const auto beside = [&](const QString& text) { return ui.horizontalAdvance(text) + digit * 3; };
  const int widths[] = {digit * 11,                         // "9 999 999"
                        digit * 15,                         // "999.999 999 ms"
                        beside(tr("delivered, A fill 99")), // and what is shorter
                        digit * 42,                         // two addresses of IPv4, with ports
                        beside(tr("Protocol")),
                        beside(tr("Length"))};
  view_->setIconSize(QSize(digit, digit * 2));
  for (int column = 0; column < PacketModel::columns; ++column)
    header->resizeSection(column, widths[column]);
  fit();
}

int PacketTable::visible_rows() const {
  return view_->viewport()->height() / std::max(1, view_->verticalHeader()->defaultSectionSize());
}

/// As many rows as there is room for, and the scroll bar for the rest.
void PacketTable::fit() {
  const int rows = visible_rows();
  const auto all = static_cast<std::int64_t>(model_.packet_count());
  bar_->setRange(0, static_cast<int>(std::clamp<std::int64_t>(all - rows, 0, 0x7fffffff)));
  bar_->setPageStep(std::max(1, rows));
  bar_->setVisible(all > rows);
  model_.set_window(static_cast<std::uint32_t>(bar_->value()), rows);
  mark();
}

void PacketTable::reset() {
  current_.reset();
  fit();
  view_->viewport()->update();
}

void PacketTable::grow(bool follow) {
  const bool at_end = bar_->value() == bar_->maximum();
  {
    // The model has kept its rows, whose positions are others when the recording lost its beginning.
    const QSignalBlocker quiet(bar_);
    bar_->setMaximum(static_cast<int>(std::min<std::uint32_t>(model_.packet_count(), 0x7fffffff)));
    bar_->setValue(static_cast<int>(model_.position()));
  }
  fit();
  if (at_end && follow)
    bar_->setValue(bar_->maximum());
}

void PacketTable::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  fit();
}

/// The current packet's row is the view's current row, while it is in sight.
void PacketTable::mark() {
  marking_ = true;
  const std::int64_t row =
      current_ ? std::int64_t{*current_} - model_.first_number() - model_.position() : std::int64_t{-1};
  if (row >= 0 && row < model_.rowCount())
    view_->selectionModel()->setCurrentIndex(
        model_.index(static_cast<int>(row), std::max(0, view_->currentIndex().column())),
        QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
  else
    view_->selectionModel()->clear();
  marking_ = false;
}

void PacketTable::scroll_to(std::uint32_t position) {
  const auto rows = static_cast<std::uint32_t>(std::max(1, visible_rows()));
  const std::uint32_t top = model_.position();
  if (position < top || position >= top + rows) {
    // A little way off: just into sight; else into the middle.
    const bool next = position + 1 == top || position == top + rows;
    const std::uint32_t before = next ? (position < top ? 0 : rows - 1) : rows / 2;
    bar_->setValue(static_cast<int>(position > before ? position - before : 0));
  }
  mark();
}

void PacketTable::show_current(std::optional<std::uint32_t> number) {
  if (number && (*number < model_.first_number() || *number - model_.first_number() >= model_.packet_count()))
    number.reset();
  current_ = number;
  if (number)
    scroll_to(*number - model_.first_number());
  else
    mark();
}

void PacketTable::bring_into_view(std::uint32_t number) {
  if (number >= model_.first_number() && number - model_.first_number() < model_.packet_count())
    scroll_to(number - model_.first_number());
}

void PacketTable::choose(std::uint64_t position) {
  current_ = model_.first_number() + static_cast<std::uint32_t>(position);
  scroll_to(static_cast<std::uint32_t>(position));
  chosen(*current_);
}

bool PacketTable::key(int key) {
  const std::int64_t all = model_.packet_count();
  if (all == 0)
    return false;
  const std::int64_t page = std::max(1, visible_rows() - 1);
  const std::int64_t here =
      current_ ? std::int64_t{*current_} - model_.first_number() : std::int64_t{model_.position()} - 1;
  std::int64_t there = here;
  switch (key) {
  case Qt::Key_Up:
    there = here - 1;
    break;
  case Qt::Key_Down:
    there = here + 1;
    break;
  case Qt::Key_PageUp:
    there = here - page;
    break;
  case Qt::Key_PageDown:
    there = here + page;
    break;
  case Qt::Key_Home:
    there = 0;
    break;
  case Qt::Key_End:
    there = all - 1;
    break;
  case Qt::Key_Return:
  case Qt::Key_Enter:
    if (current_)
      activated(*current_);
    return true;
  default:
    return false;
  }
  choose(static_cast<std::uint64_t>(std::clamp<std::int64_t>(there, 0, all - 1)));
  return true;
}

bool PacketTable::eventFilter(QObject* object, QEvent* event) {
  if (event->type() == QEvent::KeyPress) {
    const auto* pressed = static_cast<QKeyEvent*>(event);
    if ((pressed->modifiers() & ~Qt::KeypadModifier) == Qt::NoModifier && key(pressed->key()))
      return true;
  } else if (event->type() == QEvent::Wheel && object == view_->viewport()) {
    wheel_ += static_cast<QWheelEvent*>(event)->angleDelta().y();
    const int steps = wheel_ / 40; // three rows a notch
    wheel_ -= steps * 40;
    bar_->setValue(bar_->value() - steps);
    return true;
  } else if (event->type() == QEvent::Resize && object == view_->viewport())
    QMetaObject::invokeMethod(this, &PacketTable::fit, Qt::QueuedConnection);
  return QWidget::eventFilter(object, event);
}

} // namespace zbuf::gui

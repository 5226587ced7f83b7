// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/packets/packets_panel.h"

#include "gui/panel/dress.h"
#include "gui/theme/format.h"
#include "gui/theme/theme.h"

#include <QApplication>
#include <QCompleter>
#include <QFontMetrics>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QVBoxLayout>

namespace zbuf::gui {

PacketsPanel::PacketsPanel(Playback& playback, QWidget* parent) : QWidget(parent), playback_(playback) {
  setAccessibleName(tr("Packets"));
  setAccessibleDescription(tr("All packets of the run, and what became of each"));
  build();
  connect_all();
  restyle();
  take_tracks();
}

PacketsPanel::~PacketsPanel() = default;

void PacketsPanel::build() {
  auto* column = new QVBoxLayout(this);
  field_ = new QLineEdit(this);
  field_->setPlaceholderText(tr("Search: a number, an address, a protocol, fate:dropped"));
  field_->setClearButtonEnabled(true);
  field_->setAccessibleName(tr("Search packets"));
  field_->setAccessibleDescription(
      tr("A number, text in addresses or protocol, or fate: and a fate. Enter finds the next "
         "one, Shift+Enter the one before"));
  QStringList fates;
  for (int i = 0; i <= static_cast<int>(Fate::abandoned); ++i)
    fates.append(QString("fate:") + fate_name(static_cast<Fate>(i)));
  field_->setCompleter(new QCompleter(fates, field_));
  table_ = new PacketTable(model_, this);
  status_ = new QLabel(this);
  status_->setAccessibleName(tr("Search result"));
  status_->setWordWrap(true);
  column->addWidget(field_);
  column->addWidget(table_, 1);
  column->addWidget(status_);
  field_->installEventFilter(this);
}

void PacketsPanel::focus_search() {
  field_->setFocus(Qt::ShortcutFocusReason);
}

void PacketsPanel::connect_all() {
  connect(field_, &QLineEdit::textEdited, this, [this] { search(true, false); });
  connect(table_, &PacketTable::chosen, this, &PacketsPanel::select);
  connect(table_, &PacketTable::activated, this, &PacketsPanel::go_to);
  connect(&search_, &PacketSearch::found, this, [this](std::uint32_t number) {
    say_count();
    table_->show_current(number);
    select(number);
  });
  connect(&search_, &PacketSearch::not_found, this, [this] { say(tr("No packet fits."), true); });
  connect(&search_, &PacketSearch::progress, this,
          [this](double fraction) { say(tr("Searching … %1 %").arg(static_cast<int>(fraction * 100))); });
  connect(&playback_, &Playback::tracks_changed, this, &PacketsPanel::take_tracks);
  connect(&playback_, &Playback::focus_changed, this, &PacketsPanel::take_tracks);
  constexpr int pause_ms = 500;
  later_.setSingleShot(true);
  later_.setInterval(pause_ms);
  connect(&later_, &QTimer::timeout, this, &PacketsPanel::grow);
  connect(&playback_, &Playback::grown, this, [this] {
    if (!later_.isActive())
      later_.start();
  });
  connect(&playback_, &Playback::moved, this, &PacketsPanel::follow);
  connect(&playback_, &Playback::selection_changed, this, &PacketsPanel::take_selection);
  connect(&theme(), &Theme::changed, this, &PacketsPanel::restyle);
}

void PacketsPanel::restyle() {
  field_->setFont(theme().ui());
  status_->setFont(theme().ui(9));
  const int em = QFontMetrics(theme().ui()).height();
  layout()->setContentsMargins(em / 2, em / 2, em / 2, em / 2);
  layout()->setSpacing(em / 3);
  lay_ground(*this);
  say_count();
}

void PacketsPanel::take_tracks() {
  search_.cancel();
  const Track* const track = playback_.focused();
  model_.set_recording(track == nullptr ? nullptr : track->recording, playback_.descriptor());
  table_->reset();
  say_count();
  follow();
  take_selection();
}

/// A search goes on in what it began with.
void PacketsPanel::grow() {
  const Track* const track = playback_.focused();
  if (!isVisible() || track == nullptr)
    return;
  model_.grow(track->recording);
  table_->grow(playback_.following());
  if (!search_.is_busy() && field_->text().isEmpty())
    say_count();
}

void PacketsPanel::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  grow();
  follow();
}

void PacketsPanel::follow() {
  if (!isVisible())
    return;
  model_.set_now(playback_.time_ns());
  // The table keeps up with the run, but never moves under the hands of somebody who looks for a packet.
  const auto event = playback_.event();
  if (event && event->packet != ZB_NO_PACKET && !isAncestorOf(QApplication::focusWidget()))
    table_->bring_into_view(event->packet);
}

void PacketsPanel::take_selection() {
  if (playback_.selection().packet != table_->current())
    table_->show_current(playback_.selection().packet);
}

void PacketsPanel::select(std::uint32_t number) {
  Selection selection;
  selection.packet = number;
  if (const auto stored = model_.row_of(number).fate.stored) {
    const Event e = model_.recording()->event(*stored);
    selection.buffer = e.buffer;
    selection.record_offset = e.a;
  }
  playback_.select(selection);
}

void PacketsPanel::go_to(std::uint32_t number) {
  const PacketRow& row = model_.row_of(number);
  if (row.known)
    playback_.seek_time(row.time_ns);
}

void PacketsPanel::search(bool forward, bool further) {
  const PacketQuery query = parse_query(field_->text());
  switch (query.kind) {
  case PacketQuery::Kind::nothing:
    search_.cancel();
    say_count();
    return;
  case PacketQuery::Kind::unknown_fate:
    search_.cancel();
    say(tr("There is no such fate. Try fate:dropped, fate:rejected, fate:delivered, fate:in buffers or "
           "fate:lost."),
        true);
    return;
  default:
    break;
  }
  std::uint32_t from = table_->current().value_or(model_.first_number());
  if (further && table_->current() && query.kind != PacketQuery::Kind::number) {
    const std::uint32_t last = model_.first_number() + model_.packet_count() - 1;
    if (forward)
      from = from >= last ? model_.first_number() : from + 1;
    else
      from = from <= model_.first_number() ? last : from - 1;
  }
  say(tr("Searching …"));
  search_.start({model_.recording(), model_.descriptor(), model_.link_type(), query, from, forward});
}

bool PacketsPanel::eventFilter(QObject* object, QEvent* event) {
  if (object == field_ && event->type() == QEvent::KeyPress) {
    const auto* key = static_cast<QKeyEvent*>(event);
    if (key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter) {
      search((key->modifiers() & Qt::ShiftModifier) == 0, true);
      return true;
    }
    if (key->key() == Qt::Key_Down && !field_->text().startsWith("fate:")) {
      table_->setFocus();
      return true;
    }
  }
  return QWidget::eventFilter(object, event);
}

void PacketsPanel::say(const QString& text, bool problem) {
  set_text_colour(*status_, problem ? theme().danger() : theme().muted());
  status_->setText(text);
}

void PacketsPanel::say_count() {
  if (playback_.focused() == nullptr)
    say(tr("Nothing is open."));
  else if (model_.packet_count() == 0)
    say(tr("The recording has no packets."));
  else
    say(tr("%1 packets. Enter goes to the selected one; grey ones are still to come.")
            .arg(count(model_.packet_count())));
}

} // namespace zbuf::gui

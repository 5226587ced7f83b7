// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/bytes/bytes_panel.h"

#include "gui/bytes/packet_layers.h"
#include "gui/bytes/sheet.h"
#include "gui/panel/dress.h"
#include "gui/theme/format.h"
#include "gui/theme/theme.h"

#include <QCoreApplication>
#include <QVBoxLayout>

#include <array>

namespace zbuf::gui {

using namespace bytes_view;

namespace {

struct Bytes {
  Q_DECLARE_TR_FUNCTIONS(Bytes)
};

using Rows = std::vector<SheetRow>;

SheetRow heading(const QString& text, const QString& right = {}, const QColor& colour = {}) {
  SheetRow row{SheetRow::Kind::heading, {}, text, right};
  row.colour = colour;
  return row;
}

SheetRow note(const QString& text) {
  return {SheetRow::Kind::note, {}, text};
}

QColor colour_of(Writer writer) {
  switch (writer) {
  case Writer::kernel:
    return theme().kernel();
  case Writer::user:
    return theme().user();
  default:
    return theme().muted();
  }
}

QString sign_of(Writer writer) {
  return writer == Writer::kernel ? "k" : writer == Writer::user ? "u" : QString();
}

SheetRow row_of(const ByteField& field) {
  SheetRow row;
  row.offset = QString::number(field.offset);
  row.bytes = field.bytes.size() > 8 ? Bytes::tr("%1 × %2").arg(field.bytes.size()).arg(hex({field.bytes[0]}))
                                     : hex(field.bytes);
  row.name = field.name;
  row.value = field.value;
  row.meaning = field.meaning;
  row.sign = sign_of(field.writer);
  row.colour = colour_of(field.writer);
  row.changed = field.changed;
  return row;
}

void add_header(Rows& rows, const QString& name, const BufferState& before, const BufferState& now) {
  const bool user = now.user_owned();
  rows.push_back(heading(Bytes::tr("HEADER OF BUFFER %1").arg(name),
                         user ? Bytes::tr("▲ user owns: the generations differ")
                              : Bytes::tr("▼ kernel owns: the generations are equal"),
                         user ? theme().user() : theme().kernel()));
  for (const ByteField& field : header_fields(before, now))
    rows.push_back(row_of(field));
}

void add_headers(Rows& rows, const DescriptorState& before, const DescriptorState& now) {
  if (!now.a().shared && !now.b().shared) {
    rows.push_back(heading(Bytes::tr("BUFFER HEADERS")));
    rows.push_back(
        note(now.mode == 1 && now.a().present
                 ? Bytes::tr("In read(2) mode there are none: the buffers are the kernel’s own, and records "
                             "begin at their first byte.")
                 : Bytes::tr("There are none yet: no buffer was lent.")));
    return;
  }
  if (now.a().shared)
    add_header(rows, "A", before.a(), now.a());
  if (now.b().shared && !now.aliased)
    add_header(rows, "B", before.b(), now.b());
  if (now.aliased)
    rows.push_back(note(Bytes::tr("B is the same memory: it has this header, too.")));
  rows.push_back(note(Bytes::tr("(k) the kernel writes it, (u) the user does. Numbers are little endian.")));
}

void add_packet(Rows& rows, const FoundRecord& found, int across) {
  if (found.bytes.empty()) {
    rows.push_back(note(Bytes::tr("The recording did not keep the bytes of this packet.")));
    return;
  }
  std::uint32_t number = 0;
  for (const PacketLayer& layer : packet_layers(found.bytes, found.link_type)) {
    const QColor colour = theme().flow(number++ * 3);
    for (std::size_t at = layer.begin; at < layer.end;) {
      const auto size = std::min(layer.end - at, static_cast<std::size_t>(across));
      SheetRow row;
      row.offset = QString("+%1").arg(at);
      row.bytes = hex(found.bytes.subspan(at, size));
      if (at == layer.begin)
        row.name = Bytes::tr("%1, %2").arg(layer.name, bytes(layer.end - layer.begin));
      row.colour = colour;
      rows.push_back(row);
      at += size;
    }
  }
  if (found.bytes.size() < found.record.caplen)
    rows.push_back(note(Bytes::tr("... and %1 more, which the recording did not keep.")
                            .arg(bytes(found.record.caplen - found.bytes.size()))));
}

void add_record(Rows& rows, const FoundRecord& found, int across) {
  const QString buffer = found.buffer == ZB_A ? "A" : "B";
  QString where = Bytes::tr("in %1, at offset %2").arg(buffer, count(found.record.offset));
  if (!found.there)
    where = found.copied ? Bytes::tr("in the reader’s copy, at offset %1").arg(count(found.record.offset))
                         : Bytes::tr("was in %1, at offset %2").arg(buffer, count(found.record.offset));
  rows.push_back(heading(Bytes::tr("RECORD OF PACKET %1").arg(count(found.record.packet)), where));
  if (found.record.pad != 0) {
    SheetRow pad;
    pad.offset = QString("−%1").arg(found.record.pad);
    pad.bytes = hex(std::vector<std::optional<std::uint8_t>>(found.record.pad, std::uint8_t{0}));
    pad.name = Bytes::tr("padding");
    pad.meaning = Bytes::tr("up to a multiple of 8");
    pad.colour = theme().muted();
    rows.push_back(pad);
  }
  for (const ByteField& field : record_fields(found.record, found.time_ns, found.stamps, found.bytes)) {
    SheetRow row = row_of(field);
    row.sign.clear(); // all of it is the kernel's
    rows.push_back(row);
  }
  rows.push_back(
      heading(Bytes::tr("THE PACKET"), Bytes::tr("from byte %1 of the record").arg(found.record.hdrlen)));
  add_packet(rows, found, across);
}

const DescriptorState& descriptor_in(const State& state, std::uint16_t number) {
  static const DescriptorState none{};
  return number < state.descriptors.size() ? state.descriptors[number] : none;
}

} // namespace

BytesPanel::BytesPanel(Playback& playback, QWidget* parent)
    : QScrollArea(parent), playback_(playback), refresher_(playback, *this, [this] { show_instant(); }) {
  setAccessibleName(tr("Header bytes"));
  setAccessibleDescription(tr("The headers of both buffers, and the selected record, as bytes"));
  scroll_upright(*this);
  auto* content = new QWidget(this);
  auto* column = new QVBoxLayout(content);
  sheet_ = new Sheet(content);
  sheet_->setAccessibleName(tr("Bytes with their names and values"));
  column->addWidget(sheet_);
  column->addStretch(1);
  setWidget(content);
  connect(&theme(), &Theme::changed, this, &BytesPanel::restyle);
  restyle();
}

BytesPanel::~BytesPanel() = default;

void BytesPanel::restyle() {
  space_out(*widget()->layout());
  lay_scrolled_ground(*this);
  refresher_.refresh();
}

void BytesPanel::resizeEvent(QResizeEvent* event) {
  const int across = sheet_->bytes_across();
  QScrollArea::resizeEvent(event);
  if (sheet_->bytes_across() != across)
    refresher_.refresh();
}

void BytesPanel::show_instant() {
  Rows rows;
  if (playback_.focused() == nullptr) {
    rows.push_back(note(tr("Nothing is open. Choose a lesson, or open a recording.")));
    sheet_->set_rows(std::move(rows));
    return;
  }
  const std::uint16_t number = playback_.descriptor();
  add_headers(rows, descriptor_in(playback_.state_before(), number),
              descriptor_in(playback_.state(), number));
  if (const auto found = finder_.find(playback_))
    add_record(rows, *found, sheet_->bytes_across());
  else {
    rows.push_back(heading(tr("RECORD")));
    rows.push_back(note(playback_.selection().packet
                            ? tr("Packet %1 is in no buffer: it was not stored, or not yet.")
                                  .arg(count(*playback_.selection().packet))
                            : tr("Select a record in a buffer, or a packet in the list, to see its bytes.")));
  }
  sheet_->set_rows(std::move(rows));
}

} // namespace zbuf::gui

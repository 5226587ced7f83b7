// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/packets/packet_text.h"

#include "gui/theme/format.h"
#include "gui/theme/theme.h"

#include <QCoreApplication>

namespace zbuf::gui {

namespace {

struct Packets {
  Q_DECLARE_TR_FUNCTIONS(Packets)
};

QString in_fill(const QString& what, const PacketFate& fate) {
  return Packets::tr("%1, %2 fill %3").arg(what, QString(fate.buffer == ZB_A ? "A" : "B"), count(fate.fill));
}

} // namespace

PacketRow packet_row(const Recording& recording, PacketFates& fates, std::uint16_t descriptor, int link_type,
                     std::uint32_t number) {
  PacketRow row;
  row.number = number;
  const auto arrived = fates.arrival(number);
  if (!arrived)
    return row;
  const Event e = recording.event(*arrived);
  row.known = true;
  row.time_ns = e.time_ns;
  row.length = e.a;
  if (const auto kept = recording.packet(number)) {
    row.has_bytes = true;
    row.summary = summarize_packet(kept->bytes, kept->wire_length, link_type);
    row.flow = flow_hash(kept->bytes, link_type);
  }
  row.fate = fates.fate(descriptor, number);
  return row;
}

QString flow_text(const PacketSummary& summary) {
  if (summary.source.empty() && summary.destination.empty())
    return {};
  return QString::fromStdString(summary.source) + " → " + QString::fromStdString(summary.destination);
}

QString fate_text(const PacketFate& fate) {
  switch (fate.fate) {
  case Fate::unseen:
    return Packets::tr("not for this descriptor");
  case Fate::rejected:
    return Packets::tr("rejected by the filter");
  case Fate::dropped:
    switch (fate.reason) {
    case ZB_DROP_FULL:
      return Packets::tr("dropped: no room");
    case ZB_DROP_LENT:
      return Packets::tr("dropped: both lent");
    case ZB_DROP_GONE:
      return Packets::tr("dropped: interface gone");
    default:
      return Packets::tr("dropped: no buffer");
    }
  case Fate::in_buffers:
    return in_fill(Packets::tr("in buffer"), fate);
  case Fate::delivered:
    return in_fill(Packets::tr("delivered"), fate);
  case Fate::flushed:
    return in_fill(Packets::tr("flushed"), fate);
  case Fate::unread:
    return in_fill(Packets::tr("returned unread"), fate);
  case Fate::lost:
    return in_fill(Packets::tr("lost"), fate);
  case Fate::abandoned:
    return in_fill(Packets::tr("abandoned at close"), fate);
  }
  return {};
}

QColor fate_colour(Fate fate) {
  switch (fate) {
  case Fate::dropped:
  case Fate::lost:
    return theme().danger();
  case Fate::delivered:
    return theme().good();
  case Fate::in_buffers:
    return theme().kernel();
  case Fate::unread:
  case Fate::flushed:
  case Fate::abandoned:
    return theme().user();
  default:
    return theme().muted();
  }
}

} // namespace zbuf::gui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/packets/packet_model.h"

#include "gui/theme/format.h"
#include "gui/theme/theme.h"

#include <algorithm>

namespace zbuf::gui {

namespace {

/// Numbers to the right.
int alignment(int column) {
  switch (column) {
  case PacketModel::number_column:
  case PacketModel::time_column:
  case PacketModel::length_column:
    return static_cast<int>(Qt::AlignRight | Qt::AlignVCenter);
  default:
    return static_cast<int>(Qt::AlignLeft | Qt::AlignVCenter);
  }
}

} // namespace

PacketModel::PacketModel(QObject* parent) : QAbstractTableModel(parent) {}
PacketModel::~PacketModel() = default;

void PacketModel::set_recording(std::shared_ptr<const Recording> recording, std::uint16_t descriptor) {
  if (recording == recording_ && descriptor == descriptor_)
    return;
  beginResetModel();
  known_.clear();
  if (recording != recording_)
    fates_ = recording == nullptr ? nullptr : std::make_unique<PacketFates>(*recording);
  recording_ = std::move(recording);
  descriptor_ = descriptor;
  link_type_ = 1;
  if (recording_ != nullptr) {
    const State end = recording_->state_after(recording_->event_count());
    if (descriptor < end.descriptors.size())
      link_type_ = static_cast<int>(end.descriptors[descriptor].link_type);
  }
  position_ = std::min(position_, packet_count());
  rows_ = std::min(rows_, static_cast<int>(std::min<std::uint32_t>(packet_count() - position_, 100'000)));
  endResetModel();
}

void PacketModel::grow(std::shared_ptr<const Recording> recording) {
  if (recording == recording_ || recording == nullptr)
    return;
  const std::uint32_t first_before = first_number();
  auto fates = std::make_unique<PacketFates>(*recording); // of the old one until now
  fates_ = std::move(fates);
  recording_ = std::move(recording);
  known_.clear(); // what became of a packet may be known by now
  if (const std::uint32_t gone = first_number() - std::min(first_number(), first_before); gone != 0)
    position_ -= std::min(position_, gone);
  set_window(position_, rows_);
  tell_changed();
}

void PacketModel::tell_changed() {
  if (rows_ > 0)
    dataChanged(index(0, 0), index(rows_ - 1, columns - 1));
}

void PacketModel::set_now(std::uint64_t time_ns) {
  if (time_ns == now_ns_)
    return;
  now_ns_ = time_ns;
  tell_changed();
}

std::uint32_t PacketModel::packet_count() const {
  return fates_ == nullptr ? 0 : fates_->count();
}

std::uint32_t PacketModel::first_number() const {
  return fates_ == nullptr ? 0 : fates_->first();
}

void PacketModel::set_window(std::uint32_t position, int rows) {
  position = std::min(position, packet_count());
  rows = static_cast<int>(
      std::min<std::uint64_t>(static_cast<std::uint64_t>(std::max(rows, 0)), packet_count() - position));
  if (rows > rows_) {
    beginInsertRows({}, rows_, rows - 1);
    rows_ = rows;
    endInsertRows();
  } else if (rows < rows_) {
    beginRemoveRows({}, rows, rows_ - 1);
    rows_ = rows;
    endRemoveRows();
  }
  if (position != position_) {
    position_ = position;
    tell_changed();
  }
}

const PacketRow& PacketModel::row_of(std::uint32_t number) const {
  if (const PacketRow* known = known_.object(number))
    return *known;
  auto* row = new PacketRow(packet_row(*recording_, *fates_, descriptor_, link_type_, number));
  known_.insert(number, row); // it is the cache's from now on, and newer than what is thrown out
  return *row;
}

int PacketModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : rows_;
}

int PacketModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : columns;
}

QString PacketModel::text(const PacketRow& row, int column) {
  if (column == number_column)
    return count(row.number);
  if (!row.known)
    return {};
  switch (column) {
  case time_column:
    return time(row.time_ns);
  case flow_column:
    return flow_text(row.summary);
  case protocol_column:
    return QString::fromStdString(row.summary.protocol);
  case fate_column:
    return fate_text(row.fate);
  default:
    return count(row.length);
  }
}

QVariant PacketModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.row() >= rows_ || recording_ == nullptr)
    return {};
  const PacketRow& row = row_of(number_of(index.row()));
  const bool to_come = row.known && row.time_ns > now_ns_;
  switch (role) {
  case Qt::DisplayRole:
    return text(row, index.column());
  case Qt::ToolTipRole:
    return index.column() == flow_column ? QVariant(QString::fromStdString(row.summary.info)) : QVariant();
  case Qt::FontRole: {
    QFont font =
        index.column() == fate_column || index.column() == protocol_column ? theme().ui(9) : theme().mono(9);
    font.setItalic(to_come);
    return font;
  }
  case Qt::ForegroundRole:
    if (to_come)
      return theme().muted();
    return index.column() == fate_column ? fate_colour(row.fate.fate) : theme().text();
  case Qt::DecorationRole:
    return index.column() == flow_column && row.has_bytes && row.flow != 0 ? QVariant(theme().flow(row.flow))
                                                                           : QVariant();
  case Qt::TextAlignmentRole:
    return alignment(index.column());
  case Qt::AccessibleTextRole:
    return to_come ? tr("%1, still to come").arg(text(row, index.column())) : text(row, index.column());
  default:
    return {};
  }
}

QVariant PacketModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal)
    return {};
  if (role == Qt::TextAlignmentRole)
    return alignment(section);
  if (role != Qt::DisplayRole)
    return {};
  switch (section) {
  case number_column:
    return tr("No.");
  case time_column:
    return tr("Time");
  case flow_column:
    return tr("Flow");
  case protocol_column:
    return tr("Protocol");
  case fate_column:
    return tr("Fate");
  default:
    return tr("Length");
  }
}

} // namespace zbuf::gui

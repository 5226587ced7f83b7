// SPDX-License-Identifier: GPL-3.0-or-later
// A window on the packets of a recording: as many rows as can be seen, whatever the recording's length.
//
// A table view keeps something for each row of its model; ten million rows would cost it hundreds of
// megabytes. So the model has the visible rows only, and the table (packet_table.h) moves it.
#pragma once

#include "gui/packets/packet_text.h"

#include <QAbstractTableModel>
#include <QCache>

#include <memory>

namespace zbuf::gui {

class PacketModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Column {
    number_column,
    time_column,
    fate_column,
    flow_column,
    protocol_column,
    length_column,
    columns
  };

  explicit PacketModel(QObject* parent = nullptr);
  ~PacketModel() override;

  /// Null: no rows. The packets' fate is that at the descriptor.
  void set_recording(std::shared_ptr<const Recording> recording, std::uint16_t descriptor);
  /// The same one, longer: the rows stay.
  void grow(std::shared_ptr<const Recording> recording);
  /// Packets after this instant are still to come, and are drawn so.
  void set_now(std::uint64_t time_ns);

  /// Packets in all; their numbers begin at first_number().
  [[nodiscard]] std::uint32_t packet_count() const;
  [[nodiscard]] std::uint32_t first_number() const;
  /// Shows `rows` packets from that position on (0 .. packet_count()).
  void set_window(std::uint32_t position, int rows);
  [[nodiscard]] std::uint32_t position() const { return position_; }
  [[nodiscard]] std::uint32_t number_of(int row) const {
    return first_number() + position_ + static_cast<std::uint32_t>(row);
  }

  /// What is known of a packet; looked up now if it was not before.
  [[nodiscard]] const PacketRow& row_of(std::uint32_t number) const;
  [[nodiscard]] const std::shared_ptr<const Recording>& recording() const { return recording_; }
  [[nodiscard]] std::uint16_t descriptor() const { return descriptor_; }
  [[nodiscard]] int link_type() const { return link_type_; }

  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  [[nodiscard]] static QString text(const PacketRow& row, int column);
  void tell_changed();

  std::shared_ptr<const Recording> recording_;
  std::unique_ptr<PacketFates> fates_;
  std::uint16_t descriptor_ = 0;
  int link_type_ = 1;
  std::uint64_t now_ns_ = 0;
  std::uint32_t position_ = 0;
  int rows_ = 0;
  mutable QCache<std::uint32_t, PacketRow> known_{4096};
};

} // namespace zbuf::gui

// SPDX-License-Identifier: GPL-3.0-or-later
// Which bytes of a packet are whose: Ethernet, IP, TCP, data.
#pragma once

#include <QString>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace zbuf::gui::bytes_view {

struct PacketLayer {
  QString name{};        ///< "Ethernet", "IPv4", "TCP", "data", "padding"
  std::size_t begin = 0; ///< of the bytes at hand
  std::size_t end = 0;   ///< above begin
  bool operator==(const PacketLayer&) const = default;
};

/// Of any bytes, one layer after the other without gaps, none beyond the end. `link_type`: a DLT_ number.
[[nodiscard]] std::vector<PacketLayer> packet_layers(std::span<const std::byte> bytes, int link_type);

} // namespace zbuf::gui::bytes_view

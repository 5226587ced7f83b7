// SPDX-License-Identifier: GPL-3.0-or-later
// A packet and its fate, in the words of the table.
#pragma once

#include "core/trace/packet_fate.h"
#include "core/traffic/flow.h"

#include <QColor>
#include <QString>

#include <cstdint>
#include <optional>
#include <string>

namespace zbuf::gui {

struct PacketRow {
  std::uint32_t number = 0;
  bool known = false; ///< the recording has it
  std::uint64_t time_ns = 0;
  std::uint32_t length = 0; ///< on the wire
  bool has_bytes = false;   ///< below is understood from them
  PacketSummary summary{};
  std::uint32_t flow = 0;
  PacketFate fate{};
};

/// All about a packet, at the descriptor. `link_type`: a DLT_ number.
[[nodiscard]] PacketRow packet_row(const Recording& recording, PacketFates& fates, std::uint16_t descriptor,
                                   int link_type, std::uint32_t number);

/// "192.0.2.1:443 → 198.51.100.7:52110"
[[nodiscard]] QString flow_text(const PacketSummary& summary);
/// "dropped: no room", "delivered, A fill 3"
[[nodiscard]] QString fate_text(const PacketFate& fate);
[[nodiscard]] QColor fate_colour(Fate fate);

} // namespace zbuf::gui

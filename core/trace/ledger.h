// SPDX-License-Identifier: BSD-2-Clause
// Which packet lies where: the events of the reader know an offset, the events of the kernel know a packet.
#pragma once

#include "core/trace/event.h"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace zbuf {

/// Follows STORED and COPIED_OUT, and so knows for each buffer which packet is at which offset of its current
/// fill. Memory: 8 bytes a record of the fills that are there, at most 65536 records a buffer (2 MiB of the
/// smallest ones). Single-threaded.
class Ledger {
 public:
  struct Entry {
    std::uint32_t offset; ///< from record 0
    std::uint32_t packet;
  };

  /// Feeds one event, in order. A HANDLED event whose packet is ZB_NO_PACKET gets the packet that lies at its
  /// offset now, if there is one: after an overwrite that is not the one that was published.
  void annotate(Event& event) {
    if (event.kind == ZB_EV_STORED)
      stored(event);
    else if (event.kind == ZB_EV_HANDLED)
      handled(event);
    else if (event.kind == ZB_EV_COPIED_OUT || event.kind == ZB_EV_UNLOADED)
      moved(event);
  }

  /// The current fill, by ascending offset. Valid until the next annotate().
  [[nodiscard]] std::span<const Entry> fill(std::uint16_t descriptor, std::uint8_t which) const;

  /// The packet whose record begins at the offset, or ZB_NO_PACKET.
  [[nodiscard]] std::uint32_t packet_at(std::uint16_t descriptor, std::uint8_t which,
                                        std::uint32_t offset) const;

 private:
  struct Fill {
    std::vector<Entry> entries;
    std::size_t cursor = 0; ///< readers go in order: where the next one is expected
  };
  using Buffers = std::array<Fill, 3>;

  Fill* find(const Event& event);
  void stored(const Event& event);
  void handled(Event& event);
  void moved(const Event& event);

  std::vector<Buffers> descriptors_;
};

} // namespace zbuf

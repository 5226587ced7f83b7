// SPDX-License-Identifier: BSD-2-Clause
// Packets by number: where a packet arrived, and what became of it at one descriptor.
//
// A recording is ordered by event; a table of packets wants the other way round. Nothing here holds a list:
// numbers ascend with the events, so everything is found by halving, and only when it is asked for.
#pragma once

#include "core/trace/recording.h"

#include <cstdint>
#include <optional>

namespace zbuf {

enum class Fate : std::uint8_t {
  unseen,     ///< it did not pass this descriptor: not attached then, another interface or direction
  rejected,   ///< the filter said 0
  dropped,    ///< matched, not stored: `reason`
  in_buffers, ///< stored, and still to be had when the recording ends
  delivered,  ///< the reader handled its record
  flushed,    ///< a reset threw it away before it was handed over
  unread,     ///< the reader gave the buffer back without having handled it
  lost,       ///< gone without any of these: overwritten, or the loan was wiped
  abandoned,  ///< left behind when the descriptor was closed
};
/// "rejected", "in buffers", ...
const char* fate_name(Fate fate);

struct PacketFate {
  Fate fate = Fate::unseen;
  zb_drop reason{};                    ///< of dropped
  std::uint8_t buffer = ZB_NO_BUFFER;  ///< where it was stored: ZB_A, ZB_B
  std::uint64_t fill = 0;              ///< of that buffer, from 1; 0: it was not stored
  std::optional<std::uint64_t> stored; ///< index of its STORED
  std::optional<std::uint64_t> event;  ///< index of the event that decided
  bool operator==(const PacketFate&) const = default;
};

/// Looks at a recording, which outlives it. It remembers where it looked last, so that packets in a row cost
/// less: some twenty microseconds each, and a fraction of a millisecond the first. One thread at a time; each
/// may have one of its own.
class PacketFates {
 public:
  explicit PacketFates(const Recording& recording);

  /// Numbers of packets are first() .. first() + count() - 1.
  [[nodiscard]] std::uint32_t first() const { return first_; }
  [[nodiscard]] std::uint32_t count() const { return count_; }

  /// Index of the ARRIVED of that packet; nothing if the recording does not have it.
  [[nodiscard]] std::optional<std::uint64_t> arrival(std::uint32_t packet) const;

  /// What became of it at the descriptor, by the end of the recording.
  [[nodiscard]] PacketFate fate(std::uint16_t descriptor, std::uint32_t packet);

 private:
  /// An event and its index.
  struct Found {
    std::uint64_t index = 0;
    Event event{};
  };

  /// The state after that many events, from where we looked last if that is near.
  const State& state_after(std::uint64_t count);
  [[nodiscard]] std::optional<Found> next(KindMask kinds, std::uint64_t from,
                                          std::optional<std::uint16_t> descriptor) const;
  [[nodiscard]] std::optional<Found> first_of(std::uint32_t packet, KindMask kinds, std::uint64_t from,
                                              std::optional<std::uint16_t> descriptor) const;
  void follow(std::uint16_t descriptor, std::uint32_t packet, PacketFate& fate);
  void walk(std::uint16_t descriptor, std::uint32_t packet, PacketFate& fate);
  [[nodiscard]] std::optional<Fate> only_fate(std::uint16_t descriptor) const;

  const Recording& recording_;
  State end_;             ///< after the last event
  State near_;            ///< where we looked last
  mutable Found arrived_; ///< ... for an arrival,
  Found handled_;         ///< ... and for a record that was handled
  std::uint32_t first_ = 0;
  std::uint32_t count_ = 0;
};

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
// What an open Recording keeps about its file. Private to the files recording*.cpp.
#pragma once

#include "core/trace/event_codec.h"
#include "core/trace/format.h"
#include "core/trace/recording.h"

namespace zbuf {

/// The bytes of a recording: a mapped file, or memory.
///
/// A file that grows is mapped again, twice as long as it is, each time that it has outgrown its mapping; the
/// older mappings stay, because spans lead into them.
struct Recording::Mapping {
  std::span<const std::byte> bytes{}; ///< all that there is, as last seen
  std::vector<std::span<std::byte>> mapped{};
  int file = -1;

  /// Makes `bytes` the first `length` of the file. Returns 0 or errno.
  int map(std::size_t length);

  Mapping() = default;
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping();
};

/// One events record, checked.
struct Recording::Chunk {
  std::uint64_t first_event = 0;
  std::uint64_t base = 0; ///< index of the first event of its file: not 0 in joined parts
  std::uint64_t first_ns = 0;
  std::uint64_t last_ns = 0;
  std::uint32_t count = 0;
  KindMask kinds = 0;                    ///< that occur in it
  std::span<const std::byte> blocks{};   ///< of format::Block
  std::span<const std::byte> rows{};     ///< of BlockRow
  std::span<const std::byte> snapshot{}; ///< State before it; empty if it is of another version
  std::span<const std::byte> events{};   ///< coded

  [[nodiscard]] std::size_t block_count() const { return blocks.size() / sizeof(format::Block); }
  [[nodiscard]] format::Block block(std::size_t i) const {
    return format::load<format::Block>(blocks, i * sizeof(format::Block));
  }
  [[nodiscard]] BlockRow row(std::size_t i) const {
    return format::load<BlockRow>(rows, i * sizeof(BlockRow));
  }
  /// Index of the first event of a block.
  [[nodiscard]] std::uint64_t begin_of(std::size_t block) const {
    return first_event + block * events_per_block;
  }
  /// Empty if the bytes are not the events of the block; not after open.
  [[nodiscard]] std::span<const Event> decode(std::size_t block, Room& room) const {
    const std::size_t left = count - block * events_per_block;
    const std::span<Event> part = std::span(room).first(left < events_per_block ? left : events_per_block);
    const format::Block where = this->block(block);
    return decode_events(events.subspan(where.offset, where.bytes), part) ? part : std::span<const Event>();
  }
};

/// One packets record, checked.
struct Recording::Packets {
  std::uint32_t last = 0;              ///< number of its last packet
  std::span<const std::byte> groups{}; ///< of format::PacketGroup
  std::span<const std::byte> table{};
  std::span<const std::byte> bytes{};

  using Room = std::array<Event, format::packets_per_group>;

  [[nodiscard]] std::size_t group_count() const { return groups.size() / sizeof(format::PacketGroup); }
  [[nodiscard]] format::PacketGroup group(std::size_t i) const {
    return format::load<format::PacketGroup>(groups, i * sizeof(format::PacketGroup));
  }
  /// Empty if the table does not hold them; not after open.
  [[nodiscard]] std::span<const Event> decode(const format::PacketGroup& group, Room& room) const {
    const std::span<Event> part = std::span(room).first(group.packets);
    return decode_events(table.subspan(group.table_offset, group.table_bytes), part)
               ? part
               : std::span<const Event>();
  }
};

} // namespace zbuf

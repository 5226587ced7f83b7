// SPDX-License-Identifier: BSD-2-Clause
// What an open Recording keeps about its file. Private to the files recording*.cpp.
#pragma once

#include "core/base/mapped_file.h"
#include "core/trace/event_codec.h"
#include "core/trace/format.h"
#include "core/trace/recording.h"

#include <algorithm>

namespace zbuf {

/// The bytes of a recording: a mapped file, or memory.
struct Recording::Mapping {
  MappedFile file{};
  std::span<const std::byte> memory{};

  /// All that there is, as last seen.
  [[nodiscard]] std::span<const std::byte> bytes() const { return file.is_open() ? file.bytes() : memory; }
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
  [[nodiscard]] format::Block block_as_written(std::size_t i) const {
    return format::load<format::Block>(blocks, i * sizeof(format::Block));
  }
  /// What lies in the file may be another by now: only what is there, then.
  [[nodiscard]] format::Block block(std::size_t i) const {
    format::Block block = block_as_written(i);
    if (block.bytes > events.size() || block.offset > events.size() - block.bytes)
      block.offset = block.bytes = 0;
    const std::size_t all = rows.size() / sizeof(BlockRow);
    if (block.rows > all || block.first_row > all - block.rows)
      block.first_row = block.rows = 0;
    return block;
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
  /// The same after open, when there must be as many: of no kind where they are gone.
  [[nodiscard]] std::span<const Event> decode_or_nothing(std::size_t block, Room& room) const {
    if (const std::span<const Event> there = decode(block, room); !there.empty())
      return there;
    const std::size_t left = count - block * events_per_block;
    const std::span<Event> part = std::span(room).first(left < events_per_block ? left : events_per_block);
    const Event nothing = blank_event(ZB_EV_NONE, first_ns);
    std::fill(part.begin(), part.end(), nothing);
    return part;
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
  [[nodiscard]] format::PacketGroup group_as_written(std::size_t i) const {
    return format::load<format::PacketGroup>(groups, i * sizeof(format::PacketGroup));
  }
  /// As Chunk::block().
  [[nodiscard]] format::PacketGroup group(std::size_t i) const {
    format::PacketGroup group = group_as_written(i);
    if (group.packets > format::packets_per_group || group.table_bytes > table.size() ||
        group.table_offset > table.size() - group.table_bytes || group.bytes_offset > bytes.size())
      group.packets = group.table_offset = group.table_bytes = group.bytes_offset = 0;
    return group;
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

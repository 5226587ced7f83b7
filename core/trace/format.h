// SPDX-License-Identifier: BSD-2-Clause
// The layout of a recording file, as FORMAT.md describes it. Shared by what writes and what reads.
#pragma once

#include "core/trace/event.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <type_traits>

#include <zlib.h>

namespace zbuf::format {

static_assert(std::endian::native == std::endian::little, "files are little endian, and mapped as they are");

/// First byte not ASCII, then CR LF, ^Z, LF: a transfer that changes text shows.
inline constexpr std::array<unsigned char, 8> file_magic = {0x89, 'Z', 'B', 'T', '\r', '\n', 0x1a, '\n'};
inline constexpr std::uint32_t version = 1;
inline constexpr std::uint32_t record_magic = 0x4b43425a; // "ZBCK"

/// What a writer puts in one chunk; a reader takes any number up to max_chunk_events.
inline constexpr std::uint32_t chunk_events = 8192;
inline constexpr std::uint32_t max_packet_snap = 262144; ///< bytes kept of a packet: as many as libpcap gives
inline constexpr std::uint32_t max_chunk_events = 1u << 20;
inline constexpr std::size_t max_metadata_bytes = 1u << 20;

struct FileHeader {
  std::array<unsigned char, 8> magic = file_magic;
  std::uint32_t version = format::version;
  std::uint32_t packet_group = 0; ///< packets_per_group
  std::uint32_t block_events = 0;
  std::uint32_t snapshot_version = 0;
  std::uint32_t packet_snap = 0;
  std::uint32_t crc = 0; ///< of the bytes before it
};
static_assert(sizeof(FileHeader) == 32);

enum class RecordType : std::uint32_t { metadata = 1, packets = 2, events = 3, end = 4 };

struct RecordHeader {
  std::uint32_t magic = record_magic;
  RecordType type = RecordType::end;
  std::uint32_t count = 0;         ///< events or packets in it
  std::uint32_t payload_bytes = 0; ///< a multiple of 8
  std::uint64_t first = 0;         ///< number of the first event or packet; end: how many events there are
  std::uint64_t first_ns = 0;
  std::uint64_t last_ns = 0;
  std::uint32_t payload_crc = 0;
  std::uint32_t crc = 0; ///< of the bytes before it
};
static_assert(sizeof(RecordHeader) == 48);

/// The payload of an events record begins with this; then blocks, rows, snapshot, the events of each block as
/// event_codec.h has them, and padding to 8.
struct EventsHeader {
  std::uint32_t blocks = 0;
  std::uint32_t rows = 0;
  std::uint32_t snapshot_bytes = 0;
  std::uint32_t events_bytes = 0;
  std::array<std::uint32_t, event_kinds> kinds{};
};
static_assert(sizeof(EventsHeader) == 272);

/// Up to 256 events of an events record.
struct Block {
  std::uint64_t first_ns = 0;
  std::uint64_t last_ns = 0;
  std::uint32_t first_row = 0; ///< its rows: one per descriptor that has an event in it, and one for none
  std::uint32_t rows = 0;
  std::uint32_t offset = 0; ///< of its events, from the first block's
  std::uint32_t bytes = 0;
};
static_assert(sizeof(Block) == 32);

/// The payload of a packets record begins with this; then groups, the table, and the bytes of all packets.
struct PacketsHeader {
  std::uint32_t groups = 0;
  std::uint32_t table_bytes = 0;
};
static_assert(sizeof(PacketsHeader) == 8);

/// Up to 64 packets. Their part of the table is coded as events: time_ns, packet (the number), a (length on
/// the wire), b (bytes kept), d (1 if outgoing).
struct PacketGroup {
  std::uint32_t first_number = 0;
  std::uint32_t packets = 0;
  std::uint32_t table_offset = 0;
  std::uint32_t table_bytes = 0;
  std::uint32_t bytes_offset = 0; ///< of the first one's bytes; the others' follow
  std::uint32_t zero = 0;
};
static_assert(sizeof(PacketGroup) == 24);
inline constexpr std::uint32_t packets_per_group = 64;

constexpr std::size_t padded(std::size_t bytes) {
  return (bytes + 7) & ~std::size_t{7};
}

inline std::uint32_t crc(std::span<const std::byte> bytes, std::uint32_t before = 0) {
  // zlib's CRC-32; its length argument may be 32 bits wide.
  uLong value = before;
  while (!bytes.empty()) {
    const std::size_t part = bytes.size() < (1u << 30) ? bytes.size() : (1u << 30);
    value = ::crc32(value, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(part));
    bytes = bytes.subspan(part);
  }
  return static_cast<std::uint32_t>(value);
}

/// The CRC of a header: all of it but its last four bytes, where the CRC lies.
template <typename Header>
std::uint32_t header_crc(const Header& header) {
  return crc(std::as_bytes(std::span(&header, 1)).first(sizeof(Header) - sizeof(std::uint32_t)));
}

/// A copy of what lies at the offset; the caller has checked that it does.
template <typename T>
T load(std::span<const std::byte> bytes, std::size_t offset) {
  static_assert(std::is_trivially_copyable_v<T>);
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

} // namespace zbuf::format

// SPDX-License-Identifier: BSD-2-Clause
// The headers of a pcap file with nanoseconds, for everything that writes one:
// https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcap/
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace zbuf {

/// Begins the file. Bytes as in memory, here and below: the magic number tells readers their order.
struct PcapFileHeader {
  std::uint32_t magic = 0xa1b23c4d; // nanoseconds
  std::uint16_t version_major = 2;
  std::uint16_t version_minor = 4;
  std::uint32_t reserved[2] = {};
  std::uint32_t snaplen = 0;
  /// LINKTYPE_ (link_type.h), and above it bits that say how long the FCS is which packets end with, if any.
  std::uint32_t link_type = 0;
};
static_assert(sizeof(PcapFileHeader) == 24);

/// Precedes the `caplen` bytes of a packet.
struct PcapPacketHeader {
  std::uint32_t seconds = 0;
  std::uint32_t nanoseconds = 0;
  std::uint32_t caplen = 0;
  std::uint32_t length = 0; ///< on the wire

  PcapPacketHeader() = default;
  /// `time_ns` is counted from 1970.
  PcapPacketHeader(std::uint64_t time_ns, std::uint32_t captured_bytes, std::uint32_t wire_bytes)
      : seconds(static_cast<std::uint32_t>(time_ns / 1'000'000'000)),
        nanoseconds(static_cast<std::uint32_t>(time_ns % 1'000'000'000)), caplen(captured_bytes),
        length(wire_bytes) {}
};
static_assert(sizeof(PcapPacketHeader) == 16);

/// A header as it is written. Lent by it.
template <typename Header>
[[nodiscard]] std::span<const std::byte> bytes_of(const Header& header) {
  return std::as_bytes(std::span(&header, 1));
}

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
// The blocks of a pcapng file with one interface and nanoseconds, for everything that writes one:
// https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcapng/
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace zbuf {

/// Does this name say that a capture is to be pcapng? All others are pcap.
inline bool is_pcapng_name(std::string_view path) {
  return path.ends_with(".pcapng") || path.ends_with(".ntar");
}

/// Appends blocks to `out`. Numbers as in memory: the section header tells readers their order.
class PcapngWriter {
 public:
  explicit PcapngWriter(std::vector<std::byte>& out) : out_(out) {}

  /// `link_type`: as in the header of a pcap file (PcapFileHeader), with the bits above it.
  void begin(std::uint32_t snaplen, std::uint32_t link_type) {
    constexpr std::uint32_t has_fcs = 0x04000000;
    const std::size_t section = start(0x0a0d0d0a);
    put<std::uint32_t>(0x1a2b3c4d);
    put<std::uint16_t>(1);
    put<std::uint16_t>(0);
    put<std::uint64_t>(~std::uint64_t{0}); // of unknown length
    end(section);
    const std::size_t interface = start(1);
    put<std::uint16_t>(static_cast<std::uint16_t>(link_type));
    put<std::uint16_t>(0);
    put(snaplen);
    option(9, 9); // if_tsresol: nanoseconds
    if ((link_type & has_fcs) != 0)
      option(13, static_cast<std::uint8_t>((link_type >> 28) * 16)); // if_fcslen, in bits
    put<std::uint32_t>(0);
    end(interface);
  }

  /// `time_ns` is counted from 1970.
  void packet(std::uint64_t time_ns, std::span<const std::byte> bytes, std::uint32_t wire_length) {
    const std::size_t block = start(6);
    put<std::uint32_t>(0); // the interface
    put(static_cast<std::uint32_t>(time_ns >> 32));
    put(static_cast<std::uint32_t>(time_ns));
    put(static_cast<std::uint32_t>(bytes.size()));
    put(wire_length);
    out_.insert(out_.end(), bytes.begin(), bytes.end());
    out_.resize(out_.size() + (4 - bytes.size() % 4) % 4);
    end(block);
  }

 private:
  template <typename Number>
  void put(Number number) {
    const auto bytes = std::as_bytes(std::span(&number, 1));
    out_.insert(out_.end(), bytes.begin(), bytes.end());
  }
  void option(std::uint16_t code, std::uint8_t value) {
    put(code);
    put<std::uint16_t>(1);
    put<std::uint32_t>(std::endian::native == std::endian::little ? value : std::uint32_t{value} << 24);
  }
  std::size_t start(std::uint32_t type) {
    const std::size_t block = out_.size();
    put(type);
    put<std::uint32_t>(0);
    return block;
  }
  void end(std::size_t block) {
    const auto length = static_cast<std::uint32_t>(out_.size() - block + 4);
    put(length);
    std::memcpy(&out_[block + 4], &length, sizeof(length));
  }

  std::vector<std::byte>& out_;
};

} // namespace zbuf

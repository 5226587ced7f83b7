// SPDX-License-Identifier: BSD-2-Clause
// Captures built byte by byte, for the tests: in every format, and wrong in every way.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace zbuf::testing {

/// Appends numbers in the byte order of the capture.
class CaptureBytes {
 public:
  explicit CaptureBytes(bool big_endian = false) : big_endian_(big_endian) {}

  CaptureBytes& u8(unsigned value) {
    bytes_.push_back(static_cast<std::byte>(value));
    return *this;
  }
  CaptureBytes& u16(unsigned value) {
    return big_endian_ ? u8(value >> 8).u8(value) : u8(value).u8(value >> 8);
  }
  CaptureBytes& u32(std::uint32_t value) {
    return big_endian_ ? u16(value >> 16).u16(value & 0xffff) : u16(value & 0xffff).u16(value >> 16);
  }
  CaptureBytes& filler(std::size_t count, unsigned value) {
    bytes_.insert(bytes_.end(), count, static_cast<std::byte>(value));
    return *this;
  }

  /// The header of a pcap file.
  CaptureBytes& pcap(bool nanoseconds = false, std::uint32_t link_type = 1) {
    return u32(nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4).u16(2).u16(4).u32(0).u32(0).u32(65535).u32(link_type);
  }
  /// A record of pcap, its bytes all `value`.
  CaptureBytes& record(std::uint32_t seconds, std::uint32_t fraction, std::uint32_t caplen,
                       std::uint32_t length, unsigned value = 0) {
    return u32(seconds).u32(fraction).u32(caplen).u32(length).filler(caplen, value);
  }

  /// The section header of a pcapng file.
  CaptureBytes& pcapng() {
    return u32(0x0a0d0d0a).u32(28).u32(0x1a2b3c4d).u16(1).u16(0).u32(0xffffffff).u32(0xffffffff).u32(28);
  }
  /// An interface of pcapng with time stamps of 10^-resolution seconds.
  CaptureBytes& interface(unsigned link_type = 1, unsigned resolution = 9) {
    return u32(1)
        .u32(32)
        .u16(link_type)
        .u16(0)
        .u32(65535)
        .u16(9)
        .u16(1)
        .u8(resolution)
        .filler(3, 0)
        .u32(0)
        .u32(32);
  }
  /// An enhanced packet block of pcapng; caplen a multiple of 4.
  CaptureBytes& enhanced(std::uint64_t stamp, std::uint32_t caplen, std::uint32_t length,
                         unsigned value = 0) {
    u32(6).u32(32 + caplen).u32(0);
    u32(static_cast<std::uint32_t>(stamp >> 32)).u32(static_cast<std::uint32_t>(stamp));
    return u32(caplen).u32(length).filler(caplen, value).u32(32 + caplen);
  }

  CaptureBytes& cut_to(std::size_t size) {
    bytes_.resize(size);
    return *this;
  }
  [[nodiscard]] const std::vector<std::byte>& bytes() const { return bytes_; }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }

 private:
  bool big_endian_;
  std::vector<std::byte> bytes_;
};

} // namespace zbuf::testing

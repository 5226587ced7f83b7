// SPDX-License-Identifier: BSD-2-Clause
// Numbers as they stand on the wire (most significant byte first), and the Internet checksum over them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace zbuf {

inline void put8(std::byte* to, std::uint32_t value) {
  *to = static_cast<std::byte>(value);
}
inline void put16(std::byte* to, std::uint32_t value) {
  put8(to, value >> 8);
  put8(to + 1, value);
}
inline void put32(std::byte* to, std::uint32_t value) {
  put16(to, value >> 16);
  put16(to + 2, value);
}

inline std::uint16_t get16(const std::byte* from) {
  return static_cast<std::uint16_t>(std::to_integer<unsigned>(from[0]) << 8 |
                                    std::to_integer<unsigned>(from[1]));
}
inline std::uint32_t get32(const std::byte* from) {
  return std::uint32_t{get16(from)} << 16 | get16(from + 2);
}

/// The sum of the 16-bit words of up to 64 KiB; a last odd byte counts as the upper half of a word. (RFC
/// 1071) Sums of parts that begin at even places may be added in any order, and folded once at the end.
inline std::uint32_t sum_of_words(std::span<const std::byte> bytes) {
  std::uint32_t sum = 0;
  std::size_t i = 0;
  for (; i + 1 < bytes.size(); i += 2)
    sum += get16(&bytes[i]);
  if (i < bytes.size())
    sum += std::to_integer<std::uint32_t>(bytes[i]) << 8;
  return sum;
}

/// What goes into the checksum field, from the sum of everything else.
inline std::uint32_t checksum(std::uint32_t sum) {
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return ~sum & 0xffff;
}

} // namespace zbuf

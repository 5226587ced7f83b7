// SPDX-License-Identifier: BSD-2-Clause
// A stretch of a packet that cannot be read beyond its end, however wrong the lengths in it are.
#pragma once

#include "core/traffic/wire.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace zbuf {

/// A stretch of a packet. What lies beyond its end reads as 0; has() tells.
class View {
 public:
  explicit View(std::span<const std::byte> bytes) : bytes_(bytes) {}

  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] bool has(std::size_t offset, std::size_t count) const {
    return offset <= bytes_.size() && count <= bytes_.size() - offset;
  }
  [[nodiscard]] unsigned u8(std::size_t offset) const {
    return has(offset, 1) ? std::to_integer<unsigned>(bytes_[offset]) : 0;
  }
  [[nodiscard]] unsigned u16(std::size_t offset) const { return has(offset, 2) ? get16(&bytes_[offset]) : 0; }
  [[nodiscard]] std::uint32_t u32(std::size_t offset) const {
    return has(offset, 4) ? get32(&bytes_[offset]) : 0;
  }
  [[nodiscard]] const std::byte* at(std::size_t offset) const { return &bytes_[offset]; }
  [[nodiscard]] View from(std::size_t offset) const { return View(bytes_.subspan(std::min(offset, size()))); }

 private:
  std::span<const std::byte> bytes_;
};

} // namespace zbuf

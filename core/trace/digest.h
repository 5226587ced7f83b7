// SPDX-License-Identifier: BSD-2-Clause
// One number for a whole run: two runs with the same scenario and seed have the same (I6).
#pragma once

#include "core/trace/event.h"

#include <bit>
#include <cstdint>
#include <cstring>

namespace zbuf {

/// A running 64-bit hash over events, order included. The packet of a HANDLED event is left out, because the
/// trace fills it in later. Not for secrets: it finds accidents, not forgeries.
class Digest {
 public:
  void add(const Event& event) {
    std::uint64_t word[4];
    static_assert(sizeof(word) == sizeof(Event));
    std::memcpy(word, &event, sizeof(word));
    if (event.kind == ZB_EV_HANDLED)
      word[1] &= 0xffffffff00000000u;
    value_ = mix(word[0] ^ value_, word[1] ^ 0x9e3779b97f4a7c15u) ^
             mix(word[2] ^ std::rotl(value_, 32), word[3] ^ 0xe7037ed1a0b428dbu);
  }
  [[nodiscard]] std::uint64_t value() const { return value_; }

 private:
  static std::uint64_t mix(std::uint64_t x, std::uint64_t y) {
    const unsigned __int128 product = static_cast<unsigned __int128>(x) * y;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  }
  std::uint64_t value_ = 0xa0761d6478bd642fu;
};
static_assert(std::endian::native == std::endian::little,
              "events are hashed and stored as they lie in memory");

} // namespace zbuf

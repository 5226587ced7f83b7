// SPDX-License-Identifier: BSD-2-Clause
// The packets of a measurement, made before it begins: as they lie in the ring of a network card.
#pragma once

#include "core/base/result.h"
#include "core/emulated/kernel.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace zbuf {

/// Which packets. Exactly one of the three.
struct PacketChoice {
  std::uint32_t size_bytes = 0; ///< all of this size, 14 to 9216
  bool imix = false;            ///< 60, 590 and 1514 bytes, 7 : 4 : 1
  std::string capture{};        ///< those of a capture: its path

  /// "1514", "imix", or the path.
  [[nodiscard]] std::string name() const;
};

/// From a word of the command line: a number of bytes, "imix", or a path.
Result<PacketChoice> parse_packet_choice(const std::string& word);

/// Packets in slots of their own, side by side, 8 MiB of them: a large ring of a network card, which no
/// processor has in its own caches when it comes round. Read by one thread at a time.
class PacketRing {
 public:
  /// Errors: those of synthetic sources and captures; bad_input for a capture without packets, or with
  /// packets of no bytes or more than 9216.
  static Result<PacketRing> make(const PacketChoice& choice);

  /// In order, without end. `most`: 1 or more.
  std::span<const Arrival> next(std::size_t most) {
    if (at_ == arrivals_.size())
      at_ = 0;
    const auto burst =
        std::span<const Arrival>(arrivals_).subspan(at_).first(std::min(most, arrivals_.size() - at_));
    at_ += burst.size();
    return burst;
  }

  [[nodiscard]] std::span<const Arrival> all() const { return arrivals_; }
  [[nodiscard]] std::uint32_t largest_bytes() const { return largest_; }
  [[nodiscard]] double mean_bytes() const;
  [[nodiscard]] int link_type() const { return link_type_; }

 private:
  std::vector<std::byte> memory_{};
  std::vector<Arrival> arrivals_{};
  std::uint32_t largest_ = 0;
  int link_type_ = 1;
  std::size_t at_ = 0;
};

} // namespace zbuf

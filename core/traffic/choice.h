// SPDX-License-Identifier: BSD-2-Clause
// Draws one of several by weight, in constant time and without branches to mispredict.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace zbuf {

/// Walker's alias method in integers (Vose 1991): each of n equal slots holds one index up to its threshold
/// and another from there on.
class WeightedChoice {
 public:
  /// weights: 1 .. 2^16 of them, at most 2^32 - 1 each, not all 0.
  explicit WeightedChoice(std::span<const std::uint32_t> weights);

  /// An index, from 64 random bits.
  [[nodiscard]] std::size_t draw(std::uint64_t random) const {
    const auto product = static_cast<unsigned __int128>(random) * slots_.size();
    const Slot& slot = slots_[static_cast<std::size_t>(product >> 64)];
    return static_cast<std::uint64_t>(product) < slot.threshold ? slot.below : slot.above;
  }

 private:
  struct Slot {
    std::uint64_t threshold; ///< of 2^64
    std::uint32_t below;
    std::uint32_t above;
  };
  std::vector<Slot> slots_;
};

} // namespace zbuf

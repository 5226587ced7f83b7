// SPDX-License-Identifier: BSD-2-Clause
// What is known about a filter program before machine code is made of it: one pass from its end to its start
// finds what every way to the end needs, and one from start to end what has been checked on the way.
#pragma once

extern "C" {
#include "kernel/engine/abi.h"
}

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace zbuf {

/// A bit for each word that a filter program works with.
namespace filter_word {
inline constexpr std::uint32_t scratch = 0xffff; ///< M[0] is bit 0, M[15] is bit 15
inline constexpr std::uint32_t a = 1u << 16;
inline constexpr std::uint32_t x = 1u << 17;
inline constexpr std::uint32_t all = scratch | a | x;
} // namespace filter_word

struct FilterPlan {
  /// The `least_bytes` of an instruction from which every packet is rejected.
  static constexpr std::uint32_t rejects = 0xffffffff;

  struct Step {
    std::uint32_t least_bytes = 0; ///< from here on, a packet of fewer is rejected, whatever way it takes
    std::uint32_t checked_bytes = 0xffffffff; ///< a packet that gets here has so many; all ones: none does
    std::uint32_t reads = 0; ///< filter_word bits that some way from here reads before it writes them
    bool joined = false;     ///< several ways lead here
  };

  std::vector<Step> steps; ///< one per instruction
  std::uint32_t words = 0; ///< filter_word bits that occur anywhere
  bool uses_wire_length = false;

  [[nodiscard]] bool uses_scratch() const { return (words & filter_word::scratch) != 0; }

  /// filter_word bits that have to be 0 when the program starts.
  [[nodiscard]] std::uint32_t zeroes() const { return steps.front().reads & words; }

  /// The length that this instruction, number i, must check the packet for; 0 for none. A load checks at once
  /// for all loads that surely follow it.
  [[nodiscard]] std::uint32_t check_bytes(std::size_t i, const zb_bpf_insn& instruction) const;
};

/// Where an unconditional jump at index `from` leads: always forward.
[[nodiscard]] std::size_t jump_target(std::size_t from, const zb_bpf_insn& instruction);

/// The last byte + 1 that this instruction needs of the packet, X being 0 at least; 0 if it loads nothing,
/// FilterPlan::rejects if no packet is long enough (2^31 - 1 bytes).
[[nodiscard]] std::uint32_t bytes_loaded(const zb_bpf_insn& instruction);

/// Pre: filter_is_valid(program).
[[nodiscard]] FilterPlan plan_filter(std::span<const zb_bpf_insn> program);

} // namespace zbuf

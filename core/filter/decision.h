// SPDX-License-Identifier: BSD-2-Clause
// Filter programs that only compare bytes at fixed places near the start of the packet with constants, as
// libpcap makes them of "host" and "net". All comparisons of such a program can be made, whichever of them
// the program would come to for a packet, and the result be chosen from the end backwards: that takes no
// branches. Where kinds of packets alternate, a branch predicted wrongly costs more than all comparisons.
#pragma once

#include "core/filter/plan.h"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace zbuf {

struct FilterDecision {
  /// Results that need no comparison. Other results are numbered from 0.
  static constexpr std::uint32_t reject = 0xffffffff;
  static constexpr std::uint32_t accept = 0xfffffffe;

  /// How many results have to be kept at a time, at most.
  static constexpr std::uint32_t most_results = 4;
  /// So many still take less time than one branch that was predicted wrongly (measured on Zen 5).
  static constexpr std::size_t most_comparisons = 12;
  /// A packet has to have all bytes that could be compared: these are those of an ARP request over Ethernet.
  static constexpr std::uint32_t most_bytes = 42;

  enum class Operator { equal, above, at_least, common_bits };

  /// result := (what load loads & mask) operation k ? yes : no
  struct Comparison {
    zb_bpf_insn load;   ///< BPF_LD with BPF_ABS
    std::uint32_t mask; ///< within what the load's size can hold, and so is k
    Operator operation;
    std::uint32_t k;
    std::uint32_t yes; ///< accept, reject, or a result that an earlier comparison has left
    std::uint32_t no;
    std::uint32_t result; ///< often that of `yes` or `no`, if no later comparison asks for it
  };

  std::vector<Comparison> comparisons{}; ///< at least one, to be made in this order; the last result is it
  std::uint32_t accepted = 0;            ///< what the program returns where it accepts
  std::uint32_t bytes = 0;               ///< valid for packets of so many or more; others need the program
};

/// The last value of a load's size: 0xff, 0xffff or 0xffffffff.
[[nodiscard]] std::uint32_t most_loaded(const zb_bpf_insn& load);

/// Nothing for programs of another kind. Pre: filter_is_valid(program).
[[nodiscard]] std::optional<FilterDecision> decision_of(std::span<const zb_bpf_insn> program);

} // namespace zbuf

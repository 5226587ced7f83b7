// SPDX-License-Identifier: BSD-2-Clause
// The way of one packet through a filter program, step by step: what a lesson shows of the filter. The loop
// is the one that decides over packets, with an observer.
#pragma once

#include "core/filter/filter.h"
#include "core/filter/interpreter.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace zbuf {

/// One instruction that was executed, and the registers after it.
struct FilterStep {
  std::uint32_t instruction = 0; ///< its number in the program
  std::uint32_t accumulator = 0;
  std::uint32_t index = 0;
  std::uint32_t read_offset = 0; ///< of the packet's bytes that it loaded
  std::uint32_t read_bytes = 0;  ///< 1, 2 or 4; 0: it loaded none
  bool operator==(const FilterStep&) const = default;
};

struct FilterPath {
  std::vector<FilterStep> steps{}; ///< at least one; the last one ended the program
  std::uint32_t verdict = 0;       ///< bytes to keep; 0 rejects the packet
  /// The last step asked for bytes beyond those at hand, which rejects the packet: read_offset and read_bytes
  /// say which. Who has fewer bytes than the kernel had does not know the verdict then.
  bool ran_out = false;
};

/// Runs the program over the bytes at hand of a packet of `wire_length` bytes, made so. Pre:
/// filter_is_valid(program). Takes at most as many steps as there are instructions.
[[nodiscard]] FilterPath follow_filter(std::span<const zb_bpf_insn> program, std::span<const std::byte> bytes,
                                       std::uint32_t wire_length, PacketMade packets = PacketMade::in_pieces);

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
// A filter program made ready to run on many packets.
#pragma once

#include "core/base/result.h"
#include "core/filter/interpreter.h"

#include <cstdint>
#include <span>
#include <vector>

namespace zbuf {

/// One filter program, checked and prepared. It keeps no reference to what it was made of. Any number of
/// threads may call run() on one object.
class PreparedFilter {
 public:
  /// `packets`: what those are made of that it runs over; a kernel's read filters run over pieces. Errors:
  /// bad_input, for what filter_is_valid() refuses.
  static Result<PreparedFilter> prepare(std::span<const zb_bpf_insn> program,
                                        PacketMade packets = PacketMade::in_pieces);

  /// Returns how many bytes of the packet to keep; 0 rejects it. `wire_length`: what its "len" is.
  [[nodiscard]] std::uint32_t run(std::span<const std::uint8_t> bytes, std::uint32_t wire_length) const;

 private:
  PreparedFilter(std::vector<FilterInstruction> program, PacketMade packets)
      : program_(std::move(program)), packets_(packets) {}
  std::vector<FilterInstruction> program_;
  PacketMade packets_;
};

} // namespace zbuf

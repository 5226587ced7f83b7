// SPDX-License-Identifier: BSD-2-Clause
#include "core/filter/prepared_filter.h"

#include "core/filter/filter.h"

#include <fmt/format.h>

namespace zbuf {

Result<PreparedFilter> PreparedFilter::prepare(std::span<const zb_bpf_insn> program, PacketMade packets) {
  if (filter_is_valid(program))
    return PreparedFilter(prepare_filter(program, Fuse::yes), packets);
  return fail(
      Error::Code::bad_input,
      fmt::format("filter of {} instructions: not a valid program; expected instructions that bpf(4) has, "
                  "jumps forward that stay inside, scratch words 0 to 15, no division by a constant 0, and a "
                  "return at the end",
                  program.size()));
}

std::uint32_t PreparedFilter::run(std::span<const std::uint8_t> bytes, std::uint32_t wire_length) const {
  const PacketBytes packet{bytes.data(), bytes.size(), wire_length};
  return packets_ == PacketMade::in_pieces
             ? interpret_filter(program_.data(), PacketInPieces{packet}, NoFilterObserver{})
             : interpret_filter(program_.data(), FlatPacket{packet}, NoFilterObserver{});
}

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
#include "core/filter/path.h"

namespace zbuf {

namespace {

/// Writes down each step. An instruction's registers are those with which the next one begins; the last one
/// leaves them alone.
struct StepRecorder {
  std::vector<FilterStep>& steps;

  void begins(std::size_t instruction, std::uint32_t a, std::uint32_t x) {
    if (!steps.empty()) {
      steps.back().accumulator = a;
      steps.back().index = x;
    }
    steps.push_back({static_cast<std::uint32_t>(instruction), a, x});
  }
  void loads(std::uint64_t offset, std::uint32_t bytes) {
    steps.back().read_offset = static_cast<std::uint32_t>(offset);
    steps.back().read_bytes = bytes;
  }
};

} // namespace

FilterPath follow_filter(std::span<const zb_bpf_insn> program, std::span<const std::byte> bytes,
                         std::uint32_t wire_length, PacketMade packets) {
  FilterPath path;
  const PacketBytes packet{reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(), wire_length};
  const auto prepared = prepare_filter(program, Fuse::no);
  StepRecorder recorder{path.steps};
  path.verdict = packets == PacketMade::in_pieces
                     ? interpret_filter(prepared.data(), PacketInPieces{packet}, recorder)
                     : interpret_filter(prepared.data(), FlatPacket{packet}, recorder);
  path.ran_out = path.steps.back().read_bytes > 0; // no program ends with a load that succeeded
  return path;
}

} // namespace zbuf

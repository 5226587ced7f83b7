// SPDX-License-Identifier: BSD-2-Clause
// libpcap's interpreter, with which tests and benchmarks compare ours.
#pragma once

extern "C" {
#include "kernel/engine/abi.h"
}

#include <cstdint>
#include <pcap/pcap.h>
#include <span>
#include <vector>

namespace zbuf::testing {

class LibpcapFilter {
 public:
  /// Pre: filter_is_valid(program). Scratch memory that is read begins as 0, as in a kernel: bpf_filter finds
  /// there what is on the stack. A is 0 at the start, so these stores in front of the program do it.
  explicit LibpcapFilter(std::span<const zb_bpf_insn> program) {
    std::uint32_t read = 0;
    for (const zb_bpf_insn& in : program)
      if (in.code == (BPF_LD | BPF_MEM) || in.code == (BPF_LDX | BPF_MEM))
        read |= 1u << in.k;
    for (std::uint32_t cell = 0; cell < BPF_MEMWORDS; ++cell)
      if ((read & 1u << cell) != 0)
        program_.push_back({BPF_ST, 0, 0, cell});
    for (const zb_bpf_insn& in : program)
      program_.push_back({in.code, in.jt, in.jf, in.k});
  }

  [[nodiscard]] std::uint32_t run(std::span<const std::uint8_t> bytes, std::uint32_t wire_length) const {
    return bpf_filter(program_.data(), bytes.data(), wire_length, static_cast<u_int>(bytes.size()));
  }

 private:
  std::vector<bpf_insn> program_;
};

} // namespace zbuf::testing

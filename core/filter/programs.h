// SPDX-License-Identifier: BSD-2-Clause
// Random filter programs for tests: valid, ending, and of every instruction there is.
#pragma once

#include "core/base/random.h"

extern "C" {
#include "kernel/engine/abi.h"
}

#include <array>
#include <cstddef>
#include <cstdint>
#include <pcap/bpf.h>
#include <vector>

namespace zbuf::testing {

/// Makes programs of 1 to about 60 instructions. Most loads lie within the first 80 bytes of a packet;
/// numbers are small, as common in packets, at the edges of what 32 bits hold, or anything.
class RandomProgram {
 public:
  explicit RandomProgram(std::uint64_t seed) : random_(seed) {}

  std::vector<zb_bpf_insn> next() {
    program_.clear();
    const std::uint64_t length = random_.below(8) == 0 ? random_.between(1, 60) : random_.between(1, 16);
    while (program_.size() < length)
      program_.push_back(any_instruction());
    program_.push_back(any_return());
    for (std::size_t i = 0; i < program_.size(); ++i)
      aim(i);
    return program_;
  }

 private:
  template <std::size_t n>
  std::uint16_t one_of(const std::array<int, n>& codes) {
    return static_cast<std::uint16_t>(codes.at(random_.below(n)));
  }

  std::uint16_t source() { return random_.below(2) == 0 ? BPF_K : BPF_X; }

  std::uint32_t number() {
    static constexpr std::array<std::uint32_t, 14> known = {
        0, 1, 6, 17, 31, 32, 33, 0x800, 0x86dd, 0xffff, 0x1fff, 0x7fffffff, 0x80000000, 0xffffffff};
    switch (random_.below(4)) {
    case 0:
      return known.at(random_.below(known.size()));
    case 1:
      return static_cast<std::uint32_t>(random_.next());
    default:
      return static_cast<std::uint32_t>(random_.below(256));
    }
  }

  std::uint32_t offset() {
    if (random_.below(40) != 0)
      return static_cast<std::uint32_t>(random_.below(random_.below(4) == 0 ? 80 : 24));
    const std::uint32_t far = number();
    return random_.below(2) == 0 ? far : 0u - far % 8;
  }

  zb_bpf_insn any_load() {
    switch (random_.below(8)) {
    case 0:
    case 1:
    case 2:
      return {
          one_of(std::array{BPF_LD | BPF_W | BPF_ABS, BPF_LD | BPF_H | BPF_ABS, BPF_LD | BPF_B | BPF_ABS}), 0,
          0, offset()};
    case 3:
      return {
          one_of(std::array{BPF_LD | BPF_W | BPF_IND, BPF_LD | BPF_H | BPF_IND, BPF_LD | BPF_B | BPF_IND}), 0,
          0, offset()};
    case 4:
      return {BPF_LDX | BPF_B | BPF_MSH, 0, 0, offset()};
    case 5:
      return {one_of(std::array{BPF_LD | BPF_MEM, BPF_LDX | BPF_MEM}), 0, 0, word(BPF_MEMWORDS)};
    case 6:
      return {one_of(std::array{BPF_LD | BPF_W | BPF_LEN, BPF_LDX | BPF_W | BPF_LEN}), 0, 0, 0};
    default:
      return {one_of(std::array{BPF_LD | BPF_IMM, BPF_LDX | BPF_IMM}), 0, 0, number()};
    }
  }

  std::uint32_t word(std::uint64_t count) { return static_cast<std::uint32_t>(random_.below(count)); }

  zb_bpf_insn any_computation() {
    static constexpr std::array operations = {BPF_ADD, BPF_SUB, BPF_MUL, BPF_AND,
                                              BPF_OR,  BPF_XOR, BPF_LSH, BPF_RSH};
    switch (random_.below(8)) {
    case 0:
      return {BPF_ALU | BPF_NEG, 0, 0, 0};
    case 1:
      return {static_cast<std::uint16_t>(BPF_ALU | source() | one_of(std::array{BPF_DIV, BPF_MOD})), 0, 0,
              number() | 1u << random_.below(32)};
    default:
      return {static_cast<std::uint16_t>(BPF_ALU | source() | one_of(operations)), 0, 0, number()};
    }
  }

  zb_bpf_insn any_instruction() {
    switch (random_.below(16)) {
    case 0:
      return {BPF_ST, 0, 0, word(BPF_MEMWORDS)};
    case 1:
      return {BPF_STX, 0, 0, word(BPF_MEMWORDS)};
    case 2:
    case 3:
      return {one_of(std::array{BPF_MISC | BPF_TAX, BPF_MISC | BPF_TXA}), 0, 0, 0};
    case 4:
    case 5:
    case 6:
    case 7:
      return {static_cast<std::uint16_t>(
                  BPF_JMP | source() |
                  one_of(std::array{BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET, BPF_JSET, BPF_JEQ})),
              0, 0, number()};
    case 8:
      return random_.below(4) == 0 ? zb_bpf_insn{BPF_JMP | BPF_JA, 0, 0, 0} : any_computation();
    case 9:
      return random_.below(8) == 0 ? any_return() : any_computation();
    case 10:
    case 11:
      return any_computation();
    default:
      return any_load();
    }
  }

  zb_bpf_insn any_return() {
    if (random_.below(4) != 0)
      return {BPF_RET | BPF_A, 0, 0, 0};
    return {BPF_RET | BPF_K, 0, 0, random_.below(2) == 0 ? 0 : number()};
  }

  /// Gives a jump somewhere to go: further on.
  void aim(std::size_t i) {
    if (BPF_CLASS(program_[i].code) != BPF_JMP)
      return;
    if (BPF_OP(program_[i].code) == BPF_JA) {
      program_[i].k = distance(i);
    } else {
      program_[i].jt = static_cast<std::uint8_t>(distance(i));
      program_[i].jf = static_cast<std::uint8_t>(distance(i));
    }
  }

  std::uint32_t distance(std::size_t i) {
    const std::size_t most = program_.size() - i - 2;
    std::size_t to = i + 1;
    switch (random_.below(4)) {
    case 0:
      break;
    case 1:
      to += random_.below(most + 1);
      break;
    default:
      to += random_.below(most < 4 ? most + 1 : 4);
    }
    return static_cast<std::uint32_t>(to - i - 1);
  }

  Random random_;
  std::vector<zb_bpf_insn> program_;
};

} // namespace zbuf::testing

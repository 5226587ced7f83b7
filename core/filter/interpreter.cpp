// SPDX-License-Identifier: BSD-2-Clause
#include "core/filter/interpreter.h"

#include <pcap/pcap.h>

namespace zbuf {

namespace {

using Op = FilterInstruction::Op;

std::uint8_t size_of(const zb_bpf_insn& instruction) {
  const int size = BPF_SIZE(instruction.code);
  return size == BPF_W ? 4 : size == BPF_H ? 2 : 1;
}

Op load_of(const zb_bpf_insn& instruction) {
  const bool to_x = BPF_CLASS(instruction.code) == BPF_LDX;
  switch (BPF_MODE(instruction.code)) {
  case BPF_ABS:
    return Op::test_absolute;
  case BPF_IND:
    return Op::test_indirect;
  case BPF_MSH:
    return Op::header_length;
  case BPF_LEN:
    return to_x ? Op::index_length : Op::load_length;
  case BPF_MEM:
    return to_x ? Op::index_cell : Op::load_cell;
  default: // BPF_IMM
    return to_x ? Op::index_constant : Op::load_constant;
  }
}

Op computation_of(const zb_bpf_insn& instruction) {
  switch (BPF_OP(instruction.code)) {
  case BPF_ADD:
    return Op::add;
  case BPF_SUB:
    return Op::subtract;
  case BPF_MUL:
    return Op::multiply;
  case BPF_DIV:
    return Op::divide;
  case BPF_MOD:
    return Op::modulo;
  case BPF_AND:
    return Op::bit_and;
  case BPF_OR:
    return Op::bit_or;
  case BPF_XOR:
    return Op::bit_xor;
  case BPF_LSH:
    return Op::shift_left;
  case BPF_RSH:
    return Op::shift_right;
  default:
    return Op::negate;
  }
}

Op jump_of(const zb_bpf_insn& instruction) {
  switch (BPF_OP(instruction.code)) {
  case BPF_JA:
    return Op::jump;
  case BPF_JEQ:
    return Op::if_equal;
  case BPF_JGT:
    return Op::if_greater;
  case BPF_JGE:
    return Op::if_at_least;
  default:
    return Op::if_common_bits;
  }
}

Op op_of(const zb_bpf_insn& instruction) {
  switch (BPF_CLASS(instruction.code)) {
  case BPF_LD:
  case BPF_LDX:
    return load_of(instruction);
  case BPF_ST:
    return Op::store_a;
  case BPF_STX:
    return Op::store_x;
  case BPF_ALU:
    return computation_of(instruction);
  case BPF_JMP:
    return jump_of(instruction);
  case BPF_RET:
    return BPF_RVAL(instruction.code) == BPF_A ? Op::return_a : Op::return_constant;
  default:
    return BPF_MISCOP(instruction.code) == BPF_TAX ? Op::a_to_x : Op::x_to_a;
  }
}

FilterInstruction prepared(const zb_bpf_insn& instruction) {
  FilterInstruction made;
  made.op = op_of(instruction);
  made.k = instruction.k;
  made.size = size_of(instruction);
  const int kind = BPF_CLASS(instruction.code);
  made.by_x = (kind == BPF_ALU || kind == BPF_JMP) && BPF_SRC(instruction.code) == BPF_X;
  if (kind == BPF_JMP) {
    made.yes = static_cast<std::uint16_t>(1 + instruction.jt);
    made.no = static_cast<std::uint16_t>(1 + instruction.jf);
  }
  return made;
}

/// Gives the test of number i what follows it: "& constant", and then "if A == constant". What jumps between
/// them still finds them at their own numbers.
void fuse(std::vector<FilterInstruction>& program, std::size_t i) {
  FilterInstruction& test = program[i];
  std::size_t next = i + 1;
  if (program[next].op == Op::bit_and && !program[next].by_x)
    test.mask = program[next++].k;
  if (program[next].op == Op::if_equal && !program[next].by_x) {
    test.with = program[next].k;
    test.yes = static_cast<std::uint16_t>(next - i + program[next].yes);
    test.no = static_cast<std::uint16_t>(next - i + program[next].no);
  } else {
    test.yes = test.no = static_cast<std::uint16_t>(next - i);
  }
}

} // namespace

std::vector<FilterInstruction> prepare_filter(std::span<const zb_bpf_insn> program, Fuse fuses) {
  std::vector<FilterInstruction> made;
  for (const zb_bpf_insn& instruction : program)
    made.push_back(prepared(instruction));
  for (std::size_t i = 0; fuses == Fuse::yes && i < made.size(); ++i)
    if (made[i].op == Op::test_absolute || made[i].op == Op::test_indirect)
      fuse(made, i);
  return made;
}

} // namespace zbuf

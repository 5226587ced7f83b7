// SPDX-License-Identifier: BSD-2-Clause
//   rdi   first byte of the packet    r10d   what the program returns where it accepts
//   esi   its length                  r11d   0, for where it rejects
//   edx   for a moment                eax, ecx, r8d, r9d   results
#include "core/filter/x86_decision.h"

#include <array>
#include <pcap/bpf.h>

namespace zbuf {

namespace {

using namespace asmjit;
using x86::CondCode;
using Operator = FilterDecision::Operator;
using Comparison = FilterDecision::Comparison;

constexpr x86::Gp moment = x86::edx;
constexpr x86::Gp accepted = x86::r10d;
constexpr x86::Gp rejected = x86::r11d;

x86::Gp result(std::uint32_t number) {
  constexpr std::array<x86::Gp, FilterDecision::most_results> registers = {x86::eax, x86::ecx, x86::r8d,
                                                                           x86::r9d};
  return number == FilterDecision::reject   ? rejected
         : number == FilterDecision::accept ? accepted
                                            : registers.at(number);
}

Imm imm(std::uint32_t value) {
  return Imm(static_cast<std::int32_t>(value));
}

/// A number as it lies in the packet.
Imm in_network_order(std::uint32_t value, const zb_bpf_insn& load) {
  switch (BPF_SIZE(load.code)) {
  case BPF_W:
    return imm(__builtin_bswap32(value));
  case BPF_H:
    return Imm(static_cast<std::int16_t>(__builtin_bswap16(static_cast<std::uint16_t>(value))));
  default:
    return Imm(static_cast<std::int8_t>(value));
  }
}

x86::Mem address(const zb_bpf_insn& load) {
  const int size = BPF_SIZE(load.code);
  return {x86::rdi, static_cast<std::int32_t>(load.k), size == BPF_W ? 4u : size == BPF_H ? 2u : 1u};
}

void load_masked(const Comparison& comparison, x86::Assembler& out) {
  const int size = BPF_SIZE(comparison.load.code);
  if (size == BPF_W)
    out.mov(moment, address(comparison.load));
  else
    out.movzx(moment, address(comparison.load));
  if (size == BPF_W)
    out.bswap(moment);
  else if (size == BPF_H)
    out.rol(moment.r16(), 8);
  if (comparison.mask != most_loaded(comparison.load))
    out.and_(moment, imm(comparison.mask));
}

/// Returns when it holds. Most comparisons need no register.
CondCode compare(const Comparison& comparison, x86::Assembler& out) {
  const zb_bpf_insn& load = comparison.load;
  if (comparison.operation == Operator::common_bits) {
    out.test(address(load), in_network_order(comparison.k & comparison.mask, load));
    return CondCode::kNotZero;
  }
  if (comparison.operation == Operator::equal && comparison.mask == most_loaded(load)) {
    out.cmp(address(load), in_network_order(comparison.k, load));
    return CondCode::kEqual;
  }
  load_masked(comparison, out);
  out.cmp(moment, imm(comparison.k));
  return comparison.operation == Operator::equal   ? CondCode::kEqual
         : comparison.operation == Operator::above ? CondCode::kUnsignedGT
                                                   : CondCode::kUnsignedGE;
}

void choose(const Comparison& comparison, x86::Assembler& out) {
  const CondCode holds = compare(comparison, out);
  const x86::Gp to = result(comparison.result);
  if (comparison.result == comparison.yes)
    return void(out.cmov(x86::negateCond(holds), to, result(comparison.no)));
  if (comparison.result != comparison.no)
    out.mov(to, result(comparison.no));
  out.cmov(holds, to, result(comparison.yes));
}

} // namespace

void assemble_decision(const FilterDecision& decision, x86::Assembler& out) {
  const Label too_short = out.newLabel();
  out.cmp(x86::esi, imm(decision.bytes));
  out.jb(too_short);
  out.xor_(rejected, rejected);
  out.mov(accepted, imm(decision.accepted));
  for (const Comparison& comparison : decision.comparisons)
    choose(comparison, out);
  if (const x86::Gp last = result(decision.comparisons.back().result); last != x86::eax)
    out.mov(x86::eax, last);
  out.ret();
  out.bind(too_short);
}

} // namespace zbuf

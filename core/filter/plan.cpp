// SPDX-License-Identifier: BSD-2-Clause
#include "core/filter/plan.h"

#include <algorithm>
#include <pcap/bpf.h>

namespace zbuf {

namespace {

struct Words {
  std::uint32_t read = 0;
  std::uint32_t written = 0;
};

std::uint32_t source_word(const zb_bpf_insn& instruction) {
  return BPF_SRC(instruction.code) == BPF_X ? filter_word::x : 0;
}

Words words_of(const zb_bpf_insn& instruction) {
  using namespace filter_word;
  const std::uint32_t loaded_to = BPF_CLASS(instruction.code) == BPF_LD ? a : x;
  switch (BPF_CLASS(instruction.code)) {
  case BPF_LD:
  case BPF_LDX:
    if (BPF_MODE(instruction.code) == BPF_MEM)
      return {1u << instruction.k, loaded_to};
    return {BPF_MODE(instruction.code) == BPF_IND ? x : 0, loaded_to};
  case BPF_ST:
    return {a, 1u << instruction.k};
  case BPF_STX:
    return {x, 1u << instruction.k};
  case BPF_ALU:
    return {a | source_word(instruction), a};
  case BPF_JMP:
    return {BPF_OP(instruction.code) == BPF_JA ? 0 : a | source_word(instruction), 0};
  case BPF_RET:
    return {BPF_RVAL(instruction.code) == BPF_A ? a : 0, 0};
  default:
    return BPF_MISCOP(instruction.code) == BPF_TAX ? Words{a, x} : Words{x, a};
  }
}

/// What holds whichever of the two comes next.
FilterPlan::Step either(FilterPlan::Step one, const FilterPlan::Step& other) {
  one.least_bytes = std::min(one.least_bytes, other.least_bytes);
  one.reads |= other.reads;
  return one;
}

/// least_bytes and reads. All jumps lead forward: where they go has been looked at.
void look_back(std::span<const zb_bpf_insn> program, FilterPlan& plan) {
  for (std::size_t i = program.size(); i-- > 0;) {
    const zb_bpf_insn& instruction = program[i];
    FilterPlan::Step next;
    if (instruction.code == (BPF_RET | BPF_K) && instruction.k == 0) {
      next.least_bytes = FilterPlan::rejects;
    } else if (instruction.code == (BPF_JMP | BPF_JA)) {
      next = plan.steps[jump_target(i, instruction)];
    } else if (BPF_CLASS(instruction.code) == BPF_JMP) {
      next = either(plan.steps[i + 1 + instruction.jt], plan.steps[i + 1 + instruction.jf]);
    } else if (BPF_CLASS(instruction.code) != BPF_RET) {
      next = plan.steps[i + 1];
    }
    const Words words = words_of(instruction);
    plan.words |= words.read | words.written;
    plan.steps[i].reads = (next.reads & ~words.written) | words.read;
    plan.steps[i].least_bytes = std::max(next.least_bytes, bytes_loaded(instruction));
    plan.uses_wire_length |= BPF_CLASS(instruction.code) <= BPF_LDX && BPF_MODE(instruction.code) == BPF_LEN;
  }
}

/// checked_bytes and joined.
void look_ahead(std::span<const zb_bpf_insn> program, FilterPlan& plan) {
  plan.steps[0].checked_bytes = 0;
  for (std::size_t i = 0; i < program.size(); ++i) {
    const zb_bpf_insn& instruction = program[i];
    const std::uint32_t checked = std::max(plan.steps[i].checked_bytes, plan.check_bytes(i, instruction));
    const auto lead_to = [&](std::size_t to) {
      FilterPlan::Step& step = plan.steps[to];
      step.joined |= step.checked_bytes != FilterPlan::Step{}.checked_bytes;
      step.checked_bytes = std::min(step.checked_bytes, checked);
    };
    if (instruction.code == (BPF_JMP | BPF_JA)) {
      lead_to(jump_target(i, instruction));
    } else if (BPF_CLASS(instruction.code) == BPF_JMP) {
      lead_to(i + 1 + instruction.jt);
      lead_to(i + 1 + instruction.jf);
    } else if (BPF_CLASS(instruction.code) != BPF_RET) {
      lead_to(i + 1);
    }
  }
}

} // namespace

std::size_t jump_target(std::size_t from, const zb_bpf_insn& instruction) {
  return from + 1 + instruction.k;
}

std::uint32_t bytes_loaded(const zb_bpf_insn& instruction) {
  const bool loads = BPF_CLASS(instruction.code) == BPF_LD || BPF_CLASS(instruction.code) == BPF_LDX;
  const int mode = BPF_MODE(instruction.code);
  if (!loads || (mode != BPF_ABS && mode != BPF_IND && mode != BPF_MSH))
    return 0;
  const int size = BPF_SIZE(instruction.code);
  const std::uint32_t end = instruction.k + (size == BPF_W ? 4u : size == BPF_H ? 2u : 1u);
  return end > 0x7fffffff || end < instruction.k ? FilterPlan::rejects : end;
}

std::uint32_t FilterPlan::check_bytes(std::size_t i, const zb_bpf_insn& instruction) const {
  return bytes_loaded(instruction) > steps[i].checked_bytes ? steps[i].least_bytes : 0;
}

FilterPlan plan_filter(std::span<const zb_bpf_insn> program) {
  FilterPlan plan;
  plan.steps.resize(program.size());
  look_back(program, plan);
  look_ahead(program, plan);
  return plan;
}

} // namespace zbuf

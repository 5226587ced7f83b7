// SPDX-License-Identifier: BSD-2-Clause
// Filters for x86-64 (System V: Linux, FreeBSD).
//
//   rdi   first byte of the packet         eax   A
//   rsi   its length                       ecx   X
//   r8d   its length on the wire           edx   for a moment
//   r9d   what collect() collects
//   M[]   64 bytes below rsp, which belong to a function that calls none
#include "core/filter/assembler.h"
#include "core/filter/translate.h"
#include "core/filter/x86_decision.h"

#include <array>
#include <asmjit/x86.h>

namespace zbuf {

namespace {

using namespace asmjit;
using x86::CondCode;

Imm imm(std::uint32_t value) {
  return Imm(static_cast<std::int32_t>(value));
}

CondCode flags_of(FilterCondition condition) {
  constexpr std::array<CondCode, 8> codes = {
      CondCode::kEqual,      CondCode::kNotEqual,   CondCode::kUnsignedGT, CondCode::kUnsignedLE,
      CondCode::kUnsignedGE, CondCode::kUnsignedLT, CondCode::kNotZero,    CondCode::kZero};
  return codes.at(static_cast<std::size_t>(condition));
}

class X86Target {
 public:
  X86Target(CodeHolder& code, std::size_t instruction_count)
      : out_(&code), labels_(instruction_count), reject_(out_.newLabel()) {}

  void decide(const FilterDecision& decision) { assemble_decision(decision, out_); }

  void enter(const FilterPlan& plan) {
    if (plan.zeroes() & filter_word::a)
      out_.xor_(a_, a_);
    if (plan.zeroes() & filter_word::x)
      out_.xor_(x_, x_);
    for (std::uint32_t i = 0; i < BPF_MEMWORDS; ++i) {
      if (plan.zeroes() & 1u << i)
        out_.mov(scratch(i), imm(0));
    }
    if (plan.uses_wire_length)
      out_.mov(wire_length_, x86::edx);
  }

  void place(std::size_t i) { out_.bind(label(i)); }

  void require(std::uint32_t bytes) {
    out_.cmp(x86::esi, imm(bytes));
    out_.jb(reject_);
  }

  void load(const zb_bpf_insn& in) {
    const x86::Gp to = BPF_CLASS(in.code) == BPF_LD ? a_ : x_;
    switch (BPF_MODE(in.code)) {
    case BPF_IMM:
      return set(to, in.k);
    case BPF_LEN:
      out_.mov(to, wire_length_);
      return;
    case BPF_MEM:
      out_.mov(to, scratch(in.k));
      return;
    case BPF_MSH:
      out_.movzx(to, x86::byte_ptr(bytes_, static_cast<std::int32_t>(in.k)));
      out_.and_(to, 0xf);
      out_.shl(to, 2);
      return;
    case BPF_IND:
      out_.lea(x86::rdx, x86::ptr(x86::rcx, static_cast<std::int32_t>(bytes_loaded(in))));
      out_.cmp(x86::rdx, x86::rsi);
      out_.ja(reject_);
      return load_packet(in.code, x86::ptr(bytes_, x86::rcx, 0, static_cast<std::int32_t>(in.k)));
    default:
      return load_packet(in.code, x86::ptr(bytes_, static_cast<std::int32_t>(in.k)));
    }
  }

  void store(const zb_bpf_insn& in) { out_.mov(scratch(in.k), BPF_CLASS(in.code) == BPF_ST ? a_ : x_); }

  void transfer(const zb_bpf_insn& in) {
    if (BPF_MISCOP(in.code) == BPF_TAX)
      out_.mov(x_, a_);
    else
      out_.mov(a_, x_);
  }

  void compute(const zb_bpf_insn& in) {
    const bool with_x = BPF_SRC(in.code) == BPF_X;
    const Operand with = with_x ? Operand(x_) : Operand(imm(in.k));
    switch (BPF_OP(in.code)) {
    case BPF_ADD:
      return emit(x86::Inst::kIdAdd, with);
    case BPF_SUB:
      return emit(x86::Inst::kIdSub, with);
    case BPF_AND:
      return emit(x86::Inst::kIdAnd, with);
    case BPF_OR:
      return emit(x86::Inst::kIdOr, with);
    case BPF_XOR:
      return emit(x86::Inst::kIdXor, with);
    case BPF_MUL:
      if (with_x)
        out_.imul(a_, x_);
      else
        out_.imul(a_, a_, imm(in.k));
      return;
    case BPF_NEG:
      out_.neg(a_);
      return;
    case BPF_LSH:
      return shift(x86::Inst::kIdShl, in);
    case BPF_RSH:
      return shift(x86::Inst::kIdShr, in);
    default:
      return divide(in);
    }
  }

  void compare(const zb_bpf_insn& in, FilterCondition condition) {
    const bool bits = condition == FilterCondition::common_bits;
    if (BPF_SRC(in.code) == BPF_X)
      emit(bits ? x86::Inst::kIdTest : x86::Inst::kIdCmp, x_);
    else
      emit(bits ? x86::Inst::kIdTest : x86::Inst::kIdCmp, imm(in.k));
  }

  void collect(const zb_bpf_insn& in, bool first) {
    const x86::Gp found = first ? collected_ : x86::edx;
    out_.mov(found, a_);
    if (BPF_OP(in.code) == BPF_JEQ)
      out_.xor_(found, imm(in.k));
    else
      out_.and_(found, imm(in.k));
    if (!first)
      out_.or_(collected_, found);
  }

  void branch(FilterCondition condition, std::size_t to) { out_.j(flags_of(condition), label(to)); }

  /// Runs on into the end for what is rejected: as a rule those are most packets, and a branch that is taken
  /// takes longer.
  void branch_to_reject(FilterCondition condition) {
    const Label on = out_.newLabel();
    out_.short_().j(flags_of(opposite(condition)), on);
    set(a_, 0);
    out_.ret();
    out_.bind(on);
  }

  void jump(std::size_t to) { out_.jmp(label(to)); }

  void choose(FilterCondition condition, std::uint32_t yes, std::uint32_t no) {
    out_.mov(a_, imm(no));
    out_.mov(x86::edx, imm(yes));
    out_.cmov(flags_of(condition), a_, x86::edx);
    out_.ret();
  }

  void give(std::uint32_t k) {
    if (k == 0)
      bind_reject();
    set(a_, k);
    out_.ret();
  }

  void give_a() { out_.ret(); }

  void finish() {
    if (!out_.code()->isLabelBound(reject_))
      give(0);
  }

 private:
  const Label& label(std::size_t i) {
    if (!labels_[i].isValid())
      labels_[i] = out_.newLabel();
    return labels_[i];
  }

  void bind_reject() {
    if (!out_.code()->isLabelBound(reject_))
      out_.bind(reject_);
  }

  static x86::Mem scratch(std::uint32_t i) {
    return x86::dword_ptr(x86::rsp, static_cast<std::int32_t>(4 * i) - 4 * BPF_MEMWORDS);
  }

  void set(const x86::Gp& to, std::uint32_t k) {
    if (k == 0)
      out_.xor_(to, to);
    else
      out_.mov(to, imm(k));
  }

  void emit(InstId operation, const Operand& with) { out_.emit(operation, a_, with); }

  void load_packet(std::uint16_t code, x86::Mem from) {
    switch (BPF_SIZE(code)) {
    case BPF_W:
      out_.mov(a_, from);
      out_.bswap(a_);
      return;
    case BPF_H:
      from.setSize(2);
      out_.movzx(a_, from);
      out_.rol(x86::ax, 8);
      return;
    default:
      from.setSize(1);
      out_.movzx(a_, from);
    }
  }

  /// By X: nothing is left of 32 bits or more. By k: the processor takes it modulo 32, and so does libpcap.
  void shift(InstId operation, const zb_bpf_insn& in) {
    if (BPF_SRC(in.code) == BPF_K)
      return emit(operation, imm(in.k & 31));
    out_.cmp(x_, 32);
    out_.sbb(x86::edx, x86::edx);
    emit(operation, x86::cl);
    out_.and_(a_, x86::edx);
  }

  void divide(const zb_bpf_insn& in) {
    x86::Gp by = x_;
    if (BPF_SRC(in.code) == BPF_K) {
      by = x86::r10d;
      out_.mov(by, imm(in.k));
    } else {
      out_.test(x_, x_);
      out_.jz(reject_);
    }
    out_.xor_(x86::edx, x86::edx);
    out_.div(by);
    if (BPF_OP(in.code) == BPF_MOD)
      out_.mov(a_, x86::edx);
  }

  const x86::Gp a_ = x86::eax;
  const x86::Gp x_ = x86::ecx;
  const x86::Gp bytes_ = x86::rdi;
  const x86::Gp wire_length_ = x86::r8d;
  const x86::Gp collected_ = x86::r9d;
  x86::Assembler out_;
  std::vector<Label> labels_; ///< by instruction, once it is asked for
  Label reject_;
};

} // namespace

bool assemble_filter(std::span<const zb_bpf_insn> program, const FilterPlan& plan, CodeHolder& code) {
  AssemblerErrors errors;
  code.setErrorHandler(&errors);
  {
    X86Target target(code, program.size());
    if (const auto decision = decision_of(program))
      target.decide(*decision);
    FilterTranslator(program, plan, target).run();
    target.finish();
  }
  code.setErrorHandler(nullptr);
  return !errors.any && !code.hasUnresolvedLinks();
}

} // namespace zbuf

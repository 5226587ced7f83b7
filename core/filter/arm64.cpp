// SPDX-License-Identifier: BSD-2-Clause
// Filters for arm64 (AAPCS64, little endian).
//
//   x0   first byte of the packet; later the result    w4       A
//   x1   its length                                    w5       X
//   w2   its length on the wire                        w6, w7   for a moment
//   M[]  at sp, 64 bytes, if the program has any       w8       what collect() collects
#include "core/filter/assembler.h"
#include "core/filter/translate.h"

#include <array>
#include <asmjit/arm/a64assembler.h>

namespace zbuf {

namespace {

using namespace asmjit;
using arm::CondCode;

CondCode flags_of(FilterCondition condition) {
  constexpr std::array<CondCode, 8> codes = {CondCode::kEQ, CondCode::kNE, CondCode::kHI, CondCode::kLS,
                                             CondCode::kHS, CondCode::kLO, CondCode::kNE, CondCode::kEQ};
  return codes.at(static_cast<std::size_t>(condition));
}

class Arm64Target {
 public:
  Arm64Target(CodeHolder& code, std::size_t instruction_count)
      : out_(&code), labels_(instruction_count), reject_(out_.newLabel()) {}

  void enter(const FilterPlan& plan) {
    has_scratch_ = plan.uses_scratch();
    if (has_scratch_)
      out_.sub(a64::sp, a64::sp, scratch_bytes);
    if (plan.zeroes() & filter_word::a)
      out_.mov(a_, a64::wzr);
    if (plan.zeroes() & filter_word::x)
      out_.mov(x_, a64::wzr);
    for (std::uint32_t i = 0; i < BPF_MEMWORDS; ++i) {
      if (plan.zeroes() & 1u << i)
        out_.str(a64::wzr, scratch(i));
    }
  }

  void place(std::size_t i) { out_.bind(label(i)); }

  void require(std::uint32_t bytes) {
    compare(length_.w(), bytes);
    out_.b(CondCode::kLO, reject_);
  }

  void load(const zb_bpf_insn& in) {
    const a64::Gp to = BPF_CLASS(in.code) == BPF_LD ? a_ : x_;
    switch (BPF_MODE(in.code)) {
    case BPF_IMM:
      return set(to, in.k);
    case BPF_LEN:
      out_.mov(to, wire_length_);
      return;
    case BPF_MEM:
      out_.ldr(to, scratch(in.k));
      return;
    case BPF_MSH:
      load_packet(to, in);
      out_.and_(to, to, 0xf);
      out_.lsl(to, to, 2);
      return;
    case BPF_IND:
      set(moment_, bytes_loaded(in));
      out_.add(moment_.x(), moment_.x(), x_.x());
      out_.cmp(moment_.x(), length_);
      out_.b(CondCode::kHI, reject_);
      out_.sub(moment_.x(), moment_.x(), bytes_loaded(in) - in.k);
      return load_packet(to, in.code);
    default:
      return load_packet(to, in);
    }
  }

  void store(const zb_bpf_insn& in) { out_.str(BPF_CLASS(in.code) == BPF_ST ? a_ : x_, scratch(in.k)); }

  void transfer(const zb_bpf_insn& in) {
    if (BPF_MISCOP(in.code) == BPF_TAX)
      out_.mov(x_, a_);
    else
      out_.mov(a_, x_);
  }

  void compute(const zb_bpf_insn& in) {
    const int operation = BPF_OP(in.code);
    if (operation == BPF_NEG) {
      out_.neg(a_, a_);
      return;
    }
    if (operation == BPF_LSH || operation == BPF_RSH)
      return shift(in);
    const a64::Gp with = second_operand(in);
    switch (operation) {
    case BPF_ADD:
      out_.add(a_, a_, with);
      return;
    case BPF_SUB:
      out_.sub(a_, a_, with);
      return;
    case BPF_MUL:
      out_.mul(a_, a_, with);
      return;
    case BPF_AND:
      out_.and_(a_, a_, with);
      return;
    case BPF_OR:
      out_.orr(a_, a_, with);
      return;
    case BPF_XOR:
      out_.eor(a_, a_, with);
      return;
    default:
      return divide(in, with);
    }
  }

  void compare(const zb_bpf_insn& in, FilterCondition condition) {
    if (condition == FilterCondition::common_bits)
      out_.tst(a_, second_operand(in));
    else if (BPF_SRC(in.code) == BPF_X)
      out_.cmp(a_, x_);
    else
      compare(a_, in.k);
  }

  void collect(const zb_bpf_insn& in, bool first) {
    const a64::Gp found = first ? collected_ : moment_;
    set(found, in.k);
    if (BPF_OP(in.code) == BPF_JEQ)
      out_.eor(found, found, a_);
    else
      out_.and_(found, found, a_);
    if (first)
      return;
    out_.orr(collected_, collected_, found);
    out_.cmp(collected_, 0);
  }

  void branch(FilterCondition condition, std::size_t to) { out_.b(flags_of(condition), label(to)); }
  void branch_to_reject(FilterCondition condition) { out_.b(flags_of(condition), reject_); }
  void jump(std::size_t to) { out_.b(label(to)); }

  void choose(FilterCondition condition, std::uint32_t yes, std::uint32_t no) {
    set(moment_, yes);
    set(result_, no);
    out_.csel(result_, moment_, result_, Imm(flags_of(condition)));
    leave();
  }

  void give(std::uint32_t k) {
    if (k == 0 && !out_.code()->isLabelBound(reject_))
      out_.bind(reject_);
    set(result_, k);
    leave();
  }

  void give_a() {
    out_.mov(result_, a_);
    leave();
  }

  void finish() {
    if (!out_.code()->isLabelBound(reject_))
      give(0);
  }

 private:
  static constexpr int scratch_bytes = 4 * BPF_MEMWORDS;

  const Label& label(std::size_t i) {
    if (!labels_[i].isValid())
      labels_[i] = out_.newLabel();
    return labels_[i];
  }

  static a64::Mem scratch(std::uint32_t i) { return a64::ptr(a64::sp, static_cast<std::int32_t>(4 * i)); }

  void leave() {
    if (has_scratch_)
      out_.add(a64::sp, a64::sp, scratch_bytes);
    out_.ret(a64::x30);
  }

  void set(const a64::Gp& to, std::uint32_t k) {
    out_.movz(to, k & 0xffff);
    if (k > 0xffff)
      out_.movk(to, k >> 16, 16);
  }

  void compare(const a64::Gp& left, std::uint32_t k) {
    if (k < 4096) {
      out_.cmp(left, k);
    } else {
      set(moment_, k);
      out_.cmp(left, moment_);
    }
  }

  a64::Gp second_operand(const zb_bpf_insn& in) {
    if (BPF_SRC(in.code) == BPF_X)
      return x_;
    set(moment_, in.k);
    return moment_;
  }

  void load_packet(const a64::Gp& to, const zb_bpf_insn& in) {
    set(moment_, in.k);
    load_packet(to, in.code);
  }

  /// From as many bytes into the packet as moment_ says.
  void load_packet(const a64::Gp& to, std::uint16_t code) {
    const a64::Mem from = a64::ptr(bytes_, moment_.x());
    switch (BPF_SIZE(code)) {
    case BPF_W:
      out_.ldr(to, from);
      out_.rev(to, to);
      return;
    case BPF_H:
      out_.ldrh(to, from);
      out_.rev16(to, to);
      return;
    default:
      out_.ldrb(to, from);
    }
  }

  /// By X: nothing is left of 32 bits or more. By k: the processor takes it modulo 32, and so does libpcap.
  void shift(const zb_bpf_insn& in) {
    const bool left = BPF_OP(in.code) == BPF_LSH;
    if (BPF_SRC(in.code) == BPF_K) {
      if (left)
        out_.lsl(a_, a_, in.k & 31);
      else
        out_.lsr(a_, a_, in.k & 31);
      return;
    }
    if (left)
      out_.lsl(a_, a_, x_);
    else
      out_.lsr(a_, a_, x_);
    out_.cmp(x_, 32);
    out_.csel(a_, a_, a64::wzr, Imm(CondCode::kLO));
  }

  void divide(const zb_bpf_insn& in, const a64::Gp& by) {
    if (BPF_SRC(in.code) == BPF_X)
      out_.cbz(x_, reject_);
    if (BPF_OP(in.code) == BPF_DIV) {
      out_.udiv(a_, a_, by);
    } else {
      out_.udiv(quotient_, a_, by);
      out_.msub(a_, quotient_, by, a_);
    }
  }

  const a64::Gp bytes_ = a64::x0;
  const a64::Gp result_ = a64::w0;
  const a64::Gp length_ = a64::x1;
  const a64::Gp wire_length_ = a64::w2;
  const a64::Gp a_ = a64::w4;
  const a64::Gp x_ = a64::w5;
  const a64::Gp moment_ = a64::w6;
  const a64::Gp quotient_ = a64::w7;
  const a64::Gp collected_ = a64::w8;
  a64::Assembler out_;
  std::vector<Label> labels_; ///< by instruction, once it is asked for
  Label reject_;
  bool has_scratch_ = false;
};

} // namespace

bool assemble_filter(std::span<const zb_bpf_insn> program, const FilterPlan& plan, CodeHolder& code) {
  AssemblerErrors errors;
  code.setErrorHandler(&errors);
  {
    Arm64Target target(code, program.size());
    FilterTranslator(program, plan, target).run();
    target.finish();
  }
  code.setErrorHandler(nullptr);
  return !errors.any && !code.hasUnresolvedLinks();
}

} // namespace zbuf

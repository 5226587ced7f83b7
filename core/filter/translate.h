// SPDX-License-Identifier: BSD-2-Clause
// From a filter program to machine code, as far as it is the same for every processor: the order of the
// code, and which length checks and jumps are needed. What an instruction becomes is the Target's business.
#pragma once

#include "core/filter/plan.h"

#include <optional>
#include <pcap/bpf.h>
#include <span>
#include <vector>

namespace zbuf {

/// When a comparison holds; A on the left, and all numbers unsigned.
enum class FilterCondition { equal, not_equal, above, at_most, at_least, below, common_bits, no_common_bits };

inline FilterCondition opposite(FilterCondition condition) {
  return static_cast<FilterCondition>(static_cast<unsigned>(condition) ^ 1u);
}

/// One use per program. Target has:
///   enter(plan)                 once, first: zeroes what has to be 0
///   place(i)                    instruction i begins here
///   require(bytes)              reject packets of fewer
///   load(insn)                  any BPF_LD and BPF_LDX; the length has been checked, except for BPF_IND
///   store(insn) compute(insn) transfer(insn)
///   compare(insn, condition)    finds out what the three below ask for
///   collect(insn, first)        the same in a row of JEQ k and JSET k, all of them together: whether any of
///                               them has found a difference or a common bit
///   branch(condition, i)        to instruction i, if so
///   branch_to_reject(condition)
///   choose(condition, yes, no)  returns one of two constants
///   jump(i)
///   give(k) give_a()            return
template <typename Target>
class FilterTranslator {
 public:
  FilterTranslator(std::span<const zb_bpf_insn> program, const FilterPlan& plan, Target& target)
      : program_(program), plan_(plan), target_(target), placed_(program.size()) {}

  void run() {
    target_.enter(plan_);
    for (left_.push_back(0); !left_.empty();) {
      const std::size_t i = left_.back();
      left_.pop_back();
      if (!placed_[i])
        translate_from(i);
    }
  }

 private:
  [[nodiscard]] bool rejects(std::size_t i) const {
    return plan_.steps[i].least_bytes == FilterPlan::rejects;
  }

  /// What the program returns from instruction i on, if that is already clear.
  [[nodiscard]] std::optional<std::uint32_t> constant(std::size_t i) const {
    if (rejects(i))
      return 0;
    if (program_[i].code == (BPF_RET | BPF_K))
      return program_[i].k;
    return std::nullopt;
  }

  /// Instruction i and what runs on from it, to where it returns or meets code that is there already.
  void translate_from(std::size_t i) {
    for (std::optional<std::size_t> next = i; next; next = translate(*next)) {
      if (placed_[*next])
        return target_.jump(*next);
      placed_[*next] = true;
      target_.place(*next);
    }
  }

  /// Returns what comes next; nothing where the program returns.
  std::optional<std::size_t> translate(std::size_t i) {
    const zb_bpf_insn& instruction = program_[i];
    if (const auto result = constant(i)) {
      target_.give(*result);
      return std::nullopt;
    }
    switch (BPF_CLASS(instruction.code)) {
    case BPF_LD:
    case BPF_LDX:
      if (const std::uint32_t bytes = plan_.check_bytes(i, instruction); bytes != 0)
        target_.require(bytes);
      target_.load(instruction);
      return i + 1;
    case BPF_ST:
    case BPF_STX:
      target_.store(instruction);
      return i + 1;
    case BPF_ALU:
      target_.compute(instruction);
      return i + 1;
    case BPF_JMP:
      return BPF_OP(instruction.code) == BPF_JA ? jump_target(i, instruction) : branch(i);
    case BPF_RET:
      target_.give_a();
      return std::nullopt;
    default:
      target_.transfer(instruction);
      return i + 1;
    }
  }

  /// Runs on with the way that does not return at once, or else with the one where the comparison fails: it
  /// is one of many, as a rule.
  std::optional<std::size_t> branch(std::size_t i) {
    const zb_bpf_insn& instruction = program_[i];
    const std::size_t yes = i + 1 + instruction.jt;
    const std::size_t no = i + 1 + instruction.jf;
    const auto yes_result = constant(yes);
    const auto no_result = constant(no);
    if (yes == no || (yes_result && yes_result == no_result))
      return yes;
    const FilterCondition condition = condition_of(instruction);
    const bool collects = rejects_unless_zero(i) && another_follows(way_on(i));
    if (collects || collecting_)
      target_.collect(instruction, !collecting_);
    else
      target_.compare(instruction, condition);
    collecting_ = collects;
    if (collects)
      return way_on(i);
    if (yes_result && no_result) {
      target_.choose(condition, *yes_result, *no_result);
      return std::nullopt;
    }
    const bool run_on_with_yes = no_result.has_value();
    branch(run_on_with_yes ? opposite(condition) : condition, run_on_with_yes ? no : yes);
    return run_on_with_yes ? yes : no;
  }

  /// Whether i rejects the packet unless A ^ k (JEQ) or A & k (JSET) is 0. A row of these needs one branch,
  /// at its end: so a packet of another kind costs one branch that was predicted wrongly, not several.
  [[nodiscard]] bool rejects_unless_zero(std::size_t i) const {
    const zb_bpf_insn& instruction = program_[i];
    return (instruction.code == (BPF_JMP | BPF_JEQ | BPF_K) && rejects(i + 1 + instruction.jf)) ||
           (instruction.code == (BPF_JMP | BPF_JSET | BPF_K) && rejects(i + 1 + instruction.jt));
  }

  /// Of such an instruction.
  [[nodiscard]] std::size_t way_on(std::size_t i) const {
    return i + 1 + (BPF_OP(program_[i].code) == BPF_JEQ ? program_[i].jt : program_[i].jf);
  }

  /// Whether the row goes on: nobody else jumps to where i and what follows are, and there is no branch
  /// before the next of its kind, not even that of a length check.
  [[nodiscard]] bool another_follows(std::size_t i) const {
    for (;; ++i) {
      const zb_bpf_insn& instruction = program_[i];
      const int kind = BPF_CLASS(instruction.code);
      if (plan_.steps[i].joined || constant(i) || kind == BPF_RET)
        return false;
      if (kind == BPF_JMP)
        return rejects_unless_zero(i);
      if (bytes_loaded(instruction) > 0 &&
          (BPF_MODE(instruction.code) == BPF_IND || plan_.check_bytes(i, instruction) > 0))
        return false;
    }
  }

  void branch(FilterCondition condition, std::size_t to) {
    if (rejects(to))
      return target_.branch_to_reject(condition);
    left_.push_back(to);
    target_.branch(condition, to);
  }

  static FilterCondition condition_of(const zb_bpf_insn& instruction) {
    switch (BPF_OP(instruction.code)) {
    case BPF_JEQ:
      return FilterCondition::equal;
    case BPF_JGT:
      return FilterCondition::above;
    case BPF_JGE:
      return FilterCondition::at_least;
    default:
      return FilterCondition::common_bits;
    }
  }

  std::span<const zb_bpf_insn> program_;
  const FilterPlan& plan_;
  Target& target_;
  bool collecting_ = false;       ///< in a row as of rejects_unless_zero()
  std::vector<bool> placed_;      ///< by instruction: its code is there
  std::vector<std::size_t> left_; ///< instructions that are jumped to, and whose code may still be missing
};

} // namespace zbuf

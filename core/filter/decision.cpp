// SPDX-License-Identifier: BSD-2-Clause
#include "core/filter/decision.h"

#include <algorithm>
#include <pcap/bpf.h>

namespace zbuf {

namespace {

/// What A is: what this instruction loads, & mask.
struct Accumulator {
  const zb_bpf_insn* load = nullptr; ///< null: something else, or it depends on the way
  std::uint32_t mask = 0;
  bool operator==(const Accumulator&) const = default;
};

class Finder {
 public:
  explicit Finder(std::span<const zb_bpf_insn> program)
      : program_(program), before_(program.size()), outcome_(program.size(), FilterDecision::reject) {}

  std::optional<FilterDecision> find() {
    if (!look_ahead())
      return std::nullopt;
    for (std::size_t i = program_.size(); i-- > 0;) {
      if (before_[i])
        outcome_[i] = outcome(i);
    }
    if (outcome_[0] >= FilterDecision::accept || nodes_.size() > FilterDecision::most_comparisons ||
        !allot_results())
      return std::nullopt;
    return found_;
  }

 private:
  /// What A is wherever it is compared; false for a program of another kind.
  bool look_ahead() {
    before_[0] = Accumulator{};
    for (std::size_t i = 0; i < program_.size(); ++i) {
      if (before_[i] && !look_at(i, *before_[i]))
        return false;
    }
    return true;
  }

  bool look_at(std::size_t i, Accumulator a) {
    const zb_bpf_insn& instruction = program_[i];
    switch (BPF_CLASS(instruction.code)) {
    case BPF_LD:
      if (BPF_MODE(instruction.code) != BPF_ABS || bytes_loaded(instruction) > FilterDecision::most_bytes)
        return false;
      found_.bytes = std::max(found_.bytes, bytes_loaded(instruction));
      arrive(i + 1, {&instruction, most_loaded(instruction)});
      return true;
    case BPF_ALU:
      a.mask &= instruction.k;
      arrive(i + 1, a);
      return instruction.code == (BPF_ALU | BPF_AND | BPF_K);
    case BPF_JMP:
      return look_at_jump(i, a);
    case BPF_RET:
      return BPF_RVAL(instruction.code) == BPF_K && returns(instruction.k);
    default:
      return false;
    }
  }

  bool look_at_jump(std::size_t i, const Accumulator& a) {
    const zb_bpf_insn& instruction = program_[i];
    if (BPF_OP(instruction.code) == BPF_JA) {
      arrive(jump_target(i, instruction), a);
      return true;
    }
    arrive(i + 1 + instruction.jt, a);
    arrive(i + 1 + instruction.jf, a);
    return BPF_SRC(instruction.code) == BPF_K && a.load != nullptr && instruction.k <= most_loaded(*a.load);
  }

  void arrive(std::size_t at, const Accumulator& a) {
    before_[at] = !before_[at] || *before_[at] == a ? a : Accumulator{};
  }

  /// There may be one number that it returns, besides 0.
  bool returns(std::uint32_t k) {
    if (found_.accepted == 0)
      found_.accepted = k;
    return k == 0 || k == found_.accepted;
  }

  /// Of the program from instruction i on: accept, reject, or a number of nodes_.
  std::uint32_t outcome(std::size_t i) {
    const zb_bpf_insn& instruction = program_[i];
    switch (BPF_CLASS(instruction.code)) {
    case BPF_RET:
      return instruction.k == 0 ? FilterDecision::reject : FilterDecision::accept;
    case BPF_JMP:
      return BPF_OP(instruction.code) == BPF_JA ? outcome_[jump_target(i, instruction)] : compare(i);
    default:
      return outcome_[i + 1];
    }
  }

  std::uint32_t compare(std::size_t i) {
    const zb_bpf_insn& instruction = program_[i];
    const std::uint32_t yes = outcome_[i + 1 + instruction.jt];
    const std::uint32_t no = outcome_[i + 1 + instruction.jf];
    if (yes == no)
      return yes;
    for (const std::uint32_t child : {yes, no}) {
      if (child < nodes_.size())
        ++nodes_[child].parents;
    }
    const Accumulator& a = *before_[i];
    nodes_.push_back({});
    found_.comparisons.push_back({*a.load, a.mask, operator_of(instruction), instruction.k, yes, no, 0});
    return static_cast<std::uint32_t>(nodes_.size() - 1);
  }

  static FilterDecision::Operator operator_of(const zb_bpf_insn& instruction) {
    switch (BPF_OP(instruction.code)) {
    case BPF_JEQ:
      return FilterDecision::Operator::equal;
    case BPF_JGT:
      return FilterDecision::Operator::above;
    case BPF_JGE:
      return FilterDecision::Operator::at_least;
    default:
      return FilterDecision::Operator::common_bits;
    }
  }

  /// Gives every comparison's outcome a place; false where they do not suffice.
  bool allot_results() {
    std::uint32_t taken = 0;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      FilterDecision::Comparison& comparison = found_.comparisons[i];
      for (std::uint32_t* const child : {&comparison.yes, &comparison.no}) {
        if (*child >= nodes_.size())
          continue;
        Node& node = nodes_[*child];
        *child = node.result;
        if (--node.parents == 0)
          taken &= ~(1u << node.result);
      }
      std::uint32_t free = 0;
      while (taken & 1u << free)
        ++free;
      if (free == FilterDecision::most_results)
        return false;
      // That of a child, if it has come free: then nothing needs to be copied.
      for (const std::uint32_t child : {comparison.no, comparison.yes}) {
        if (child < FilterDecision::most_results && !(taken & 1u << child))
          free = child;
      }
      taken |= 1u << free;
      comparison.result = nodes_[i].result = free;
    }
    return true;
  }

  struct Node {
    std::uint32_t parents = 0; ///< how many comparisons ask for its outcome
    std::uint32_t result = 0;
  };

  std::span<const zb_bpf_insn> program_;
  std::vector<std::optional<Accumulator>> before_; ///< by instruction; nothing where no way leads
  std::vector<std::uint32_t> outcome_;             ///< by instruction
  std::vector<Node> nodes_;                        ///< by comparison
  FilterDecision found_;
};

} // namespace

std::uint32_t most_loaded(const zb_bpf_insn& load) {
  const int size = BPF_SIZE(load.code);
  return size == BPF_W ? 0xffffffff : size == BPF_H ? 0xffff : 0xff;
}

std::optional<FilterDecision> decision_of(std::span<const zb_bpf_insn> program) {
  return Finder(program).find();
}

} // namespace zbuf

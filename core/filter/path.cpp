// SPDX-License-Identifier: BSD-2-Clause
#include "core/filter/path.h"

#include <array>
#include <pcap/bpf.h>

namespace zbuf {

namespace {

/// Registers and scratch memory of the filter machine (bpf(4), FILTER MACHINE).
class Machine {
 public:
  Machine(std::span<const zb_bpf_insn> program, std::span<const std::byte> bytes, std::uint32_t wire_length)
      : program_(program), bytes_(bytes), wire_length_(wire_length) {}

  FilterPath run() {
    while (!done_) {
      const zb_bpf_insn& instruction = program_[at_];
      FilterStep step{at_};
      ++at_;
      execute(instruction, step);
      step.accumulator = a_;
      step.index = x_;
      path_.steps.push_back(step);
    }
    return std::move(path_);
  }

 private:
  void finish(std::uint32_t verdict) {
    path_.verdict = verdict;
    done_ = true;
  }

  /// A number in network byte order. Beyond the end the program is over, and says no.
  std::uint32_t load(std::uint64_t offset, std::uint32_t count, FilterStep& step) {
    step.read_offset = static_cast<std::uint32_t>(offset);
    step.read_bytes = count;
    if (offset > bytes_.size() || count > bytes_.size() - offset) {
      path_.ran_out = true;
      finish(0);
      return 0;
    }
    std::uint32_t value = 0;
    for (std::uint32_t i = 0; i < count; ++i)
      value = value << 8 | std::to_integer<std::uint32_t>(bytes_[static_cast<std::size_t>(offset) + i]);
    return value;
  }

  static std::uint32_t size_of(const zb_bpf_insn& instruction) {
    switch (BPF_SIZE(instruction.code)) {
    case BPF_W:
      return 4;
    case BPF_H:
      return 2;
    default:
      return 1;
    }
  }

  void load_accumulator(const zb_bpf_insn& i, FilterStep& step) {
    std::uint32_t value = 0;
    switch (BPF_MODE(i.code)) {
    case BPF_ABS:
      value = load(i.k, size_of(i), step);
      break;
    case BPF_IND:
      value = load(std::uint64_t{x_} + i.k, size_of(i), step);
      break;
    case BPF_LEN:
      value = wire_length_;
      break;
    case BPF_MEM:
      value = memory_[i.k % memory_.size()];
      break;
    default: // BPF_IMM
      value = i.k;
      break;
    }
    if (!done_)
      a_ = value;
  }

  void load_index(const zb_bpf_insn& i, FilterStep& step) {
    std::uint32_t value = 0;
    switch (BPF_MODE(i.code)) {
    case BPF_MSH: // the length of an IPv4 header
      value = (load(i.k, 1, step) & 0xf) << 2;
      break;
    case BPF_LEN:
      value = wire_length_;
      break;
    case BPF_MEM:
      value = memory_[i.k % memory_.size()];
      break;
    default: // BPF_IMM
      value = i.k;
      break;
    }
    if (!done_)
      x_ = value;
  }

  /// By 32 or more: libpcap takes care of X; of a constant the processor uses the low five bits.
  static bool shifts_all_out(const zb_bpf_insn& i, std::uint32_t by) {
    return BPF_SRC(i.code) == BPF_X && by >= 32;
  }

  void calculate(const zb_bpf_insn& i) {
    const std::uint32_t by = BPF_SRC(i.code) == BPF_X ? x_ : i.k;
    switch (BPF_OP(i.code)) {
    case BPF_ADD:
      a_ += by;
      break;
    case BPF_SUB:
      a_ -= by;
      break;
    case BPF_MUL:
      a_ *= by;
      break;
    case BPF_DIV:
    case BPF_MOD:
      if (by == 0)
        finish(0); // only X can be: a constant is checked before
      else
        a_ = BPF_OP(i.code) == BPF_DIV ? a_ / by : a_ % by;
      break;
    case BPF_AND:
      a_ &= by;
      break;
    case BPF_OR:
      a_ |= by;
      break;
    case BPF_XOR:
      a_ ^= by;
      break;
    case BPF_LSH:
      a_ = shifts_all_out(i, by) ? 0 : a_ << by % 32;
      break;
    case BPF_RSH:
      a_ = shifts_all_out(i, by) ? 0 : a_ >> by % 32;
      break;
    default: // BPF_NEG
      a_ = 0u - a_;
      break;
    }
  }

  void jump(const zb_bpf_insn& i) {
    const std::uint32_t with = BPF_SRC(i.code) == BPF_X ? x_ : i.k;
    bool holds = false;
    switch (BPF_OP(i.code)) {
    case BPF_JA:
      at_ += i.k;
      return;
    case BPF_JEQ:
      holds = a_ == with;
      break;
    case BPF_JGT:
      holds = a_ > with;
      break;
    case BPF_JGE:
      holds = a_ >= with;
      break;
    default: // BPF_JSET
      holds = (a_ & with) != 0;
      break;
    }
    at_ += holds ? i.jt : i.jf;
  }

  void execute(const zb_bpf_insn& i, FilterStep& step) {
    switch (BPF_CLASS(i.code)) {
    case BPF_LD:
      load_accumulator(i, step);
      break;
    case BPF_LDX:
      load_index(i, step);
      break;
    case BPF_ST:
      memory_[i.k % memory_.size()] = a_;
      break;
    case BPF_STX:
      memory_[i.k % memory_.size()] = x_;
      break;
    case BPF_ALU:
      calculate(i);
      break;
    case BPF_JMP:
      jump(i);
      break;
    case BPF_RET:
      finish(BPF_RVAL(i.code) == BPF_A ? a_ : i.k);
      break;
    default: // BPF_MISC
      if (BPF_MISCOP(i.code) == BPF_TAX)
        x_ = a_;
      else
        a_ = x_;
      break;
    }
  }

  std::span<const zb_bpf_insn> program_;
  std::span<const std::byte> bytes_;
  std::uint32_t wire_length_;
  std::uint32_t at_ = 0, a_ = 0, x_ = 0;
  std::array<std::uint32_t, BPF_MEMWORDS> memory_{};
  bool done_ = false;
  FilterPath path_;
};

} // namespace

FilterPath follow_filter(std::span<const zb_bpf_insn> program, std::span<const std::byte> bytes,
                         std::uint32_t wire_length) {
  return Machine(program, bytes, wire_length).run();
}

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
// Filters give the verdicts of FreeBSD's interpreter, though the kernel's own compiler runs them.
#include "core/base/random.h"
#include "core/device/records.h"
#include "core/filter/filter.h"
#include "core/filter/prepared_filter.h"
#include "tests/kernel/machine.h"

#include <fcntl.h>
#include <gtest/gtest.h>

namespace zbuf {
namespace {

using Program = std::vector<zb_bpf_insn>;

constexpr std::uint16_t ld = 0, ldx = 1, st = 2, stx = 3, alu = 4, jmp = 5, ret = 6, misc = 7;
constexpr std::uint16_t word = 0x00, half = 0x08, byte = 0x10;
constexpr std::uint16_t imm = 0x00, absolute = 0x20, indirect = 0x40, cell = 0x60, length = 0x80,
                        nibble = 0xa0;
constexpr std::uint16_t by_x = 0x08, return_a = 0x10, tax = 0x00, txa = 0x80;
constexpr std::uint16_t shift_left = 0x60, jump_greater = 0x20;

/// A descriptor on a tap: what the kernel says to one packet.
class Judge {
 public:
  Judge() : tap_("filter0"), device_(open_device(O_NONBLOCK)) {
    EXPECT_EQ(control_u32(*device_, ZB_BIOCSBLEN, 65536), 0);
    EXPECT_EQ(control_u32(*device_, ZB_BIOCIMMEDIATE, 1), 0);
    EXPECT_EQ(set_interface_of(*device_, "filter0"), 0);
  }
  int set(const Program& program) {
    zb_bpf_program request{static_cast<std::uint32_t>(program.size()), 0,
                           reinterpret_cast<std::uintptr_t>(program.data())};
    return device_->control(ZB_BIOCSETF, &request);
  }
  /// The bytes that were kept; 0: rejected.
  std::uint32_t verdict(std::span<const std::byte> packet) {
    tap_.arrive(packet);
    std::vector<std::byte> into(65536);
    const CallResult got = device_->read(into);
    RecordCursor cursor(std::span<const std::byte>(into).first(got.value));
    const auto record = cursor.next();
    return record ? static_cast<std::uint32_t>(record->bytes.size()) : 0;
  }

 private:
  TapInterface tap_;
  std::unique_ptr<NativeDevice> device_;
};

/// Offsets that lie inside, at the end, and where Linux keeps answers about itself.
std::uint32_t some_offset(Random& random) {
  constexpr std::uint32_t odd_ones[] = {0x7fffffff, 0x80000000, 0xffe00000, 0xfff00000, 0xfffff000,
                                        0xfffff004, 0xfffff028, 0xffffffff, 0xfffffff0};
  return random.below(4) == 0 ? odd_ones[random.below(std::size(odd_ones))]
                              : static_cast<std::uint32_t>(random.below(90));
}

zb_bpf_insn some_instruction(Random& random, std::uint32_t rest, std::uint16_t& stored) {
  const std::uint16_t size = std::array{word, half, byte}[random.below(3)];
  const auto k = static_cast<std::uint32_t>(random.next());
  const auto cell_number = static_cast<std::uint32_t>(random.below(16));
  switch (random.below(11)) {
  case 0:
  case 1:
    return {static_cast<std::uint16_t>(ld | size | absolute), 0, 0, some_offset(random)};
  case 2:
    return {static_cast<std::uint16_t>(ld | size | indirect), 0, 0, some_offset(random)};
  case 3:
    return {static_cast<std::uint16_t>(ldx | byte | nibble), 0, 0, some_offset(random)};
  case 4:
    return {static_cast<std::uint16_t>((random.below(2) != 0 ? ld : ldx) | imm), 0, 0,
            random.below(2) != 0 ? some_offset(random) : k};
  case 5:
    stored |= static_cast<std::uint16_t>(1u << cell_number);
    return {random.below(2) != 0 ? st : stx, 0, 0, cell_number};
  case 6:
    if ((stored & (1u << cell_number)) == 0)
      return {ld | word | length, 0, 0, 0};
    return {static_cast<std::uint16_t>((random.below(2) != 0 ? ld : ldx) | cell), 0, 0, cell_number};
  case 7: {
    constexpr std::uint16_t operations[] = {0x00, 0x10, 0x20, 0x40, 0x50, 0xa0};
    return {static_cast<std::uint16_t>(alu | operations[random.below(6)] | (random.below(2) != 0 ? by_x : 0)),
            0, 0, k};
  }
  case 8: // division and remainder, never by a constant 0
    return {static_cast<std::uint16_t>(alu | (random.below(2) != 0 ? 0x30 : 0x90) |
                                       (random.below(2) != 0 ? by_x : 0)),
            0, 0, k | 1};
  case 9:
    return {static_cast<std::uint16_t>(misc | (random.below(2) != 0 ? tax : txa)), 0, 0, 0};
  default: {
    if (rest < 2)
      return {misc | tax, 0, 0, 0};
    const auto far = [&] { return static_cast<std::uint8_t>(random.below(std::min(rest, 256u))); };
    constexpr std::uint16_t tests[] = {0x10, 0x20, 0x30, 0x40};
    return {static_cast<std::uint16_t>(jmp | tests[random.below(4)] | (random.below(2) != 0 ? by_x : 0)),
            far(), far(), random.below(2) != 0 ? k : static_cast<std::uint32_t>(random.below(256))};
  }
  }
}

/// Cells are read only where an earlier instruction writes them; on other paths they are 0 there and here,
/// but not in libpcap, so a program that jumps reads none.
Program some_program(Random& random) {
  Program program;
  const auto instructions = static_cast<std::uint32_t>(random.between(1, random.below(8) == 0 ? 400 : 30));
  std::uint16_t stored = 0;
  for (std::uint32_t i = 0; i < instructions; ++i) {
    program.push_back(some_instruction(random, instructions - i, stored));
    if ((program.back().code & 7) == jmp)
      stored = 0;
  }
  program.push_back({static_cast<std::uint16_t>(ret | (random.below(2) != 0 ? return_a : 0)), 0, 0,
                     static_cast<std::uint32_t>(random.below(200))});
  return program;
}

bool jumps_over_stores(const Program& program) {
  std::uint16_t seen_jump = 0;
  for (const zb_bpf_insn& i : program) {
    if ((i.code & 7) == jmp)
      seen_jump = 1;
    if (seen_jump != 0 && ((i.code & 0xe7) == (ld | cell) || (i.code & 0xe7) == (ldx | cell)))
      return true;
  }
  return false;
}

TEST(Filters, RandomProgramsAgreeWithTheInterpreter) {
  constexpr std::uint64_t seed = 20080324;
  RecordProperty("seed", static_cast<int>(seed));
  Random random(seed);
  Judge judge;
  unsigned tried = 0, accepted = 0, disagreed = 0;
  while (tried < 1500 && disagreed < 5) {
    const Program program = some_program(random);
    if (!filter_is_valid(program) || jumps_over_stores(program))
      continue;
    ++tried;
    ASSERT_EQ(judge.set(program), 0) << "seed " << seed << ", program " << tried;
    for (int n = 0; n < 2; ++n) {
      auto packet = test_packet(random.between(20, 120), static_cast<std::uint32_t>(random.next()));
      const std::span<const std::uint8_t> bytes(reinterpret_cast<const std::uint8_t*>(packet.data()),
                                                packet.size());
      const auto size = static_cast<std::uint32_t>(packet.size());
      const std::uint32_t expected = std::min(PreparedFilter::prepare(program)->run(bytes, size), size);
      const std::uint32_t found = judge.verdict(packet);
      accepted += expected != 0;
      if (expected == found)
        continue;
      ++disagreed;
      std::string listing;
      for (const std::string& line : list_filter(program))
        listing += line + "\n";
      ADD_FAILURE() << "seed " << seed << ", program " << tried << ": expected " << expected << " found "
                    << found << " of " << size << " bytes\n"
                    << listing;
    }
  }
  EXPECT_GT(accepted, 300u);
}

TEST(Filters, ScratchCellsBeginAsZero) {
  Judge judge;
  const Program program{{ld | cell, 0, 0, 7}, {alu | 0x00, 0, 0, 33}, {ret | return_a, 0, 0, 0}};
  ASSERT_EQ(judge.set(program), 0);
  EXPECT_EQ(judge.verdict(test_packet(60, 1)), 33u);
}

TEST(Filters, ShiftsTakeTheProcessorsFiveBits) {
  Judge judge;
  const Program program{{ld | imm, 0, 0, 5}, {alu | shift_left, 0, 0, 33}, {ret | return_a, 0, 0, 0}};
  ASSERT_EQ(judge.set(program), 0);
  EXPECT_EQ(judge.verdict(test_packet(60, 1)), 10u);
}

/// 255 instructions that each become four, jumped over: the jump goes by way of others.
TEST(Filters, JumpsReachOverWhatWasInserted) {
  Judge judge;
  Program program{{ld | byte | absolute, 0, 0, 14}, {jmp | jump_greater, 255, 0, 100}};
  for (int i = 0; i < 254; ++i)
    program.push_back({ld | byte | indirect, 0, 0, 1});
  program.push_back({ret, 0, 0, 17});
  program.push_back({ret, 0, 0, 29});
  ASSERT_TRUE(filter_is_valid(program));
  ASSERT_EQ(judge.set(program), 0);
  EXPECT_EQ(judge.verdict(test_packet(60, 200)), 29u);
  EXPECT_EQ(judge.verdict(test_packet(60, 3)), 17u);
}

TEST(Filters, LinuxAnswersAboutItselfAreNotGiven) {
  Judge judge;
  for (std::uint32_t question = 0; question <= 64; question += 4) {
    const Program program{{ld | word | absolute, 0, 0, 0xfffff000u + question}, {ret, 0, 0, 60}};
    ASSERT_EQ(judge.set(program), 0);
    EXPECT_EQ(judge.verdict(test_packet(60, 1)), 0u) << question;
  }
}

TEST(Filters, BadProgramsAreRefused) {
  Judge judge;
  EXPECT_EQ(judge.set({{ld | word | absolute, 0, 0, 0}}), ZB_EINVAL) << "no end";
  EXPECT_EQ(judge.set({{jmp | jump_greater, 9, 0, 0}, {ret, 0, 0, 1}}), ZB_EINVAL) << "jumps out";
  EXPECT_EQ(judge.set({{jmp, 0, 0, 0xffffffff}, {ret, 0, 0, 1}}), ZB_EINVAL) << "jumps back";
  EXPECT_EQ(judge.set({{alu | 0x30, 0, 0, 0}, {ret, 0, 0, 1}}), ZB_EINVAL) << "divides by 0";
  EXPECT_EQ(judge.set({{st, 0, 0, 16}, {ret, 0, 0, 1}}), ZB_EINVAL) << "no such cell";
  EXPECT_EQ(judge.set({{0xffff, 0, 0, 0}, {ret, 0, 0, 1}}), ZB_EINVAL) << "no such instruction";
  EXPECT_EQ(judge.set(Program(513, {ret, 0, 0, 1})), ZB_EINVAL) << "too long";
  zb_bpf_program request{2, 0, 4096};
  EXPECT_EQ(open_device()->control(ZB_BIOCSETF, &request), ZB_EINVAL) << "not the user's memory";
}

} // namespace
} // namespace zbuf

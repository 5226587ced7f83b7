// SPDX-License-Identifier: BSD-2-Clause
// Filters as machine code, against libpcap's interpreter: there must be no difference.
#include "core/filter/code.h"

#include "core/filter/filter.h"
#include "core/filter/packets.h"
#include "core/filter/programs.h"

#include <fmt/format.h>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>
#include <thread>

#ifdef __linux__
#include <sys/prctl.h>
#endif

namespace zbuf {
namespace {

using testing::FilterPacket;
using Program = std::vector<zb_bpf_insn>;

std::string listing(const Program& program) {
  std::string text;
  for (const std::string& line : list_filter(program))
    text += line + "\n";
  return text;
}

/// libpcap's interpreter, with scratch memory that is 0 at the start: what a program reads there before it
/// writes is otherwise whatever lies on the stack. These stores put A into it, and A is 0.
std::uint32_t expected(const Program& program, std::span<const std::uint8_t> bytes,
                       std::uint32_t wire_length) {
  const bool uses_scratch = std::any_of(program.begin(), program.end(), [](const zb_bpf_insn& in) {
    return in.code == (BPF_LD | BPF_MEM) || in.code == (BPF_LDX | BPF_MEM);
  });
  if (!uses_scratch)
    return run_filter(program, bytes, wire_length);
  Program zeroing;
  for (std::uint32_t i = 0; i < BPF_MEMWORDS; ++i)
    zeroing.push_back({BPF_ST, 0, 0, i});
  zeroing.insert(zeroing.end(), program.begin(), program.end());
  return run_filter(zeroing, bytes, wire_length);
}

FilterCode compile(const Program& program) {
  auto code = FilterCode::compile(program);
  EXPECT_TRUE(code) << code.error().message;
  return std::move(*code);
}

std::uint32_t run(const Program& program, const std::vector<std::uint8_t>& bytes,
                  std::uint32_t wire_length = 1514) {
  const std::uint32_t result = compile(program).run(bytes, wire_length);
  EXPECT_EQ(result, expected(program, bytes, wire_length)) << listing(program);
  EXPECT_EQ(result, FilterCode::interpret(program)->run(bytes, wire_length)) << listing(program);
  return result;
}

std::vector<FilterPacket> real_packets() {
  std::vector<FilterPacket> packets;
  for (const auto& capture : testing::packets_of_captures(ZBUF_SOURCE_DIR "/scenarios/captures"))
    packets.insert(packets.end(), capture.begin(), capture.end());
  return packets;
}

FilterPacket random_packet(Random& random) {
  FilterPacket packet;
  const std::uint64_t length = random.below(8) == 0 ? 0 : random.below(100);
  const bool zeroes = random.below(4) == 0;
  for (std::uint64_t i = 0; i < length; ++i)
    packet.bytes.push_back(
        static_cast<std::uint8_t>(zeroes ? 0 : random.below(random.below(2) == 0 ? 8 : 256)));
  packet.wire_length =
      static_cast<std::uint32_t>(length + random.below(random.below(8) == 0 ? 0xffffff00 : 1500));
  return packet;
}

// As it should be where this was built; the processors are named in CMakeLists.txt.
TEST(FilterCode, IsMachineCodeWhereThereIsAnAssembler) {
  EXPECT_EQ(compile({{BPF_RET | BPF_K, 0, 0, 5}}).compiled(), bool{ZBUF_FILTER_COMPILES});
  EXPECT_FALSE(FilterCode::interpret(Program{{BPF_RET | BPF_K, 0, 0, 5}})->compiled());
}

TEST(FilterCode, CommonFiltersOnRealPackets) {
  const auto packets = real_packets();
  ASSERT_GE(packets.size(), 300u);
  std::set<std::string> selective;
  for (const std::string expression : testing::common_filters) {
    const Program program = *compile_filter(expression, 1, 262144);
    const FilterCode code = compile(program);
    std::size_t kept = 0;
    for (const FilterPacket& packet : packets) {
      const std::uint32_t result = code.run(packet.bytes, packet.wire_length);
      ASSERT_EQ(result, run_filter(program, packet.bytes, packet.wire_length)) << expression;
      kept += result != 0;
    }
    if (kept > 0 && kept < packets.size())
      selective.insert(expression);
  }
  EXPECT_GE(selective.size(), 5u) << "too few of the filters tell these packets apart";
}

// Cut off at every byte, with one byte changed, and longer on the wire than at hand.
TEST(FilterCode, CommonFiltersOnDamagedPackets) {
  const auto packets = real_packets();
  Random random(20);
  for (const std::string expression : testing::common_filters) {
    const Program program = *compile_filter(expression, 1, 262144);
    const FilterCode code = compile(program);
    for (std::size_t n = 0; n < packets.size(); n += 3) {
      FilterPacket packet = packets[n];
      const std::size_t most = std::min<std::size_t>(packet.bytes.size(), 90);
      for (std::size_t length = 0; length <= most; ++length) {
        packet.bytes[random.below(packet.bytes.size())] ^= static_cast<std::uint8_t>(1u << random.below(8));
        const std::span<const std::uint8_t> bytes(packet.bytes.data(), length);
        ASSERT_EQ(code.run(bytes, packet.wire_length), run_filter(program, bytes, packet.wire_length))
            << expression << ", " << length << " bytes of packet " << n;
      }
    }
  }
}

// Of these libpcap makes use of scratch memory, and of all kinds of instructions.
TEST(FilterCode, OtherExpressions) {
  const auto packets = real_packets();
  for (const std::string expression :
       {"", "less 100", "greater 1000", "len - 5 = 100 or len < 70",
        "ip[2:2] - ((ip[0] & 0xf) << 2) - ((tcp[12] & 0xf0) >> 2) != 0", "udp[4:2] % 3 = 1",
        "ip[8] / ip[9] > 5", "vlan 5 and tcp", "ether[0] & 1 = 0 and ip[16] >= 224", "tcp portrange 80-443",
        "ip[6:2] & 0x1fff = 0", "-ip[8] = 0xffffffc0 or ip[1] ^ 3 = 3", "ip6[6] = 17 or arp or ip multicast",
        "(tcp[((tcp[12] & 0xf0) >> 2):4] = 0x47455420) or port 53"}) {
    const auto program = compile_filter(expression, 1, 262144);
    ASSERT_TRUE(program) << program.error().message;
    const FilterCode code = compile(*program);
    for (const FilterPacket& packet : packets)
      ASSERT_EQ(code.run(packet.bytes, packet.wire_length),
                expected(*program, packet.bytes, packet.wire_length))
          << expression << "\n"
          << listing(*program);
  }
}

class RandomPrograms : public ::testing::TestWithParam<std::uint64_t> {};

#ifdef NDEBUG
constexpr int random_programs = 250'000;
#else
constexpr int random_programs = 25'000;
#endif

TEST_P(RandomPrograms, GiveWhatTheInterpreterGives) {
  const std::uint64_t seed = GetParam();
  const auto real = real_packets();
  Random random(seed);
  testing::RandomProgram programs(seed);
  std::set<std::uint16_t> codes;
  int kept = 0;
  for (int i = 0; i < random_programs; ++i) {
    const Program program = programs.next();
    ASSERT_TRUE(filter_is_valid(program)) << listing(program);
    const FilterCode code = compile(program);
    for (int n = 0; n < 3; ++n) {
      const FilterPacket packet = n == 0 ? real[random.below(real.size())] : random_packet(random);
      const std::uint32_t result = code.run(packet.bytes, packet.wire_length);
      kept += result != 0;
      ASSERT_EQ(result, expected(program, packet.bytes, packet.wire_length))
          << "seed " << seed << ", program " << i << ", packet of " << packet.bytes.size() << " bytes, "
          << packet.wire_length << " on the wire\n"
          << listing(program);
    }
    for (const zb_bpf_insn& instruction : program)
      codes.insert(instruction.code);
  }
  const zb_bpf_insn end = {BPF_RET | BPF_K, 0, 0, 0};
  for (std::uint16_t code = 0; code < 512; ++code)
    EXPECT_EQ(codes.contains(code), filter_is_valid(Program{{code, 0, 0, 1}, end, end}))
        << "instruction " << code;
  EXPECT_GT(kept, random_programs / 2) << "a comparison of zeroes says little";
}

INSTANTIATE_TEST_SUITE_P(FilterCode, RandomPrograms, ::testing::Values(1, 2, 3, 4));

// Valid programs with one change, or several: accepted or refused as by the kernel's check, and what is
// accepted ends and gives the same.
TEST(FilterCode, RefusesWhatIsNotValid) {
  Random random(7);
  testing::RandomProgram programs(7);
  int refused = 0;
  constexpr int rounds = random_programs / 10;
  for (int i = 0; i < rounds; ++i) {
    Program program = programs.next();
    for (std::uint64_t changes = random.between(1, 3); changes > 0; --changes) {
      zb_bpf_insn& instruction = program[random.below(program.size())];
      switch (random.below(5)) {
      case 0:
        instruction.code = static_cast<std::uint16_t>(random.below(random.below(4) == 0 ? 0x10000 : 0x100));
        break;
      case 1:
        instruction.jt = static_cast<std::uint8_t>(random.below(64));
        break;
      case 2:
        instruction.jf = static_cast<std::uint8_t>(random.below(256));
        break;
      case 3:
        instruction.k = static_cast<std::uint32_t>(random.below(2) == 0 ? random.below(40) : random.next());
        break;
      default:
        program.pop_back();
        program.insert(program.end(), program.empty() ? 1 : 0, {BPF_ALU | BPF_DIV | BPF_K, 0, 0, 0});
      }
    }
    const auto code = FilterCode::compile(program);
    ASSERT_EQ(code.has_value(), filter_is_valid(program)) << listing(program);
    ASSERT_EQ(FilterCode::interpret(program).has_value(), code.has_value());
    const FilterPacket packet = random_packet(random);
    if (code) {
      ASSERT_EQ(code->run(packet.bytes, packet.wire_length),
                expected(program, packet.bytes, packet.wire_length))
          << listing(program);
    }
    refused += !code;
  }
  EXPECT_GT(refused, rounds / 10);
  EXPECT_LT(refused, rounds * 9 / 10);
}

TEST(FilterCode, SaysWhatAValidProgramIs) {
  const auto refused = FilterCode::compile({});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Error::Code::bad_input);
  EXPECT_THAT(refused.error().message, ::testing::HasSubstr("filter of 0 instructions: not a valid program"));
}

TEST(FilterCode, DivisionByZeroRejects) {
  for (const int operation : {BPF_DIV, BPF_MOD}) {
    const auto divide = static_cast<std::uint16_t>(BPF_ALU | operation | BPF_X);
    const Program by_x = {{BPF_LD | BPF_IMM, 0, 0, 100},
                          {BPF_LDX | BPF_B | BPF_MSH, 0, 0, 0},
                          {divide, 0, 0, 0},
                          {BPF_ALU | BPF_ADD | BPF_K, 0, 0, 7},
                          {BPF_RET | BPF_A, 0, 0, 0}};
    EXPECT_EQ(run(by_x, {0}), 0u);
    EXPECT_EQ(run(by_x, {3}), operation == BPF_DIV ? 15u : 11u);
  }
}

TEST(FilterCode, ShiftsOf32AndMore) {
  for (const int operation : {BPF_LSH, BPF_RSH}) {
    for (const std::uint32_t by : {0u, 1u, 31u, 32u, 33u, 63u, 64u, 0x80000000u, 0xffffffffu}) {
      run({{BPF_LD | BPF_IMM, 0, 0, 0x8000f001},
           {BPF_LDX | BPF_IMM, 0, 0, by},
           {static_cast<std::uint16_t>(BPF_ALU | operation | BPF_X), 0, 0, 0},
           {BPF_RET | BPF_A, 0, 0, 0}},
          {});
      run({{BPF_LD | BPF_IMM, 0, 0, 0x8000f001},
           {static_cast<std::uint16_t>(BPF_ALU | operation | BPF_K), 0, 0, by},
           {BPF_RET | BPF_A, 0, 0, 0}},
          {});
    }
  }
}

TEST(FilterCode, LoadsAtTheEndAndBeyond) {
  const std::vector<std::uint8_t> packet = {0x91, 0x82, 0x73, 0x64, 0x55, 0x46, 0x37, 0x28};
  for (const int size : {BPF_W, BPF_H, BPF_B}) {
    for (const std::uint32_t k : {0u, 3u, 4u, 5u, 6u, 7u, 8u, 9u, 0x7ffffffeu, 0x7fffffffu, 0x80000000u,
                                  0xfffff02cu, 0xfffffffcu, 0xfffffffeu, 0xffffffffu}) {
      run({{static_cast<std::uint16_t>(BPF_LD | size | BPF_ABS), 0, 0, k}, {BPF_RET | BPF_A, 0, 0, 0}},
          packet);
      for (const std::uint32_t x :
           {0u, 1u, 4u, 5u, 7u, 8u, 0x7fffffffu, 0x80000000u, 0xfffffffcu, 0xffffffffu})
        run({{BPF_LDX | BPF_IMM, 0, 0, x},
             {static_cast<std::uint16_t>(BPF_LD | size | BPF_IND), 0, 0, k},
             {BPF_RET | BPF_A, 0, 0, 0}},
            packet);
    }
  }
  EXPECT_EQ(run({{BPF_LD | BPF_W | BPF_ABS, 0, 0, 4}, {BPF_RET | BPF_A, 0, 0, 0}}, packet), 0x55463728u);
  EXPECT_EQ(run({{BPF_LD | BPF_W | BPF_ABS, 0, 0, 5}, {BPF_RET | BPF_K, 0, 0, 9}}, packet), 0u);
}

// The check for the second load is made with the first: but only if every way leads to the second.
TEST(FilterCode, AnEarlierCheckIsNotTooStrict) {
  const Program program = {{BPF_LD | BPF_B | BPF_ABS, 0, 0, 0},
                           {BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 1},
                           {BPF_LD | BPF_B | BPF_ABS, 0, 0, 20},
                           {BPF_RET | BPF_K, 0, 0, 8}};
  EXPECT_EQ(run(program, {1}), 8u);
  EXPECT_EQ(run(program, {2}), 0u);
  EXPECT_EQ(run(program, std::vector<std::uint8_t>(21, 2)), 8u);
}

// Two ways meet before the last load, and only one of them has checked for as much.
TEST(FilterCode, AnEarlierCheckIsNotTooWeak) {
  const Program program = {{BPF_LD | BPF_B | BPF_ABS, 0, 0, 0},
                           {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 1},
                           {BPF_JMP | BPF_JA, 0, 0, 1},
                           {BPF_LD | BPF_B | BPF_ABS, 0, 0, 49},
                           {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 1},
                           {BPF_LD | BPF_B | BPF_ABS, 0, 0, 30},
                           {BPF_RET | BPF_K, 0, 0, 8}};
  EXPECT_EQ(run(program, {1, 2}), 0u);
  EXPECT_EQ(run(program, std::vector<std::uint8_t>(31, 1)), 8u);
  EXPECT_EQ(run(program, std::vector<std::uint8_t>(49, 2)), 0u);
  EXPECT_EQ(run(program, std::vector<std::uint8_t>(50, 2)), 8u);
}

// Comparisons in a row are decided at its end, but not where a way leads into the middle of the row.
TEST(FilterCode, AWayIntoARowOfComparisons) {
  const Program program = {{BPF_LD | BPF_H | BPF_ABS, 0, 0, 0}, // that both bytes are there
                           {BPF_LD | BPF_B | BPF_ABS, 0, 0, 0},
                           {BPF_JMP | BPF_JEQ | BPF_K, 2, 0, 7}, // into the row, at its third
                           {BPF_JMP | BPF_JEQ | BPF_K, 0, 3, 1},
                           {BPF_LD | BPF_B | BPF_ABS, 0, 0, 1},
                           {BPF_JMP | BPF_JSET | BPF_K, 1, 0, 8},
                           {BPF_RET | BPF_K, 0, 0, 5},
                           {BPF_RET | BPF_K, 0, 0, 0}};
  const FilterCode code = compile(program);
  const std::vector<std::uint8_t> other = {0xff, 0xff};
  for (const std::uint8_t first : std::vector<std::uint8_t>{0, 1, 7}) {
    for (const std::uint8_t second : std::vector<std::uint8_t>{0, 7, 8, 15}) {
      const std::vector<std::uint8_t> packet = {first, second};
      const std::uint32_t none = code.run(other, 2); // leaves differences behind in registers
      const std::uint32_t result = code.run(packet, 2);
      EXPECT_EQ(none, 0u);
      EXPECT_EQ(result, run_filter(program, packet, 2)) << int{first} << " " << int{second};
    }
  }
}

TEST(FilterCode, UnwrittenScratchIsZero) {
  const Program program = {{BPF_LDX | BPF_MEM, 0, 0, 3},         {BPF_MISC | BPF_TXA, 0, 0, 0},
                           {BPF_ALU | BPF_ADD | BPF_K, 0, 0, 2}, {BPF_ST, 0, 0, 15},
                           {BPF_LD | BPF_MEM, 0, 0, 15},         {BPF_RET | BPF_A, 0, 0, 0}};
  EXPECT_EQ(run(program, {}), 2u);
}

TEST(FilterCode, AAndXBeginAsZero) {
  EXPECT_EQ(run({{BPF_ALU | BPF_ADD | BPF_X, 0, 0, 0}, {BPF_RET | BPF_A, 0, 0, 0}}, {}), 0u);
  EXPECT_EQ(run({{BPF_LD | BPF_W | BPF_LEN, 0, 0, 0}, {BPF_RET | BPF_A, 0, 0, 0}}, {}, 0xfffffff0),
            0xfffffff0u);
}

TEST(FilterCode, IsMoved) {
  FilterCode first = compile({{BPF_RET | BPF_K, 0, 0, 1}});
  FilterCode second = std::move(first);
  EXPECT_EQ(second.run({}, 0), 1u);
  first = compile({{BPF_RET | BPF_K, 0, 0, 2}});
  EXPECT_EQ(first.run({}, 0), 2u);
  std::swap(first, second);
  EXPECT_EQ(first.run({}, 0), 1u);
  EXPECT_EQ(second.run({}, 0), 2u);
}

TEST(FilterCode, ManyAtOnce) {
  std::vector<FilterCode> all;
  for (std::uint32_t i = 0; i < 1000; ++i)
    all.push_back(compile({{BPF_RET | BPF_K, 0, 0, i}}));
  for (std::uint32_t i = 0; i < 1000; ++i)
    EXPECT_EQ(all[i].run({}, 0), i);
}

// Longer than a page of code, and than what a short jump spans.
TEST(FilterCode, LongPrograms) {
  Program program;
  for (std::uint32_t i = 0; i < 2000; ++i) {
    program.push_back({BPF_LD | BPF_B | BPF_ABS, 0, 0, i % 50});
    program.push_back({BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint8_t>(2 * (i % 100)), 1, 255});
    program.push_back({BPF_RET | BPF_K, 0, 0, i});
  }
  program.insert(program.end(), 300, {BPF_RET | BPF_K, 0, 0, 12345});
  ASSERT_TRUE(filter_is_valid(program));
  std::vector<std::uint8_t> packet(60, 0);
  EXPECT_EQ(run(program, packet), 12345u);
  for (std::uint8_t i = 0; i < 50; ++i) {
    packet[i] = 255;
    run(program, packet);
  }
}

#ifdef __linux__

// Read again and again while another thread makes code and drops it.
TEST(FilterCode, NoPageIsWritableAndExecutable) {
  std::atomic<bool> done = false;
  std::thread maker([&] {
    testing::RandomProgram programs(3);
    std::vector<FilterCode> held;
    for (int i = 0; i < 3000; ++i) {
      held.push_back(compile(programs.next()));
      if (held.size() == 20)
        held.clear();
    }
    done = true;
  });
  const FilterCode code = compile({{BPF_RET | BPF_K, 0, 0, 5}});
  std::size_t code_pages = 0;
  while (!done) {
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) {
      EXPECT_EQ(line.find(" rwx"), std::string::npos) << line;
      EXPECT_EQ(line.find(" -wx"), std::string::npos) << line;
      // Neither of a file nor a part of the kernel's: made by this process.
      code_pages += line.find(" r-xp ") != std::string::npos && line.find(" 0 ") != std::string::npos &&
                    line.find('[') == std::string::npos;
    }
  }
  maker.join();
  EXPECT_EQ(code_pages > 0, code.compiled());
}

/// Forbids this process executable pages that were writable, as SELinux and systemd can. Returns whether it
/// fails to make a filter that works all the same.
int fails_where_executable_pages_are_refused() {
  constexpr int set_mdwe = 65;        // PR_SET_MDWE, Linux 6.3
  constexpr unsigned long refuse = 1; // PR_MDWE_REFUSE_EXEC_GAIN
  if (prctl(set_mdwe, refuse, 0, 0, 0) != 0)
    return 0;
  const Program program = {{BPF_LD | BPF_B | BPF_ABS, 0, 0, 1}, {BPF_RET | BPF_A, 0, 0, 0}};
  const std::vector<std::uint8_t> packet = {7, 8};
  const auto code = FilterCode::compile(program);
  return !code || code->compiled() || code->run(packet, 2) != 8;
}

TEST(FilterCodeDeathTest, InterpretsWhereExecutablePagesAreRefused) {
  EXPECT_EXIT(std::_Exit(fails_where_executable_pages_are_refused()), ::testing::ExitedWithCode(0), "");
}

#endif

} // namespace
} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
// Our interpreter against libpcap's, over packets in one piece: there must be no difference but in shifts by
// X, which libpcap does not count modulo 32. And packets in pieces, which libpcap does not have.
#include "core/filter/filter.h"
#include "core/filter/packets.h"
#include "core/filter/path.h"
#include "core/filter/prepared_filter.h"
#include "core/filter/programs.h"
#include "core/filter/reference.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>

namespace zbuf {
namespace {

using testing::FilterPacket;
using testing::LibpcapFilter;
using Program = std::vector<zb_bpf_insn>;

std::string listing(const Program& program) {
  std::string text;
  for (const std::string& line : list_filter(program))
    text += line + "\n";
  return text;
}

PreparedFilter prepare(const Program& program) {
  auto filter = PreparedFilter::prepare(program, PacketMade::in_one_piece);
  EXPECT_TRUE(filter) << filter.error().message;
  return std::move(*filter);
}

std::uint32_t expected(const Program& program, std::span<const std::uint8_t> bytes,
                       std::uint32_t wire_length) {
  const bool shifts_by_x = std::any_of(program.begin(), program.end(), [](const zb_bpf_insn& in) {
    return in.code == (BPF_ALU | BPF_LSH | BPF_X) || in.code == (BPF_ALU | BPF_RSH | BPF_X);
  });
  return shifts_by_x
             ? follow_filter(program, std::as_bytes(bytes), wire_length, PacketMade::in_one_piece).verdict
             : LibpcapFilter(program).run(bytes, wire_length);
}

std::uint32_t run(const Program& program, const std::vector<std::uint8_t>& bytes,
                  std::uint32_t wire_length = 1514) {
  const std::uint32_t result = prepare(program).run(bytes, wire_length);
  EXPECT_EQ(result, expected(program, bytes, wire_length)) << listing(program);
  EXPECT_EQ(
      result,
      follow_filter(program, std::as_bytes(std::span(bytes)), wire_length, PacketMade::in_one_piece).verdict)
      << listing(program);
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

TEST(FilterInterpreter, CommonFiltersOnRealPackets) {
  const auto packets = real_packets();
  ASSERT_GE(packets.size(), 300u);
  std::set<std::string> selective;
  for (const std::string expression : testing::common_filters) {
    const Program program = *compile_filter(expression, 1, 262144);
    const PreparedFilter filter = prepare(program);
    const LibpcapFilter libpcap(program);
    std::size_t kept = 0;
    for (const FilterPacket& packet : packets) {
      const std::uint32_t result = filter.run(packet.bytes, packet.wire_length);
      ASSERT_EQ(result, libpcap.run(packet.bytes, packet.wire_length)) << expression;
      kept += result != 0;
    }
    if (kept > 0 && kept < packets.size())
      selective.insert(expression);
  }
  EXPECT_GE(selective.size(), 5u) << "too few of the filters tell these packets apart";
}

// Cut off at every byte, with one byte changed, and longer on the wire than at hand.
TEST(FilterInterpreter, CommonFiltersOnDamagedPackets) {
  const auto packets = real_packets();
  Random random(20);
  for (const std::string expression : testing::common_filters) {
    const Program program = *compile_filter(expression, 1, 262144);
    const PreparedFilter filter = prepare(program);
    const LibpcapFilter libpcap(program);
    for (std::size_t n = 0; n < packets.size(); n += 3) {
      FilterPacket packet = packets[n];
      const std::size_t most = std::min<std::size_t>(packet.bytes.size(), 90);
      for (std::size_t length = 0; length <= most; ++length) {
        packet.bytes[random.below(packet.bytes.size())] ^= static_cast<std::uint8_t>(1u << random.below(8));
        const std::span<const std::uint8_t> bytes(packet.bytes.data(), length);
        ASSERT_EQ(filter.run(bytes, packet.wire_length), libpcap.run(bytes, packet.wire_length))
            << expression << ", " << length << " bytes of packet " << n;
      }
    }
  }
}

// Of these libpcap makes use of scratch memory, and of all kinds of instructions.
TEST(FilterInterpreter, OtherExpressions) {
  const auto packets = real_packets();
  for (const std::string expression :
       {"", "less 100", "greater 1000", "len - 5 = 100 or len < 70",
        "ip[2:2] - ((ip[0] & 0xf) << 2) - ((tcp[12] & 0xf0) >> 2) != 0", "udp[4:2] % 3 = 1",
        "ip[8] / ip[9] > 5", "vlan 5 and tcp", "ether[0] & 1 = 0 and ip[16] >= 224", "tcp portrange 80-443",
        "ip[6:2] & 0x1fff = 0", "-ip[8] = 0xffffffc0 or ip[1] ^ 3 = 3", "ip6[6] = 17 or arp or ip multicast",
        "(tcp[((tcp[12] & 0xf0) >> 2):4] = 0x47455420) or port 53"}) {
    const auto program = compile_filter(expression, 1, 262144);
    ASSERT_TRUE(program) << program.error().message;
    const PreparedFilter filter = prepare(*program);
    const LibpcapFilter libpcap(*program);
    for (const FilterPacket& packet : packets)
      ASSERT_EQ(filter.run(packet.bytes, packet.wire_length), libpcap.run(packet.bytes, packet.wire_length))
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

TEST_P(RandomPrograms, GiveWhatLibpcapGives) {
  const std::uint64_t seed = GetParam();
  const auto real = real_packets();
  Random random(seed);
  testing::RandomProgram programs(seed);
  std::set<std::uint16_t> codes;
  int kept = 0;
  for (int i = 0; i < random_programs; ++i) {
    const Program program = programs.next();
    ASSERT_TRUE(filter_is_valid(program)) << listing(program);
    const PreparedFilter filter = prepare(program);
    const LibpcapFilter libpcap(program);
    for (int n = 0; n < 3; ++n) {
      const FilterPacket packet = n == 0 ? real[random.below(real.size())] : random_packet(random);
      const std::uint32_t result = filter.run(packet.bytes, packet.wire_length);
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

INSTANTIATE_TEST_SUITE_P(FilterInterpreter, RandomPrograms, ::testing::Values(1, 2, 3, 4));

// Valid programs with one change, or several: accepted or refused as by the kernel's check, and what is
// accepted ends and gives the same.
TEST(FilterInterpreter, RefusesWhatIsNotValid) {
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
    const auto filter = PreparedFilter::prepare(program, PacketMade::in_one_piece);
    ASSERT_EQ(filter.has_value(), filter_is_valid(program)) << listing(program);
    const FilterPacket packet = random_packet(random);
    if (filter) {
      ASSERT_EQ(filter->run(packet.bytes, packet.wire_length),
                expected(program, packet.bytes, packet.wire_length))
          << listing(program);
    }
    refused += !filter;
  }
  EXPECT_GT(refused, rounds / 10);
  EXPECT_LT(refused, rounds * 9 / 10);
}

TEST(FilterInterpreter, SaysWhatAValidProgramIs) {
  const auto refused = PreparedFilter::prepare({});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Error::Code::bad_input);
  EXPECT_THAT(refused.error().message, ::testing::HasSubstr("filter of 0 instructions: not a valid program"));
}

TEST(FilterInterpreter, DivisionByZeroRejects) {
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

TEST(FilterInterpreter, ShiftsCountModulo32) {
  constexpr std::uint32_t value = 0x8000f001;
  for (const int operation : {BPF_LSH, BPF_RSH}) {
    for (const std::uint32_t by : {0u, 1u, 31u, 32u, 33u, 63u, 64u, 0x80000000u, 0xdeadbeefu, 0xffffffffu}) {
      const std::uint32_t shifted = operation == BPF_LSH ? value << (by & 31) : value >> (by & 31);
      EXPECT_EQ(run({{BPF_LD | BPF_IMM, 0, 0, value},
                     {BPF_LDX | BPF_IMM, 0, 0, by},
                     {static_cast<std::uint16_t>(BPF_ALU | operation | BPF_X), 0, 0, 0},
                     {BPF_RET | BPF_A, 0, 0, 0}},
                    {}),
                shifted);
      EXPECT_EQ(run({{BPF_LD | BPF_IMM, 0, 0, value},
                     {static_cast<std::uint16_t>(BPF_ALU | operation | BPF_K), 0, 0, by},
                     {BPF_RET | BPF_A, 0, 0, 0}},
                    {}),
                shifted);
    }
  }
}

/// The verdict over a packet in pieces, fused and step by step.
std::uint32_t run_in_pieces(const Program& program, const std::vector<std::uint8_t>& bytes) {
  const std::uint32_t result = PreparedFilter::prepare(program)->run(bytes, 1514);
  EXPECT_EQ(result, follow_filter(program, std::as_bytes(std::span(bytes)), 1514).verdict);
  return result;
}

// Spec 9.26.
TEST(FilterInterpreter, InPiecesTwoBytesBeyondTheEndAreZero) {
  const std::vector<std::uint8_t> packet(60, 0x55);
  for (const std::uint32_t k : {59u, 60u, 1000u, 0x80000000u, 0xffffffffu}) {
    const Program half = {{BPF_LD | BPF_IMM, 0, 0, 7},
                          {BPF_LD | BPF_H | BPF_ABS, 0, 0, k},
                          {BPF_ALU | BPF_ADD | BPF_K, 0, 0, 5},
                          {BPF_RET | BPF_A, 0, 0, 0}};
    EXPECT_EQ(run_in_pieces(half, packet), 5u) << k;
    EXPECT_EQ(run(half, packet), 0u) << "in one piece it rejects";
  }
  for (const auto code : {BPF_LD | BPF_W | BPF_ABS, BPF_LD | BPF_B | BPF_ABS, BPF_LDX | BPF_B | BPF_MSH,
                          BPF_LD | BPF_W | BPF_IND, BPF_LD | BPF_H | BPF_IND, BPF_LD | BPF_B | BPF_IND})
    EXPECT_EQ(
        run_in_pieces({{static_cast<std::uint16_t>(code), 0, 0, 60}, {BPF_RET | BPF_K, 0, 0, 5}}, packet), 0u)
        << code;
}

// Spec 9.27.
TEST(FilterInterpreter, InPiecesOffsetsWrap) {
  std::vector<std::uint8_t> packet;
  for (std::uint8_t i = 0; i < 60; ++i)
    packet.push_back(static_cast<std::uint8_t>(i + 1));
  for (const int size : {BPF_W, BPF_H, BPF_B}) {
    const std::uint32_t at_10 = size == BPF_W ? 0x0b0c0d0e : size == BPF_H ? 0x0b0c : 0x0b;
    for (const auto& [x, k] :
         {std::pair{0x14u, 0xfffffff6u}, {0xfffffff6u, 0x14u}, {0x80000005u, 0x80000005u}}) {
      const Program program = {{BPF_LDX | BPF_IMM, 0, 0, x},
                               {static_cast<std::uint16_t>(BPF_LD | size | BPF_IND), 0, 0, k},
                               {BPF_RET | BPF_A, 0, 0, 0}};
      EXPECT_EQ(run_in_pieces(program, packet), at_10);
      EXPECT_EQ(run(program, packet), 0u) << "in one piece it rejects";
    }
  }
}

TEST(FilterInterpreter, LoadsAtTheEndAndBeyond) {
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

// A load becomes one with the mask and the comparison behind it, but ways lead in between them, too.
TEST(FilterInterpreter, AWayIntoWhatWasFused) {
  const Program program = {
      {BPF_LD | BPF_B | BPF_ABS, 0, 0, 0},  {BPF_JMP | BPF_JEQ | BPF_K, 2, 0, 7}, // to the mask
      {BPF_JMP | BPF_JEQ | BPF_K, 2, 0, 9},                                       // to the comparison
      {BPF_LD | BPF_H | BPF_ABS, 0, 0, 0},  {BPF_ALU | BPF_AND | BPF_K, 0, 0, 0x0f08},
      {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 8}, {BPF_RET | BPF_A, 0, 0, 0},
      {BPF_RET | BPF_K, 0, 0, 77}};
  for (const std::uint8_t first : std::vector<std::uint8_t>{0, 1, 7, 8, 9, 16})
    for (const std::uint8_t second : std::vector<std::uint8_t>{0, 7, 8, 15})
      run(program, {first, second});
  EXPECT_EQ(run(program, {7, 0}), 77u) << "7 & 0xf08 is not 8";
  EXPECT_EQ(run(program, {16, 8}), 8u);
  EXPECT_EQ(run(program, {16}), 0u) << "there is no second byte";
}

TEST(FilterInterpreter, UnwrittenScratchIsZero) {
  const Program program = {{BPF_LDX | BPF_MEM, 0, 0, 3},         {BPF_MISC | BPF_TXA, 0, 0, 0},
                           {BPF_ALU | BPF_ADD | BPF_K, 0, 0, 2}, {BPF_ST, 0, 0, 15},
                           {BPF_LD | BPF_MEM, 0, 0, 15},         {BPF_RET | BPF_A, 0, 0, 0}};
  EXPECT_EQ(run(program, {}), 2u);
}

TEST(FilterInterpreter, AAndXBeginAsZero) {
  EXPECT_EQ(run({{BPF_ALU | BPF_ADD | BPF_X, 0, 0, 0}, {BPF_RET | BPF_A, 0, 0, 0}}, {}), 0u);
  EXPECT_EQ(run({{BPF_LD | BPF_W | BPF_LEN, 0, 0, 0}, {BPF_RET | BPF_A, 0, 0, 0}}, {}, 0xfffffff0),
            0xfffffff0u);
}

// Longer than any jump of a comparison reaches.
TEST(FilterInterpreter, LongPrograms) {
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

} // namespace
} // namespace zbuf

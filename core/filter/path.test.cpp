// SPDX-License-Identifier: BSD-2-Clause
// The path agrees with what the emulated kernel runs, whatever the program and the packet.
#include "core/filter/path.h"

#include "core/filter/packets.h"
#include "core/filter/prepared_filter.h"
#include "core/filter/programs.h"
#include "core/filter/reference.h"

#include <gtest/gtest.h>

namespace zbuf::testing {
namespace {

std::span<const std::byte> as_bytes(const std::vector<std::uint8_t>& bytes) {
  return std::as_bytes(std::span(bytes));
}

/// An IPv4 packet over Ethernet with no options: UDP from port 53 to port 4000.
std::vector<std::uint8_t> dns_answer() {
  std::vector<std::uint8_t> bytes(60);
  bytes[12] = 0x08;
  bytes[14] = 0x45;
  bytes[23] = 17;
  bytes[35] = 53;
  bytes[36] = 4000 >> 8;
  bytes[37] = 4000 & 0xff;
  return bytes;
}

TEST(FilterPath, GivesTheVerdictOfTheKernelForEveryProgramAndPacket) {
  Random random(16);
  RandomProgram programs(16);
  for (int round = 0; round < 20000; ++round) {
    const std::vector<zb_bpf_insn> program = programs.next();
    const auto filter = PreparedFilter::prepare(program);
    ASSERT_TRUE(filter) << filter.error().message;
    std::vector<std::uint8_t> bytes(random.below(100));
    for (std::uint8_t& byte : bytes)
      byte = static_cast<std::uint8_t>(random.next());
    const auto wire = static_cast<std::uint32_t>(bytes.size() + random.below(100));
    const FilterPath path = follow_filter(program, as_bytes(bytes), wire);
    ASSERT_EQ(path.verdict, filter->run(bytes, wire)) << "round " << round;
    ASSERT_FALSE(path.steps.empty());
    ASSERT_LE(path.steps.size(), program.size()) << "no jump goes back";
    for (const FilterStep& step : path.steps)
      ASSERT_LT(step.instruction, program.size());
  }
}

TEST(FilterPath, GivesTheVerdictOfLibpcapForCommonFiltersOnRealPackets) {
  for (const char* expression : common_filters) {
    const auto program = compile_filter(expression, DLT_EN10MB, 262144);
    ASSERT_TRUE(program) << program.error().message;
    const LibpcapFilter libpcap(*program);
    std::size_t accepted = 0;
    for (const auto& capture : packets_of_captures(ZBUF_SOURCE_DIR "/scenarios/captures"))
      for (const FilterPacket& packet : capture) {
        const FilterPath path =
            follow_filter(*program, as_bytes(packet.bytes), packet.wire_length, PacketMade::in_one_piece);
        ASSERT_EQ(path.verdict, libpcap.run(packet.bytes, packet.wire_length)) << expression;
        accepted += path.verdict != 0;
      }
    RecordProperty(expression, static_cast<int>(accepted));
  }
}

TEST(FilterPath, ShowsTheRegistersAndWhatWasReadAtEachStep) {
  const auto program = compile_filter("udp port 53", DLT_EN10MB, 262144);
  ASSERT_TRUE(program);
  const FilterPath path = follow_filter(*program, as_bytes(dns_answer()), 60);
  EXPECT_EQ(path.verdict, 262144u);
  EXPECT_FALSE(path.ran_out);
  EXPECT_EQ(path.steps.front(), (FilterStep{0, 0x0800, 0, 12, 2})) << "the EtherType comes first";
  const FilterStep& last = path.steps.back();
  EXPECT_EQ((*program)[last.instruction].code, BPF_RET | BPF_K);
  EXPECT_EQ(last.read_bytes, 0u);
  EXPECT_EQ(last.index, 20u) << "ldxb 4*([14]&0xf): the length of the IPv4 header";
  EXPECT_EQ(last.accumulator, 53u);
  bool source_port = false;
  for (const FilterStep& step : path.steps)
    source_port |= step.read_offset == 34 && step.read_bytes == 2 && step.accumulator == 53;
  EXPECT_TRUE(source_port) << "ldh [x + 14] reads bytes 34 and 35";
}

TEST(FilterPath, SaysWhenThePacketEndsTooEarly) {
  const auto program = compile_filter("udp port 53", DLT_EN10MB, 262144);
  ASSERT_TRUE(program);
  const std::vector<std::uint8_t> whole = dns_answer();
  const FilterPath path = follow_filter(*program, std::as_bytes(std::span(whole)).first(30), 60);
  EXPECT_TRUE(path.ran_out);
  EXPECT_EQ(path.verdict, 0u);
  EXPECT_EQ(path.steps.back().read_offset, 34u);
  EXPECT_EQ(path.steps.back().read_bytes, 2u);
  const std::array<zb_bpf_insn, 2> far{
      {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 0xfffffffc}, {BPF_RET | BPF_A, 0, 0, 0}}};
  EXPECT_TRUE(follow_filter(far, std::as_bytes(std::span(whole)), 60).ran_out);
}

} // namespace
} // namespace zbuf::testing

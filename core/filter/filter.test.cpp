// SPDX-License-Identifier: BSD-2-Clause
// Filter programs: from an expression, checked, and run.
#include "core/filter/filter.h"

#include "core/filter/prepared_filter.h"

#include <gtest/gtest.h>

namespace zbuf {
namespace {

std::vector<std::uint8_t> udp_packet() {
  std::vector<std::uint8_t> p(60, 0);
  p[12] = 0x08; // IPv4
  p[14] = 0x45;
  p[23] = 17;            // UDP
  p[36] = 0, p[37] = 53; // to port 53
  p[26] = 10, p[29] = 1; // from 10.0.0.1
  return p;
}

std::uint32_t run_filter(const std::vector<zb_bpf_insn>& program, const std::vector<std::uint8_t>& packet,
                         std::uint32_t wire_length) {
  return PreparedFilter::prepare(program)->run(packet, wire_length);
}

TEST(Filter, ExpressionsSelect) {
  const auto packet = udp_packet();
  const auto keeps = [&](const char* expression, std::uint32_t snaplen = 96) {
    const auto program = compile_filter(expression, 1, snaplen);
    EXPECT_TRUE(program) << expression;
    return run_filter(*program, packet, static_cast<std::uint32_t>(packet.size()));
  };
  EXPECT_EQ(keeps("udp port 53"), 96u);
  EXPECT_EQ(keeps("tcp"), 0u);
  EXPECT_EQ(keeps("", 262144), 262144u);
  EXPECT_EQ(keeps("less 60"), 96u);
  EXPECT_EQ(keeps("greater 61"), 0u);
  EXPECT_EQ(keeps("src host 10.0.0.1"), 96u);
}

TEST(Filter, LengthIsThatOnTheWire) {
  const auto program = compile_filter("greater 1000", 1, 96);
  ASSERT_TRUE(program);
  EXPECT_EQ(run_filter(*program, udp_packet(), 1514), 96u);
  EXPECT_EQ(run_filter(*program, udp_packet(), 999), 0u);
}

TEST(Filter, AReadBeyondThePacketRejects) {
  const std::vector<zb_bpf_insn> program{{0x20, 0, 0, 58}, {0x06, 0, 0, 96}}; // ld [58]
  ASSERT_TRUE(filter_is_valid(program));
  EXPECT_EQ(run_filter(program, std::vector<std::uint8_t>(62), 62), 96u);
  EXPECT_EQ(run_filter(program, std::vector<std::uint8_t>(61), 61), 0u);
  EXPECT_EQ(run_filter(program, {}, 1514), 0u);
}

TEST(Filter, MistakesAreReportedInLibpcapsWords) {
  const auto bad = compile_filter("port", 1, 96);
  ASSERT_FALSE(bad);
  EXPECT_NE(bad.error().message.find("\"port\""), std::string::npos);
  EXPECT_NE(bad.error().message.find("syntax error"), std::string::npos);
  EXPECT_FALSE(compile_filter("ether host 1:2:3:4:5:6", 12, 96)) << "a raw link has no addresses";
  const auto loop = compile_filter("ip6 protochain 17", 1, 96);
  ASSERT_FALSE(loop);
  EXPECT_EQ(loop.error().code, Error::Code::unsupported);
  EXPECT_NE(loop.error().message.find("protochain"), std::string::npos);
  EXPECT_FALSE(compile_filter("tcp", 1, 0));
  EXPECT_FALSE(compile_filter("tcp", 1, 262145));
  EXPECT_FALSE(compile_filter(std::string("tcp\0x", 5), 1, 96));
}

TEST(Filter, WhatOnlyLinuxKnowsIsRefused) {
  for (const char* const expression :
       {"inbound", "outbound", "ifindex 1", "not ifindex 1", "tcp and inbound"}) {
    const auto program = compile_filter(expression, 1, 262144);
    ASSERT_FALSE(program) << expression;
    EXPECT_NE(program.error().message.find(expression), std::string::npos);
  }
  EXPECT_TRUE(compile_filter("vlan", 1, 262144)) << "by the bytes of the packet";
}

TEST(Filter, TheNetmaskTellsWhatIsABroadcast) {
  EXPECT_FALSE(compile_filter("ip broadcast", 1, 262144));
  EXPECT_TRUE(compile_filter("ip broadcast", 1, 262144, 0x00ffffff));
}

TEST(Filter, NoExpressionAcceptsEverythingOfAnyLinkType) {
  for (const int link : {1, 105, 220, 999}) {
    const auto program = compile_filter(" ", link, 1000);
    ASSERT_TRUE(program) << program.error().text();
    ASSERT_EQ(program->size(), 1u);
    EXPECT_EQ(program->front().k, 1000u);
  }
}

TEST(Filter, OnlyProgramsThatEndAndStayInsideAreValid) {
  EXPECT_FALSE(filter_is_valid({}));
  const auto valid = [](std::vector<zb_bpf_insn> program) { return filter_is_valid(program); };
  EXPECT_TRUE(valid({{0x06, 0, 0, 0}}));
  EXPECT_FALSE(valid({{0x00, 0, 0, 0}})) << "runs off the end";
  EXPECT_FALSE(valid({{0x05, 0, 0, 5}, {0x06, 0, 0, 0}})) << "jumps out";
  EXPECT_FALSE(valid({{0x05, 0, 0, 0xffffffff}, {0x06, 0, 0, 0}})) << "jumps to itself";
  EXPECT_FALSE(valid({{0x06, 0, 0, 0}, {0x05, 0, 0, 0xfffffffe}, {0x06, 0, 0, 0}})) << "jumps back";
  EXPECT_TRUE(valid({{0x05, 0, 0, 1}, {0x06, 0, 0, 0}, {0x06, 0, 0, 0}})) << "jumps to the last";
  EXPECT_FALSE(valid({{0x15, 0, 9, 5}, {0x06, 0, 0, 0}})) << "branches out";
  EXPECT_FALSE(valid({{0x60, 0, 0, 16}, {0x06, 0, 0, 0}})) << "there are 16 cells of memory";
  EXPECT_FALSE(valid({{0x34, 0, 0, 0}, {0x06, 0, 0, 0}})) << "divides by zero";
  EXPECT_FALSE(valid(std::vector<zb_bpf_insn>(1, {0x0e, 0, 0, 0}))) << "returns X, which nobody has";
}

TEST(Filter, WhateverIsValidCanBeRun) {
  int known = 0;
  for (std::uint32_t code = 0; code <= 0xffff; ++code) {
    const std::vector<zb_bpf_insn> program{
        {static_cast<std::uint16_t>(code), 0, 0, 1}, {0x06, 0, 0, 1}, {0x06, 0, 0, 1}};
    if (!filter_is_valid(program))
      continue;
    ++known;
    const auto filter = PreparedFilter::prepare(program);
    ASSERT_TRUE(filter) << code;
    (void)filter->run(udp_packet(), 60);
  }
  EXPECT_EQ(known, 49);
}

TEST(Filter, DivisionByAZeroOfThePacketRejects) {
  // ldx #0; ld #8; div x; ret #96
  const std::vector<zb_bpf_insn> program{{0x01, 0, 0, 0}, {0x00, 0, 0, 8}, {0x3c, 0, 0, 0}, {0x06, 0, 0, 96}};
  ASSERT_TRUE(filter_is_valid(program));
  EXPECT_EQ(run_filter(program, udp_packet(), 60), 0u);
}

TEST(Filter, IsListedAsTcpdumpDoes) {
  const auto program = compile_filter("udp", 1, 96);
  ASSERT_TRUE(program);
  const auto lines = list_filter(*program);
  EXPECT_EQ(lines.size(), program->size());
  EXPECT_EQ(lines.front(), "(000) ldh      [12]");
  EXPECT_NE(lines.back().find("ret      #0"), std::string::npos);
}

} // namespace
} // namespace zbuf

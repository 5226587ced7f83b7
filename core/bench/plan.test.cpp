// SPDX-License-Identifier: BSD-2-Clause
// What can be measured, and what is refused before anything runs.
#include "core/bench/bench.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace zbuf {
namespace {

using testing::HasSubstr;

std::string refusal(const BenchPlan& plan) {
  const auto cases = cases_of(plan);
  EXPECT_FALSE(cases);
  return cases ? "" : cases.error().message;
}

TEST(Plan, EveryCombinationOnce) {
  BenchPlan plan;
  plan.ways = {Way::zero_copy, Way::read_call, Way::plain_copy, Way::queue, Way::tpacket};
  plan.policies = {ReaderPolicy::busy, ReaderPolicy::poll, ReaderPolicy::sleep};
  const auto cases = cases_of(plan);
  ASSERT_TRUE(cases);
  // Of two packet sizes each: 5 busy, zero-copy alone with poll, and 3 that can sleep.
  EXPECT_EQ(cases->size(), 2u * (5 + 1 + 3));
  for (const BenchCase& one : *cases)
    EXPECT_EQ(std::count(cases->begin(), cases->end(), one), 1) << case_name(plan, one);
  EXPECT_EQ(case_name(plan, cases->front()), "zero-copy, 64 bytes, 512 KiB, busy");
}

TEST(Plan, WhatIsAskedForTwiceIsMeasuredOnce) {
  BenchPlan plan;
  plan.ways = {Way::read_call, Way::read_call};
  EXPECT_EQ(cases_of(plan)->size(), 2u);
}

TEST(Plan, WhatCannotBeIsRefusedWithTheReason) {
  BenchPlan plan;
  plan.buffer_bytes = {4000};
  EXPECT_THAT(refusal(plan), HasSubstr("4000 bytes; expected whole pages of 4096"));
  plan.buffer_bytes = {4u << 20};
  EXPECT_THAT(refusal(plan), HasSubstr("BIOCGETZMAX"));
  plan.buffer_bytes = {4096};
  plan.packets = {PacketChoice{.size_bytes = 9000}};
  EXPECT_THAT(refusal(plan), HasSubstr("packets of 9000 bytes do not fit buffers of 4 KiB"));
  plan = {};
  plan.ways = {Way::read_call};
  plan.policies = {ReaderPolicy::poll};
  EXPECT_THAT(refusal(plan), HasSubstr("poll is for zero-copy"));
  plan = {};
  plan.rounds = 0;
  EXPECT_THAT(refusal(plan), HasSubstr("0 rounds"));
  plan = {};
  plan.case_ns = 999;
  EXPECT_THAT(refusal(plan), HasSubstr("1 ms to 60 s"));
  plan = {};
  plan.ways.clear();
  EXPECT_THAT(refusal(plan), HasSubstr("nothing to measure"));
}

TEST(Plan, WordsForPackets) {
  EXPECT_EQ(parse_packet_choice("1514")->size_bytes, 1514u);
  EXPECT_TRUE(parse_packet_choice("imix")->imix);
  EXPECT_EQ(parse_packet_choice("some.pcap")->capture, "some.pcap");
  for (const char* bad : {"13", "9217", "99999999999999999999", ""})
    EXPECT_FALSE(parse_packet_choice(bad)) << bad;
}

TEST(Packets, LieInSlotsOfTheirOwn) {
  const auto ring = PacketRing::make({.size_bytes = 1514});
  ASSERT_TRUE(ring);
  ASSERT_EQ(ring->all().size(), 4096u);
  EXPECT_EQ(ring->largest_bytes(), 1514u);
  EXPECT_EQ(ring->mean_bytes(), 1514);
  EXPECT_EQ(ring->all()[1].bytes.data() - ring->all()[0].bytes.data(), 2048);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(ring->all()[0].bytes.data()) % 64, 0u);
}

TEST(Packets, ComeRoundAgain) {
  auto ring = PacketRing::make({.size_bytes = 9000});
  ASSERT_TRUE(ring);
  const std::size_t all = ring->all().size();
  std::size_t seen = 0;
  for (; seen < all; seen += ring->next(7).size()) {
  }
  EXPECT_EQ(seen, all);
  EXPECT_EQ(ring->next(7).data(), ring->all().data());
}

TEST(Packets, OfACapture) {
  const auto ring = PacketRing::make({.capture = ZBUF_SOURCE_DIR "/scenarios/captures/http-download.pcap"});
  ASSERT_TRUE(ring) << ring.error().text();
  EXPECT_EQ(ring->link_type(), 1);
  EXPECT_EQ(ring->largest_bytes(), 1514u);
  EXPECT_LT(ring->mean_bytes(), 1514);
  EXPECT_FALSE(PacketRing::make({.capture = "none.pcap"}));
}

TEST(Plan, IsCheckedBeforeAnythingRuns) {
  BenchPlan plan;
  plan.filter = "tcp prot 80";
  EXPECT_THAT(Bench(plan).prepare().error().message, HasSubstr("tcp prot 80"));
  plan = {};
  plan.packets = {PacketChoice{.capture = ZBUF_SOURCE_DIR "/scenarios/captures/http-download.pcap"}};
  EXPECT_TRUE(Bench(plan).prepare());
  plan.packets = {PacketChoice{.capture = "none.pcap"}};
  EXPECT_EQ(Bench(plan).prepare().error().code, Error::Code::not_found);
}

} // namespace
} // namespace zbuf

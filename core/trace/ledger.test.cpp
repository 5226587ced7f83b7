// SPDX-License-Identifier: BSD-2-Clause
#include "core/trace/ledger.h"

#include "core/trace/synthetic.h"

#include <gtest/gtest.h>

namespace zbuf {
namespace {

using synthetic::Pencil;

void feed(Ledger& ledger, Pencil& pencil) {
  for (Event& event : pencil.events)
    ledger.annotate(event);
}

TEST(Ledger, TellsTheReaderWhichPacketItHandles) {
  Pencil p;
  p.open(300).arrive().store(ZB_A, 0).store(ZB_A, 128).handle(ZB_A, 0).handle(ZB_A, 128);
  Ledger ledger;
  feed(ledger, p);
  EXPECT_EQ(p.events[p.events.size() - 2].packet, 1u);
  EXPECT_EQ(p.events.back().packet, 2u);
  EXPECT_EQ(ledger.fill(0, ZB_A).size(), 2u);
  EXPECT_EQ(ledger.packet_at(0, ZB_A, 128), 2u);
}

TEST(Ledger, FindsRecordsInAnyOrder) {
  Pencil p;
  p.open(300).store(ZB_A, 0).store(ZB_A, 128).store(ZB_A, 256);
  p.handle(ZB_A, 256).handle(ZB_A, 0).handle(ZB_A, 128).handle(ZB_A, 128);
  Ledger ledger;
  feed(ledger, p);
  const std::size_t n = p.events.size();
  EXPECT_EQ(p.events[n - 4].packet, 2u);
  EXPECT_EQ(p.events[n - 3].packet, 0u);
  EXPECT_EQ(p.events[n - 2].packet, 1u);
  EXPECT_EQ(p.events[n - 1].packet, 1u);
}

TEST(Ledger, LeavesWhatItDoesNotKnow) {
  Pencil p;
  p.open(300).store(ZB_A, 0).handle(ZB_A, 8).handle(ZB_B, 0).handle(ZB_NO_BUFFER, 0);
  p.events.push_back(p.events.back());
  p.events.back().buffer = ZB_A;
  p.events.back().packet = 42; // somebody knew already
  Ledger ledger;
  feed(ledger, p);
  const std::size_t n = p.events.size();
  EXPECT_EQ(p.events[n - 4].packet, ZB_NO_PACKET);
  EXPECT_EQ(p.events[n - 3].packet, ZB_NO_PACKET);
  EXPECT_EQ(p.events[n - 2].packet, ZB_NO_PACKET);
  EXPECT_EQ(p.events[n - 1].packet, 42u);
  EXPECT_EQ(ledger.packet_at(0, ZB_B, 0), ZB_NO_PACKET);
  EXPECT_EQ(ledger.packet_at(9, ZB_A, 0), ZB_NO_PACKET);
  EXPECT_TRUE(ledger.fill(0, ZB_NO_BUFFER).empty());
}

TEST(Ledger, BeginsAgainAtOffsetZero) {
  Pencil p;
  p.open(300).store(ZB_A, 0).store(ZB_A, 128).store(ZB_A, 0).handle(ZB_A, 0).handle(ZB_A, 128);
  Ledger ledger;
  feed(ledger, p);
  EXPECT_EQ(p.events[p.events.size() - 2].packet, 2u); // what lies there now
  EXPECT_EQ(p.events.back().packet, ZB_NO_PACKET);
}

TEST(Ledger, FollowsReadIntoTheReadersCopy) {
  Pencil p;
  p.open_buffered(300).store(ZB_A, 0).store(ZB_A, 128).rotate(ZB_A, 254).put(ZB_EV_COPIED_OUT, ZB_A, 254);
  p.reclaim(ZB_A, ZB_BY_READ).store(ZB_B, 0).handle(ZB_USER_COPY, 0).handle(ZB_USER_COPY, 128);
  Ledger ledger;
  feed(ledger, p);
  EXPECT_EQ(p.events[p.events.size() - 2].packet, 0u);
  EXPECT_EQ(p.events.back().packet, 1u);
  EXPECT_TRUE(ledger.fill(0, ZB_A).empty());
  EXPECT_EQ(ledger.fill(0, ZB_B).size(), 1u);
}

TEST(Ledger, IsBoundedWhateverItIsFed) {
  Ledger ledger;
  Event event{};
  event.kind = ZB_EV_STORED;
  event.buffer = ZB_A;
  for (std::uint32_t i = 1; i <= 200'000; ++i) { // never at offset 0
    event.a = i * 8;
    ledger.annotate(event);
  }
  EXPECT_EQ(ledger.fill(0, ZB_A).size(), 65536u);
  event.a = 8; // does not ascend
  event.packet = 9;
  ledger.annotate(event);
  EXPECT_EQ(ledger.packet_at(0, ZB_A, 8), 0u);
}

TEST(Ledger, NamesThePacketOfEveryDeliveredRecord) {
  std::vector<Event> events = synthetic::run(3, 3000, 4064);
  Ledger ledger;
  std::size_t handled = 0;
  std::uint32_t last[2] = {};
  for (Event& event : events) {
    ledger.annotate(event);
    if (event.kind != ZB_EV_HANDLED)
      continue;
    ++handled;
    ASSERT_NE(event.packet, ZB_NO_PACKET);
    ASSERT_GE(event.packet, last[event.descriptor]); // in order of arrival
    last[event.descriptor] = event.packet;
  }
  EXPECT_GT(handled, 1000u);
}

} // namespace
} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
#include "core/trace/event.h"

#include "core/base/random.h"
#include "core/trace/summary.h"

#include <cstring>
#include <gtest/gtest.h>
#include <set>

namespace zbuf {
namespace {

Event make(zb_event_kind kind, std::uint8_t buffer = ZB_NO_BUFFER, std::uint32_t a = 0, std::uint32_t b = 0,
           std::uint32_t c = 0, std::uint32_t d = 0, std::uint32_t packet = ZB_NO_PACKET) {
  return Event{0, packet, a, b, c, d, 0, static_cast<std::uint8_t>(kind), buffer};
}

TEST(EventNames, EveryKindHasItsOwn) {
  std::set<std::string> names;
  for (std::uint8_t kind = 0; kind < event_kinds; ++kind) {
    const KindInfo& info = kind_info(kind);
    if (info.name == nullptr)
      continue;
    EXPECT_TRUE(names.insert(info.name).second) << info.name;
    EXPECT_EQ(kind_by_name(info.name), kind);
    EXPECT_NE(info.category, Category::unknown) << info.name;
    EXPECT_STRNE(info.meaning, "") << info.name;
  }
  EXPECT_GE(names.size(), 46u);
}

/// The numbers are in files, and what the coding foretells decides what is in them.
TEST(EventTable, NumbersAndPacketsAreThoseOfTheFormat) {
  EXPECT_EQ(ZB_EV_ARRIVED, 1);
  EXPECT_EQ(ZB_EV_LOANED, 8);
  EXPECT_EQ(ZB_EV_WOKEN, 20);
  EXPECT_EQ(ZB_EV_CALL, 34);
  EXPECT_EQ(ZB_EV_IF_GONE, 42);
  EXPECT_EQ(ZB_EV_RESUMED, 56);
  EXPECT_EQ(ZB_EV_END, 62);
  const auto that_expect = [](ExpectedPacket packet) {
    constexpr KindMask first_ones = 0x71ff'070d'fff3'ff7e; // that the format began with
    return first_ones & kinds_where([packet](const KindInfo& info) { return info.packet == packet; });
  };
  EXPECT_EQ(that_expect(ExpectedPacket::next), mask_of({ZB_EV_ARRIVED, ZB_EV_MISSED, ZB_EV_HANDLED}));
  EXPECT_EQ(that_expect(ExpectedPacket::same),
            mask_of({ZB_EV_REJECTED, ZB_EV_ACCEPTED, ZB_EV_STORED, ZB_EV_DROPPED, ZB_EV_ROTATED,
                     ZB_EV_PUBLISHED, ZB_EV_RECLAIMED, ZB_EV_EMPTIED, ZB_EV_WOKEN}));
}

TEST(EventNames, UnknownNumbersAreSaidToBe) {
  EXPECT_STREQ(kind_name(0), "unknown");
  EXPECT_STREQ(kind_name(63), "unknown");
  EXPECT_STREQ(kind_name(200), "unknown");
  EXPECT_EQ(kind_by_name("rotatet"), ZB_EV_NONE);
  EXPECT_EQ(kind_by_name(""), ZB_EV_NONE);
  EXPECT_STREQ(drop_name(0), "unknown");
  EXPECT_STREQ(drop_name(5), "unknown");
  EXPECT_STREQ(cause_name(13), "unknown");
  EXPECT_STREQ(which_name(4), "unknown");
}

TEST(EventNames, EnumerationsHaveTheWordsOfTheField) {
  EXPECT_STREQ(drop_name(ZB_DROP_LENT), "lent");
  EXPECT_STREQ(cause_name(ZB_BY_ROTZBUF), "rotzbuf");
  EXPECT_STREQ(cause_name(ZB_BY_POLL), "poll");
  EXPECT_STREQ(call_name(ZB_CALL_POLL), "poll");
  EXPECT_STREQ(reader_state_name(ZB_READER_DIED), "died");
  EXPECT_STREQ(which_name(ZB_USER_COPY), "user_copy");
  EXPECT_STREQ(request_name(0x80184281), "BIOCSETZBUF");
  EXPECT_STREQ(request_name(0x40184280), "BIOCROTZBUF");
  EXPECT_STREQ(request_name(0x4004667F), "FIONREAD");
  EXPECT_EQ(request_name(0), nullptr);
}

TEST(EventMasks, HoldKindsAndRefuseBytesBeyond) {
  const KindMask mask = mask_of({ZB_EV_DROPPED, ZB_EV_END});
  EXPECT_TRUE(contains(mask, ZB_EV_DROPPED));
  EXPECT_TRUE(contains(mask, ZB_EV_END));
  EXPECT_FALSE(contains(mask, ZB_EV_STORED));
  EXPECT_FALSE(contains(all_kinds, 64));
  EXPECT_FALSE(contains(all_kinds, 255));
}

TEST(EventDescriptions, SayWhatHappened) {
  EXPECT_EQ(event_sentence(make(ZB_EV_ROTATED, ZB_A, 32712, ZB_B, ZB_BY_PACKET)),
            "A rotated from store to hold with 32712 bytes; B is the store now (a packet did not fit)");
  EXPECT_EQ(event_sentence(make(ZB_EV_PUBLISHED, ZB_B, 100, 7, 1)),
            "B was published with 100 bytes as generation 7, still in store: it is full");
  EXPECT_EQ(event_sentence(make(ZB_EV_STORED, ZB_A, 88, 60, 26 | 2 << 16, 1514, 5)),
            "Packet 5 was stored in A at offset 88: 60 of 1514 bytes after a header of 26");
  EXPECT_EQ(event_sentence(make(ZB_EV_CALL, ZB_NO_BUFFER, ZB_CALL_IOCTL, 0x20004268)),
            "The reader calls ioctl BIOCFLUSH");
  EXPECT_EQ(event_sentence(make(ZB_EV_RETURN, ZB_NO_BUFFER, ZB_CALL_READ, 0, 22)),
            "read fails with errno 22");
  EXPECT_EQ(event_sentence(make(ZB_EV_READER, ZB_NO_BUFFER, ZB_READER_STALLED)), "The reader has stalled");
  EXPECT_EQ(event_sentence(make(ZB_EV_LOOKED, ZB_A, 3, 3, 9)),
            "The reader looked at A 9 times: nothing there, both generations are 3");
  EXPECT_EQ(event_sentence(make(ZB_EV_RESUMED, ZB_NO_BUFFER, ZB_CALL_POLL, 7, 1)),
            "The reader runs again: it slept 4294967303 ns in poll");
  EXPECT_EQ(event_sentence(make(ZB_EV_IDLE, ZB_NO_BUFFER, 5, 1, 3, 2)),
            "Nothing happened for 8589934595 ns: the reader repeated its last round 4294967301 times");
  EXPECT_EQ(event_sentence(make(ZB_EV_LOANED, ZB_B, 4064, 0xfffff000, 0xffffffff)),
            "B was loaned to the kernel: 4064 bytes for records, -4096 bytes from A; it is free now");
  EXPECT_EQ(event_sentence(make(ZB_EV_MARK, ZB_NO_BUFFER, 3, 1, 7, 1)), "Fault 3, at event 4294967303");
}

TEST(EventDescriptions, HandleAnyBytes) {
  Random random(11);
  for (int i = 0; i < 20000; ++i) {
    Event event;
    std::uint64_t words[4] = {random.next(), random.next(), random.next(), random.next()};
    std::memcpy(&event, words, sizeof(event));
    event.kind = static_cast<std::uint8_t>(i);
    EXPECT_FALSE(event_sentence(event).empty());
    EXPECT_EQ(event_sentence(event).find_first_of("\"{}"),
              std::string::npos); // the exports quote it as it is
  }
}

} // namespace
} // namespace zbuf

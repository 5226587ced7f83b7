// SPDX-License-Identifier: BSD-2-Clause
// Walking records: a cursor that cannot leave the fill, whatever stands in it (spec 1.5 to 1.7).
#include "core/device/records.h"

#include "core/base/random.h"

#include <gtest/gtest.h>
#include <vector>

namespace zbuf {
namespace {

/// A record as the kernel writes it.
void append(std::vector<std::byte>& fill, std::uint16_t hdrlen, std::uint32_t caplen,
            std::uint32_t datalen = 0) {
  fill.resize(ZB_WORDALIGN(fill.size()));
  const std::size_t at = fill.size();
  zb_bpf_hdr header{};
  header.sec = 5;
  header.frac = 6;
  header.caplen = caplen;
  header.datalen = datalen == 0 ? caplen : datalen;
  header.hdrlen = hdrlen;
  fill.resize(at + hdrlen + caplen, std::byte{0x77});
  std::memcpy(fill.data() + at, &header, RecordCursor::header_bytes);
}

TEST(Records, AreWalkedInOrder) {
  std::vector<std::byte> fill;
  append(fill, 26, 61);
  append(fill, 34, 0, 1500);
  append(fill, 26, 3);
  RecordCursor cursor(fill);
  const auto first = cursor.next();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->offset, 0u);
  EXPECT_EQ(first->bytes.size(), 61u);
  EXPECT_EQ(first->seconds, 5u);
  EXPECT_EQ(first->fraction, 6u);
  const auto second = cursor.next();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->offset, 88u);
  EXPECT_EQ(second->datalen, 1500u);
  EXPECT_TRUE(second->bytes.empty());
  const auto third = cursor.next();
  ASSERT_TRUE(third);
  EXPECT_EQ(third->offset, 128u);
  EXPECT_FALSE(cursor.next());
  EXPECT_EQ(cursor.fault(), RecordFault::none);
  EXPECT_FALSE(cursor.next()) << "and stays at the end";
}

TEST(Records, AnEmptyFillHasNone) {
  RecordCursor cursor({});
  EXPECT_FALSE(cursor.next());
  EXPECT_EQ(cursor.fault(), RecordFault::none);
}

struct Bad {
  std::uint16_t hdrlen;
  std::uint32_t caplen;
  std::size_t left; ///< bytes of the fill
  RecordFault fault;
};

TEST(Records, ThatCannotBeStopTheWalk) {
  for (const Bad& bad : {Bad{26, 10, 25, RecordFault::header_cut}, Bad{26, 10, 35, RecordFault::past_end},
                         Bad{26, 10, 36, RecordFault::none}, Bad{0, 10, 100, RecordFault::no_hdrlen},
                         Bad{25, 10, 100, RecordFault::no_hdrlen}, Bad{65535, 0, 100, RecordFault::past_end},
                         Bad{26, 0xffffffff, 100, RecordFault::past_end},
                         Bad{26, 0xffffffff - 25, 100, RecordFault::past_end}}) {
    std::vector<std::byte> fill;
    append(fill, 26, 6);
    zb_bpf_hdr header{};
    header.caplen = bad.caplen;
    header.hdrlen = bad.hdrlen;
    fill.resize(32 + 200);
    std::memcpy(fill.data() + 32, &header, 26);
    RecordCursor cursor(std::span<const std::byte>(fill).first(32 + bad.left));
    EXPECT_TRUE(cursor.next());
    EXPECT_EQ(cursor.next().has_value(), bad.fault == RecordFault::none);
    EXPECT_EQ(cursor.fault(), bad.fault);
    if (bad.fault != RecordFault::none) {
      EXPECT_EQ(cursor.offset(), 32u);
      EXPECT_FALSE(cursor.next()) << "and it does not go on";
    }
  }
}

TEST(Records, OfAnyBytesStayInside) {
  Random random(1);
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::byte> fill(random.below(300));
    for (std::byte& b : fill) // mostly small numbers, so that some records are plausible
      b = std::byte(
          static_cast<std::uint8_t>(random.below(8) == 0 ? random.below(256) : random.below(3) * 26));
    RecordCursor cursor(fill);
    std::size_t from = 0;
    while (const auto record = cursor.next()) {
      ASSERT_GE(record->offset, from);
      ASSERT_GE(record->bytes.data(), fill.data());
      ASSERT_LE(record->bytes.data() + record->bytes.size(), fill.data() + fill.size());
      from = record->offset + record->hdrlen + record->bytes.size();
    }
  }
}

} // namespace
} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
#include "core/exec/preload/walk.h"

#include <array>
#include <cstring>
#include <gtest/gtest.h>
#include <vector>

namespace zbuf::exec {
namespace {

/// A page with records of these lengths, captured up to 100 bytes.
class Fill {
 public:
  explicit Fill(const std::vector<std::uint32_t>& lengths) {
    std::size_t at = 32;
    for (const std::uint32_t length : lengths) {
      records.push_back(at);
      const std::uint32_t caplen = length < 100 ? length : 100;
      put(at + 16, caplen);
      put(at + 20, length);
      put(at + 24, std::uint16_t{26});
      end = at + 26 + caplen;
      at += (26 + caplen + 7) / 8 * 8;
    }
    put(4, static_cast<std::uint32_t>(end - 32));
  }
  template <typename Number>
  void put(std::size_t at, Number number) {
    std::memcpy(bytes.data() + at, &number, sizeof(number));
  }
  [[nodiscard]] WalkFault judge() const { return judge_walk(places, bytes.data()).fault; }

  std::vector<unsigned char> bytes = std::vector<unsigned char>(4096);
  std::vector<std::size_t> records{};
  std::size_t end = 0;
  Places places{};
};

TEST(Walk, WhoReadsTheHeaderOfEachRecordIsRight) {
  for (const std::vector<std::size_t>& fields :
       {std::vector<std::size_t>{16, 24}, {16, 20, 24}, {0, 16}, {0}, {8, 24}}) {
    Fill fill({60, 61, 200, 64, 1500});
    EXPECT_EQ(fill.judge(), WalkFault::none) << "nothing was read";
    for (const std::size_t record : fill.records) {
      for (const std::size_t field : fields)
        fill.places.add(record + field);
      EXPECT_EQ(fill.judge(), WalkFault::none) << "up to " << record;
    }
    for (std::size_t at = 32; at < fill.end; ++at) {
      fill.places.add(at); // and each byte
      EXPECT_EQ(fill.judge(), WalkFault::none) << at;
    }
  }
}

TEST(Walk, APacketThatIsReadByteByByteIsNoRecord) {
  Fill fill({200, 200, 200});
  fill.places.add(32 + 16);
  fill.places.add(32 + 24);
  for (std::size_t at = 32 + 26; at < 32 + 26 + 100; ++at)
    fill.places.add(at);
  EXPECT_EQ(fill.judge(), WalkFault::none);
}

TEST(Walk, WithoutTheAlignmentItGoesBesideTheSecondRecord) {
  Fill fill({60, 60});
  for (const std::size_t field : {32u + 16u, 32u + 24u, 32u + 86u + 16u, 32u + 86u + 24u})
    fill.places.add(field);
  const WalkVerdict verdict = judge_walk(fill.places, fill.bytes.data());
  EXPECT_EQ(verdict.fault, WalkFault::unaligned);
  EXPECT_EQ(verdict.offset, 32u + 86);
}

TEST(Walk, BySizeofItGoesBehindIt) {
  Fill fill({60, 60});
  for (const std::size_t field : {32u + 16u, 32u + 44u, 32u + 96u + 16u, 32u + 96u + 44u})
    fill.places.add(field);
  EXPECT_EQ(fill.judge(), WalkFault::by_sizeof);
}

TEST(Walk, ByDatalenTheLengthThatIsThereIsNeverRead) {
  Fill whole({60, 70, 80});
  for (const std::size_t record : whole.records)
    for (const std::size_t field : {20u, 24u})
      whole.places.add(record + field);
  EXPECT_EQ(whole.judge(), WalkFault::by_datalen);
}

TEST(Walk, TheHeaderIsNoRecordAndMayBeCopied) {
  Fill fill({60, 70});
  fill.places.add(0);
  fill.places.add(16);
  EXPECT_EQ(fill.judge(), WalkFault::none);
  fill.places.add(20);
  fill.places.add(24);
  EXPECT_EQ(fill.judge(), WalkFault::no_header);
}

} // namespace
} // namespace zbuf::exec

// SPDX-License-Identifier: BSD-2-Clause
// What a record looks like in a buffer: spec 1.5 to 1.8, 2.8 step 6, 7.3.
#include "kernel/engine/test_host.h"

namespace zbuf::testing {
namespace {

constexpr std::size_t header_bytes = ZB_HEADER_SIZE; // of the buffer: record 0 lies behind it (1.8)

class RecordOnEach : public OnEachRevision {
 protected:
  [[nodiscard]] static bool is_old() { return zb_revisions[GetParam()].record_header_constant == 32; }
};
INSTANTIATE_TEST_SUITE_P(Revision, RecordOnEach, ::testing::ValuesIn(all_revisions), OnEachRevision::name);

TEST_P(RecordOnEach, HeaderLengthFollowsTheLinkAndTheRevision_1_6) {
  struct Expected {
    const char* interface;
    std::uint32_t link_header, now, before_9_1;
  };
  for (const Expected& e :
       {Expected{"em0", 14, 26, 34}, Expected{"lo0", 4, 28, 36}, Expected{"tun0", 0, 32, 32},
        Expected{"any", 16, 32, 32}, Expected{"any2", 20, 28, 36}}) {
    TestHost host(GetParam());
    ASSERT_EQ(host.lend(4096), 0);
    ASSERT_EQ(host.set_interface(e.interface), 0);
    const std::uint32_t hdrlen = is_old() ? e.before_9_1 : e.now;
    EXPECT_EQ((hdrlen + e.link_header) % 8, 0u) << "what the header is for: the network header is aligned";
    ASSERT_EQ(host.packet(100, 7), hdrlen + 100);
    const Bytes bytes = host.bytes(ZB_A);
    const zb_bpf_hdr header = record_at(bytes, header_bytes);
    EXPECT_EQ(header.hdrlen, hdrlen) << e.interface;
    EXPECT_EQ(header.caplen, 100u);
    EXPECT_EQ(header.datalen, 100u);
    const Bytes stored(bytes.begin() + header_bytes + hdrlen, bytes.begin() + header_bytes + hdrlen + 100);
    EXPECT_EQ(stored, TestHost::payload(100, 7)) << e.interface;
  }
}

TEST_P(RecordOnEach, ARecordLongerThanTheBufferIsCutNotDropped_2_9_vii) {
  TestHost host(GetParam());
  ASSERT_EQ(host.lend(4096), 0);
  ASSERT_EQ(host.set_interface("em0"), 0);
  const std::uint32_t hdrlen = is_old() ? 34 : 26;
  EXPECT_EQ(host.packet(9000), 4064u);
  const zb_bpf_hdr header = record_at(host.bytes(ZB_A), header_bytes);
  EXPECT_EQ(header.caplen, 4064 - hdrlen);
  EXPECT_EQ(header.datalen, 9000u);
  EXPECT_EQ(host.stats().dcount, 0u);
}

TEST_P(RecordOnEach, APacketCutBeforeItCameKeepsItsWireLength) {
  TestHost host(GetParam());
  ASSERT_EQ(host.lend(4096), 0);
  ASSERT_EQ(host.set_interface("em0"), 0);
  host.tap(TestHost::payload(96), 1514);
  const zb_bpf_hdr header = record_at(host.bytes(ZB_A), header_bytes);
  EXPECT_EQ(header.caplen, 96u);
  EXPECT_EQ(header.datalen, 1514u);
}

TEST_P(RecordOnEach, APacketOfNoBytesIsAHeaderWhereverItsBytesWouldBe) {
  TestHost host(GetParam());
  ASSERT_EQ(host.lend(4096), 0);
  ASSERT_EQ(host.set_interface("em0"), 0);
  const std::uint8_t byte = 0;
  zb_packet packet{};
  packet.wire_length = 60;
  const std::uint32_t stride = ZB_WORDALIGN(zb_tap(&host.d, &packet)); // no address, and in no pieces either
  packet.bytes = &byte;
  zb_tap(&host.d, &packet);
  for (std::uint32_t i = 0; i < 2; ++i) {
    const zb_bpf_hdr header = record_at(host.bytes(ZB_A), header_bytes + i * stride);
    EXPECT_EQ(header.caplen, 0u) << i;
    EXPECT_EQ(header.datalen, 60u) << i;
  }
  EXPECT_EQ(host.stats().dcount, 0u);
}

TEST_P(RecordOnEach, TheFilterSaysHowMuchIsKept_2_8_step_3) {
  TestHost host(GetParam());
  ASSERT_EQ(host.lend(4096), 0);
  ASSERT_EQ(host.set_interface("em0"), 0);
  const std::uint32_t hdrlen = is_old() ? 34 : 26;
  ASSERT_EQ(host.set_filter(ZB_BIOCSETF, TestHost::keep(40)), 0);
  EXPECT_EQ(host.packet(100), hdrlen + 40);
  EXPECT_EQ(host.packet(30), hdrlen + 30) << "no more than there is";
  const zb_bpf_hdr header = record_at(host.bytes(ZB_A), header_bytes);
  EXPECT_EQ(header.caplen, 40u);
  EXPECT_EQ(header.datalen, 100u);
}

TEST_P(RecordOnEach, RecordsBeginOnMultiplesOfEightAndTheLengthEndsWithTheLast_1_5) {
  TestHost host(GetParam());
  ASSERT_EQ(host.lend(4096), 0);
  ASSERT_EQ(host.set_interface("em0"), 0);
  const std::uint32_t hdrlen = is_old() ? 34 : 26;
  host.packet(61);
  host.packet(61);
  EXPECT_EQ(host.d.store_length, ZB_WORDALIGN(hdrlen + 61) + hdrlen + 61);
  zb_bpf_zbuf rotated{};
  ASSERT_EQ(host.ioctl(ZB_BIOCROTZBUF, &rotated), 0);
  EXPECT_EQ(zb_user_kernel_len(host.header(ZB_A)), ZB_WORDALIGN(hdrlen + 61) + hdrlen + 61);
  EXPECT_EQ(record_at(host.bytes(ZB_A), header_bytes + ZB_WORDALIGN(hdrlen + 61)).caplen, 61u);
}

TEST_P(RecordOnEach, PaddingIsZeroedSinceThirteenTwo_2_8_step_5) {
  TestHost host(GetParam());
  ASSERT_EQ(host.lend(4096), 0);
  std::memset(host.lent(ZB_A).whole + header_bytes, 0xaa, 4096 - header_bytes);
  ASSERT_EQ(host.set_interface("em0"), 0);
  const std::uint32_t hdrlen = is_old() ? 34 : 26;
  host.packet(61);
  EXPECT_EQ(host.stats().zcopy, 2u) << "header and packet (6.3)";
  host.packet(61);
  EXPECT_EQ(host.stats().zcopy, is_old() ? 4u : 5u) << "and a pad, where it is written";
  const Bytes bytes = host.bytes(ZB_A);
  const std::size_t end = header_bytes + hdrlen + 61;
  for (std::size_t k = end; k < header_bytes + ZB_WORDALIGN(hdrlen + 61); ++k)
    EXPECT_EQ(bytes[k], is_old() ? 0xaa : 0) << "byte " << k - end << " of the pad";
}

TEST(Record, BytesBehindAShortPayloadAreThePad_1_7) {
  // With bh_hdrlen 26 the payload takes bytes 26 to 31 of the header; a shorter one leaves zeros.
  TestHost host;
  ASSERT_EQ(host.lend(4096), 0);
  std::memset(host.lent(ZB_A).whole + header_bytes, 0xaa, 4096 - header_bytes);
  ASSERT_EQ(host.set_interface("em0"), 0);
  ASSERT_EQ(host.set_filter(ZB_BIOCSETF, TestHost::keep(3)), 0);
  host.packet(60, 1);
  host.packet(60, 1);
  const Bytes bytes = host.bytes(ZB_A);
  EXPECT_EQ(host.d.store_length, 32u + 29u);
  const Bytes first(bytes.begin() + header_bytes + 26, bytes.begin() + header_bytes + 32);
  EXPECT_EQ(first, (Bytes{1, 2, 3, 0, 0, 0}));
}

TEST(Record, CapacityOfABuffer_1_8) {
  struct Expected {
    std::uint32_t buflen, of_60, of_1514;
  };
  for (const Expected& e : {Expected{4096, 46, 2}, Expected{32768, 372, 21}, Expected{524288, 5957, 339},
                            Expected{2097152, 23830, 1358}})
    for (const auto& [length, capacity] : {std::pair{60u, e.of_60}, std::pair{1514u, e.of_1514}}) {
      TestHost host;
      ASSERT_EQ(host.lend(e.buflen), 0);
      ASSERT_EQ(host.set_interface("em0"), 0);
      EXPECT_EQ(host.get(ZB_BIOCGBLEN), e.buflen - 32);
      std::uint32_t stored = 0;
      while (host.d.hold == nullptr && stored < 100'000) {
        host.packet(length);
        host.events();
        ++stored;
      }
      EXPECT_EQ(stored - 1, capacity) << e.buflen << " bytes, packets of " << length;
    }
}

TEST(Record, AnExactFitStaysUnpublishedUntilTheNextPacket_2_9_i_and_ii) {
  TestHost host;
  ASSERT_EQ(host.lend(4096), 0);
  ASSERT_EQ(host.set_interface("em0"), 0);
  host.packets(3, 1016 - 26);
  host.packet(4064 - 3 * 1016 - 26);
  EXPECT_EQ(host.d.store_length, 4064u);
  EXPECT_EQ(zb_user_kernel_gen(host.header(ZB_A)), 0u);
  EXPECT_EQ(host.wakes, 0);
  host.packet(60);
  EXPECT_EQ(zb_user_kernel_gen(host.header(ZB_A)), 1u);
  EXPECT_EQ(zb_user_kernel_len(host.header(ZB_A)), 4064u);
  EXPECT_EQ(host.wakes, 1);
  EXPECT_EQ(host.d.store_length, 86u) << "the packet that rotates is the first of the new store";
}

TEST(Record, ABufferWithoutRoomForAHeaderDropsEverything) {
  // BIOCSBLEN allows 32 bytes; kernels before 9.1 put 34 in front of an Ethernet packet.
  for (const zb_revision_number revision : {ZB_R177548, ZB_2008_04, ZB_R180310}) {
    TestHost host(revision);
    std::uint32_t size = 1;
    ASSERT_EQ(host.ioctl(ZB_BIOCSBLEN, &size), 0);
    EXPECT_EQ(size, 32u);
    ASSERT_EQ(host.set_interface("em0"), 0);
    EXPECT_EQ(host.packet(60), 0u);
    EXPECT_EQ(host.stats().dcount, 1u);
    EXPECT_EQ(host.d.store_length, 0u);
  }
}

TEST(Record, TheSmallestBufferTakesWhatFits) {
  TestHost host;
  std::uint32_t size = 1;
  ASSERT_EQ(host.ioctl(ZB_BIOCSBLEN, &size), 0);
  ASSERT_EQ(host.set_interface("em0"), 0);
  EXPECT_EQ(host.packet(60), 32u);
  EXPECT_EQ(host.packet(60), 32u);
  EXPECT_EQ(host.packet(60), 0u);
  EXPECT_EQ(host.read(32), (std::pair{0, std::size_t{32}}));
  const zb_bpf_hdr header = record_at(host.read_into, 0);
  EXPECT_EQ(header.caplen, 6u);
  EXPECT_EQ(header.datalen, 60u);
}

// ---- Time stamps ----

constexpr std::uint64_t half_past = 1'206'316'800'500'000'000u; // an instant whose fraction is 1/2

struct Stamp {
  std::uint64_t sec, frac;
};

Stamp stamp(std::uint32_t format, std::uint64_t time_ns) {
  TestHost host;
  EXPECT_EQ(host.lend(4096), 0);
  EXPECT_EQ(host.set_interface("em0"), 0);
  EXPECT_EQ(host.set(ZB_BIOCSTSTAMP, format), 0);
  EXPECT_EQ(host.get(ZB_BIOCGTSTAMP), format);
  host.time_ns = time_ns;
  host.packet(60);
  const zb_bpf_hdr header = record_at(host.bytes(ZB_A), header_bytes);
  return {header.sec, header.frac};
}

TEST(Timestamp, MicrosecondsAreTheDefault_1_7) {
  TestHost host;
  EXPECT_EQ(host.get(ZB_BIOCGTSTAMP), ZB_T_MICROTIME);
  const Stamp s = stamp(ZB_T_MICROTIME, half_past + 999);
  EXPECT_EQ(s.sec, 1'206'316'800u);
  EXPECT_EQ(s.frac, 500'000u) << "rounded down";
}

TEST(Timestamp, Nanoseconds) {
  EXPECT_EQ(stamp(ZB_T_NANOTIME, half_past + 999).frac, 500'000'999u);
  EXPECT_EQ(stamp(ZB_T_NANOTIME, half_past + 499'999'999).frac, 999'999'999u);
}

TEST(Timestamp, BinaryFractionsOfASecond) {
  const Stamp s = stamp(ZB_T_BINTIME, half_past);
  EXPECT_EQ(s.sec, 1'206'316'800u);
  // Half of 2^64, short by less than a nanosecond.
  constexpr std::uint64_t half = std::uint64_t{1} << 63;
  constexpr std::uint64_t nanosecond = 18'446'744'074u;
  EXPECT_LE(s.frac, half);
  EXPECT_GT(s.frac, half - nanosecond);
  EXPECT_GT(stamp(ZB_T_BINTIME, half_past + 499'999'999).frac, ~std::uint64_t{0} - 2 * nanosecond);
}

TEST(Timestamp, NoneIsZero) {
  const Stamp s = stamp(ZB_T_NONE, half_past);
  EXPECT_EQ(s.sec, 0u);
  EXPECT_EQ(s.frac, 0u);
}

TEST(Timestamp, InvalidFormatsAreRefused_4_11) {
  TestHost host;
  for (const std::uint32_t bad : {4u, 0x0303u, 0x0400u, 0x1000u, 0xffffffffu})
    EXPECT_EQ(host.set(ZB_BIOCSTSTAMP, bad), ZB_EINVAL) << bad;
  EXPECT_EQ(host.get(ZB_BIOCGTSTAMP), ZB_T_MICROTIME) << "unchanged";
}

} // namespace
} // namespace zbuf::testing

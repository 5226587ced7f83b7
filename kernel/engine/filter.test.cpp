// SPDX-License-Identifier: BSD-2-Clause
// Filters: what is accepted as one, what setting one resets, and the writer list
// (spec 2.7, 2.17, 2.18, 4.12).
#include "kernel/engine/test_host.h"

namespace zbuf::testing {
namespace {

class FilterOnEach : public OnEachRevision {};
INSTANTIATE_TEST_SUITE_P(Revision, FilterOnEach, ::testing::ValuesIn(all_revisions), OnEachRevision::name);

const std::vector<zb_bpf_insn> reject = TestHost::keep(0);

TEST_P(FilterOnEach, WhatIsNotAProgramIsEinval_4_12) {
  for (const std::uint32_t request : {ZB_BIOCSETF, ZB_BIOCSETWF}) {
    TestHost host(GetParam());
    EXPECT_EQ(host.set_filter(request, std::vector<zb_bpf_insn>(513, {0x06, 0, 0, 1})), ZB_EINVAL);
    EXPECT_EQ(host.set_filter(request, std::vector<zb_bpf_insn>(512, {0x06, 0, 0, 1})), 0);
    EXPECT_EQ(host.set_filter(request, {{0x00, 0, 0, 0}}), ZB_EINVAL) << "does not end with RET";
    zb_bpf_program nowhere{1, 0, 0};
    EXPECT_EQ(host.ioctl(request, &nowhere), ZB_EINVAL) << "no address";
    nowhere.insns = 0x99999;
    EXPECT_EQ(host.ioctl(request, &nowhere), ZB_EINVAL) << "a fault is EINVAL, not EFAULT";
    EXPECT_EQ(host.filters, 1) << "the good one is still there";
    EXPECT_EQ(host.set_filter(request, {}), 0) << "length 0 takes it away";
    EXPECT_EQ(host.filters, 0);
  }
}

TEST_P(FilterOnEach, ReceivedIsCountedBeforeTheFilterMatchedAfter_2_7) {
  TestHost host(GetParam());
  ASSERT_EQ(host.lend(4096), 0);
  ASSERT_EQ(host.set_interface("em0"), 0);
  host.packet(60);
  ASSERT_EQ(host.set_filter(ZB_BIOCSETF, reject), 0);
  host.packets(3, 60);
  const zb_xbpf_d stats = host.stats();
  EXPECT_EQ(stats.rcount, 3u) << "SETF is a reset";
  EXPECT_EQ(stats.fcount, 0u);
  EXPECT_EQ(stats.dcount, 0u);
  EXPECT_EQ(stats.zcopy, 0u);
}

TEST_P(FilterOnEach, SetfResetsSetfnrDoesNot_2_17) {
  TestHost host(GetParam());
  ASSERT_EQ(host.lend(4096), 0);
  ASSERT_EQ(host.set_interface("em0"), 0);
  host.packets(2, 60);
  if (revision().has_setfnr) {
    ASSERT_EQ(host.set_filter(ZB_BIOCSETFNR, TestHost::keep(96)), 0);
    EXPECT_EQ(host.stats().rcount, 2u);
    EXPECT_NE(host.d.store_length, 0u);
  }
  ASSERT_EQ(host.set_filter(ZB_BIOCSETF, TestHost::keep(96)), 0);
  EXPECT_EQ(host.stats().rcount, 0u);
  EXPECT_EQ(host.d.store_length, 0u);
}

TEST_P(FilterOnEach, SetwfResetsOnTheOldestOnly_5_8) {
  TestHost host(GetParam());
  ASSERT_EQ(host.lend(4096), 0);
  ASSERT_EQ(host.set_interface("em0"), 0);
  host.packets(2, 60);
  ASSERT_EQ(host.set_filter(ZB_BIOCSETWF, TestHost::keep(96)), 0);
  EXPECT_EQ(host.stats().rcount, GetParam() <= ZB_2008_04 ? 0u : 2u);
}

TEST_P(FilterOnEach, AWriteFilterDoesNotFilterReads) {
  TestHost host(GetParam());
  ASSERT_EQ(host.lend(4096), 0);
  ASSERT_EQ(host.set_interface("em0"), 0);
  ASSERT_EQ(host.set_filter(ZB_BIOCSETWF, reject), 0);
  EXPECT_NE(host.packet(60), 0u);
}

// FreeBSD sleeps here without PCATCH: what resets has begun, and no signal ends it.
TEST_P(FilterOnEach, ASignalDoesNotEndARequestThatWaitsForAReader) {
  TestHost host(GetParam());
  ASSERT_EQ(host.set_interface("em0"), 0);
  int signals = 0;
  host.asleep = [&] {
    EXPECT_EQ(host.slept_for, ZB_FOR_HOLD);
    EXPECT_FALSE(host.slept_interruptibly);
    host.d.hold_in_use = ++signals % 3 != 0;
    return ZB_EINTR;
  };
  const auto while_it_is_copied = [&](const auto& request) {
    host.packets(5, 1000);
    host.d.hold_in_use = true;
    EXPECT_EQ(request(), 0);
  };
  while_it_is_copied([&] { return host.set_filter(ZB_BIOCSETF, {}); });
  while_it_is_copied([&] { return host.ioctl(ZB_BIOCFLUSH); });
  while_it_is_copied([&] { return host.set_interface("em0"); });
  EXPECT_EQ(signals, 9);
  EXPECT_EQ(host.stats().rcount, 0u);
  while_it_is_copied([&] {
    std::uint32_t unread = 0;
    const int error = host.ioctl(ZB_FIONREAD, &unread);
    EXPECT_GT(unread, 0u);
    return error;
  });
  EXPECT_EQ(signals, 12);
}

// ---- Direction ----

TEST_P(FilterOnEach, DirectionIsLookedAtBeforeAnythingIsCounted_2_7) {
  for (const std::uint32_t direction : {ZB_D_IN, ZB_D_INOUT, ZB_D_OUT}) {
    TestHost host(GetParam());
    ASSERT_EQ(host.lend(4096), 0);
    ASSERT_EQ(host.set_interface("em0"), 0);
    ASSERT_EQ(host.set(ZB_BIOCSDIRECTION, direction), 0);
    const bool in = host.tap(TestHost::payload(60), 0, false) != 0;
    const bool out = host.tap(TestHost::payload(60), 0, true) != 0;
    EXPECT_EQ(in, direction != ZB_D_OUT);
    EXPECT_EQ(out, direction != ZB_D_IN);
    EXPECT_EQ(host.stats().rcount, std::uint64_t{in} + out);
  }
}

// ---- The writer list (2.18) ----

class Writer : public ::testing::TestWithParam<bool> {}; // opened write-only, or everybody is a writer first
INSTANTIATE_TEST_SUITE_P(Filter, Writer, ::testing::Bool());

TestHost::Options writer(bool write_only, zb_revision_number revision = ZB_FREEBSD) {
  return {.revision = revision, .write_only = write_only, .optimize_writers = !write_only};
}

TEST_P(Writer, GetsNothingUntilItHasAFilter) {
  TestHost host(writer(GetParam()));
  ASSERT_EQ(host.set_interface("em0"), 0);
  EXPECT_EQ(host.packet(60), 0u);
  EXPECT_EQ(host.stats().rcount, 0u) << "not even counted";
  ASSERT_EQ(host.set_filter(ZB_BIOCSETF, {{0x28, 0, 0, 12}, {0x06, 0, 0, 96}}), 0);
  EXPECT_NE(host.packet(60), 0u);
}

TEST_P(Writer, AFirstOneInstructionSetfIsLibpcapsPlaceholder) {
  TestHost host(writer(GetParam()));
  ASSERT_EQ(host.set_interface("em0"), 0);
  ASSERT_EQ(host.set_filter(ZB_BIOCSETF, TestHost::keep(96)), 0);
  EXPECT_EQ(host.packet(60), 0u);
  ASSERT_EQ(host.set_filter(ZB_BIOCSETF, TestHost::keep(96)), 0);
  EXPECT_NE(host.packet(60), 0u) << "the second is meant";
}

TEST_P(Writer, AOneInstructionSetfnrIsMeant) {
  TestHost host(writer(GetParam()));
  ASSERT_EQ(host.set_interface("em0"), 0);
  ASSERT_EQ(host.set_filter(ZB_BIOCSETFNR, TestHost::keep(96)), 0);
  EXPECT_NE(host.packet(60), 0u);
}

TEST_P(Writer, TakingAFilterAwayOrFilteringWritesIsNoReading) {
  TestHost host(writer(GetParam()));
  ASSERT_EQ(host.set_interface("em0"), 0);
  ASSERT_EQ(host.set_filter(ZB_BIOCSETF, {}), 0);
  ASSERT_EQ(host.set_filter(ZB_BIOCSETWF, {{0x28, 0, 0, 12}, {0x06, 0, 0, 96}}), 0);
  EXPECT_EQ(host.packet(60), 0u);
}

// Spec 9.17, 9.18.
TEST_P(Writer, StaysOneWhereverItGoes) {
  TestHost host(writer(GetParam()));
  ASSERT_EQ(host.set_interface("em0"), 0);
  host.tunables.optimize_writers = 0;
  ASSERT_EQ(host.set_filter(ZB_BIOCSETF, TestHost::keep(96)), 0) << "the placeholder";
  ASSERT_EQ(host.set_interface("lo0"), 0);
  ASSERT_EQ(host.set_filter(ZB_BIOCSETF, TestHost::keep(96)), 0);
  EXPECT_EQ(host.packet(60), 0u) << "counted afresh";
  ASSERT_EQ(host.set_filter(ZB_BIOCSETF, TestHost::keep(96)), 0);
  EXPECT_NE(host.packet(60), 0u);
  ASSERT_EQ(host.set_interface("em0"), 0);
  EXPECT_NE(host.packet(60), 0u) << "a reader stays one";
}

// Spec 9.17.
TEST(Filter, WhoIsAWriterIsSaidWhereItAttaches) {
  TestHost host;
  host.tunables.optimize_writers = 7;
  ASSERT_EQ(host.set_interface("em0"), 0);
  EXPECT_EQ(host.packet(60), 0u) << "any value but 0";
  TestHost early({.optimize_writers = true});
  early.tunables.optimize_writers = 0;
  ASSERT_EQ(early.set_interface("em0"), 0);
  EXPECT_NE(early.packet(60), 0u) << "not where it was opened";
  early.tunables.optimize_writers = 1;
  ASSERT_EQ(early.set_interface("em0"), 0);
  EXPECT_NE(early.packet(60), 0u) << "the same interface again asks nothing";
}

TEST_P(Writer, IsAReaderOnKernelsBefore2012) {
  for (const zb_revision_number old : {ZB_R177548, ZB_2008_04, ZB_R180310}) {
    TestHost host(writer(GetParam(), old));
    ASSERT_EQ(host.set_interface("em0"), 0);
    EXPECT_NE(host.packet(60), 0u);
  }
}

} // namespace
} // namespace zbuf::testing

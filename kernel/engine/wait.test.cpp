// SPDX-License-Identifier: BSD-2-Clause
// Waiting and being woken, and read(2): spec 2.10 to 2.14, 7.6.
#include "kernel/engine/test_host.h"

namespace zbuf::testing {
namespace {

using Done = std::pair<int, std::size_t>; // error, bytes

class WaitOnEach : public OnEachRevision {};
INSTANTIATE_TEST_SUITE_P(Revision, WaitOnEach, ::testing::ValuesIn(all_revisions), OnEachRevision::name);

// ---- read(2) ----

TEST_P(WaitOnEach, ReadSleepsForTheReadTimeoutAndTakesWhatIsThere_2_10) {
  TestHost host(GetParam());
  ASSERT_EQ(host.set_interface("em0"), 0);
  ASSERT_EQ(host.set_timeout(0, 250'000), 0);
  host.packet(60);
  const std::uint32_t stored = host.d.store_length;
  EXPECT_EQ(host.read(4096), (Done{0, stored}));
  EXPECT_EQ(host.sleeps, std::vector<std::uint32_t>{250});
  EXPECT_EQ(host.read(4096), (Done{0, 0})) << "time is up and there is nothing: 0 bytes";
}

TEST_P(WaitOnEach, ReadWithoutTimeoutSleepsUntilABufferIsFull_2_10) {
  TestHost host(GetParam());
  ASSERT_EQ(host.set_interface("em0"), 0);
  host.packet(60);
  host.asleep = [&] {
    host.packet(1000); // not full yet: no wake-up, and if there were one, no reason to return
    if (host.sleeps.size() == 3)
      host.packets(5, 1000);
    return 0;
  };
  const Done done = host.read(4096);
  EXPECT_EQ(done.first, 0);
  EXPECT_GT(done.second, 3000u);
  EXPECT_EQ(host.sleeps, (std::vector<std::uint32_t>{0, 0, 0}));
}

TEST_P(WaitOnEach, ReadInImmediateModeTakesWhatIsThereAtOnce_2_10) {
  TestHost host(GetParam());
  ASSERT_EQ(host.set_interface("em0"), 0);
  ASSERT_EQ(host.set(ZB_BIOCIMMEDIATE, 1), 0);
  host.packet(60);
  EXPECT_EQ(host.read(4096).first, 0);
  EXPECT_TRUE(host.sleeps.empty());
  host.asleep = [&] {
    host.packet(60);
    return 0;
  };
  EXPECT_GT(host.read(4096).second, 60u);
  EXPECT_EQ(host.sleeps.size(), 1u);
}

TEST_P(WaitOnEach, ANonblockingReadRotatesSinceNineOne_2_10) {
  TestHost host({.revision = GetParam(), .nonblocking = true});
  ASSERT_EQ(host.set_interface("em0"), 0);
  EXPECT_EQ(host.read(4096), (Done{ZB_EWOULDBLOCK, 0}));
  host.packet(60);
  EXPECT_EQ(host.read(4096).first, revision().nonblocking_read_rotates ? 0 : ZB_EWOULDBLOCK);
  EXPECT_EQ(revision().nonblocking_read_rotates, GetParam() >= ZB_FREEBSD);
  host.packets(5, 1000);
  EXPECT_EQ(host.read(4096).first, 0) << "a full buffer is there for everybody";
  EXPECT_TRUE(host.sleeps.empty());
}

TEST_P(WaitOnEach, ReadAfterAPollThatTimedOutTakesWhatIsThere_2_10_2_14) {
  TestHost host(GetParam());
  ASSERT_EQ(host.set_interface("em0"), 0);
  ASSERT_EQ(host.set_timeout(1, 0), 0);
  EXPECT_EQ(host.poll(), 0);
  host.run_timer();
  host.packet(60);
  EXPECT_EQ(host.read(4096).first, 0);
  EXPECT_TRUE(host.sleeps.empty());
  host.packet(60);
  (void)host.read(4096);
  EXPECT_EQ(host.sleeps.size(), 1u) << "that was forgotten by the first read";
}

TEST_P(WaitOnEach, ASignalEndsARead) {
  TestHost host(GetParam());
  ASSERT_EQ(host.set_interface("em0"), 0);
  host.packet(60);
  host.asleep = [] { return ZB_EINTR; };
  EXPECT_EQ(host.read(4096), (Done{ZB_EINTR, 0}));
  EXPECT_NE(host.d.store_length, 0u) << "nothing is lost";
}

TEST_P(WaitOnEach, ASleeperWhoseInterfaceGoesGetsEnxioAndPublishedDataFirst_2_18) {
  TestHost host(GetParam());
  ASSERT_EQ(host.set_interface("em0"), 0);
  host.packets(5, 1000);
  EXPECT_EQ(host.read(4096).first, 0);
  host.asleep = [&] {
    host.attached.clear();
    zb_departed(&host.d, 0);
    return 0;
  };
  EXPECT_EQ(host.read(4096), (Done{ZB_ENXIO, 0}));
  EXPECT_EQ(host.read(4096), (Done{ZB_ENXIO, 0}));
}

TEST_P(WaitOnEach, WhatIsInHoldCanBeReadAfterTheInterfaceWent_2_18) {
  TestHost host(GetParam());
  ASSERT_EQ(host.set_interface("em0"), 0);
  host.packets(5, 1000);
  host.attached.clear();
  zb_departed(&host.d, 0);
  EXPECT_EQ(host.read(4096).first, 0);
  EXPECT_EQ(host.read(4096).first, ZB_ENXIO);
}

TEST_P(WaitOnEach, AFaultyCopyLosesTheDataAllTheSame_2_10) {
  TestHost host(GetParam());
  ASSERT_EQ(host.set_interface("em0"), 0);
  host.packets(5, 1000);
  host.copy_error = ZB_EFAULT;
  EXPECT_EQ(host.read(4096), (Done{ZB_EFAULT, 0}));
  EXPECT_EQ(host.d.hold, nullptr);
  EXPECT_NE(host.d.free, nullptr);
}

TEST_P(WaitOnEach, PacketsGoOnWhileReadCopies_2_21) {
  TestHost host(GetParam());
  ASSERT_EQ(host.set_interface("em0"), 0);
  host.packets(5, 1000);
  const std::uint64_t dropped = host.stats().dcount;
  host.copying = [&] {
    host.packets(5, 1000);
    EXPECT_EQ(host.stats().dcount, dropped + 4) << "hold is not given up before the copy is done";
  };
  EXPECT_EQ(host.read(4096).first, 0);
  host.packet(1000);
  EXPECT_EQ(host.stats().dcount, dropped + 4);
}

TEST_P(WaitOnEach, ASecondReaderKeepsOffABufferThatIsBeingCopied_2_10) {
  TestHost host(GetParam());
  ASSERT_EQ(host.set_interface("em0"), 0);
  host.packets(4, 1000);
  const zb_buffer* const held = host.d.hold;
  ASSERT_NE(held, nullptr);
  host.copying = [&] {
    host.asleep = [] { return ZB_EINTR; };
    std::size_t done = 1;
    EXPECT_EQ(zb_read(&host.d, 0x50000, 4096, &done), ZB_EINTR);
    EXPECT_EQ(done, 0u);
    EXPECT_EQ(host.d.hold, held);
  };
  EXPECT_GT(host.read(4096).second, 3000u);
  EXPECT_EQ(host.sleeps.size(), 1u);
  EXPECT_EQ(host.d.free, held);
}

// ---- poll(2) and the timer ----

TEST_P(WaitOnEach, PollIsReadyWithAHoldOrEagerlyWithAStore_2_11) {
  TestHost host(GetParam());
  ASSERT_EQ(host.lend(4096), 0);
  ASSERT_EQ(host.set_interface("em0"), 0);
  EXPECT_EQ(host.poll(ZB_POLLIN | ZB_POLLOUT), ZB_POLLOUT) << "out always";
  host.packet(60);
  EXPECT_EQ(host.poll(), 0);
  ASSERT_EQ(host.set(ZB_BIOCIMMEDIATE, 1), 0);
  EXPECT_EQ(host.poll(ZB_POLLIN | ZB_POLLRDNORM), ZB_POLLIN | ZB_POLLRDNORM);
  ASSERT_EQ(host.set(ZB_BIOCIMMEDIATE, 0), 0);
  host.packets(3, 1400);
  EXPECT_EQ(host.poll(), ZB_POLLIN);
  EXPECT_EQ(host.poll(), ZB_POLLIN) << "as long as it is not acknowledged";
  host.acknowledge(ZB_A);
  EXPECT_EQ(host.poll(), 0);
  EXPECT_FALSE(host.timer) << "no read time-out, no timer";
}

TEST_P(WaitOnEach, AStorePublishedByADropIsReadyOnZbufOnly_2_11_M4) {
  TestHost host(GetParam());
  ASSERT_EQ(host.lend(4096), 0);
  ASSERT_EQ(host.set_interface("em0"), 0);
  host.packets(5, 1400);
  host.acknowledge(ZB_A);
  const bool lent = zb_user_kernel_gen(host.header(ZB_B)) == 1;
  EXPECT_EQ(lent, revision().publish_once);
  EXPECT_EQ(host.poll(), revision().settles ? ZB_POLLIN : 0);
}

TEST_P(WaitOnEach, ADetachedDescriptorHangsUp_2_13) {
  TestHost host(GetParam());
  if (revision().poll_detached_returns_errno)
    EXPECT_EQ(host.poll(), ZB_ENXIO) << "an error number as events: PRI and OUT (r177548)";
  else
    EXPECT_EQ(host.poll(ZB_POLLIN | ZB_POLLHUP | ZB_POLLPRI), ZB_POLLIN | ZB_POLLHUP);
  EXPECT_EQ(ZB_ENXIO, ZB_POLLPRI | ZB_POLLOUT);
}

TEST_P(WaitOnEach, PollArmsTheTimerOnceAndAnyIoctlCancelsIt_2_13_2_14) {
  TestHost host(GetParam());
  ASSERT_EQ(host.lend(4096), 0);
  ASSERT_EQ(host.set_interface("em0"), 0);
  ASSERT_EQ(host.set_timeout(0, 300'000), 0);
  EXPECT_EQ(host.poll(ZB_POLLOUT), ZB_POLLOUT);
  EXPECT_FALSE(host.timer) << "nobody waits for input";
  EXPECT_EQ(host.poll(), 0);
  EXPECT_EQ(host.timer, 300u);
  host.timer = 1;
  EXPECT_EQ(host.poll(), 0);
  EXPECT_EQ(host.timer, 1u) << "not armed again while it runs";
  (void)host.get(ZB_FIONREAD);
  EXPECT_FALSE(host.timer);
  EXPECT_EQ(host.d.wait_state, ZB_IDLE);
}

TEST_P(WaitOnEach, TimedOutStaysUntilAnIoctlOrARead_2_14) {
  TestHost host(GetParam());
  ASSERT_EQ(host.lend(4096), 0);
  ASSERT_EQ(host.set_interface("em0"), 0);
  ASSERT_EQ(host.set_timeout(1, 0), 0);
  EXPECT_EQ(host.poll(), 0);
  host.run_timer();
  EXPECT_EQ(host.wakes, 0) << "an empty store wakes nobody";
  EXPECT_EQ(host.poll(), 0);
  EXPECT_FALSE(host.timer) << "it has run out already";
  host.packet(60);
  EXPECT_EQ(host.wakes, 1) << "every packet, as in immediate mode";
  EXPECT_EQ(host.poll(), ZB_POLLIN);
  host.packet(60);
  EXPECT_EQ(host.wakes, 2);
  (void)host.get(ZB_BIOCGDLT);
  host.packet(60);
  EXPECT_EQ(host.wakes, 2);
  EXPECT_EQ(host.poll(), 0);
  EXPECT_EQ(host.timer, 1000u);
}

TEST_P(WaitOnEach, TheTimerWakesWhoWaitsForAStoreWithSomethingInIt_2_14) {
  TestHost host(GetParam());
  ASSERT_EQ(host.set_interface("em0"), 0);
  ASSERT_EQ(host.set_timeout(1, 0), 0);
  host.packet(60);
  EXPECT_EQ(host.poll(), 0);
  host.run_timer();
  EXPECT_EQ(host.wakes, 1);
  EXPECT_EQ(host.poll(), ZB_POLLIN);
}

TEST_P(WaitOnEach, AWakeupStopsTheTimer_2_12) {
  TestHost host(GetParam());
  ASSERT_EQ(host.lend(4096), 0);
  ASSERT_EQ(host.set_interface("em0"), 0);
  ASSERT_EQ(host.set_timeout(1, 0), 0);
  EXPECT_EQ(host.poll(), 0);
  host.packets(5, 1400);
  EXPECT_FALSE(host.timer);
  EXPECT_EQ(host.d.wait_state, ZB_IDLE);
  zb_timer(&host.d); // one that came too late
  EXPECT_EQ(host.d.wait_state, ZB_IDLE);
}

TEST_P(WaitOnEach, WhoIsWokenByWhat_2_12_7_6) {
  TestHost host(GetParam());
  ASSERT_EQ(host.lend(4096), 0);
  ASSERT_EQ(host.set_interface("em0"), 0);
  host.packets(2, 1400);
  EXPECT_EQ(host.wakes, 0) << "stored";
  host.packet(1400);
  EXPECT_EQ(host.wakes, 1) << "rotated";
  host.packets(4, 1400);
  EXPECT_EQ(host.wakes, 1) << "dropped, and the store published";
  host.acknowledge(ZB_A);
  EXPECT_EQ(host.wakes, 1) << "the kernel is not told of acknowledgements";
  zb_bpf_zbuf z{};
  ASSERT_EQ(host.ioctl(ZB_BIOCROTZBUF, &z), 0);
  EXPECT_EQ(host.wakes, 1);
  ASSERT_EQ(host.ioctl(ZB_BIOCFLUSH), 0);
  EXPECT_EQ(host.wakes, 1);
  host.attached.clear();
  zb_departed(&host.d, 0);
  EXPECT_EQ(host.wakes, 2) << "the interface went";
}

TEST_P(WaitOnEach, APacketForADescriptorWhoseInterfaceJustWent_2_8_step_1) {
  TestHost host(GetParam());
  ASSERT_EQ(host.lend(4096), 0);
  ASSERT_EQ(host.set_interface("em0"), 0);
  host.attached.clear();
  zb_departed(&host.d, 0);
  const bool stored = host.packet(60) != 0;
  EXPECT_EQ(stored, !revision().drops_when_gone);
  EXPECT_EQ(host.stats().dcount, stored ? 0u : 1u);
}

} // namespace
} // namespace zbuf::testing

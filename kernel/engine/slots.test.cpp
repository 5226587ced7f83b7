// SPDX-License-Identifier: BSD-2-Clause
// The moves of the two buffers: spec 2.1 to 2.9, 2.16, 2.17, 3.3 to 3.7, section 5 and the mended M1 to M5.
#include "kernel/engine/test_host.h"

namespace zbuf::testing {
namespace {

class SlotsOnEach : public OnEachRevision {
 protected:
  void SetUp() override {
    ASSERT_EQ(host.lend(4096), 0);
    ASSERT_EQ(host.set_interface("em0"), 0);
  }
  /// Until even a packet of 60 bytes rotates.
  void fill() { host.packets(2, 1980); }
  [[nodiscard]] std::uint32_t kernel_gen(zb_which which) { return zb_user_kernel_gen(host.header(which)); }
  [[nodiscard]] std::string slots() const {
    const auto name = [](const zb_buffer* b) { return b == nullptr ? '-' : "AB"[b->which]; };
    return {name(host.d.store), name(host.d.hold), name(host.d.free)};
  }
  std::pair<std::uint64_t, std::uint64_t> rotate() {
    zb_bpf_zbuf z{9, 9, 9};
    EXPECT_EQ(host.ioctl(ZB_BIOCROTZBUF, &z), 0);
    EXPECT_EQ(z.bufb, 0u);
    return {z.bufa, z.buflen};
  }
  TestHost host{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Revision, SlotsOnEach, ::testing::ValuesIn(all_revisions), OnEachRevision::name);

TEST_P(SlotsOnEach, ABeginsInStoreBInFree_2_1) {
  EXPECT_EQ(slots(), "A-B");
}

TEST_P(SlotsOnEach, RotationPublishesLengthThenGeneration_2_2_2_3) {
  fill();
  const std::uint32_t length = host.d.store_length;
  host.events();
  host.packet(60);
  EXPECT_EQ(slots(), "BA-");
  EXPECT_EQ(kernel_gen(ZB_A), 1u);
  EXPECT_EQ(zb_user_kernel_len(host.header(ZB_A)), length);
  std::vector<int> kinds;
  for (const zb_event& e : host.events())
    kinds.push_back(e.kind);
  EXPECT_EQ(kinds,
            (std::vector<int>{ZB_EV_ACCEPTED, ZB_EV_ROTATED, ZB_EV_PUBLISHED, ZB_EV_STORED, ZB_EV_WOKEN}));
}

TEST_P(SlotsOnEach, OnlyAPacketNoticesAnAcknowledgement_2_8_step_2) {
  fill();
  host.packet(60);
  host.acknowledge(ZB_A);
  host.events();
  EXPECT_EQ(slots(), "BA-");
  host.packet(60);
  EXPECT_EQ(slots(), "B-A");
  EXPECT_TRUE(host.happened(ZB_EV_RECLAIMED));
}

TEST_P(SlotsOnEach, AtMostOneOrBothBuffersAreLent_5_8) {
  host.packets(5, 1400);
  EXPECT_EQ(host.stats().dcount, 1u);
  EXPECT_EQ(kernel_gen(ZB_A), 1u);
  EXPECT_EQ(kernel_gen(ZB_B), revision().publish_once ? 1u : 0u);
}

TEST_P(SlotsOnEach, AfterTheFirstDropEvenASmallPacketIsDropped_2_9_iv) {
  host.packets(5, 1400);
  const bool stored = host.packet(60) != 0;
  EXPECT_EQ(stored, !revision().publish_once);
}

TEST_P(SlotsOnEach, AcknowledgingTheYoungerOneFirstDoesNotHelp_2_9_v) {
  host.packets(5, 1400);
  if (!revision().publish_once)
    return; // B is not lent
  host.acknowledge(ZB_B);
  host.packets(3, 60);
  EXPECT_EQ(host.stats().dcount, 4u);
  EXPECT_EQ(slots(), "BA-");
}

TEST_P(SlotsOnEach, BothAcknowledgedTheNextPacketTakesTwoStepsExceptOnZbuf_2_9_vi_M3) {
  host.packets(5, 1400);
  if (!revision().publish_once)
    return;
  host.acknowledge(ZB_A);
  host.acknowledge(ZB_B);
  host.events();
  const int wakes = host.wakes;
  host.packet(60);
  if (revision().settles) {
    EXPECT_EQ(slots(), "A-B") << "both come back at once";
    EXPECT_EQ(host.d.store_length, 86u);
    EXPECT_EQ(host.wakes, wakes);
    return;
  }
  EXPECT_EQ(slots(), "AB-");
  EXPECT_FALSE(host.happened(ZB_EV_PUBLISHED)) << "a fill is published once";
  EXPECT_EQ(kernel_gen(ZB_B), 1u);
  EXPECT_EQ(host.wakes, wakes + 1);
  EXPECT_EQ(host.poll(), 0);
  host.packet(60);
  EXPECT_EQ(slots(), "A-B");
}

TEST_P(SlotsOnEach, BuffersArePublishedInTurnWheneverTheyComeBack_3_6) {
  std::vector<int> published;
  std::uint32_t random = 1;
  for (int turn = 0; turn < 4000; ++turn) {
    random = random * 1103515245u + 12345u;
    switch (random >> 29) {
    case 0:
      host.acknowledge(ZB_A);
      break;
    case 1:
      host.acknowledge(ZB_B);
      break;
    case 2:
      rotate();
      break;
    case 3:
      (void)host.poll();
      break;
    default:
      host.packet(1400);
    }
    for (const zb_event& e : host.events())
      if (e.kind == ZB_EV_PUBLISHED)
        published.push_back(e.buffer);
  }
  EXPECT_GT(published.size(), 300u);
  for (std::size_t i = 0; i < published.size(); ++i)
    ASSERT_EQ(published[i], i % 2 == 0 ? ZB_A : ZB_B) << "publication " << i;
}

TEST_P(SlotsOnEach, GenerationsWrapAround_3_3) {
  for (zb_buffer& b : host.d.buffers)
    b.generation = 0xffffffffu;
  zb_user_scribble(host.header(ZB_A), 0, 0xffffffffu);
  zb_user_acknowledge(host.header(ZB_A), 0xffffffffu);
  host.packets(3, 1400);
  EXPECT_EQ(kernel_gen(ZB_A), 0u);
  EXPECT_EQ(slots(), "BA-");
  host.packets(3, 1400);
  EXPECT_GT(host.stats().dcount, 0u) << "user_gen is the largest number, and not ahead";
  host.acknowledge(ZB_A);
  EXPECT_NE(host.packet(60), 0u);
}

// ---- ROTZBUF (2.16) ----

TEST_P(SlotsOnEach, RotzbufHandsOverAPartialBuffer) {
  host.packet(60);
  const std::uint32_t length = host.d.store_length;
  EXPECT_EQ(rotate(), (std::pair<std::uint64_t, std::uint64_t>{host.lent(ZB_A).address, length}));
  EXPECT_EQ(kernel_gen(ZB_A), 1u);
  EXPECT_EQ(zb_user_kernel_len(host.header(ZB_A)), length);
  EXPECT_EQ(rotate().first, 0u) << "and nothing while that is held";
}

TEST_P(SlotsOnEach, RotzbufOfAnEmptyStoreIsNothing) {
  EXPECT_EQ(rotate(), (std::pair<std::uint64_t, std::uint64_t>{0, 0}));
  EXPECT_EQ(slots(), "A-B");
}

TEST_P(SlotsOnEach, ATailSticksBehindAnAcknowledgedHoldExceptOnZbuf_2_16a_M5) {
  fill();
  host.packet(60);
  host.acknowledge(ZB_A);
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(rotate().first != 0, revision().settles && i == 0);
  EXPECT_EQ(kernel_gen(ZB_B), revision().settles ? 1u : 0u);
}

TEST_P(SlotsOnEach, RotzbufDoesNotTouchAStoreThatIsLent_M5) {
  if (!revision().publish_once)
    return;
  host.packets(5, 1400);
  host.acknowledge(ZB_A);
  const bool rotated = rotate().first != 0;
  EXPECT_FALSE(rotated)
      << "A is in hold, acknowledged or not; on zbuf it comes back, but B has been handed out";
  EXPECT_EQ(slots(), revision().settles ? "AB-" : "BA-") << "on zbuf a published store moves up";
  EXPECT_EQ(kernel_gen(ZB_B), 1u);
}

TEST_P(SlotsOnEach, ImmediateModeSpinsOnAStuckTailExceptOnZbuf_2_16b_M4) {
  fill();
  host.packet(60);
  host.acknowledge(ZB_A);
  ASSERT_EQ(host.set(ZB_BIOCIMMEDIATE, 1), 0);
  int turns = 0;
  while (host.poll() != 0 && rotate().first == 0 && turns < 100)
    ++turns;
  EXPECT_EQ(turns, revision().settles ? 0 : 100);
}

TEST_P(SlotsOnEach, ReadBuffersAreHandedOutAgainAfterAFlushExceptOnZbuf_2_16c_M5) {
  if (!revision().publish_once)
    return;
  host.packets(5, 1400);
  host.acknowledge(ZB_A);
  host.acknowledge(ZB_B);
  ASSERT_EQ(host.ioctl(ZB_BIOCFLUSH), 0);
  const bool again = rotate().first != 0;
  EXPECT_EQ(again, !revision().reset_empties_published_store && !revision().settles)
      << "before it, FLUSH empties the store whoever owns it";
  EXPECT_EQ(kernel_gen(ZB_B), 1u) << "and never with a new generation";
}

TEST_P(SlotsOnEach, RotzbufWorksWithoutAnInterface_2_16) {
  host.packet(60);
  host.attached.clear();
  zb_departed(&host.d, 0);
  EXPECT_NE(rotate().first, 0u);
  EXPECT_EQ(kernel_gen(ZB_A), 1u);
}

// ---- Reset (2.17) ----

TEST_P(SlotsOnEach, AFlushTakesALentHoldBackOnOldKernelsOnly_2_17_5_5_S4) {
  fill();
  host.packet(60);
  const Bytes before = host.bytes(ZB_A);
  ASSERT_EQ(host.ioctl(ZB_BIOCFLUSH), 0);
  EXPECT_EQ(slots(), revision().reset_takes_hold_back ? "B-A" : "BA-");
  EXPECT_EQ(host.d.store_length, 0u);
  host.packets(3, 1400);
  EXPECT_EQ(host.bytes(ZB_A) == before, !revision().reset_takes_hold_back)
      << "which then write a buffer that the user still owns";
}

TEST_P(SlotsOnEach, AFlushTakesAnAcknowledgedHoldBackEverywhere_2_17) {
  fill();
  host.packet(60);
  host.acknowledge(ZB_A);
  ASSERT_EQ(host.ioctl(ZB_BIOCFLUSH), 0);
  EXPECT_EQ(slots(), "B-A");
}

TEST_P(SlotsOnEach, AFlushLeavesALentStoreAloneSinceEightThree_2_17) {
  host.packets(5, 1400);
  const std::uint32_t length = host.d.store_length;
  ASSERT_EQ(host.ioctl(ZB_BIOCFLUSH), 0);
  EXPECT_EQ(host.d.store_length, revision().reset_empties_published_store ? 0u : length);
}

TEST_P(SlotsOnEach, AResetZeroesAllSevenCounters_2_17) {
  host.packets(5, 1400);
  host.write(TestHost::payload(60));
  host.write(TestHost::payload(6000));
  ASSERT_EQ(host.ioctl(ZB_BIOCFLUSH), 0);
  const zb_xbpf_d s = host.stats();
  EXPECT_EQ(s.rcount + s.dcount + s.fcount + s.wcount + s.wfcount + s.wdcount + s.zcopy, 0u);
}

// ---- The reconstructed one of April 2008 (5.2) ----

TEST(Slots, Of200804AskingReadinessClearsTheFlag_5_2) {
  TestHost host(ZB_2008_04);
  ASSERT_EQ(host.lend(4096), 0);
  ASSERT_EQ(host.set_interface("em0"), 0);
  host.packets(3, 1400);
  ASSERT_TRUE(host.d.hold->lent);
  (void)host.poll();
  EXPECT_TRUE(host.d.hold->lent);
  host.acknowledge(ZB_A);
  EXPECT_TRUE(host.d.hold->lent);
  (void)host.poll();
  EXPECT_FALSE(host.d.hold->lent);
}

// ---- What a hostile process can do to itself (3.4, M1) ----

TEST_P(SlotsOnEach, AnAcknowledgementAheadOfTimeCountsAsOne_3_4) {
  zb_user_acknowledge(host.header(ZB_A), 1);
  host.packets(3, 1400);
  EXPECT_EQ(kernel_gen(ZB_A), 1u);
  host.packet(60);
  EXPECT_EQ(slots(), "B-A") << "published, and back at once";
}

TEST_P(SlotsOnEach, AScribbledKernelGenerationHurtsOnlyWhoScribblesAndNotZbuf_3_4_M1) {
  fill();
  host.packet(60);
  zb_user_scribble(host.header(ZB_A), 0, 77);
  zb_user_acknowledge(host.header(ZB_A), 1);
  host.packets(5, 1400);
  if (revision().private_generation) {
    EXPECT_EQ(slots().find('A'), 0u) << "the kernel knows its own generation";
  } else {
    EXPECT_EQ(slots(), "BA-") << "never equal: drops for ever";
    EXPECT_EQ(host.stats().dcount, 3u);
    EXPECT_EQ(host.poll(), ZB_POLLIN);
  }
}

TEST_P(SlotsOnEach, AScribbledGenerationOfTheNextFillIsBelievedExceptByZbuf_M1) {
  zb_user_scribble(host.header(ZB_A), 0, 41);
  zb_user_acknowledge(host.header(ZB_A), 41);
  host.packets(3, 1400);
  EXPECT_EQ(kernel_gen(ZB_A), revision().private_generation ? 1u : 42u);
}

TEST_P(SlotsOnEach, AScribbledLengthIsNeverReadBack) {
  zb_user_scribble(host.header(ZB_A), 1, 0xffffffffu);
  fill();
  EXPECT_EQ(host.get(ZB_FIONREAD), host.d.store_length);
  host.packet(60);
  EXPECT_LT(zb_user_kernel_len(host.header(ZB_A)), 4096u);
}

} // namespace
} // namespace zbuf::testing

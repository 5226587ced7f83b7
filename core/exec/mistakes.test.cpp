// SPDX-License-Identifier: BSD-2-Clause
#include "core/exec/mistakes.h"
#include "core/clock/virtual_clock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace zbuf::exec {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

/// A loan whose two sides are played by the test.
class Loan : public ::testing::Test {
 protected:
  void publish(zb_which which, std::uint32_t length = 1000) {
    watch.before(clock);
    zb_header_publish(&headers[which], length, zb_header_kernel_gen(&headers[which]) + 1);
    watch.after(clock);
  }
  void acknowledge(zb_which which) {
    zb_user_acknowledge(&headers[which], zb_user_kernel_gen(&headers[which]));
  }
  /// Something enters the kernel.
  void notice() {
    watch.before(clock);
    watch.after(clock);
  }
  std::vector<Mistake> mistakes() {
    notice();
    return watch.mistakes(clock.now_ns());
  }

  VirtualClock clock;
  zb_shared_header headers[2]{};
  LoanNotes notes{};
  std::uint64_t dropped = 0;
  std::vector<zb_event> events{};
  LoanWatch watch{{&headers[0], &headers[1]},
                  &notes,
                  0,
                  [this](const zb_event& event) { events.push_back(event); },
                  [this] { return dropped; }};
};

TEST_F(Loan, RoundAfterRoundWithoutAMistake) {
  for (int lap = 0; lap < 5; ++lap)
    for (const zb_which which : {ZB_A, ZB_B}) {
      publish(which);
      acknowledge(which);
    }
  EXPECT_THAT(mistakes(), SizeIs(0));
  EXPECT_EQ(watch.published(), 10u);
  EXPECT_EQ(watch.acknowledged(), 10u);
  ASSERT_THAT(events, SizeIs(20));
  EXPECT_EQ(events[0].kind, ZB_EV_TOOK);
  EXPECT_EQ(events[0].a, 1000u);
  EXPECT_EQ(events[1].kind, ZB_EV_ACKNOWLEDGED);
}

TEST_F(Loan, BothReturnedBetweenTwoEntriesIsNoWrongOrder) {
  publish(ZB_A);
  publish(ZB_B);
  acknowledge(ZB_A);
  acknowledge(ZB_B);
  EXPECT_THAT(mistakes(), SizeIs(0));
  publish(ZB_B); // ... and now B is the older one
  publish(ZB_A);
  acknowledge(ZB_B);
  acknowledge(ZB_A);
  EXPECT_THAT(mistakes(), SizeIs(0));
}

TEST_F(Loan, WhatWasNotLentCannotBeAcknowledged) {
  zb_user_acknowledge(&headers[ZB_B], 1);
  const auto found = mistakes();
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].kind, MistakeKind::acknowledged_not_lent);
  EXPECT_THAT(mistake_sentence(found[0]),
              HasSubstr("user_gen of buffer B to 1, but the last generation lent there is 0"));
  EXPECT_EQ(events.back().kind, ZB_EV_SCRIBBLED);
}

TEST_F(Loan, TheKernelsWordsAreTheKernels) {
  publish(ZB_A);
  zb_user_scribble(&headers[ZB_A], 0, 0);
  zb_user_scribble(&headers[ZB_A], 1, 7);
  const auto found = mistakes();
  ASSERT_THAT(found, SizeIs(1)); // one of its kind and buffer; the other is counted
  EXPECT_EQ(found[0].count, 2u);
  EXPECT_THAT(mistake_sentence(found[0]), HasSubstr("kernel_gen of buffer A became 0, from 1"));
  EXPECT_THAT(mistake_sentence(found[0]), HasSubstr("2 times in all"));
}

TEST_F(Loan, TheYoungerFirstIsTheWrongOrder) {
  publish(ZB_A);
  publish(ZB_B);
  acknowledge(ZB_B);
  notice();
  acknowledge(ZB_A);
  const auto found = mistakes();
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].kind, MistakeKind::younger_first);
  EXPECT_THAT(mistake_sentence(found[0]), HasSubstr("B came back while A"));
}

TEST_F(Loan, TheOlderOneThatNeverComesBackIsKept) {
  publish(ZB_A);
  acknowledge(ZB_A);
  publish(ZB_B);
  publish(ZB_A);
  acknowledge(ZB_A);
  notice();
  EXPECT_THAT(mistakes(), SizeIs(0)); // nothing was lost by it yet
  dropped = 3;
  const auto found = mistakes();
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].kind, MistakeKind::kept_one);
  EXPECT_THAT(mistake_sentence(found[0]), HasSubstr("3 packets were dropped"));
}

TEST_F(Loan, WhoAsksForMoreAndHasBothNeverAcknowledged) {
  publish(ZB_A);
  publish(ZB_B);
  dropped = 9;
  EXPECT_THAT(mistakes(), SizeIs(0)); // it may still be at the first fill
  for (int n = 0; n < 3; ++n)
    watch.asked(Ask::poll);
  const auto found = mistakes();
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].kind, MistakeKind::never_acknowledged);
}

TEST_F(Loan, AWipedHeaderIsNobodysMistake) {
  publish(ZB_A);
  zb_header_zero(&headers[ZB_A]);
  watch.wiped();
  EXPECT_THAT(mistakes(), SizeIs(0));
}

TEST_F(Loan, WhatTheGuardSawIsTold) {
  notes.read_not_owned[ZB_B] = {3, 5'000'000, 8192};
  notes.past_length[ZB_A] = {1, 6'000'000, 12288 | std::uint64_t{9000} << 32};
  auto found = mistakes();
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_THAT(mistake_sentence(found[0]),
              HasSubstr("at 0.005000 s it read byte 8192 of buffer B, which had not been"));
  EXPECT_THAT(mistake_sentence(found[1]),
              HasSubstr("byte 12288 of buffer A, but the records end at byte 9000"));
  notes.given_back[ZB_B] = 1;
  EXPECT_THAT(mistake_sentence(mistakes()[0]), HasSubstr("it read on after acknowledging"));
}

} // namespace
} // namespace zbuf::exec

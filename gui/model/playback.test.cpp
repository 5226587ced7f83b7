// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/model/playback.h"

#include "gui/model/test_session.h"

#include <gtest/gtest.h>

#include <limits>

namespace zbuf::gui {
namespace {

constexpr double fastest = std::numeric_limits<double>::infinity();

/// Lesson 4, the slow reader: zero-copy and read(2), 8 ms of stall, drops.
class PlaybackOfLesson4 : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(opened.open_lesson("04")); }

  [[nodiscard]] const Recording& recording(std::size_t track = 0) const {
    return *playback.track(track).recording;
  }
  bool play_until_it_stops() {
    playback.set_playing(true);
    return QTest::qWaitFor([this] { return !playback.playing(); }, 20'000);
  }
  /// What playback says is what the recording says.
  void expect_consistent() const {
    for (std::size_t i = 0; i < playback.track_count(); ++i)
      EXPECT_EQ(playback.state(i), recording(i).state_after(playback.events_done(i))) << i;
    const std::uint64_t done = playback.events_done(playback.focus());
    EXPECT_EQ(playback.event_index().has_value(), done > 0);
    if (done > 0) {
      EXPECT_EQ(playback.state_before(), recording(playback.focus()).state_after(done - 1));
      EXPECT_EQ(playback.event()->time_ns, recording(playback.focus()).event(done - 1).time_ns);
    }
  }

  TestSession opened;
  Playback& playback = opened.playback;
};

TEST(Playback, WithoutTracksEverythingIsEmpty) {
  Playback playback;
  EXPECT_EQ(playback.track_count(), 0u);
  EXPECT_EQ(playback.focused(), nullptr);
  EXPECT_EQ(playback.state(), State{});
  EXPECT_FALSE(playback.event());
  playback.set_playing(true);
  EXPECT_FALSE(playback.playing());
  playback.step(Unit::event, true);
  playback.jump(Landmark::end, true);
  playback.seek_time(5);
  EXPECT_EQ(playback.time_ns(), 0u);
  EXPECT_FALSE(playback.can_jump(Landmark::drop, true));
  EXPECT_TRUE(playback.set_stop_when("drops > 0"));
}

TEST_F(PlaybackOfLesson4, SeeksToAnyInstantInBothDirections) {
  const std::uint64_t end_ns = playback.end_ns();
  for (const std::uint64_t percent : {50u, 51u, 10u, 100u, 0u, 73u, 72u}) {
    playback.seek_time(end_ns * percent / 100);
    EXPECT_EQ(playback.time_ns(), end_ns * percent / 100);
    for (std::size_t i = 0; i < 2; ++i)
      EXPECT_EQ(playback.events_done(i), recording(i).events_until(playback.time_ns()));
    expect_consistent();
  }
}

TEST_F(PlaybackOfLesson4, StepsByEventThereAndBack) {
  playback.seek_event(1000);
  const State before = playback.state();
  for (int i = 0; i < 5; ++i)
    playback.step(Unit::event, true);
  EXPECT_EQ(playback.event_index(), 1005u);
  expect_consistent();
  for (int i = 0; i < 5; ++i)
    playback.step(Unit::event, false);
  EXPECT_EQ(playback.event_index(), 1000u);
  EXPECT_EQ(playback.state(), before);
}

TEST_F(PlaybackOfLesson4, StepsByPacketToTheLastEventOfIt) {
  playback.seek_event(*recording().next(mask_of({ZB_EV_ARRIVED}), 2000));
  const std::uint32_t packet = playback.event()->packet;
  playback.step(Unit::packet, true); // to the end of the packet that it is in
  EXPECT_EQ(playback.event()->packet, packet);
  EXPECT_TRUE(contains(mask_of({ZB_EV_STORED, ZB_EV_DROPPED}), playback.event()->kind));
  playback.step(Unit::packet, true);
  EXPECT_EQ(playback.event()->packet, packet + 1);
  playback.step(Unit::packet, false);
  EXPECT_EQ(playback.event()->packet, packet);
  expect_consistent();
}

TEST_F(PlaybackOfLesson4, StepsByOwnershipThroughTheHandOff) {
  playback.jump(Landmark::hand_off, true);
  EXPECT_EQ(playback.event()->kind, ZB_EV_PUBLISHED);
  EXPECT_EQ(playback.state().descriptors[0].user_owned(), 1u);
  playback.step(Unit::ownership, true);
  EXPECT_EQ(playback.event()->kind, ZB_EV_ACKNOWLEDGED);
  playback.step(Unit::ownership, true);
  EXPECT_EQ(playback.event()->kind, ZB_EV_RECLAIMED);
  playback.step(Unit::ownership, false);
  EXPECT_EQ(playback.event()->kind, ZB_EV_ACKNOWLEDGED);
}

TEST_F(PlaybackOfLesson4, StepsEndAtTheEnds) {
  playback.jump(Landmark::start, true);
  playback.step(Unit::event, false);
  playback.step(Unit::packet, false);
  EXPECT_EQ(playback.events_done(0), 0u);
  playback.jump(Landmark::end, true);
  playback.step(Unit::ownership, true);
  EXPECT_EQ(playback.events_done(0), recording().event_count());
  EXPECT_EQ(playback.time_ns(), playback.end_ns());
  expect_consistent();
}

TEST_F(PlaybackOfLesson4, JumpsToDropsFaultsAndChapters) {
  playback.jump(Landmark::drop, true);
  EXPECT_EQ(playback.event()->kind, ZB_EV_DROPPED);
  EXPECT_EQ(playback.state().total().dropped, 1u);
  EXPECT_FALSE(playback.can_jump(Landmark::drop, false));
  const std::uint64_t first = *playback.event_index();
  playback.jump(Landmark::drop, true);
  playback.jump(Landmark::drop, false);
  EXPECT_EQ(playback.event_index(), first);

  playback.jump(Landmark::start, true);
  for (const ChapterReport& chapter : playback.focused()->report.chapters) {
    ASSERT_TRUE(playback.can_jump(Landmark::chapter, true));
    playback.jump(Landmark::chapter, true);
    EXPECT_EQ(playback.event_index(), chapter.event);
  }
  EXPECT_FALSE(playback.can_jump(Landmark::chapter, true));
  playback.jump(Landmark::fault, false);
  EXPECT_GE(playback.time_ns(), 8'000'000u);
  EXPECT_LT(playback.time_ns(), 8'100'000u);
}

TEST_F(PlaybackOfLesson4, FocusOnTheOtherTrackKeepsTheInstant) {
  playback.seek_time(20'000'000);
  QSignalSpy changes(&playback, &Playback::focus_changed);
  playback.set_focus(1);
  EXPECT_EQ(changes.count(), 1);
  EXPECT_EQ(playback.time_ns(), 20'000'000u);
  expect_consistent();
  playback.step(Unit::event, true);
  EXPECT_EQ(playback.events_done(0), recording(0).events_until(playback.time_ns()));
}

TEST_F(PlaybackOfLesson4, PlaysToTheEndAndThenOnceMore) {
  playback.set_speed(fastest);
  QSignalSpy moves(&playback, &Playback::moved);
  ASSERT_TRUE(play_until_it_stops());
  EXPECT_EQ(playback.time_ns(), playback.end_ns());
  EXPECT_EQ(playback.events_done(0), recording().event_count());
  EXPECT_GT(moves.count(), 10); // it is to be seen
  expect_consistent();
  playback.set_playing(true);
  EXPECT_LT(playback.time_ns(), playback.end_ns() / 2);
  playback.set_playing(false);
}

TEST_F(PlaybackOfLesson4, PlaysAtTheSpeedThatWasAskedFor) {
  playback.set_speed(1.0 / 50);
  playback.set_playing(true);
  QElapsedTimer wall;
  wall.start();
  QTest::qWait(500);
  const double expected_ns = static_cast<double>(wall.nsecsElapsed()) / 50;
  const auto went_ns = static_cast<double>(playback.time_ns());
  playback.set_playing(false);
  EXPECT_NEAR(went_ns, expected_ns, expected_ns * 0.2);
  EXPECT_EQ(playback.speed(), 1.0 / 50);
  playback.set_speed(1e9);
  EXPECT_EQ(playback.speed(), 1e3);
}

TEST_F(PlaybackOfLesson4, StopsRightAtTheFirstEventAtAnySpeed) {
  const std::uint64_t first = *recording().next(mask_of({ZB_EV_DROPPED}), 0);
  for (const double speed : {0.1, 1000.0, fastest}) {
    playback.jump(Landmark::start, true);
    playback.set_speed(speed);
    ASSERT_FALSE(playback.set_stop_when("drops > 0"));
    QSignalSpy stopped(&playback, &Playback::stopped_by_condition);
    ASSERT_TRUE(play_until_it_stops());
    EXPECT_EQ(stopped.count(), 1);
    EXPECT_EQ(playback.event_index(), first) << speed;
    EXPECT_EQ(playback.time_ns(), recording().event(first).time_ns);
    expect_consistent();
  }
  // It holds from now on, so nothing stops it again.
  playback.set_speed(fastest);
  ASSERT_TRUE(play_until_it_stops());
  EXPECT_EQ(playback.time_ns(), playback.end_ns());
}

TEST_F(PlaybackOfLesson4, StopsAtEveryEventOfAKind) {
  playback.set_speed(fastest);
  ASSERT_FALSE(playback.set_stop_when("published"));
  std::uint64_t from = 0;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(play_until_it_stops());
    const std::uint64_t expected = *recording().next(mask_of({ZB_EV_PUBLISHED}), from);
    EXPECT_EQ(playback.event_index(), expected);
    from = expected + 1;
  }
}

TEST_F(PlaybackOfLesson4, RefusesAConditionAndKeepsTheOldOne) {
  ASSERT_FALSE(playback.set_stop_when("drops > 0"));
  const auto unknown = playback.set_stop_when("dropz > 0");
  ASSERT_TRUE(unknown);
  EXPECT_TRUE(unknown->contains("did you mean")) << unknown->toStdString();
  EXPECT_TRUE(playback.set_stop_when("drops >"));
  EXPECT_TRUE(playback.set_stop_when("1 > 0"));
  EXPECT_TRUE(playback.set_stop_when("end_ms > 0"));
  EXPECT_EQ(playback.stop_when(), "drops > 0");
  EXPECT_FALSE(playback.set_stop_when("  "));
  EXPECT_EQ(playback.stop_when(), "");
}

TEST_F(PlaybackOfLesson4, TellsOfMovesAtMostOnceAFrame) {
  QTest::qWait(50);
  QSignalSpy moves(&playback, &Playback::moved);
  QElapsedTimer wall;
  wall.start();
  for (std::uint64_t i = 1; i <= 2000; ++i)
    playback.seek_time(i * 1000);
  const qint64 took_ms = wall.elapsed();
  EXPECT_LE(moves.count(), 2 + took_ms / 14);
  QTest::qWait(50);
  EXPECT_GE(moves.count(), 2); // and the last one is told of
}

TEST_F(PlaybackOfLesson4, TheSelectionIsToldOfOnce) {
  QSignalSpy changes(&playback, &Playback::selection_changed);
  playback.select({.packet = 7});
  playback.select({.packet = 7});
  EXPECT_EQ(changes.count(), 1);
  EXPECT_EQ(playback.selection().packet, 7u);
}

} // namespace
} // namespace zbuf::gui

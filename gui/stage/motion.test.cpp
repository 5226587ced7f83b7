// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/stage/motion.h"

#include "core/trace/test_recording.h"

#include <gtest/gtest.h>

namespace zbuf::gui::stage {
namespace {

using synthetic::Pencil;
using testing_support::TemporaryFile;

/// A recording of what the pencil wrote, to be looked at.
class Bed {
 public:
  explicit Bed(const Pencil& pencil) {
    testing_support::record(file_, pencil.events);
    recording_.emplace(testing_support::opened(file_));
  }

  Motion at(std::uint64_t done, std::uint64_t time_ns, std::uint64_t window_ns, double settled = 0) {
    state_ = recording_->state_after(done);
    return motion_at({&*recording_, &state_, done, time_ns, 0, window_ns, settled});
  }
  Motion at_time(std::uint64_t time_ns, std::uint64_t window_ns) {
    return at(recording_->events_until(time_ns), time_ns, window_ns);
  }

 private:
  TemporaryFile file_;
  std::optional<Recording> recording_;
  State state_;
};

Pencil with_a_packet() {
  Pencil pencil;
  pencil.open(4064);
  pencil.time_ns = 1'000'000;
  pencil.arrive(100);
  pencil.put(ZB_EV_ACCEPTED, ZB_NO_BUFFER, 0xffffffff, 0, 0, 0, 0);
  pencil.put(ZB_EV_STORED, ZB_A, 0, 100, 26, 100, 0);
  return pencil;
}

TEST(Motion, APacketTravelsForOneWindow) {
  Bed bed(with_a_packet());
  const std::uint64_t accepted_ns = 1'000'020;
  double before = -1;
  for (std::uint64_t t = accepted_ns + 10; t < accepted_ns + 1000; t += 90) {
    const Motion motion = bed.at_time(t, 1000);
    ASSERT_EQ(motion.flights.size(), 1u) << t;
    EXPECT_EQ(motion.flights[0].fate, Fate::stored);
    EXPECT_NEAR(motion.flights[0].progress, static_cast<double>(t - accepted_ns) / 1000, 1e-9);
    EXPECT_GT(motion.flights[0].progress, before);
    before = motion.flights[0].progress;
  }
  // It has landed; what is left over is the mark of the last event.
  const Motion landed = bed.at_time(accepted_ns + 2000, 1000);
  for (const Flight& flight : landed.flights)
    EXPECT_EQ(flight.progress, 1);
}

TEST(Motion, SettledItStandsWhereItsLastEventPutIt) {
  const Pencil pencil = with_a_packet();
  Bed bed(pencil);
  const std::uint64_t all = pencil.events.size();
  const auto fate = [&](std::uint64_t done) {
    const Motion motion = bed.at(done, pencil.events[done - 1].time_ns, 1000, 1);
    return motion.flights.empty() ? std::optional<Fate>() : motion.flights[0].fate;
  };
  EXPECT_EQ(fate(all - 2), Fate::waiting);
  EXPECT_EQ(fate(all - 1), Fate::accepted);
  EXPECT_EQ(fate(all), Fate::stored);
}

TEST(Motion, WhoNeverPassesTheDescriptorDoesNotWaitForIt) {
  Pencil pencil;
  pencil.open(4064);
  pencil.arrive(100); // and nothing more: its direction was wrong
  Bed bed(pencil);
  EXPECT_TRUE(bed.at(pencil.events.size(), pencil.time_ns, 1000, 1).flights.empty());
}

TEST(Motion, APublishedBufferRises) {
  Pencil pencil = with_a_packet();
  pencil.rotate(ZB_A, 126).publish(ZB_A, 126, 1);
  const std::uint64_t published = pencil.time_ns;
  pencil.time_ns += 100'000;
  pencil.put(ZB_EV_WOKEN, ZB_NO_BUFFER, 0, 0, ZB_BY_PACKET);
  Bed bed(pencil);
  double up = 0, column = 1;
  for (std::uint64_t t = published; t < published + 1000; t += 50) {
    const Pose pose = bed.at_time(t, 1000).poses[ZB_A];
    EXPECT_GE(pose.up, up);
    EXPECT_LE(pose.column, column);
    up = pose.up;
    column = pose.column;
  }
  EXPECT_EQ(bed.at_time(published + 1500, 1000).poses[ZB_A], (Pose{0, 1, 0, false}));
  // It was in store a moment before, and is there again if one steps back.
  EXPECT_EQ(bed.at_time(published - 15, 1000).poses[ZB_A], (Pose{1, 0, 0, false}));
}

TEST(Motion, ManyPacketsAreStreams) {
  Pencil pencil;
  pencil.open(1u << 20);
  for (std::uint32_t i = 0; i < 100; ++i) {
    pencil.arrive(100);
    pencil.put(ZB_EV_ACCEPTED, ZB_NO_BUFFER, 0xffffffff, 0, 0, 0, i);
    pencil.put(ZB_EV_STORED, ZB_A, i * 128, 100, 26, 100, i);
  }
  Bed bed(pencil);
  const std::uint64_t end = pencil.time_ns;
  const Motion few = bed.at_time(end, 300);
  EXPECT_FALSE(few.streams);
  EXPECT_FALSE(few.flights.empty());
  EXPECT_LE(few.flights.size(), most_flights);
  const Motion many = bed.at_time(end, 3000);
  EXPECT_TRUE(many.streams);
  EXPECT_TRUE(many.flights.empty());
  EXPECT_NEAR(many.rates.stored_hz, 100e9 / static_cast<double>(many.rates.span_ns), 1);
}

TEST(Motion, TooManyHandOffsAreNotFollowed) {
  Pencil pencil;
  pencil.open(4064);
  for (std::uint32_t i = 1; i < 20; ++i) {
    const zb_which which = i % 2 == 1 ? ZB_A : ZB_B;
    pencil.put(ZB_EV_STORED, static_cast<std::uint8_t>(which), 0, 100, 26, 100, i);
    pencil.rotate(which, 126).publish(which, 126, (i + 1) / 2).acknowledge(which, (i + 1) / 2).reclaim(which);
  }
  Bed bed(pencil);
  const Motion motion = bed.at_time(pencil.time_ns, 100'000);
  EXPECT_TRUE(motion.hurried);
  EXPECT_FALSE(motion.poses[ZB_A].moving);
}

} // namespace
} // namespace zbuf::gui::stage

// SPDX-License-Identifier: BSD-2-Clause
#include "core/trace/survey.h"

#include "core/trace/test_recording.h"

#include <gtest/gtest.h>

namespace zbuf {
namespace {

using namespace testing_support;
using synthetic::Pencil;

struct Recorded {
  TemporaryFile file;
  State state;
  Recording recording;
  explicit Recorded(const std::vector<Event>& events)
      : state(record(file, events)), recording(opened(file)) {}
  [[nodiscard]] Survey whole(std::uint64_t resolution_ns = 0) const {
    return *survey(recording, 0, recording.last_ns() + 1, resolution_ns);
  }
};

const Recorded& busy() {
  static const Recorded run(synthetic::run(3, 20'000, 4064));
  return run;
}

void expect_like_the_state(const Recorded& run, const Survey& survey, std::uint64_t time_ns) {
  const State state = run.recording.state_at_time(time_ns);
  for (std::size_t i = 0; i < state.descriptors.size(); ++i) {
    for (const std::uint8_t which : {ZB_A, ZB_B}) {
      const Span* span = span_at(survey.descriptors[i].buffers[which], time_ns);
      ASSERT_NE(span, nullptr);
      const Holder holder = holder_of(state.descriptors[i], which);
      ASSERT_EQ(span->holder(), holder) << time_ns;
      if (holder == Holder::user || holder == Holder::user_in_store) {
        ASSERT_EQ(span->generation, state.descriptors[i].buffers[which].kernel_gen) << time_ns;
      }
    }
    ASSERT_EQ(span_at(survey.descriptors[i].reader, time_ns)->activity(), activity_of(state.descriptors[i]));
  }
}

TEST(Survey, SaysOfEveryInstantWhatTheStateSays) {
  const Survey all = busy().whole();
  ASSERT_EQ(all.descriptors.size(), 2u);
  Random random(1);
  const std::uint64_t begin = 1000; // both are open
  for (int i = 0; i < 300; ++i)
    expect_like_the_state(busy(), all, begin + random.below(busy().recording.last_ns() - begin));
}

TEST(Survey, OfAPartBeginsWithTheStateThere) {
  const std::uint64_t end = busy().recording.last_ns();
  const Survey part = *survey(busy().recording, end / 3, end / 2, 0);
  for (const Survey::Descriptor& d : part.descriptors)
    for (const Spans* spans : {&d.buffers[0], &d.buffers[1], &d.reader})
      EXPECT_EQ(spans->front().begin_ns, end / 3);
  Random random(2);
  for (int i = 0; i < 100; ++i)
    expect_like_the_state(busy(), part, end / 3 + random.below(end / 2 - end / 3));
}

TEST(Survey, JoinsWhatIsTooShortAndKeepsTheTime) {
  const Survey exact = busy().whole();
  const std::uint64_t resolution = busy().recording.last_ns() / 100;
  const Survey coarse = busy().whole(resolution);
  const Spans& fine = exact.descriptors[0].buffers[0];
  const Spans& spans = coarse.descriptors[0].buffers[0];
  EXPECT_LE(spans.size(), 201u);
  EXPECT_GT(fine.size(), 4 * spans.size());
  EXPECT_EQ(spans.front().begin_ns, fine.front().begin_ns);
  // The user's share of all the time is the same, within the rounding of the shares.
  const auto users = [](const Spans& all, std::uint64_t end) {
    double time = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const auto length =
          static_cast<double>((i + 1 < all.size() ? all[i + 1].begin_ns : end) - all[i].begin_ns);
      if (all[i].mixed())
        time += length * all[i].share[static_cast<std::size_t>(Holder::user)] / 255;
      else if (all[i].holder() == Holder::user)
        time += length;
    }
    return time;
  };
  EXPECT_NEAR(users(spans, coarse.until_ns) / users(fine, exact.until_ns), 1, 0.02);
}

TEST(Survey, KeepsALongStretchBetweenShortOnes) {
  Pencil pencil;
  pencil.open().store(ZB_A, 0).publish(ZB_A, 126, 1, true);
  pencil.time_ns += 1'000'000;
  pencil.acknowledge(ZB_A, 1);
  const Recorded run(pencil.events);
  const Spans spans = run.whole(10'000).descriptors[0].buffers[0];
  ASSERT_EQ(spans.size(), 3u);
  EXPECT_TRUE(spans[0].mixed());
  EXPECT_EQ(spans[1].holder(), Holder::user_in_store);
  EXPECT_EQ(spans[1].generation, 1u);
  EXPECT_FALSE(spans[1].mixed());
}

TEST(Survey, MadeCoarserIsLikeACoarseOne) {
  const std::uint64_t end = busy().recording.last_ns() + 1;
  const Survey exact = busy().whole();
  const Spans& fine = exact.descriptors[1].buffers[0];
  EXPECT_EQ(coarser(fine, end, 0, end, 0), fine);
  EXPECT_EQ(coarser(fine, end, 0, end, end / 50), busy().whole(end / 50).descriptors[1].buffers[0]);
  const Spans part = coarser(fine, end, end / 4, end / 2, 0);
  EXPECT_EQ(part.front().begin_ns, end / 4);
  EXPECT_LT(part.back().begin_ns, end / 2);
  EXPECT_TRUE(coarser({}, end, 0, end, 0).empty());
}

TEST(Survey, LeavesOutNoIncident) {
  Pencil pencil;
  pencil.open().store(ZB_A, 0).publish(ZB_A, 126, 1, true);
  pencil.store(ZB_A, 128).store(ZB_A, 256); // into a buffer that is lent
  pencil.put(ZB_EV_SCRIBBLED, ZB_B, 2, 7).wipe(ZB_A);
  pencil.events.back().a = 1;
  pencil.put(ZB_EV_MARK, ZB_NO_BUFFER, 0, 1).put(ZB_EV_BAD_RECORD, ZB_A, 8, 1);
  const Recorded run(pencil.events);
  const Survey exact = run.whole();
  std::uint64_t violations = 0;
  for (const Incident& incident : exact.incidents)
    violations += incident.kind == Incident::Kind::violation ? incident.count : 0;
  std::uint64_t counted = 0;
  for (const Violation& v : run.state.broken)
    counted += v.count;
  EXPECT_EQ(violations, counted);
  const auto written = std::find_if(exact.incidents.begin(), exact.incidents.end(), [](const Incident& i) {
    return i.kind == Incident::Kind::violation && i.invariant == Invariant::untouched;
  });
  ASSERT_NE(written, exact.incidents.end());
  EXPECT_EQ(written->time_ns, run.state.violation(Invariant::untouched).first_ns);
  EXPECT_EQ(written->event, run.state.violation(Invariant::untouched).first_event);
  EXPECT_EQ(written->buffer, ZB_A);
  for (const auto kind :
       {Incident::Kind::fault, Incident::Kind::scribble, Incident::Kind::wiped, Incident::Kind::bad_record}) {
    EXPECT_EQ(std::count_if(exact.incidents.begin(), exact.incidents.end(),
                            [&](const Incident& incident) { return incident.kind == kind; }),
              1)
        << static_cast<int>(kind);
  }
  // Joined, but none is lost.
  const Survey coarse = run.whole(1'000'000);
  EXPECT_LT(coarse.incidents.size(), exact.incidents.size());
  std::uint64_t all = 0, joined = 0;
  for (const Incident& incident : exact.incidents)
    all += incident.count;
  for (const Incident& incident : coarse.incidents)
    joined += incident.count;
  EXPECT_EQ(all, joined);
}

TEST(Survey, TellsWhatAReaderDoes) {
  Pencil pencil;
  pencil.put(ZB_EV_READER, ZB_NO_BUFFER, ZB_READER_STARTED).open();
  pencil.put(ZB_EV_CALL, ZB_NO_BUFFER, ZB_CALL_POLL).put(ZB_EV_SLEPT, ZB_NO_BUFFER, ZB_CALL_POLL);
  pencil.put(ZB_EV_RESUMED, ZB_NO_BUFFER, ZB_CALL_POLL, 10).put(ZB_EV_RETURN, ZB_NO_BUFFER, ZB_CALL_POLL);
  pencil.put(ZB_EV_READER, ZB_NO_BUFFER, ZB_READER_STALLED);
  pencil.put(ZB_EV_READER, ZB_NO_BUFFER, ZB_READER_DIED).put(ZB_EV_END);
  const Recorded run(pencil.events);
  const auto whole = run.whole();
  std::vector<Activity> seen;
  for (const Span& span : whole.descriptors[0].reader)
    seen.push_back(span.activity());
  EXPECT_EQ(seen, (std::vector{Activity::awake, Activity::asleep, Activity::awake, Activity::stalled,
                               Activity::absent}));
}

TEST(Survey, ShowsASilenceAsSuch) {
  Pencil pencil;
  pencil.put(ZB_EV_READER, ZB_NO_BUFFER, ZB_READER_STARTED).open().put(ZB_EV_ROUND);
  pencil.put(ZB_EV_SLEPT, ZB_NO_BUFFER, ZB_CALL_POLL).put(ZB_EV_RESUMED, ZB_NO_BUFFER, ZB_CALL_POLL, 10);
  pencil.time_ns += 1'000'000'000;
  pencil.put(ZB_EV_IDLE, ZB_NO_BUFFER, 50'000, 0, 1'000'000'000).put(ZB_EV_END);
  const Recorded run(pencil.events);
  for (const std::uint64_t resolution_ns : {0u, 1'000'000u}) {
    const Survey whole = run.whole(resolution_ns);
    EXPECT_EQ(span_at(whole.descriptors[0].reader, 500'000'000)->activity(), Activity::idle) << resolution_ns;
  }
}

TEST(Survey, IsEmptyWhereNothingIs) {
  const Survey nothing = *survey(busy().recording, 100, 100, 0);
  for (const Survey::Descriptor& d : nothing.descriptors)
    EXPECT_TRUE(d.buffers[0].empty());
  EXPECT_TRUE(nothing.incidents.empty());
  EXPECT_EQ(survey(busy().recording, 200, 100, 5)->until_ns, 200u);
  const std::atomic<bool> stop = true;
  EXPECT_FALSE(survey(busy().recording, 0, 10'000, 0, &stop));
}

TEST(Holder, HasNames) {
  EXPECT_STREQ(holder_name(Holder::user_in_store), "user_in_store");
  EXPECT_STREQ(activity_name(Activity::stalled), "stalled");
}

} // namespace
} // namespace zbuf

// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/timeline/lane_data.h"

#include "gui/timeline/lane_text.h"
#include "gui/timeline/measure.h"
#include "gui/timeline/run_survey.h"
#include "gui/timeline/test_runs.h"

#include <gtest/gtest.h>

namespace zbuf::gui {
namespace {

using namespace testing_support;

const std::atomic<bool> go_on = false;

LaneData lanes_of(const std::vector<Track>& tracks, const LaneQuery& query, bool surveyed) {
  std::vector<LaneSource> sources;
  for (const Track& track : tracks)
    sources.push_back({track.recording, surveyed ? survey_of(track.recording, go_on) : nullptr});
  return *load_lanes(sources, query, go_on);
}

/// What is drawn at the instant is what the fold says; where a band is mixed, it has the owner among its
/// shares.
void expect_as_folded(const TrackLanes& lanes, const State& state, std::uint16_t descriptor,
                      std::uint64_t time_ns) {
  if (descriptor >= state.descriptors.size())
    return;
  const DescriptorState& d = state.descriptors[descriptor];
  for (const std::uint8_t which : {ZB_A, ZB_B}) {
    const Span* span = span_at(lanes.holders.buffers[which], time_ns);
    const Holder holder = holder_of(d, which);
    if (span == nullptr) {
      EXPECT_EQ(holder, Holder::absent);
    } else if (!span->mixed()) {
      ASSERT_EQ(span->holder(), holder) << "buffer " << int{which} << " at " << time_ns;
      if (holder == Holder::user || holder == Holder::user_in_store) {
        EXPECT_EQ(span->generation, d.buffers[which].kernel_gen);
      }
    }
  }
  const Span* reader = span_at(lanes.holders.reader, time_ns);
  if (reader != nullptr && !reader->mixed()) {
    EXPECT_EQ(reader->activity(), activity_of(d)) << "at " << time_ns;
  }
}

TEST(Lanes, OfEveryLessonSayWhatTheStateSays) {
  for (const std::string& file : lessons()) {
    SCOPED_TRACE(file);
    const TemporaryFolder folder;
    const std::vector<Track> tracks = run_lesson(file, folder);
    Playback playback;
    playback.set_tracks(tracks);
    Random random(4);
    for (const std::uint64_t part : {1u, 7u, 400u}) {
      const TimeRange whole = whole_run(0, playback.end_ns());
      const TimeRange range = TimeRange{0, whole.until_ns / part + 1}.moved(
          static_cast<double>(random.below(whole.until_ns)), whole);
      const LaneData data = lanes_of(tracks, {range, 900, 0}, true);
      for (int i = 0; i < 12; ++i) {
        playback.seek_time(range.from_ns + random.below(range.length_ns()));
        for (std::size_t t = 0; t < tracks.size(); ++t)
          if (playback.time_ns() <= tracks[t].recording->last_ns())
            expect_as_folded(data.tracks[t], playback.state(t), 0, playback.time_ns());
      }
    }
  }
}

TEST(Lanes, FromTheSurveyOfTheWholeRunSayTheSame) {
  const zbuf::testing_support::TemporaryFile file;
  const std::vector<Track> tracks{track_of(synthetic::run(5, 60'000, 32736), file)};
  const std::uint64_t end = tracks[0].recording->last_ns();
  ASSERT_GT(tracks[0].recording->event_count(), most_exact_events);
  const LaneData data = lanes_of(tracks, {whole_run(0, end), 2000, 0}, true);
  ASSERT_TRUE(data.tracks[0].complete);
  Random random(9);
  int whole = 0;
  for (int i = 0; i < 100; ++i) {
    const std::uint64_t at = random.below(end);
    expect_as_folded(data.tracks[0], tracks[0].recording->state_at_time(at), 0, at);
    const Span* span = span_at(data.tracks[0].holders.buffers[0], at);
    whole += span != nullptr && !span->mixed();
  }
  EXPECT_GT(whole, 50);
  EXPECT_FALSE(lanes_of(tracks, {whole_run(0, end), 2000, 0}, false).tracks[0].complete);
}

TEST(Lanes, HaveEveryDropInItsColumn) {
  const TemporaryFolder folder;
  const std::vector<Track> tracks = slow_reader(folder);
  const Recording& recording = *tracks[0].recording;
  for (const std::size_t columns : {3u, 800u, 3000u}) {
    const LaneData data = lanes_of(tracks, {whole_run(0, recording.last_ns()), columns, 0}, false);
    const Timeline& timeline = data.tracks[0].counts;
    std::uint64_t drawn = 0;
    for (const Bucket& bucket : timeline.buckets)
      drawn += bucket[Series::dropped];
    EXPECT_EQ(drawn, recording.event_count(ZB_EV_DROPPED));
    recording.for_each(0, recording.event_count(), [&](std::uint64_t, const Event& event) {
      if (event.kind == ZB_EV_DROPPED) {
        ASSERT_GT(timeline.buckets[timeline.index(event.time_ns)][Series::dropped], 0u);
      }
    });
  }
}

TEST(Measure, CountsWhatIsBetweenTwoInstants) {
  const TemporaryFolder folder;
  Playback playback;
  playback.set_tracks(slow_reader(folder));
  const std::vector<Measured> all = measure(playback, {0, playback.end_ns()});
  ASSERT_EQ(all.size(), 2u);
  const Counters total = playback.track(0).report.total;
  EXPECT_EQ(all[0].arrived, playback.track(0).report.arrived);
  EXPECT_EQ(all[0].dropped, total.dropped);
  EXPECT_EQ(all[0].delivered, total.delivered);
  const std::vector<Measured> first = measure(playback, {0, playback.end_ns() / 3});
  const std::vector<Measured> rest = measure(playback, {playback.end_ns() / 3, playback.end_ns()});
  EXPECT_EQ(first[1].calls + rest[1].calls, all[1].calls);
  EXPECT_TRUE(measure_text(playback, {0, 1000}).front().contains(QStringLiteral("Δt")));
}

TEST(Words, NameTheOwner) {
  Span span;
  span.value = static_cast<std::uint8_t>(Holder::user_in_store);
  span.generation = 5;
  EXPECT_TRUE(holder_words(span).front().contains("gen 5"));
  EXPECT_TRUE(holder_words(span).front().contains("in store"));
  span.changes = 3;
  EXPECT_EQ(holder_words(span).front(), "to and fro");
  Incident written;
  written.invariant = Invariant::untouched;
  written.buffer = ZB_A;
  EXPECT_TRUE(incident_text(written).contains("A while the user owned it"));
}

} // namespace
} // namespace zbuf::gui

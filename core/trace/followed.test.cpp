// SPDX-License-Identifier: BSD-2-Clause
// Following a recording that is being written, from part to part.
#include "core/trace/followed.h"

#include "core/trace/fold.h"
#include "core/trace/format.h"
#include "core/trace/test_recording.h"

#include <atomic>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <gmock/gmock.h>
#include <thread>

namespace zbuf {
namespace {

using namespace testing_support;
using ::testing::HasSubstr;

struct OlderPart {
  std::string path;
  explicit OlderPart(const TemporaryFile& file) : path(older_part(file.path())) {}
  ~OlderPart() { std::remove(path.c_str()); }
};

std::unique_ptr<Recorder> recorder_to(const std::string& path, std::uint64_t limit_bytes = 0) {
  Recorder::Options options;
  options.path = path;
  options.limit_bytes = limit_bytes;
  auto recorder = Recorder::create(options);
  EXPECT_TRUE(recorder) << recorder.error().text();
  return std::move(*recorder);
}

bool same(const Event& recorded, Event event) {
  event.packet = recorded.packet; // a recorder adds it to what a reader handled
  return std::memcmp(&recorded, &event, sizeof(event)) == 0;
}

/// What a recording says is what happened, wherever in the run its parts begin.
void expect_true(const Recording& recording, const std::vector<Event>& events) {
  const std::uint64_t dropped = recording.events_dropped();
  ASSERT_LE(dropped + recording.event_count(), events.size());
  State state;
  std::uint64_t folded = 0;
  for (std::uint64_t n = 0; n <= recording.event_count();
       n += std::max<std::uint64_t>(recording.event_count() / 7, 1)) {
    for (; folded < dropped + n; ++folded)
      fold(state, events[folded]);
    const State there = recording.state_after(n);
    ASSERT_EQ(there.total(), state.total()) << n << " of " << recording.event_count();
    if (recording.event_count() != 0) {
      EXPECT_EQ(there.events, n);
    }
    for (const std::uint8_t which : {ZB_A, ZB_B})
      for (const Recording::Record& record : recording.records_in(0, which, n)) {
        ASSERT_LT(record.event, n);
        ASSERT_EQ(recording.event(record.event).kind, ZB_EV_STORED);
      }
    if (n < recording.event_count()) {
      ASSERT_TRUE(same(recording.event(n), events[dropped + n])) << n;
      ASSERT_EQ(recording.event_at_time(recording.event(n).time_ns) <= n, true);
    }
  }
}

/// Some events at a time, flushed; `between` comes after each.
void play_in_pieces(
    Recorder& recorder, const std::vector<Event>& events, std::size_t piece,
    const std::function<void()>& between = [] {}) {
  for (auto from = events.begin(); from != events.end();) {
    const auto until = from + std::min(static_cast<std::ptrdiff_t>(piece), events.end() - from);
    play(recorder, {from, until});
    recorder.flush();
    between();
    from = until;
  }
}

TEST(FollowedRecording, GrowsAndLeavesWhatWasHandedOutAlone) {
  const std::vector<Event> events = synthetic::run(1, 6000, 4064);
  const TemporaryFile file;
  const auto recorder = recorder_to(file.path());
  auto followed = FollowedRecording::open(file.path());
  ASSERT_TRUE(followed) << followed.error().text();
  const Recording empty = followed->now();
  std::vector<Recording> seen;
  std::atomic<std::size_t> times_seen = 0;
  std::thread writer([&] {
    std::size_t pieces = 0;
    play_in_pieces(*recorder, events, 997, [&] {
      ::usleep(500);
      ++pieces;
      for (int i = 0; i < 60'000 && times_seen < std::min<std::size_t>(pieces, 3); ++i)
        ::usleep(500); // it must not all be there before the other thread has looked
    });
    EXPECT_TRUE(recorder->finish(false));
  });
  for (int i = 0; i < 300'000 && !followed->complete(); ++i) {
    const auto more = followed->refresh();
    ASSERT_TRUE(more) << more.error().text();
    if (*more)
      seen.push_back(followed->now());
    times_seen = seen.size();
    ::usleep(200);
  }
  writer.join();
  ASSERT_TRUE(followed->complete());
  EXPECT_GT(seen.size(), 2u);
  EXPECT_EQ(empty.event_count(), 0u);
  EXPECT_EQ(followed->event_count(), events.size());
  std::uint64_t before = 0;
  for (const Recording& one : seen) {
    EXPECT_GE(one.event_count(), before);
    before = one.event_count();
    expect_true(one, events);
  }
  EXPECT_FALSE(*followed->refresh()) << "nothing more comes";
}

TEST(FollowedRecording, GoesOnFromPartToPartAndSaysWhatIsGone) {
  const std::vector<Event> events = synthetic::run(1, 40'000, 4064);
  const TemporaryFile file;
  const OlderPart older(file);
  const auto recorder = recorder_to(file.path(), 1 << 20);
  auto followed = FollowedRecording::open(file.path());
  ASSERT_TRUE(followed);
  std::optional<Recording> held; // of somebody who does not look away
  std::uint64_t dropped = 0;
  play_in_pieces(*recorder, events, 8192, [&] {
    for (int i = 0; i < 3; ++i) {
      ::usleep(1000);
      ASSERT_TRUE(followed->refresh());
    }
    const Recording now = followed->now();
    EXPECT_GE(now.events_dropped(), dropped);
    dropped = now.events_dropped();

    expect_true(now, events);
    if (!held && now.event_count() > 20'000)
      held = now;
  });
  ASSERT_TRUE(recorder->finish(false));
  for (int i = 0; i < 1000 && !followed->complete(); ++i)
    ASSERT_TRUE(followed->refresh());
  ASSERT_TRUE(followed->complete());
  const Recording end = followed->now();
  EXPECT_EQ(end.events_dropped() + end.event_count(), events.size());
  EXPECT_GT(end.events_dropped(), 0u);
  EXPECT_FALSE(end.partial());
  expect_true(end, events);
  ASSERT_TRUE(held);
  EXPECT_LT(held->events_dropped(), end.events_dropped());
  expect_true(*held, events); // its files have no names any more

  // Whoever comes late finds the same two parts.
  const auto late = FollowedRecording::open(file.path());
  ASSERT_TRUE(late);
  EXPECT_TRUE(late->complete());
  EXPECT_EQ(late->now().event_count(), end.event_count());
  EXPECT_EQ(late->now().events_dropped(), end.events_dropped());
}

/// The end of a part is never taken for the end of the whole, however closely one looks.
TEST(FollowedRecording, DoesNotEndWhereAPartEnds) {
  const std::vector<Event> events = synthetic::run(1, 20'000, 4064);
  const TemporaryFile file;
  const OlderPart older(file);
  const auto recorder = recorder_to(file.path(), 32 << 10);
  auto followed = FollowedRecording::open(file.path());
  ASSERT_TRUE(followed);
  std::thread writer([&] {
    play_in_pieces(*recorder, events, 997);
    EXPECT_TRUE(recorder->finish(false));
  });
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  unsigned looks = 0;
  while (!followed->complete()) {
    const auto more = followed->refresh();
    if (!more) {
      ADD_FAILURE() << more.error().text();
      break;
    }
    if (std::chrono::steady_clock::now() > end) {
      ADD_FAILURE() << "has not seen the end in a minute";
      break;
    }
    if (++looks % 16 == 0)
      ::usleep(20); // but for the writer, which may have the same processor
  }
  writer.join();
  EXPECT_TRUE(followed->complete());
  EXPECT_GT(followed->now().part(), 50u);
  EXPECT_FALSE(followed->now().partial());
  EXPECT_EQ(followed->now().events_dropped() + followed->event_count(), events.size());
}

/// Who comes between the header and the metadata of a later part cannot know yet that there is one before it.
TEST(FollowedRecording, FindsThePartBeforeWhenTheMetadataCome) {
  const std::vector<Event> events = synthetic::run(1, 20'000, 4064);
  const TemporaryFile file, copy;
  const OlderPart older(file), older_copy(copy);
  const auto recorder = recorder_to(file.path(), 256 << 10);
  play(*recorder, events);
  ASSERT_TRUE(recorder->finish(false));
  std::filesystem::copy_file(older.path, older_copy.path);
  std::filesystem::copy_file(file.path(), copy.path(), std::filesystem::copy_options::overwrite_existing);
  std::filesystem::resize_file(copy.path(), sizeof(format::FileHeader));
  auto followed = FollowedRecording::open(copy.path());
  ASSERT_TRUE(followed) << followed.error().text();
  EXPECT_EQ(followed->event_count(), 0u);
  std::ifstream in(file.path(), std::ios::binary);
  in.seekg(sizeof(format::FileHeader));
  std::ofstream(copy.path(), std::ios::binary | std::ios::app) << in.rdbuf();
  ASSERT_TRUE(followed->refresh());
  EXPECT_TRUE(followed->complete());
  const auto late = FollowedRecording::open(file.path());
  ASSERT_TRUE(late);
  EXPECT_GT(late->event_count(), late->now().file().event_count) << "it has two parts";
  EXPECT_EQ(followed->event_count(), late->event_count());
  expect_true(followed->now(), events);
}

TEST(FollowedRecording, EndsWhereTheNextPartCannotBegin) {
  const std::vector<Event> events = synthetic::run(1, 20'000, 4064);
  const TemporaryFile file;
  const std::string in_the_way = older_part(file.path());
  ASSERT_TRUE(std::filesystem::create_directory(in_the_way));
  const auto recorder = recorder_to(file.path(), 256 << 10);
  auto followed = FollowedRecording::open(file.path());
  ASSERT_TRUE(followed);
  play(*recorder, events);
  const auto finished = recorder->finish(false);
  std::filesystem::remove(in_the_way);
  ASSERT_FALSE(finished);
  EXPECT_THAT(finished.error().text(), HasSubstr("Is a directory"));
  ASSERT_TRUE(followed->refresh());
  EXPECT_TRUE(followed->complete());
  const Recording now = followed->now();
  EXPECT_TRUE(now.partial());
  EXPECT_GT(now.event_count(), 8000u);
  expect_true(now, events);
}

TEST(FollowedRecording, CatchesUpWhenPartsPassedByUnseen) {
  const std::vector<Event> events = synthetic::run(1, 40'000, 4064);
  const TemporaryFile file;
  const OlderPart older(file);
  const auto recorder = recorder_to(file.path(), 512 << 10);
  auto followed = FollowedRecording::open(file.path());
  ASSERT_TRUE(followed);
  play(*recorder, events);
  ASSERT_TRUE(recorder->finish(false));
  for (int i = 0; i < 10 && !followed->complete(); ++i)
    ASSERT_TRUE(followed->refresh());
  ASSERT_TRUE(followed->complete());
  const Recording now = followed->now();
  EXPECT_GT(now.part(), 3u);
  EXPECT_EQ(now.events_dropped() + now.event_count(), events.size());
  expect_true(now, events);
}

TEST(FollowedRecording, KnowsWhatIsTooEarlyAndWhatIsNoRecording) {
  const TemporaryFile file;
  EXPECT_TRUE(FollowedRecording::too_early(file.path()));
  EXPECT_FALSE(FollowedRecording::open(file.path()));
  std::ofstream(file.path()) << "abc";
  EXPECT_TRUE(FollowedRecording::too_early(file.path()));
  std::ofstream(file.path()) << std::string(4000, 'x');
  EXPECT_FALSE(FollowedRecording::too_early(file.path()));
  const auto none = FollowedRecording::open(file.path());
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().text(), HasSubstr("not a recording"));
}

TEST(JoinedRecording, IsMadeOfPartsThatFollowEachOther) {
  const TemporaryFile file, other;
  const OlderPart older(file);
  const auto recorder = recorder_to(file.path(), 512 << 10);
  play(*recorder, synthetic::run(1, 30'000, 4064));
  ASSERT_TRUE(recorder->finish(false));
  record(other, synthetic::run(1, 100, 4064));
  const auto first = Recording::open(older.path), second = Recording::open(file.path()),
             stranger = Recording::open(other.path());
  ASSERT_TRUE(first && second && stranger);
  auto both = Recording::join(*first, *second);
  ASSERT_TRUE(both) << both.error().text();
  EXPECT_EQ(both->event_count(), first->event_count() + second->event_count());
  EXPECT_EQ(both->first_ns(), first->first_ns());
  EXPECT_EQ(both->last_ns(), second->last_ns());
  EXPECT_EQ(both->refresh(), 0u);
  std::uint64_t stored = 0;
  for (const Bucket& bucket : both->buckets(0, both->last_ns() + 1, 7).buckets)
    stored += bucket[Series::stored];
  EXPECT_EQ(stored, both->event_count(ZB_EV_STORED));
  for (const auto* const recording : {&*first, &*second}) {
    const auto n = recording->next(mask_of({ZB_EV_ARRIVED}), 0);
    ASSERT_TRUE(n);
    const std::uint32_t number = recording->event(*n).packet;
    const auto alone = recording->packet(number), joined = both->packet(number);
    ASSERT_EQ(alone.has_value(), joined.has_value());
    if (alone) {
      EXPECT_EQ(alone->bytes.data(), joined->bytes.data());
    }
  }
  EXPECT_FALSE(Recording::join(*second, *first));
  EXPECT_FALSE(Recording::join(*stranger, *second));
  EXPECT_FALSE(Recording::join(*both, *second)) << "joined ones are no parts";
}

TEST(FollowedRecording, SaysThatAnotherRecordingHasTheName) {
  const TemporaryFile file;
  for (const bool complete : {false, true}) {
    Recorder::Options options;
    options.path = file.path();
    auto first = Recorder::create(options);
    ASSERT_TRUE(first);
    play(**first, synthetic::run(4, 60, 4064));
    (*first)->flush();
    auto followed = FollowedRecording::open(file.path());
    ASSERT_TRUE(followed);
    if (complete) {
      ASSERT_TRUE((*first)->finish(false));
    }
    auto second = Recorder::create(options);
    ASSERT_TRUE(second);
    const auto refreshed = followed->refresh();
    ASSERT_FALSE(refreshed);
    EXPECT_THAT(refreshed.error().text(), testing::HasSubstr("replaced by another one"));
    EXPECT_FALSE(followed->complete());
    auto again = FollowedRecording::open(file.path());
    ASSERT_TRUE(again);
    EXPECT_EQ(again->event_count(), 0u);
  }
}

} // namespace
} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
#include "core/trace/recorder.h"

#include "core/trace/test_recording.h"

#include <csignal>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <sys/resource.h>

namespace zbuf {
namespace {

using namespace testing_support;
using ::testing::HasSubstr;

std::unique_ptr<Recorder> make(Recorder::Options options = {}) {
  auto recorder = Recorder::create(std::move(options));
  EXPECT_TRUE(recorder) << recorder.error().text();
  return std::move(*recorder);
}

TEST(Recorder, FoldsWhatTheEngineWrites) {
  const std::vector<Event> events = synthetic::run(1, 5000, 4064);
  auto recorder = make();
  play(*recorder, events);
  EXPECT_LT(recorder->state().events, events.size()); // the last chunk waits
  EXPECT_GT(recorder->state().events, events.size() - 8193);
  recorder->drain();
  State expected;
  fold(expected, events);
  EXPECT_EQ(recorder->state(), expected);
  recorder->drain();
  EXPECT_EQ(recorder->state(), expected);
  EXPECT_TRUE(recorder->finish(false));
}

TEST(Recorder, DrainsAtAnyTime) {
  const std::vector<Event> events = synthetic::run(1, 4000, 4064);
  const TemporaryFile file;
  Recorder::Options options;
  options.path = file.path();
  auto recorder = make(options);
  Random random(3);
  State expected;
  for (const Event& event : events) {
    *zb_trace_claim(recorder->trace()) = event;
    fold(expected, event);
    if (random.below(50) == 0) {
      recorder->drain();
      ASSERT_EQ(recorder->state(), expected);
    }
  }
  ASSERT_TRUE(recorder->finish(false));
  EXPECT_EQ(opened(file).event_count(), events.size());
}

TEST(Recorder, KeepsADigestWhenAsked) {
  const auto digest = [](std::uint64_t seed, bool on) {
    Recorder::Options options;
    options.digest = on;
    auto recorder = make(options);
    play(*recorder, synthetic::run(seed, 3000, 4064));
    recorder->drain();
    return recorder->digest();
  };
  EXPECT_EQ(digest(1, true), digest(1, true));
  EXPECT_NE(digest(1, true), digest(2, true));
  EXPECT_EQ(digest(1, false), 0u);
}

TEST(Recorder, DoesNotLetTimeGoBack) {
  auto recorder = make();
  synthetic::Pencil p;
  p.open().arrive();
  p.events.back().time_ns = 3; // two threads, two clocks
  std::vector<std::uint64_t> times;
  recorder->watch(all_kinds, [&](const State&, const Event& event) {
    times.push_back(event.time_ns);
    return false;
  });
  play(*recorder, p.events);
  recorder->drain();
  EXPECT_EQ(times, (std::vector<std::uint64_t>{10, 20, 30, 40, 50, 50}));
}

TEST(Recorder, ShowsAWatchTheKindsItAskedFor) {
  const std::vector<Event> events = synthetic::run(1, 3000, 4064);
  auto recorder = make();
  std::uint64_t drops = 0;
  std::uint64_t annotated = 0;
  recorder->watch(mask_of({ZB_EV_DROPPED, ZB_EV_HANDLED}), [&](const State& state, const Event& event) {
    if (event.kind == ZB_EV_DROPPED)
      EXPECT_EQ(state.total().dropped, ++drops); // the event is in the state already
    else
      annotated += event.packet != ZB_NO_PACKET;
    return false;
  });
  play(*recorder, events);
  recorder->drain();
  EXPECT_GT(drops, 0u);
  EXPECT_EQ(drops, recorder->state().total().dropped);
  EXPECT_EQ(annotated, recorder->state().total().delivered);
  recorder->watch(all_kinds, nullptr);
  play(*recorder, events);
  recorder->drain(); // nobody is called
}

TEST(Recorder, StopsWhereAWatchSays) {
  const std::vector<Event> events = synthetic::run(1, 20000, 4064);
  const TemporaryFile file;
  Recorder::Options options;
  options.path = file.path();
  auto recorder = make(options);
  recorder->watch(mask_of({ZB_EV_DROPPED}),
                  [](const State& state, const Event&) { return state.total().dropped == 500; });
  play(*recorder, events);
  recorder->drain();
  EXPECT_TRUE(recorder->stopped());
  EXPECT_EQ(recorder->state().total().dropped, 500u);
  const std::uint64_t kept = recorder->state().events;
  EXPECT_LT(kept, events.size());
  ASSERT_TRUE(recorder->finish(false));
  const Recording recording = opened(file);
  ASSERT_EQ(recording.event_count(), kept);
  EXPECT_EQ(recording.event(kept - 1).kind, ZB_EV_DROPPED);
  EXPECT_EQ(recording.state_after(kept), recorder->state());
}

TEST(Recorder, SaysBeforeTheRunThatAPathCannotBeWritten) {
  Recorder::Options options;
  options.path = "/no/such/folder/x.zbt";
  const auto recorder = Recorder::create(options);
  ASSERT_FALSE(recorder);
  EXPECT_EQ(recorder.error().code, Error::Code::io);
  EXPECT_EQ(recorder.error().file, options.path);
  EXPECT_THAT(recorder.error().message, HasSubstr("cannot be written"));

  options.path = std::filesystem::temp_directory_path().string();
  EXPECT_FALSE(Recorder::create(options));
}

TEST(Recorder, RefusesOptionsThatCannotBe) {
  Recorder::Options options;
  options.packet_snap = 262145;
  ASSERT_FALSE(Recorder::create(options));
  EXPECT_THAT(Recorder::create(options).error().message, HasSubstr("262145"));
  options = {};
  for (const char* metadata : {"", "[1]", "{", "3"}) {
    options.metadata = metadata;
    EXPECT_FALSE(Recorder::create(options)) << metadata;
  }
  options.metadata = R"({"x":")" + std::string(2u << 20, 'x') + "\"}";
  EXPECT_FALSE(Recorder::create(options));
}

TEST(Recorder, CompletesTheMetadata) {
  const TemporaryFile file;
  for (const bool partial : {false, true}) {
    Recorder::Options options;
    options.path = file.path();
    options.metadata = R"({"title":"x","seed":7})";
    auto recorder = make(options);
    ASSERT_TRUE(recorder->finish(partial, R"({"seed":8,"events":0})"));
    const Recording recording = opened(file);
    EXPECT_EQ(nlohmann::json::parse(recording.metadata()),
              (nlohmann::json{{"title", "x"}, {"seed", 8}, {"events", 0}, {"partial", partial}}));
    EXPECT_EQ(recording.partial(), partial);
    EXPECT_EQ(recording.event_count(), 0u);
  }
}

TEST(Recorder, KeepsTheRunWhenTheFinalMetadataIsBad) {
  const TemporaryFile file;
  Recorder::Options options;
  options.path = file.path();
  auto recorder = make(options);
  play(*recorder, synthetic::run(1, 10, 4064));
  EXPECT_FALSE(recorder->finish(false, "nonsense"));
  EXPECT_GT(opened(file).event_count(), 10u);
}

TEST(Recorder, LeavesACompleteFileWhenItIsDestroyed) { // Ctrl-C, an exception
  const std::vector<Event> events = synthetic::run(1, 3000, 4064);
  const TemporaryFile file;
  {
    Recorder::Options options;
    options.path = file.path();
    auto recorder = make(options);
    play(*recorder, events);
  }
  const Recording recording = opened(file);
  EXPECT_TRUE(recording.partial());
  EXPECT_EQ(recording.event_count(), events.size());
}

TEST(Recorder, LeavesWhatWasWrittenWhenTheDiskIsFull) {
  const TemporaryFile file;
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  auto* handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit small = before;
  small.rlim_cur = 1'000'000;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  Recorder::Options options;
  options.path = file.path();
  auto recorder = make(options);
  play(*recorder, synthetic::run(1, 20000, 4064));
  const auto finished = recorder->finish(false);
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);

  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().code, Error::Code::io);
  EXPECT_EQ(finished.error().file, file.path());
  EXPECT_THAT(finished.error().message, HasSubstr("could not be written"));
  const Recording recording = opened(file); // complete, but shorter
  EXPECT_GT(recording.event_count(), 8000u);
  EXPECT_TRUE(recording.partial());
}

TEST(Recorder, KeepsPacketsUpToTheSnapLength) {
  const std::vector<Event> events = synthetic::run(1, 3000, 4064);
  for (const std::uint32_t snap : {0u, 64u, 262144u}) {
    const TemporaryFile file;
    Recorder::Options options;
    options.path = file.path();
    options.packet_snap = snap;
    auto recorder = make(options);
    play(*recorder, events);
    ASSERT_TRUE(recorder->finish(false));
    const Recording recording = opened(file);
    EXPECT_EQ(recording.packet_snap(), snap);
    EXPECT_FALSE(recording.packet(3000));
    for (const Event& event : events) {
      if (event.kind != ZB_EV_ARRIVED)
        continue;
      const auto packet = recording.packet(event.packet);
      ASSERT_TRUE(packet);
      ASSERT_EQ(packet->wire_length, event.a);
      ASSERT_EQ(packet->time_ns, event.time_ns);
      ASSERT_EQ(packet->bytes.size(), std::min(event.a, snap));
      for (std::size_t i = 0; i < packet->bytes.size(); ++i)
        ASSERT_EQ(packet->bytes[i], static_cast<std::byte>(event.packet + i));
    }
  }
}

TEST(Recorder, KeepsTheFirstPacketsWhereThereIsRoomForSome) {
  const TemporaryFile file;
  Recorder::Options options;
  options.path = file.path();
  options.packets_limit_bytes = 1000;
  auto recorder = make(options);
  const std::vector<std::byte> bytes(60);
  for (std::uint32_t number = 0; number < 100; ++number)
    recorder->note_packet(number, bytes, 60, number);
  ASSERT_TRUE(recorder->finish(false));
  const Recording recording = opened(file);
  EXPECT_TRUE(recording.packet(15)); // 16 of 60 bytes fit in 1000
  EXPECT_FALSE(recording.packet(16));
  EXPECT_FALSE(recording.packet(99));
}

} // namespace
} // namespace zbuf

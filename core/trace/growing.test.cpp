// SPDX-License-Identifier: BSD-2-Clause
// Recordings that somebody reads while they are written, and recordings of bounded size.
#include "core/trace/export.h"
#include "core/trace/fold.h"
#include "core/trace/followed.h"
#include "core/trace/format.h"
#include "core/trace/test_recording.h"

#include <csignal>
#include <cstring>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <sys/resource.h>
#include <sys/wait.h>

#ifdef __linux__
#include <sched.h>
#include <sys/mount.h>
#endif

namespace zbuf {
namespace {

using namespace testing_support;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

void append(const TemporaryFile& file, std::span<const std::byte> bytes) {
  std::ofstream out(file.path(), std::ios::binary | std::ios::app);
  out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

std::unique_ptr<Recorder> recorder_to(const std::string& path, std::uint64_t limit_bytes = 0) {
  Recorder::Options options;
  options.path = path;
  options.limit_bytes = limit_bytes;
  auto recorder = Recorder::create(options);
  EXPECT_TRUE(recorder) << recorder.error().text();
  return std::move(*recorder);
}

/// But for the packet, which a recorder adds to what a reader handled.
bool same(const Event& recorded, Event event) {
  event.packet = recorded.packet;
  return std::memcmp(&recorded, &event, sizeof(event)) == 0;
}

/// Refreshes until there are so many events: another thread writes them.
void await(Recording& recording, std::uint64_t events) {
  for (int i = 0; i < 60'000 && recording.event_count() < events; ++i) {
    ASSERT_TRUE(recording.refresh());
    ::usleep(1000);
  }
  ASSERT_EQ(recording.event_count(), events);
}

std::uint64_t opened_events(const std::string& path) {
  const auto recording = Recording::open(path);
  return recording ? recording->event_count() : 0;
}

/// All that is to be had of a recording, which must end, whatever lies in the file by now.
void look_at_all(const Recording& recording) {
  const std::uint64_t count = recording.event_count();
  std::uint64_t seen = 0;
  recording.for_each(0, count, [&](std::uint64_t, const Event&) { ++seen; });
  EXPECT_EQ(seen, count);
  for (std::uint64_t n = 0; n <= count; n += std::max<std::uint64_t>(1, count / 20)) {
    (void)recording.state_after(n);
    for (const std::uint8_t which : {ZB_A, ZB_B})
      (void)recording.records_in(0, which, n);
    (void)recording.next(mask_of({ZB_EV_DROPPED}), n);
    (void)recording.next(mask_of({ZB_EV_STORED}), n, Recording::Direction::backward);
    if (n < count)
      (void)recording.event(n);
  }
  for (const std::uint64_t until : {recording.last_ns() + 1, recording.last_ns() / 2}) {
    (void)recording.buckets(0, until, 100);
    (void)recording.buckets(0, until, 7, std::uint16_t{0});
    (void)recording.events_until(until);
  }
  for (std::uint32_t number = 0; number < 200; ++number)
    (void)recording.packet(number);
  std::ostringstream out;
  (void)export_csv(recording, out);
  (void)export_chrome(recording, out);
  (void)export_pcap(recording, out, 0);
}

// ---- What becomes of an open file ----

TEST(OpenRecording, SurvivesThatItsFileIsCutAnywhere) {
  const TemporaryFile whole, file;
  record(whole, synthetic::run(4, 3000, 4064), 64);
  const std::vector<std::byte> bytes = whole.bytes();
  const std::size_t steps = 9;
  for (std::size_t i = 0; i < steps; ++i) {
    fs::copy_file(whole.path(), file.path(), fs::copy_options::overwrite_existing);
    const Recording recording = opened(file);
    EXPECT_FALSE(recording.fate());
    fs::resize_file(file.path(), bytes.size() * i / steps);
    look_at_all(recording);
    const auto fate = recording.fate();
    ASSERT_TRUE(fate);
    EXPECT_EQ(fate->code, Error::Code::bad_input);
    EXPECT_THAT(fate->text(), HasSubstr("was cut while it was open"));
  }
}

TEST(OpenRecording, SurvivesThatItsFileIsWrittenOver) {
  const TemporaryFile whole, file;
  record(whole, synthetic::run(4, 3000, 4064), 64);
  const std::size_t size = whole.bytes().size();
  for (unsigned seed = 1; seed <= 5; ++seed) {
    fs::copy_file(whole.path(), file.path(), fs::copy_options::overwrite_existing);
    fs::last_write_time(file.path(), fs::file_time_type{});
    const Recording recording = opened(file);
    {
      std::fstream out(file.path(), std::ios::binary | std::ios::in | std::ios::out);
      for (std::size_t at = seed; at < size; at += 97)
        out.seekp(static_cast<std::streamoff>(at)).put(static_cast<char>(at * seed >> 3));
    }
    look_at_all(recording);
    const auto fate = recording.fate();
    ASSERT_TRUE(fate) << seed;
    EXPECT_THAT(fate->text(), HasSubstr("was written to")) << seed;
  }
}

TEST(OpenRecording, StaysAsItIsWhileAnotherIsWrittenUnderItsName) {
  const TemporaryFile file;
  const std::vector<Event> events = synthetic::run(4, 600, 4064);
  record(file, events);
  const Recording before = opened(file);
  const std::string kept = file.path() + "~";
  {
    const auto recorder = recorder_to(file.path());
    EXPECT_TRUE(fs::exists(kept));
    play(*recorder, synthetic::run(5, 60, 4064));
    ASSERT_TRUE(recorder->finish(false));
  }
  EXPECT_FALSE(fs::exists(kept)) << "the new one is complete";
  ASSERT_EQ(before.event_count(), events.size());
  for (std::uint64_t n = 0; n < events.size(); ++n)
    ASSERT_TRUE(same(before.event(n), events[n])) << n;
  const auto fate = before.fate();
  ASSERT_TRUE(fate);
  EXPECT_EQ(fate->code, Error::Code::not_found);
  EXPECT_THAT(fate->text(), HasSubstr("replaced by another file"));
}

/// Wherever no file may grow any more, and wherever the process is killed by that.
TEST(OpenRecording, IsTheOldOneOrTheNewOneWhereverItsWriterEnds) {
  const TemporaryFile file;
  const std::vector<Event> old_events = synthetic::run(4, 50, 4064), events = synthetic::run(5, 200, 4064);
  const std::string kept = file.path() + "~";
  for (const bool at_end : {false, true})
    for (const bool kill : {false, true})
      for (rlim_t limit = 0; limit < 6000; limit += limit < 200 ? 8 : 500) {
        std::remove(kept.c_str());
        std::remove(file.path().c_str());
        record(file, old_events);
        const pid_t child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
          const rlimit most{limit, limit}, no_core{0, 0};
          ::setrlimit(RLIMIT_CORE, &no_core);
          ::setrlimit(RLIMIT_FSIZE, &most);
          ::signal(SIGXFSZ, kill ? SIG_DFL : SIG_IGN);
          Recorder::Options options;
          options.path = file.path();
          options.name_at_end = at_end;
          if (auto recorder = Recorder::create(options)) {
            play(**recorder, events);
            (void)!(*recorder)->finish(false);
          }
          ::_exit(0);
        }
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        const auto recording = Recording::open(file.path(), Recording::Damage::salvage);
        ASSERT_TRUE(recording) << limit << kill << at_end << recording.error().text();
        const bool is_old = recording->event_count() == old_events.size() && recording->complete();
        const bool is_new = recording->event_count() == events.size() && recording->complete();
        const bool old_is_kept = !at_end && opened_events(kept) == old_events.size();
        EXPECT_TRUE(is_old || is_new || old_is_kept) << limit << kill << at_end;
      }
}

// ---- Growing ----

TEST(GrowingRecording, CanBeFollowedByteForByte) {
  const std::vector<Event> events = synthetic::run(4, 60, 4064);
  const TemporaryFile whole, growing;
  record(whole, events, 16);
  const std::vector<std::byte> bytes = whole.bytes();
  append(growing, std::span(bytes).first(sizeof(format::FileHeader)));
  auto recording = Recording::open(growing.path(), Recording::Damage::salvage);
  ASSERT_TRUE(recording);
  for (std::size_t at = sizeof(format::FileHeader); at < bytes.size(); ++at) {
    EXPECT_FALSE(recording->complete());
    EXPECT_TRUE(recording->damage());
    append(growing, std::span(bytes).subspan(at, 1));
    ASSERT_TRUE(recording->refresh()) << at;
  }
  EXPECT_TRUE(recording->complete());
  EXPECT_FALSE(recording->damage());
  EXPECT_FALSE(recording->partial());
  EXPECT_EQ(recording->event_count(), events.size());
  EXPECT_EQ(recording->metadata(), opened(whole).metadata());
  EXPECT_EQ(recording->refresh(), 0u) << "nothing more comes";
}

TEST(GrowingRecording, KeepsIndicesAndSpansWhileTheRunGoesOn) {
  const std::vector<Event> events = synthetic::run(1, 9000, 4064);
  const TemporaryFile file;
  const auto recorder = recorder_to(file.path());
  auto recording = Recording::open(file.path(), Recording::Damage::salvage);
  ASSERT_TRUE(recording) << recording.error().text();
  EXPECT_EQ(recording->event_count(), 0u);
  EXPECT_EQ(recording->refresh(), 0u);

  std::optional<Recording::PacketBytes> first;
  std::vector<std::byte> first_bytes;
  State state;
  for (std::size_t at = 0; at < events.size();) {
    const std::size_t until = std::min(events.size(), at + 3001);
    play(*recorder, {events.begin() + static_cast<std::ptrdiff_t>(at),
                     events.begin() + static_cast<std::ptrdiff_t>(until)});
    recorder->flush();
    await(*recording, until);
    for (; at < until; ++at)
      fold(state, events[at]);
    ASSERT_EQ(recording->state_after(at), state);
    ASSERT_TRUE(same(recording->event(at / 3), events[at / 3]));
    if (!first) {
      first = recording->packet(0);
      ASSERT_TRUE(first);
      first_bytes.assign(first->bytes.begin(), first->bytes.end());
    }
  }
  EXPECT_TRUE(std::equal(first->bytes.begin(), first->bytes.end(), first_bytes.begin(), first_bytes.end()))
      << "spans of the first mapping are good";
  ASSERT_TRUE(recorder->finish(false));
  EXPECT_EQ(recording->refresh(), 0u);
  EXPECT_TRUE(recording->complete());
  const Timeline timeline = recording->buckets(0, recording->last_ns() + 1, 1);
  EXPECT_EQ(timeline.buckets[0][Series::stored], state.total().stored);
}

TEST(GrowingRecording, SaysWhenWhatWasAddedIsDamaged) {
  const TemporaryFile whole, growing;
  record(whole, synthetic::run(4, 60, 4064), 16);
  std::vector<std::byte> bytes = whole.bytes();
  append(growing, std::span(bytes).first(40));
  auto recording = Recording::open(growing.path(), Recording::Damage::salvage);
  ASSERT_TRUE(recording);
  bytes[bytes.size() - 20] ^= std::byte{1}; // in the end record
  append(growing, std::span(bytes).subspan(40));
  const auto refreshed = recording->refresh();
  ASSERT_FALSE(refreshed);
  EXPECT_EQ(refreshed.error().file, growing.path());
  EXPECT_THAT(refreshed.error().text(), HasSubstr("checksum"));
  EXPECT_GT(recording->event_count(), 0u) << "what is before it is there";
  EXPECT_FALSE(recording->complete());
}

TEST(GrowingRecording, SaysWhenItWasCut) {
  const TemporaryFile file;
  record(file, synthetic::run(4, 60, 4064), 16);
  fs::resize_file(file.path(), fs::file_size(file.path()) - 1);
  auto recording = Recording::open(file.path(), Recording::Damage::salvage);
  ASSERT_TRUE(recording);
  fs::resize_file(file.path(), 100);
  const auto refreshed = recording->refresh();
  ASSERT_FALSE(refreshed);
  EXPECT_THAT(refreshed.error().text(), HasSubstr("was cut while it was open"));
}

// ---- Bounded ----

struct OlderPart {
  std::string path;
  explicit OlderPart(const TemporaryFile& file) : path(older_part(file.path())) {}
  ~OlderPart() { std::remove(path.c_str()); }
};

TEST(BoundedRecording, KeepsTheLastPartsAndTheStateBeforeThem) {
  const TemporaryFile file;
  const OlderPart older(file);
  const std::vector<Event> events = synthetic::run(1, 30'000, 4064);
  constexpr std::uint64_t limit = 1 << 20;
  const auto recorder = recorder_to(file.path(), limit);
  play(*recorder, events);
  ASSERT_TRUE(recorder->finish(false, R"({"packets":3})"));

  EXPECT_LT(fs::file_size(file.path()) + fs::file_size(older.path), limit + limit / 2);
  const auto last = Recording::open(file.path());
  const auto before = Recording::open(older.path);
  ASSERT_TRUE(last) << last.error().text();
  ASSERT_TRUE(before) << before.error().text();
  const auto metadata = nlohmann::json::parse(last->metadata());
  const auto part = metadata["part"].get<std::uint64_t>();
  EXPECT_GE(part, 3u);
  EXPECT_EQ(metadata["packets"], 3);
  EXPECT_FALSE(last->partial());
  EXPECT_TRUE(before->partial()) << "a part is not the whole";
  const auto skipped = metadata["events_before"].get<std::uint64_t>();
  EXPECT_EQ(nlohmann::json::parse(before->metadata())["events_before"], skipped - before->event_count());
  EXPECT_EQ(skipped + last->event_count(), events.size());

  // Each part begins with the state that the parts before it led to, and ends with the one of the whole run.
  State whole;
  fold(whole, events);
  const State end = last->state_after(last->event_count());
  EXPECT_EQ(end.total(), whole.total());
  EXPECT_EQ(end.time_ns, whole.time_ns);
  EXPECT_EQ(last->state_after(0).total(), before->state_after(before->event_count()).total());
  EXPECT_FALSE(end.any_broken());
  for (std::uint64_t n = 0; n < last->event_count(); n += 97)
    ASSERT_TRUE(same(last->event(n), events[skipped + n]));
  // The records of a fill that began in the part before are those that were stored in this one.
  for (std::uint8_t which : {ZB_A, ZB_B})
    for (const Recording::Record& r : last->records_in(0, which, last->event_count() / 2))
      EXPECT_LT(r.event, last->event_count());
  std::ostringstream packets;
  const auto written = export_pcap(*last, packets, 0);
  ASSERT_TRUE(written) << written.error().text();
  EXPECT_EQ(*written,
            end.descriptors[0].total.delivered - last->state_after(0).descriptors[0].total.delivered);
}

/// What looks at a later part begins where that does, and not with nothing.
TEST(BoundedRecording, IsUnderstoodFromItsLastPartAlone) {
  const TemporaryFile file;
  const OlderPart older(file);
  const std::vector<Event> events = synthetic::run(1, 30'000, 4064);
  const auto recorder = recorder_to(file.path(), 1 << 20);
  play(*recorder, events);
  ASSERT_TRUE(recorder->finish(false));
  const auto last = Recording::open(file.path());
  ASSERT_TRUE(last) << last.error().text();
  const State begin = last->state_after(0);
  ASSERT_GT(begin.time_ns, 0u);

  std::ostringstream chrome;
  ASSERT_TRUE(export_chrome(*last, chrome));
  const auto json = nlohmann::json::parse(chrome.str());
  std::set<std::string> at_once; // what the buffers are before anything has happened
  for (const auto& one : json["traceEvents"]) {
    if (one["ph"] != "B" || one["ts"].get<double>() * 1000 > static_cast<double>(begin.time_ns) + 1)
      continue;
    at_once.insert(one["name"].get<std::string>());
  }
  const char* const slots[] = {"store", "hold", "free"};
  EXPECT_GE(at_once.size(), 1u);
  for (const std::string& name : at_once)
    EXPECT_TRUE(std::any_of(std::begin(slots), std::end(slots), [&](const char* slot) {
      return name.rfind(slot, 0) == 0;
    })) << name;
}

TEST(BoundedRecording, EndsForWhoFollowsItWhereANewPartBegins) {
  const TemporaryFile file;
  const OlderPart older(file);
  const std::vector<Event> events = synthetic::run(1, 9000, 4064);
  const auto recorder = recorder_to(file.path(), 256 << 10);
  auto recording = Recording::open(file.path(), Recording::Damage::salvage);
  ASSERT_TRUE(recording);
  play(*recorder, events);
  ASSERT_TRUE(recorder->finish(false));
  ASSERT_TRUE(recording->refresh());
  EXPECT_TRUE(recording->complete());
  EXPECT_LT(recording->event_count(), events.size());
  EXPECT_TRUE(same(recording->event(0), events[0]));
}

#ifdef __linux__
/// Wherever the disk is full: within a part, at its end, or where the next one begins.
TEST(BoundedRecording, CanBeOpenedWhereverTheDiskWasFull) {
  if (::geteuid() != 0 || ::unshare(CLONE_NEWNS) != 0 ||
      ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
    GTEST_SKIP() << "needs root and mount namespaces: it fills a disk of its own";
  const std::string disk = testing::TempDir() + "zbuf-full-" + std::to_string(::getpid());
  fs::create_directory(disk);
  const std::string file = disk + "/run.zbt";
  const std::vector<Event> events = synthetic::run(1, 9000, 4064);
  std::set<std::uint64_t> parts;
  for (std::size_t pages = 16; pages <= 80; ++pages) {
    const std::string size = fmt::format("size={}", pages * 4096);
    ASSERT_EQ(::mount("tmpfs", disk.c_str(), "tmpfs", 0, size.c_str()), 0) << size;
    {
      const auto recorder = recorder_to(file, 96 << 10);
      auto followed = FollowedRecording::open(file);
      ASSERT_TRUE(followed);
      play(*recorder, events);
      const auto finished = recorder->finish(false);
      const auto recording = Recording::open(file);
      ASSERT_TRUE(recording) << size << ": " << recording.error().text();
      EXPECT_EQ(recording->partial(), !finished) << size;
      for (int i = 0; i < 3; ++i)
        ASSERT_TRUE(followed->refresh()) << size;
      EXPECT_TRUE(followed->complete()) << size;
      EXPECT_EQ(followed->now().part(), recording->part()) << size;
      if (!finished) {
        EXPECT_THAT(finished.error().text(), HasSubstr("No space left on device")) << size;
        parts.insert(recording->part());
      }
    }
    ASSERT_EQ(::umount2(disk.c_str(), MNT_DETACH), 0);
  }
  EXPECT_GT(parts.size(), 1u) << "the sizes were to end it at several places";
  fs::remove(disk);
}
#endif

TEST(BoundedRecording, OfOnePartSaysNothingOfParts) {
  const TemporaryFile file;
  const auto recorder = recorder_to(file.path(), 1 << 30);
  play(*recorder, synthetic::run(4, 60, 4064));
  ASSERT_TRUE(recorder->finish(false));
  EXPECT_FALSE(nlohmann::json::parse(opened(file).metadata()).contains("part"));
  EXPECT_FALSE(fs::exists(older_part(file.path())));
}

TEST(BoundedRecording, NamesItsOlderPart) {
  EXPECT_EQ(older_part("/tmp/a.b/run.zbt"), "/tmp/a.b/run.older.zbt");
  EXPECT_EQ(older_part("run"), "run.older");
}

} // namespace
} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
#include "core/trace/recording.h"

#include "core/trace/fold.h"
#include "core/trace/format.h"
#include "core/trace/test_recording.h"

#include <cstring>
#include <gmock/gmock.h>
#include <map>
#include <nlohmann/json.hpp>

namespace zbuf {
namespace {

using namespace testing_support;
using ::testing::HasSubstr;
using Direction = Recording::Direction;

/// Some chunks of events, recorded once.
struct Sample {
  TemporaryFile file;
  std::vector<Event> events = synthetic::run(1, 9000, 4064);
  State state = record(file, events);
  Recording recording = opened(file);
};
const Sample& sample() {
  static const Sample all;
  return all;
}

TEST(Recording, GivesBackWhatWasRecorded) {
  const Recording& r = sample().recording;
  ASSERT_EQ(r.event_count(), sample().events.size());
  EXPECT_GT(r.event_count(), 5 * 8192u);
  Digest wrote, read;
  std::array<std::uint64_t, event_kinds> kinds{};
  r.for_each(0, r.event_count(), [&](std::uint64_t n, const Event& event) {
    wrote.add(sample().events[n]);
    read.add(event);
    ++kinds[event.kind];
    if (n % 101 == 0) {
      const Event again = r.event(n);
      ASSERT_EQ(std::memcmp(&event, &again, sizeof(event)), 0);
    }
  });
  EXPECT_EQ(read.value(), wrote.value());
  for (unsigned kind = 0; kind < 256; ++kind)
    EXPECT_EQ(r.event_count(static_cast<std::uint8_t>(kind)), kind < event_kinds ? kinds[kind] : 0);
  EXPECT_EQ(r.first_ns(), sample().events.front().time_ns);
  EXPECT_EQ(r.last_ns(), sample().events.back().time_ns);
  EXPECT_EQ(nlohmann::json::parse(r.metadata()),
            (nlohmann::json{{"title", "a test"}, {"seed", 7}, {"packets", 3}, {"partial", false}}));
  EXPECT_FALSE(r.partial());
  EXPECT_FALSE(r.damage());
  Recording::Room room;
  EXPECT_TRUE(r.events_from(r.event_count(), room).empty());
  EXPECT_EQ(r.events_from(300, room).size(), 512u - 300);
}

TEST(Recording, KnowsTheStateAfterEveryEvent) {
  const Recording& r = sample().recording;
  State state;
  EXPECT_EQ(r.state_after(0), state);
  Random random(5);
  for (std::uint64_t n = 0; n < r.event_count(); ++n) {
    fold(state, sample().events[n]);
    // Each near the edges of chunks, and some of the rest.
    if ((n + 3) % 8192 < 6 || random.below(200) == 0 || n + 1 == r.event_count()) {
      ASSERT_EQ(r.state_at_event(n), state) << n;
    }
  }
  EXPECT_EQ(r.state_after(r.event_count()), sample().state);
  EXPECT_EQ(r.state_at_time(~std::uint64_t{0}), sample().state);
  EXPECT_EQ(r.state_at_time(0), State{});
}

TEST(Recording, KnowsTheStateAfterEveryEventOfAnySmallRun) {
  const TemporaryFile file;
  const std::vector<Event> events = synthetic::run(77, 150, 4064);
  record(file, events);
  const Recording r = opened(file);
  State state;
  for (std::uint64_t n = 0; n < events.size(); ++n) {
    fold(state, events[n]);
    ASSERT_EQ(r.state_at_event(n), state) << n;
  }
}

TEST(Recording, FindsInstants) {
  const Recording& r = sample().recording;
  Random random(6);
  const auto at_or_after = [&](std::uint64_t t) {
    return static_cast<std::uint64_t>(
        std::lower_bound(sample().events.begin(), sample().events.end(), t,
                         [](const Event& e, std::uint64_t v) { return e.time_ns < v; }) -
        sample().events.begin());
  };
  for (int i = 0; i < 3000; ++i) {
    std::uint64_t t = random.below(r.last_ns() + 2000);
    if (i % 3 == 0)
      t = sample().events[random.below(sample().events.size())].time_ns;
    if (i % 7 == 0)
      t = sample().events[8192 * (1 + random.below(4)) - random.below(2)].time_ns;
    ASSERT_EQ(r.event_at_time(t), at_or_after(t)) << t;
    ASSERT_EQ(r.events_until(t), at_or_after(t + 1)) << t;
  }
}

TEST(Recording, FindsTheNextAndThePreviousOfAKind) {
  const Recording& r = sample().recording;
  const auto naive = [&](KindMask kinds, std::uint64_t from, Direction direction,
                         std::optional<std::uint16_t> d) {
    const auto fits = [&](std::uint64_t n) {
      const Event& e = sample().events[n];
      return contains(kinds, e.kind) && (!d || e.descriptor == *d);
    };
    std::optional<std::uint64_t> found;
    if (direction == Direction::forward) {
      for (std::uint64_t n = from; n < sample().events.size() && !found; ++n)
        if (fits(n))
          found = n;
    } else {
      for (std::uint64_t n = std::min<std::uint64_t>(from, sample().events.size()); n > 0 && !found; --n)
        if (fits(n - 1))
          found = n - 1;
    }
    return found;
  };
  Random random(9);
  const KindMask masks[] = {mask_of({ZB_EV_DROPPED}),
                            mask_of({ZB_EV_END, ZB_EV_OPENED}),
                            mask_of({ZB_EV_ROTATED}),
                            mask_of({ZB_EV_IF_GONE}),
                            all_kinds,
                            0};
  for (int i = 0; i < 400; ++i) {
    const KindMask kinds = masks[random.below(std::size(masks))];
    const std::uint64_t from = random.below(r.event_count() + 3);
    const auto direction = random.below(2) == 0 ? Direction::forward : Direction::backward;
    const auto descriptor =
        random.below(2) == 0 ? std::optional<std::uint16_t>() : static_cast<std::uint16_t>(random.below(3));
    ASSERT_EQ(r.next(kinds, from, direction, descriptor), naive(kinds, from, direction, descriptor)) << i;
  }
}

TEST(Recording, ListsTheRecordsOfABuffer) {
  const Recording& r = sample().recording;
  std::vector<Event> events; // with packets, which the originals do not have in HANDLED
  r.for_each(0, r.event_count(), [&](std::uint64_t, const Event& e) { events.push_back(e); });
  std::map<std::pair<int, int>, std::vector<Recording::Record>> model;
  Random random(10);
  std::size_t compared = 0;
  for (std::uint64_t n = 0; n < r.event_count(); ++n) {
    const Event& e = events[n];
    auto& records = model[{e.descriptor, e.buffer}];
    if (e.kind == ZB_EV_STORED) {
      records.push_back({e.a, e.b, e.d, static_cast<std::uint16_t>(e.c),
                         static_cast<std::uint16_t>(e.c >> 16), e.packet, false, n});
    } else if (e.kind == ZB_EV_RECLAIMED) {
      records.clear();
    } else if (e.kind == ZB_EV_COPIED_OUT) {
      model[{e.descriptor, ZB_USER_COPY}] = std::exchange(records, {});
    } else if (e.kind == ZB_EV_HANDLED) {
      for (auto& record : records)
        record.handled |= record.offset == e.a;
    }
    if (random.below(1000) == 0) {
      for (std::uint16_t d = 0; d < 2; ++d)
        for (std::uint8_t which = ZB_A; which <= ZB_USER_COPY; ++which) {
          const auto found = r.records_in(d, which, n + 1);
          const auto& expected = model[{d, which}];
          ASSERT_EQ(found, expected) << n << " " << d << " " << int{which};
          compared += found.size();
        }
    }
  }
  EXPECT_GT(compared, 100u);
  EXPECT_TRUE(r.records_in(7, ZB_A, 100).empty());
  EXPECT_TRUE(r.records_in(0, ZB_NO_BUFFER, 100).empty());
}

TEST(Recording, OpensFromMemoryEvenUnaligned) {
  const std::vector<std::byte> bytes = sample().file.bytes();
  std::vector<std::byte> shifted(bytes.size() + 1);
  std::copy(bytes.begin(), bytes.end(), shifted.begin() + 1);
  for (const auto memory :
       {std::span<const std::byte>(bytes), std::span<const std::byte>(shifted).subspan(1)}) {
    const auto r = Recording::open(memory);
    ASSERT_TRUE(r) << r.error().text();
    EXPECT_EQ(r->state_after(r->event_count()), sample().state);
  }
}

TEST(Recording, SaysWhyAFileCannotBeOpened) {
  auto missing = Recording::open("/no/such/file.zbt");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Error::Code::not_found);
  EXPECT_EQ(missing.error().file, "/no/such/file.zbt");
  EXPECT_FALSE(Recording::open(std::filesystem::temp_directory_path().string()));

  const TemporaryFile file;
  std::ofstream(file.path()) << "";
  EXPECT_THAT(Recording::open(file.path()).error().message, HasSubstr("0 bytes"));
  std::ofstream(file.path()) << std::string(100, 'x');
  EXPECT_THAT(Recording::open(file.path()).error().message, HasSubstr("not a recording"));

  std::vector<std::byte> newer = sample().file.bytes();
  newer[8] = std::byte{9};
  EXPECT_THAT(Recording::open(newer).error().message, HasSubstr("format version 9"));
}

/// A small recording that has everything: packets, two chunks' worth of kinds, metadata.
const std::vector<std::byte>& small_file() {
  static const std::vector<std::byte> bytes = [] {
    const TemporaryFile file;
    record(file, synthetic::run(4, 60, 4064), 16);
    return file.bytes();
  }();
  return bytes;
}

/// Uses what a salvaged recording offers: none of it may fail.
void walk(const Recording& r, const std::vector<Event>& original) {
  ASSERT_LE(r.event_count(), original.size());
  State state;
  r.for_each(0, r.event_count(), [&](std::uint64_t n, const Event& event) {
    ASSERT_EQ(event.time_ns, original[n].time_ns);
    fold(state, event);
  });
  ASSERT_EQ(r.state_after(r.event_count()), state);
  (void)r.next(all_kinds, 0);
  (void)r.buckets(0, r.last_ns() + 1, 10, 0);
}

TEST(DamagedRecording, IsRefusedWhereverItWasCutShort) {
  const std::vector<Event> original = synthetic::run(4, 60, 4064);
  const std::vector<std::byte>& whole = small_file();
  ASSERT_TRUE(Recording::open(whole));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const auto bytes = std::span(whole).first(length);
    const auto refused = Recording::open(bytes);
    ASSERT_FALSE(refused) << length;
    ASSERT_TRUE(refused.error().has_offset);
    ASSERT_LE(refused.error().offset, length);
    const auto salvaged = Recording::open(bytes, Recording::Damage::salvage);
    if (length < sizeof(format::FileHeader)) {
      ASSERT_FALSE(salvaged);
      continue;
    }
    ASSERT_TRUE(salvaged) << length;
    ASSERT_TRUE(salvaged->damage());
    ASSERT_TRUE(salvaged->partial());
    walk(*salvaged, original);
  }
}

TEST(DamagedRecording, IsRefusedWhicheverBitIsWrong) {
  const std::vector<Event> original = synthetic::run(4, 60, 4064);
  std::vector<std::byte> bytes = small_file();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto bit = static_cast<std::byte>(1u << (i % 8));
    bytes[i] ^= bit;
    const auto refused = Recording::open(bytes);
    ASSERT_FALSE(refused) << i;
    ASSERT_LE(refused.error().offset, i + 1);
    if (const auto salvaged = Recording::open(bytes, Recording::Damage::salvage))
      walk(*salvaged, original);
    bytes[i] ^= bit;
  }
}

TEST(DamagedRecording, GivesWhatPrecedesTheDamage) {
  std::vector<std::byte> bytes = sample().file.bytes();
  const std::size_t middle = bytes.size() / 2;
  bytes[middle] ^= std::byte{1};
  const auto refused = Recording::open(bytes);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().text(), HasSubstr("byte " + std::to_string(refused.error().offset)));
  EXPECT_THAT(refused.error().message, HasSubstr("events before it are whole"));
  EXPECT_LT(refused.error().offset, middle);
  const auto salvaged = Recording::open(bytes, Recording::Damage::salvage);
  ASSERT_TRUE(salvaged);
  EXPECT_GT(salvaged->event_count(), 8191u);
  EXPECT_EQ(salvaged->event_count() % 8192, 0u);
  EXPECT_THAT(salvaged->metadata(), HasSubstr("a test")); // as known at the beginning
  walk(*salvaged, sample().events);
}

TEST(DamagedRecording, BytesAfterTheEndAreRefused) {
  std::vector<std::byte> bytes = small_file();
  const std::size_t length = bytes.size();
  bytes.resize(length + 8);
  const auto refused = Recording::open(bytes);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().offset, length);
}

TEST(Recording, ReadsFilesWithSnapshotsOfAnotherVersion) {
  std::vector<std::byte> bytes = sample().file.bytes();
  auto header = format::load<format::FileHeader>(bytes, 0);
  header.snapshot_version += 1;
  header.crc = format::header_crc(header);
  std::memcpy(bytes.data(), &header, sizeof(header));
  const auto r = Recording::open(bytes);
  ASSERT_TRUE(r) << r.error().text();
  EXPECT_EQ(r->state_after(r->event_count()), sample().state);
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define ZBUF_SHADOW_MEMORY
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define ZBUF_SHADOW_MEMORY
#endif

TEST(Recording, DoesNotHoldItselfInMemory) {
#ifdef ZBUF_SHADOW_MEMORY
  GTEST_SKIP() << "a sanitizer's own memory counts too";
#endif
  const TemporaryFile file;
  std::uint64_t events = 0;
  {
    Recorder::Options options;
    options.path = file.path();
    auto recorder = Recorder::create(options);
    for (; events < 1'000'000; events += sample().events.size())
      play(**recorder, sample().events, false);
    ASSERT_TRUE((*recorder)->finish(false));
  }
  const auto resident_kib = [] {
    std::ifstream status("/proc/self/statm");
    long total = 0, resident = 0;
    status >> total >> resident;
    return resident * (::sysconf(_SC_PAGESIZE) / 1024);
  };
  if (resident_kib() == 0)
    GTEST_SKIP() << "this system does not tell";
  const long before = resident_kib();
  const Recording r = opened(file);
  EXPECT_EQ(r.event_count(), events);
  (void)r.state_after(events / 2);
  EXPECT_LT(resident_kib() - before, 4 * 1024); // the events have 32 MiB
}

} // namespace
} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
#include "core/trace/recording.h"

#include "core/trace/fold.h"
#include "core/trace/test_recording.h"

#include <gtest/gtest.h>

namespace zbuf {
namespace {

using namespace testing_support;

/// More events than are looked at one by one, in uneven time: bursts, and a silence.
struct Large {
  TemporaryFile file;
  std::vector<Event> events = [] {
    std::vector<Event> all = synthetic::run(1, 180'000, 4064);
    for (std::size_t i = all.size() / 3; i < all.size(); ++i)
      all[i].time_ns += 50'000'000;
    return all;
  }();
  State state = record(file, events, 0);
  Recording recording = opened(file);
};
const Large& large() {
  static const Large all;
  return all;
}

/// One event after another, as the definition has it.
std::vector<Bucket> counted(const Timeline& timeline, std::optional<std::uint16_t> descriptor) {
  std::vector<Bucket> buckets(timeline.buckets.size());
  for (const Event& e : large().events) {
    if (e.time_ns < timeline.from_ns || e.time_ns >= timeline.until_ns ||
        (descriptor && e.descriptor != *descriptor))
      continue;
    const auto [series, amount] = contribution(e);
    buckets[timeline.index(e.time_ns)].count[static_cast<std::size_t>(series)] += amount;
  }
  return buckets;
}

void expect_same_counts(const Timeline& timeline, const std::vector<Bucket>& expected) {
  ASSERT_EQ(timeline.buckets.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i)
    ASSERT_EQ(timeline.buckets[i].count, expected[i].count) << i << " of " << expected.size();
}

TEST(Buckets, CountExactlyAtAnyZoom) {
  const Recording& r = large().recording;
  ASSERT_GT(r.event_count(), 1u << 20);
  Random random(2);
  for (int i = 0; i < 16; ++i) {
    const std::uint64_t width = (r.last_ns() + 1) >> random.below(14);
    const std::uint64_t from = random.below(r.last_ns() + 2 - width);
    const std::size_t count = 1 + random.below(3000);
    const auto descriptor =
        random.below(2) == 0 ? std::optional<std::uint16_t>() : static_cast<std::uint16_t>(random.below(2));
    const Timeline timeline = r.buckets(from, from + width, count, descriptor);
    expect_same_counts(timeline, counted(timeline, descriptor));
  }
}

TEST(Buckets, LoseNoDropOfTheWholeRun) {
  const Recording& r = large().recording;
  for (const std::size_t count : {1u, 7u, 2000u}) {
    const Timeline timeline = r.buckets(0, r.last_ns() + 1, count);
    std::uint64_t drops = 0;
    for (const Bucket& bucket : timeline.buckets)
      drops += bucket[Series::dropped];
    EXPECT_EQ(drops, large().state.total().dropped);
  }
}

TEST(Buckets, HaveTheRangeOfTheStoreLength) {
  const Recording& r = large().recording;
  const std::uint64_t from = r.last_ns() / 5;
  const Timeline timeline = r.buckets(from, from + r.last_ns() / 50, 300, 0);
  ASSERT_TRUE(timeline.exact_levels);
  State state = r.state_after(r.event_at_time(from));
  std::vector<Level> store(300), owned(300);
  std::size_t filled = 0;
  const auto value = [&] { return state.descriptors[0].store_length; };
  const auto fill = [&](std::size_t until, std::uint32_t v, std::uint32_t o) {
    for (; filled < until; ++filled) {
      store[filled] = {v, v, v};
      owned[filled] = {o, o, o};
    }
  };
  r.for_each(r.event_at_time(from), r.event_count(), [&](std::uint64_t, const Event& e) {
    if (e.time_ns >= timeline.until_ns)
      return;
    fill(timeline.index(e.time_ns) + 1, value(), state.descriptors[0].user_owned());
    fold(state, e);
    store[timeline.index(e.time_ns)].include(value());
    owned[timeline.index(e.time_ns)].include(state.descriptors[0].user_owned());
  });
  fill(300, value(), state.descriptors[0].user_owned());
  for (std::size_t i = 0; i < 300; ++i) {
    ASSERT_EQ(timeline.buckets[i].store_length, store[i]) << i;
    ASSERT_EQ(timeline.buckets[i].user_owned, owned[i]) << i;
  }
}

TEST(Buckets, FromTheIndexIncludeTheRangeOfTheStoreLength) {
  const Recording& r = large().recording;
  const Timeline coarse = r.buckets(0, r.last_ns() + 1, 64, 1);
  ASSERT_FALSE(coarse.exact_levels);
  for (std::size_t i = 0; i < 64; ++i) {
    const std::uint64_t begin = coarse.begin_ns(i);
    const std::uint64_t end = i + 1 < 64 ? coarse.begin_ns(i + 1) : coarse.until_ns;
    const Timeline exact = r.buckets(begin, end, 1, 1);
    ASSERT_TRUE(exact.exact_levels);
    EXPECT_LE(coarse.buckets[i].store_length.min, exact.buckets[0].store_length.min) << i;
    EXPECT_GE(coarse.buckets[i].store_length.max, exact.buckets[0].store_length.max) << i;
    EXPECT_GE(coarse.buckets[i].user_owned.max, exact.buckets[0].user_owned.max) << i;
  }
}

TEST(Buckets, EdgesBelongToTheBucketTheyBegin) {
  Timeline timeline{100, 110, true, std::vector<Bucket>(3)};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(timeline.index(timeline.begin_ns(i)), i);
    if (i > 0) {
      EXPECT_EQ(timeline.index(timeline.begin_ns(i) - 1), i - 1);
    }
  }
  EXPECT_EQ(timeline.index(109), 2u);
  timeline = {0, ~std::uint64_t{0}, true, std::vector<Bucket>(1000)};
  EXPECT_EQ(timeline.index(~std::uint64_t{0} - 1), 999u);
  EXPECT_EQ(timeline.index(timeline.begin_ns(999)), 999u);
}

TEST(Buckets, AreEmptyWhereNothingWasAsked) {
  const Recording& r = large().recording;
  EXPECT_TRUE(r.buckets(5, 5, 10).buckets.empty());
  EXPECT_TRUE(r.buckets(6, 5, 10).buckets.empty());
  EXPECT_TRUE(r.buckets(0, 5, 0).buckets.empty());
  EXPECT_EQ(r.buckets(0, r.last_ns(), ~std::size_t{0}).buckets.size(), 65536u);
  // After the end: nothing happens, and levels stay.
  const Timeline after = r.buckets(r.last_ns() + 1, r.last_ns() + 100, 5, 0);
  ASSERT_EQ(after.buckets.size(), 5u);
  EXPECT_EQ(after.buckets[4].store_length.last, large().state.descriptors[0].store_length);
  EXPECT_EQ(after.buckets[2][Series::stored], 0u);
  // Narrower than a nanosecond each.
  const Timeline narrow = r.buckets(large().events[900].time_ns, large().events[900].time_ns + 1, 10);
  std::uint64_t all = 0;
  for (const Bucket& bucket : narrow.buckets)
    for (const std::uint64_t count : bucket.count)
      all += count;
  EXPECT_LE(all, 1u);
}

TEST(Series, HaveNamesAndTakeSpinsForWhatTheyAre) {
  EXPECT_STREQ(series_name(Series::empty_looks), "empty_looks");
  EXPECT_STREQ(series_name(Series::arrived), "arrived");
  Event spin{};
  spin.kind = ZB_EV_LOOKED;
  spin.c = 1000;
  EXPECT_EQ(contribution(spin).amount, 1000u);
  spin.a = 1; // not empty
  EXPECT_EQ(contribution(spin).amount, 0u);
}

} // namespace
} // namespace zbuf

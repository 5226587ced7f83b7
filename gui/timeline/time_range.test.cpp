// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/timeline/time_range.h"
#include "gui/timeline/bookmarks.h"

#include <gtest/gtest.h>

namespace zbuf::gui {
namespace {

TEST(TimeRange, MapsInstantsToPositionsAndBack) {
  const TimeRange range{1000, 3000};
  EXPECT_DOUBLE_EQ(range.position(2000, 500), 250);
  EXPECT_LT(range.position(0, 500), 0);
  EXPECT_EQ(range.time_at(250, 500), 2000u);
  EXPECT_EQ(range.time_at(-10, 500), 1000u);
  EXPECT_EQ(range.time_at(1e9, 500), 2999u);
}

TEST(TimeRange, ZoomsAroundAnInstantThatStaysWhereItIs) {
  const TimeRange whole{0, 1'000'000};
  const TimeRange range = whole.zoomed(300'000, 0.1, whole);
  EXPECT_EQ(range.length_ns(), 100'000u);
  EXPECT_NEAR(range.position(300'000, 1000), whole.position(300'000, 1000), 0.1);
  EXPECT_EQ(range.zoomed(300'000, 100, whole), whole);
  EXPECT_EQ(range.zoomed(300'000, 1e-12, whole).length_ns(), TimeRange::narrowest_ns);
}

TEST(TimeRange, StaysWithinTheRun) {
  const TimeRange whole{0, 1'000'000};
  const TimeRange range{400'000, 500'000};
  EXPECT_EQ(range.moved(-1e12, whole), (TimeRange{0, 100'000}));
  EXPECT_EQ(range.moved(1e12, whole), (TimeRange{900'000, 1'000'000}));
  EXPECT_EQ(range.with(700'000, 0.5, whole), (TimeRange{650'000, 750'000}));
  EXPECT_EQ(range.with(10, 0.5, whole), (TimeRange{0, 100'000}));
}

TEST(TimeRange, OfAnEmptyOrEndlessRunIsNotEmpty) {
  EXPECT_EQ(whole_run(0, 0).length_ns(), 1u);
  EXPECT_EQ(whole_run(0, 0).zoomed(0, 0.5, whole_run(0, 0)), whole_run(0, 0));
  const TimeRange long_run = whole_run(0, std::uint64_t{1} << 62);
  EXPECT_TRUE(long_run.holds(std::uint64_t{1} << 62));
  EXPECT_LE(long_run.zoomed(long_run.until_ns - 1, 0.5, long_run).until_ns, long_run.until_ns);
}

TEST(Ticks, AreRoundAndNotTooMany) {
  const std::vector<std::uint64_t> some = ticks({12'345, 98'765}, 10);
  ASSERT_FALSE(some.empty());
  EXPECT_LE(some.size(), 10u);
  for (const std::uint64_t tick : some) {
    EXPECT_EQ(tick % 10'000, 0u);
    EXPECT_TRUE((TimeRange{12'345, 98'765}).holds(tick));
  }
  EXPECT_TRUE(ticks({0, 100}, 0).empty());
  EXPECT_LE(ticks({0, 3}, 100).size(), 3u);
}

TEST(Bookmarks, KeepTheirOrderAndAreFoundFromAnywhere) {
  Bookmarks marks;
  EXPECT_TRUE(marks.add({500, "b"}));
  EXPECT_TRUE(marks.add({100, "a"}));
  EXPECT_FALSE(marks.add({500, "again"}));
  EXPECT_EQ(marks.all().front().time_ns, 100u);
  EXPECT_EQ(marks.next(100, true)->time_ns, 500u);
  EXPECT_EQ(marks.next(500, false)->time_ns, 100u);
  EXPECT_FALSE(marks.next(500, true));
  EXPECT_FALSE(marks.next(100, false));
  EXPECT_TRUE(marks.remove(100));
  EXPECT_FALSE(marks.remove(100));
}

TEST(Bookmarks, ComeBackFromWhatWasSaved) {
  Bookmarks marks;
  marks.add({std::uint64_t{1} << 63, "far away"});
  marks.add({7, ""});
  Bookmarks restored;
  restored.restore(marks.saved());
  EXPECT_EQ(restored.all(), marks.all());
}

TEST(Bookmarks, IgnoreWhatIsDamaged) {
  Bookmarks marks;
  marks.restore(QVariantList{QVariant(), QVariantList{"x", "y"}, QVariantList{"12", 3}, "text",
                             QVariantList{"-4", ""}});
  ASSERT_EQ(marks.all().size(), 1u);
  EXPECT_EQ(marks.all().front().time_ns, 12u);
  marks.restore(QVariant("nonsense"));
  EXPECT_TRUE(marks.all().empty());
}

} // namespace
} // namespace zbuf::gui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/packets/packet_search.h"

#include "gui/explain/lesson_runs.h"
#include "gui/packets/packet_text.h"

#include <QSignalSpy>
#include <QTest>

namespace zbuf::gui {
namespace {

TEST(PacketQuery, OfWhatIsTyped) {
  EXPECT_EQ(parse_query("  ").kind, PacketQuery::Kind::nothing);
  EXPECT_EQ(parse_query("2881").number, 2881u);
  EXPECT_EQ(parse_query(QString("2") + QChar(0x202f) + "881").number, 2881u) << "copied from the screen";
  EXPECT_EQ(parse_query("fate:dr").fate, Fate::dropped);
  EXPECT_EQ(parse_query("fate:in buffers").fate, Fate::in_buffers);
  EXPECT_EQ(parse_query("fate:eaten").kind, PacketQuery::Kind::unknown_fate);
  EXPECT_EQ(parse_query("fate:").kind, PacketQuery::Kind::unknown_fate);
  EXPECT_EQ(parse_query("TCP").text, "tcp");
  EXPECT_EQ(parse_query("192.0.2.1").kind, PacketQuery::Kind::text);
}

class PacketSearchTest : public ::testing::Test {
 protected:
  PacketHunt hunt(const QString& text, std::uint32_t from = 0, bool forward = true) {
    return {track_.recording, 0, 1, parse_query(text), from, forward};
  }
  std::optional<std::uint32_t> find(const QString& text, std::uint32_t from = 0, bool forward = true) {
    return find_packet(hunt(text, from, forward), [](double) { return true; });
  }

  QTemporaryDir folder_;
  Track track_ = run_lesson(lesson_file("16"), folder_)[0];
};

TEST_F(PacketSearchTest, FindsTextForwardBackAndRoundTheEnd) {
  const auto first = find("dns");
  ASSERT_TRUE(first);
  const auto second = find("DNS", *first + 1);
  ASSERT_TRUE(second);
  EXPECT_GT(*second, *first);
  EXPECT_EQ(find("dns", *second - 1, false), first);
  EXPECT_EQ(find("dns", 2999), first) << "from the beginning again";
  EXPECT_FALSE(find("no such thing"));
  EXPECT_EQ(find("17"), 17u);
  EXPECT_FALSE(find("999999"));
}

TEST_F(PacketSearchTest, FindsFates) {
  PacketFates fates(*track_.recording);
  std::uint32_t from = 0;
  for (int i = 0; i < 20; ++i) {
    const auto rejected = find("fate:rejected", from);
    ASSERT_TRUE(rejected);
    ASSERT_GE(*rejected, from);
    for (std::uint32_t n = from; n < *rejected; ++n)
      ASSERT_NE(fates.fate(0, n).fate, Fate::rejected) << "none was passed over";
    ASSERT_EQ(fates.fate(0, *rejected).fate, Fate::rejected);
    from = *rejected + 1;
  }
  const auto delivered = find("fate:delivered");
  ASSERT_TRUE(delivered);
  EXPECT_EQ(fates.fate(0, *delivered).fate, Fate::delivered);
  EXPECT_FALSE(find("fate:dropped")) << "this lesson's filter loses nothing";
  const auto before = find("fate:rejected", 1000, false);
  ASSERT_TRUE(before);
  EXPECT_LE(*before, 1000u);
}

TEST_F(PacketSearchTest, StopsWhenItIsToldTo) {
  int asked = 0;
  EXPECT_FALSE(find_packet(hunt("no such thing"), [&](double) { return ++asked < 3; }));
  EXPECT_EQ(asked, 3);
}

TEST_F(PacketSearchTest, TellsTheWindowFromItsThread) {
  PacketSearch search;
  QSignalSpy found(&search, &PacketSearch::found), not_found(&search, &PacketSearch::not_found);
  search.start(hunt("dns"));
  search.start(hunt("no such thing")); // the one before does not matter any more
  EXPECT_TRUE(search.is_busy());
  EXPECT_TRUE(not_found.wait(20'000));
  EXPECT_EQ(found.count(), 0);
  search.start(hunt("dns"));
  EXPECT_TRUE(found.wait(20'000));
  EXPECT_FALSE(search.is_busy());
  search.start(hunt("no such thing"));
  search.cancel();
  EXPECT_FALSE(not_found.wait(50)) << "nobody hears of what was cancelled";
}

/// What the table says adds up to what the fold counts, for every packet of every lesson and reader.
TEST(PacketFatesOfLessons, AddUpToTheCounters) {
  const QTemporaryDir folder;
  for (const std::string& file : lesson_files())
    for (const Track& track : run_lesson(file, folder)) {
      const Recording& recording = *track.recording;
      const State end = recording.state_after(recording.event_count());
      PacketFates fates(recording);
      if (fates.count() == 0 || fates.count() > 7000)
        continue; // long ones have nothing else
      for (std::size_t i = 0; i < end.descriptors.size(); ++i) {
        const auto d = static_cast<std::uint16_t>(i);
        std::array<std::uint64_t, 9> of{};
        for (std::uint32_t packet = 0; packet < fates.count(); ++packet)
          ++of.at(static_cast<std::size_t>(fates.fate(d, fates.first() + packet).fate));
        const Counters& total = end.descriptors[d].total;
        const auto times = [&](Fate fate) { return of.at(static_cast<std::size_t>(fate)); };
        const std::string what = file + " " + track.report.name + " descriptor " + std::to_string(d);
        EXPECT_EQ(times(Fate::rejected), total.rejected) << what;
        EXPECT_EQ(times(Fate::dropped), total.dropped) << what;
        EXPECT_EQ(times(Fate::delivered), total.delivered) << what;
        EXPECT_EQ(times(Fate::flushed), total.flushed) << what;
        EXPECT_EQ(times(Fate::unread), total.unread) << what;
        EXPECT_EQ(times(Fate::lost), total.lost) << what;
        EXPECT_EQ(times(Fate::abandoned), total.abandoned) << what;
        EXPECT_EQ(times(Fate::in_buffers), end.descriptors[d].in_buffers()) << what;
      }
    }
}

} // namespace
} // namespace zbuf::gui

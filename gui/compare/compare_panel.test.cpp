// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/compare/compare_panel.h"

#include "gui/theme/format.h"
#include "gui/theme/theme.h"
#include "gui/timeline/test_runs.h"

#include <QTest>

#include <gtest/gtest.h>

namespace zbuf::gui {
namespace {

using namespace testing_support;

class Comparing : public ::testing::Test {
 protected:
  void SetUp() override {
    panel.resize(700, 900);
    panel.show();
    playback.set_tracks(slow_reader(folder));
    settle(panel);
  }
  ComparePlot& plot(Curve curve) {
    for (ComparePlot* each : panel.plots())
      if (each->curve() == curve)
        return *each;
    ADD_FAILURE() << "not shown";
    return *panel.plots().front();
  }
  /// What the table says; empty: no such row or column.
  QString cell(const QString& row, const QString& column) {
    TotalsTable& table = panel.totals();
    for (int r = 0; r < table.rowCount(); ++r)
      for (int c = 0; c < table.columnCount(); ++c)
        if (table.verticalHeaderItem(r)->text() == row && table.horizontalHeaderItem(c)->text() == column)
          return table.item(r, c)->text();
    return {};
  }

  TemporaryFolder folder;
  Playback playback;
  ComparePanel panel{playback};
};

TEST_F(Comparing, CurvesEndWhereTheFoldEnds) {
  for (std::size_t i = 0; i < 2; ++i) {
    const Counters& total = playback.track(i).report.total;
    const auto delivered = static_cast<double>(total.delivered);
    EXPECT_DOUBLE_EQ(plot(Curve::drops).value_at(i, playback.end_ns()), static_cast<double>(total.dropped));
    EXPECT_DOUBLE_EQ(plot(Curve::calls_per_thousand).value_at(i, playback.end_ns()),
                     1000 * static_cast<double>(total.syscalls) / delivered);
    EXPECT_DOUBLE_EQ(plot(Curve::copied_per_packet).value_at(i, playback.end_ns()),
                     static_cast<double>(total.bytes_copied_kernel + total.bytes_copied_user) / delivered);
  }
}

TEST_F(Comparing, CurvesHoldTheFoldAtSampledInstants) {
  for (const std::size_t step : {40u, 80u, 200u, 333u}) {
    const std::uint64_t at = (playback.end_ns() * step + sample_steps - 1) / sample_steps;
    playback.seek_time(playback.end_ns() * step / sample_steps);
    for (std::size_t i = 0; i < 2; ++i)
      EXPECT_DOUBLE_EQ(plot(Curve::drops).value_at(i, at),
                       static_cast<double>(playback.state(i).total().dropped));
  }
}

TEST_F(Comparing, TheReaderIsAwakeWhileItIsNotAsleep) {
  // It stands still from 8 to 16 ms, and waits for packets at the end.
  EXPECT_LT(plot(Curve::awake).value_at(0, 12'000'000), 0.01);
  EXPECT_LT(plot(Curve::awake).value_at(0, 34'000'000), 0.01);
  EXPECT_GT(plot(Curve::awake).value_at(0, 4'000'000), 0.001);
}

TEST_F(Comparing, TotalsAreThoseOfTheFoldAndHaveRatios) {
  const Counters& base = playback.track(0).report.total;
  const Counters& other = playback.track(1).report.total;
  const QString name = playback.track(0).name, other_name = playback.track(1).name;
  EXPECT_EQ(cell("delivered", name + "\nat the end"), count(base.delivered));
  EXPECT_EQ(cell("dropped", other_name + "\nat the end"), count(other.dropped));
  EXPECT_EQ(cell("bytes copied to the user", name + "\nat the end"), "0");
  EXPECT_TRUE(cell("bytes copied per packet", other_name + " ÷\n" + name).startsWith("1.9"));
  EXPECT_FALSE(cell("reader's CPU, modelled", name + "\nat the end").isEmpty());
  playback.seek_time(12'000'000);
  settle(panel);
  EXPECT_EQ(cell("dropped", name + "\nnow"), count(playback.state(0).total().dropped));
}

TEST_F(Comparing, OneRunAloneHasNoRatios) {
  playback.set_tracks({playback.track(0)});
  settle(panel);
  EXPECT_EQ(panel.totals().columnCount(), 2);
  EXPECT_EQ(panel.title(), "THIS RUN");
  EXPECT_FALSE(panel.plots().empty());
}

TEST_F(Comparing, NoRunAtAllShowsNothing) {
  playback.set_tracks({});
  settle(panel);
  EXPECT_TRUE(panel.plots().empty());
  EXPECT_FALSE(panel.totals().isVisible());
  EXPECT_TRUE(panel.save_plots(QString::fromStdString(folder.file("none.png")))) << "there are none";
}

/// A run while it is recorded, and all of it.
class ComparingWhatGrows : public Comparing {
 protected:
  void SetUp() override {
    panel.resize(700, 900);
    panel.show();
    const std::vector<Event> events = synthetic::run(1, 20'000, 4064);
    const auto middle = events.begin() + static_cast<std::ptrdiff_t>(events.size() / 2);
    part = track_of({events.begin(), middle}, part_file);
    all = track_of(events, all_file);
  }
  static Counters end_of(const Track& track) {
    return track.recording->state_after(track.recording->event_count()).descriptors[0].total;
  }
  /// The curve holds what the fold says, at that sample of a run that was sampled until its end.
  void expect_as_folded(const Track& track, std::size_t step) {
    const std::uint64_t end_ns = track.recording->last_ns();
    const State then = track.recording->state_at_time(end_ns * step / sample_steps);
    const std::uint64_t at = (end_ns * step + sample_steps - 1) / sample_steps;
    EXPECT_DOUBLE_EQ(plot(Curve::drops).value_at(0, at),
                     static_cast<double>(then.descriptors[0].total.dropped))
        << "at " << step << " of " << sample_steps;
  }

  zbuf::testing_support::TemporaryFile part_file, all_file;
  Track part, all;
};

TEST_F(ComparingWhatGrows, IsReadAgainWhenItHasGrownWhileItWasRead) {
  playback.set_tracks({part}); // and it is being read
  playback.set_growing(true);
  playback.grow({all});
  playback.set_growing(false); // nothing will ask again
  ASSERT_FALSE(panel.idle());
  settle(panel);
  for (const std::size_t step : {std::size_t{40}, sample_steps / 2, sample_steps})
    expect_as_folded(all, step);
  const Counters before = end_of(part), now = end_of(all);
  ASSERT_GT(now.delivered, before.delivered);
  ASSERT_GT(now.dropped, before.dropped);
  EXPECT_EQ(cell("delivered", "at the end").toStdString(), count(now.delivered).toStdString());
  EXPECT_EQ(cell("dropped", "at the end").toStdString(), count(now.dropped).toStdString());
}

TEST_F(ComparingWhatGrows, IsDrawnOnTheTimeThatItWasReadFor) {
  playback.set_tracks({part});
  playback.set_growing(true);
  playback.grow({all});
  ASSERT_TRUE(QTest::qWaitFor([this] { return !panel.plots().empty(); }, 30'000));
  for (const std::size_t step : {std::size_t{40}, sample_steps / 2, sample_steps})
    expect_as_folded(part, step); // the run is twice as long by now, and not read yet
}

TEST_F(Comparing, PlotsScrubByMouseAndKey) {
  ComparePlot& one = plot(Curve::delivered_rate);
  QTest::mouseClick(&one, Qt::LeftButton, {}, {one.width() / 2, one.height() / 2});
  const std::uint64_t clicked = playback.time_ns();
  EXPECT_GT(clicked, playback.end_ns() / 4);
  settle(panel);
  one.setFocus();
  QTest::keyClick(&one, Qt::Key_Right);
  EXPECT_GT(playback.time_ns(), clicked);
}

TEST_F(Comparing, PlotsAreSavedInEachKind) {
  const auto bytes_of = [](const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  for (const auto& [name, magic] :
       {std::pair{"plots.pdf", "%PDF"}, {"plots.svg", "<?xml"}, {"plots.png", "\x89PNG"}}) {
    const std::string path = folder.file(name);
    EXPECT_EQ(panel.save_plots(QString::fromStdString(path)), std::nullopt) << name;
    EXPECT_EQ(bytes_of(path).rfind(magic, 0), 0u) << name;
    EXPECT_GT(bytes_of(path).size(), 5000u) << name;
  }
  EXPECT_TRUE(panel.save_plots(QString::fromStdString(folder.file("plots.nonsense"))));
  EXPECT_TRUE(panel.save_plots("/dev/null/all.png"));
}

TEST_F(Comparing, DescribesItself) {
  for (ComparePlot* each : panel.plots()) {
    EXPECT_FALSE(each->accessibleName().isEmpty());
    EXPECT_TRUE(each->accessibleDescription().contains(playback.track(0).name));
  }
  theme().set_scheme(Theme::Scheme::dark);
  EXPECT_FALSE(panel.grab().isNull());
  theme().set_scheme(Theme::Scheme::system);
}

} // namespace
} // namespace zbuf::gui

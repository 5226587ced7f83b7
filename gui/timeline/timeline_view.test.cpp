// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/timeline/timeline_view.h"

#include "gui/theme/theme.h"
#include "gui/timeline/test_runs.h"

#include <QSignalSpy>
#include <QTest>
#include <QWheelEvent>

#include <gtest/gtest.h>

namespace zbuf::gui {
namespace {

using namespace testing_support;

/// A timeline of lesson 4, shown.
class Timelines : public ::testing::Test {
 protected:
  void SetUp() override {
    view.resize(1000, 600);
    view.show();
    playback.set_tracks(slow_reader(folder));
    settle(view);
    canvas().setFocus();
  }

  LanesCanvas& canvas() { return view.canvas(); }
  QPoint at(std::uint64_t time_ns, Lane lane, std::size_t track = 0) {
    const LaneRow* row = canvas().layout_of_lanes().row(lane, track);
    EXPECT_NE(row, nullptr);
    return {static_cast<int>(std::lround(canvas().x_of(time_ns))), static_cast<int>(row->middle())};
  }
  void drag(const QPoint& from, const QPoint& to, Qt::MouseButton button,
            Qt::KeyboardModifiers modifiers = {}) {
    QTest::mousePress(&canvas(), button, modifiers, from);
    for (const QPoint& point : {(from + to) / 2, to}) {
      QMouseEvent move(QEvent::MouseMove, point, canvas().mapToGlobal(QPointF(point)), Qt::NoButton, button,
                       modifiers);
      QCoreApplication::sendEvent(&canvas(), &move);
    }
    QTest::mouseRelease(&canvas(), button, modifiers, to);
  }
  void wheel(const QPoint& point, const QPoint& turn, Qt::KeyboardModifiers modifiers = {}) {
    QWheelEvent event(point, canvas().mapToGlobal(QPointF(point)), {}, turn, Qt::NoButton, modifiers,
                      Qt::NoScrollPhase, false);
    QCoreApplication::sendEvent(&canvas(), &event);
  }

  TemporaryFolder folder;
  Playback playback;
  TimelineView view{playback};
};

int count_of(const QImage& image, const QRect& where, const QColor& colour) {
  int count = 0;
  for (int y = where.top(); y <= where.bottom(); ++y)
    for (int x = where.left(); x <= where.right(); ++x)
      count += image.rect().contains(x, y) && image.pixelColor(x, y) == colour;
  return count;
}

TEST_F(Timelines, ClickAndDragScrub) {
  const std::uint64_t third = playback.end_ns() / 3;
  QTest::mouseClick(&canvas(), Qt::LeftButton, {}, at(third, Lane::buffer_a));
  EXPECT_NEAR(static_cast<double>(playback.time_ns()), static_cast<double>(third),
              static_cast<double>(playback.end_ns()) / 400);
  drag(at(third, Lane::buffer_b), at(2 * third, Lane::buffer_b), Qt::LeftButton);
  EXPECT_NEAR(static_cast<double>(playback.time_ns()), static_cast<double>(2 * third),
              static_cast<double>(playback.end_ns()) / 400);
}

TEST_F(Timelines, AClickOnAMarkLandsOnItsEvent) {
  const Recording& recording = *playback.track(0).recording;
  const std::uint64_t first = *recording.next(mask_of({ZB_EV_DROPPED}), 0);
  QTest::mouseClick(&canvas(), Qt::LeftButton, {},
                    at(recording.event(first).time_ns, Lane::drops) - QPoint(2, 0));
  ASSERT_TRUE(playback.event());
  EXPECT_EQ(playback.event()->kind, ZB_EV_DROPPED);
  const auto call = *recording.next(mask_of({ZB_EV_CALL}), recording.event_count() / 2);
  QTest::mouseClick(&canvas(), Qt::LeftButton, {},
                    at(recording.event(call).time_ns, Lane::calls) + QPoint(3, 0));
  EXPECT_EQ(playback.event()->kind, ZB_EV_CALL);
}

TEST_F(Timelines, AClickOnALabelFocusesTheTrack) {
  const LaneRow* row = canvas().layout_of_lanes().row(Lane::buffer_a, 1);
  QTest::mouseClick(&canvas(), Qt::LeftButton, {}, {5, static_cast<int>(row->middle())});
  EXPECT_EQ(playback.focus(), 1u);
}

TEST_F(Timelines, TheWheelZoomsAroundThePointer) {
  const QPoint point = at(playback.end_ns() / 4, Lane::buffer_a);
  const std::uint64_t before = canvas().time_at(point.x());
  wheel(point, {0, 360});
  EXPECT_LT(view.range().length_ns(), canvas().whole().length_ns() * 6 / 10);
  EXPECT_NEAR(canvas().x_of(before), point.x(), 1.5);
  wheel(point, {0, -1200});
  EXPECT_EQ(view.range(), canvas().whole());
}

TEST_F(Timelines, DragsPan) {
  view.zoom_in();
  view.zoom_in();
  canvas().pan(1);
  const TimeRange before = view.range();
  drag({600, 100}, {500, 100}, Qt::MiddleButton);
  EXPECT_GT(view.range().from_ns, before.from_ns);
  const TimeRange panned = view.range();
  drag({500, 100}, {600, 100}, Qt::LeftButton, Qt::ShiftModifier);
  EXPECT_LT(view.range().from_ns, panned.from_ns);
  EXPECT_EQ(view.range().length_ns(), before.length_ns());
  wheel({500, 100}, {0, -120}, Qt::ShiftModifier);
  EXPECT_GT(view.range().from_ns, before.from_ns);
}

TEST_F(Timelines, MeasureASpanByMouseAndByKey) {
  drag(at(playback.end_ns() / 4, Lane::buffer_a), at(playback.end_ns() / 2, Lane::buffer_a), Qt::LeftButton,
       Qt::ControlModifier);
  ASSERT_TRUE(canvas().measured());
  EXPECT_NEAR(static_cast<double>(canvas().measured()->length_ns()),
              static_cast<double>(playback.end_ns()) / 4, static_cast<double>(playback.end_ns()) / 300);
  QTest::keyClick(&canvas(), Qt::Key_Escape);
  EXPECT_FALSE(canvas().measured());
  playback.seek_time(1'000'000);
  QTest::keyClick(&canvas(), Qt::Key_M);
  playback.seek_time(3'000'000);
  settle(view);
  ASSERT_TRUE(canvas().measured());
  EXPECT_EQ(*canvas().measured(), (TimeRange{1'000'000, 3'000'000}));
  QTest::keyClick(&canvas(), Qt::Key_M);
  EXPECT_FALSE(canvas().measured());
}

TEST_F(Timelines, KeysJumpAndStep) {
  QTest::keyClick(&canvas(), Qt::Key_F);
  EXPECT_EQ(playback.event()->kind, ZB_EV_DROPPED);
  const auto first = playback.event_index();
  QTest::keyClick(&canvas(), Qt::Key_F);
  EXPECT_GT(playback.event_index(), first);
  QTest::keyClick(&canvas(), Qt::Key_F, Qt::ShiftModifier);
  EXPECT_EQ(playback.event_index(), first);
  QTest::keyClick(&canvas(), Qt::Key_Right);
  EXPECT_EQ(*playback.event_index(), *first + 1);
  QTest::keyClick(&canvas(), Qt::Key_Left);
  EXPECT_EQ(playback.event_index(), first);
  QTest::keyClick(&canvas(), Qt::Key_End);
  EXPECT_EQ(playback.time_ns(), playback.end_ns());
  QTest::keyClick(&canvas(), Qt::Key_Home);
  EXPECT_EQ(playback.events_done(0), 0u);
}

TEST_F(Timelines, KeysZoomAndPan) {
  QTest::keyClick(&canvas(), Qt::Key_Plus);
  QTest::keyClick(&canvas(), Qt::Key_Plus);
  const TimeRange near = view.range();
  EXPECT_NEAR(static_cast<double>(near.length_ns()), static_cast<double>(canvas().whole().length_ns()) / 4,
              10);
  QTest::keyClick(&canvas(), Qt::Key_PageDown);
  EXPECT_GT(view.range().from_ns, near.from_ns);
  QTest::keyClick(&canvas(), Qt::Key_PageUp);
  EXPECT_EQ(view.range().from_ns, near.from_ns);
  QTest::keyClick(&canvas(), Qt::Key_Minus);
  EXPECT_GT(view.range().length_ns(), near.length_ns());
  QTest::keyClick(&canvas(), Qt::Key_0);
  EXPECT_EQ(view.range(), canvas().whole());
}

TEST_F(Timelines, BookmarksAreAddedFoundRemovedAndKept) {
  QSignalSpy changed(&view, &TimelineView::bookmarks_changed);
  playback.seek_time(5'000'000);
  QTest::keyClick(&canvas(), Qt::Key_B);
  playback.seek_time(9'000'000);
  QTest::keyClick(&canvas(), Qt::Key_B);
  EXPECT_EQ(view.bookmarks().all().size(), 2u);
  EXPECT_EQ(changed.count(), 2);
  QTest::keyClick(&canvas(), Qt::Key_BracketLeft);
  EXPECT_EQ(playback.time_ns(), 5'000'000u);
  const QVariant saved = view.saved_bookmarks();
  QTest::keyClick(&canvas(), Qt::Key_Delete);
  EXPECT_EQ(view.bookmarks().all().size(), 1u);
  view.restore_bookmarks(saved);
  EXPECT_EQ(view.bookmarks().all().size(), 2u);
  EXPECT_EQ(changed.count(), 3);
  // Another run has none of these.
  playback.set_tracks({});
  EXPECT_TRUE(view.bookmarks().all().empty());
}

TEST_F(Timelines, ChaptersAreFlagsToClickOn) {
  const ChapterReport& chapter = playback.track(0).report.chapters.at(1);
  QTest::mouseClick(&canvas(), Qt::LeftButton, {}, {static_cast<int>(canvas().x_of(chapter.time_ns)), 6});
  EXPECT_EQ(playback.event_index(), chapter.event);
}

TEST_F(Timelines, TheOverviewMovesAndWidensTheWindow) {
  view.zoom_in();
  view.zoom_in();
  Overview& strip = view.overview();
  const QRectF window = strip.window();
  const TimeRange before = view.range();
  const auto drag_strip = [&](const QPointF& from, const QPointF& to) {
    QTest::mousePress(&strip, Qt::LeftButton, {}, from.toPoint());
    QMouseEvent move(QEvent::MouseMove, to, strip.mapToGlobal(to), Qt::NoButton, Qt::LeftButton, {});
    QCoreApplication::sendEvent(&strip, &move);
    QTest::mouseRelease(&strip, Qt::LeftButton, {}, to.toPoint());
  };
  drag_strip(window.center(), window.center() + QPointF(100, 0));
  EXPECT_GT(view.range().from_ns, before.from_ns);
  EXPECT_EQ(view.range().length_ns(), before.length_ns());
  const QRectF moved = strip.window();
  drag_strip({moved.right(), moved.center().y()}, {moved.right() + 60, moved.center().y()});
  EXPECT_GT(view.range().length_ns(), before.length_ns());
  QTest::mouseClick(&strip, Qt::LeftButton, {}, {strip.width() - 30, strip.height() / 2});
  EXPECT_GT(view.range().until_ns, playback.end_ns() * 9 / 10);
}

TEST_F(Timelines, SteppingForthAndBackGivesTheSamePicture) {
  playback.seek_time(9'900'000);
  settle(view);
  const QImage before = view.grab().toImage();
  for (int i = 0; i < 5; ++i)
    playback.step(Unit::ownership, true);
  settle(view);
  EXPECT_NE(view.grab().toImage(), before);
  playback.seek_time(9'900'000);
  settle(view);
  EXPECT_EQ(view.grab().toImage(), before);
}

TEST_F(Timelines, TheCursorStaysOnTheScreen) {
  canvas().set_range({1'000'000, 2'000'000});
  playback.seek_time(20'000'000);
  settle(view);
  EXPECT_TRUE(view.range().holds(20'000'000));
  EXPECT_EQ(view.range().length_ns(), 1'000'000u);
}

TEST_F(Timelines, EveryControlHasANameAndTextGrowsWithTheTheme) {
  for (const QWidget* widget : view.findChildren<QWidget*>())
    if (widget->focusPolicy() != Qt::NoFocus && widget->isVisible()) {
      EXPECT_FALSE(widget->accessibleName().isEmpty()) << widget->metaObject()->className();
    }
  EXPECT_FALSE(canvas().accessibleDescription().isEmpty());
  const int least = canvas().minimumHeight();
  theme().set_scale(1.6);
  EXPECT_GT(canvas().minimumHeight(), least);
  theme().set_scale(1);
  EXPECT_EQ(canvas().minimumHeight(), least);
}

/// One drop in a run of 400 000 events, seen from as far away as can be.
TEST(TimelineOfALongRun, ShowsASingleDrop) {
  const zbuf::testing_support::TemporaryFile file;
  synthetic::Pencil pencil;
  pencil.open(1u << 30);
  std::uint32_t offset = 0;
  std::uint64_t dropped_ns = 0;
  for (int i = 0; i < 100'000; ++i, offset += 128) {
    pencil.store(ZB_A, offset);
    if (i == 70'000) {
      pencil.drop(ZB_A);
      dropped_ns = pencil.time_ns;
    }
  }
  Playback playback;
  TimelineView view(playback);
  view.resize(900, 300);
  view.show();
  playback.set_tracks({track_of(pencil.events, file)});
  settle(view);
  for (const auto scheme : {Theme::Scheme::light, Theme::Scheme::dark}) {
    theme().set_scheme(scheme);
    settle(view);
    const QImage image = view.canvas().grab().toImage();
    const LaneRow* row = view.canvas().layout_of_lanes().row(Lane::drops, 0);
    const int x = static_cast<int>(view.canvas().x_of(dropped_ns));
    const QRect around(x - 4, static_cast<int>(row->top), 9, static_cast<int>(row->height));
    EXPECT_GE(count_of(image, around, theme().danger()), static_cast<int>(row->height));
    const QRect elsewhere(x - 300, static_cast<int>(row->top), 280, static_cast<int>(row->height));
    EXPECT_EQ(count_of(image, elsewhere, theme().danger()), 0);
  }
  theme().set_scheme(Theme::Scheme::system);
}

/// The lanes come from a survey, which is made anew only now and then.
TEST(TimelineOfALongRun, ReachesTheEndAfterTheLastGrowth) {
  const std::vector<Event> events = synthetic::run(5, 100'000, 32736);
  ASSERT_GT(events.size(), 2 * most_exact_events);
  const zbuf::testing_support::TemporaryFile part_file, all_file;
  const auto part = events.begin() + static_cast<std::ptrdiff_t>(events.size() * 2 / 3);
  Playback playback;
  TimelineView view(playback);
  view.resize(900, 300);
  view.show();
  playback.set_tracks({track_of({events.begin(), part}, part_file)});
  playback.set_growing(true);
  settle(view);
  playback.grow({track_of(events, all_file)});
  playback.set_growing(false); // nothing will ask again
  settle(view);

  const Recording& recording = *playback.track(0).recording;
  ASSERT_EQ(recording.event_count(), events.size());
  for (const auto& data : {view.loader().part(), view.loader().whole()}) {
    ASSERT_NE(data, nullptr);
    EXPECT_GE(data->range.until_ns, recording.last_ns());
    const TrackLanes& lanes = data->tracks.at(0);
    EXPECT_TRUE(lanes.complete);
    EXPECT_GT(lanes.holders_end_ns, recording.last_ns());
    // The last spans are of the last events, and not what was the last before.
    for (const Spans& spans : lanes.holders.buffers) {
      ASSERT_FALSE(spans.empty());
      EXPECT_GT(spans.back().begin_ns, recording.last_ns() / 10 * 9);
    }
  }
}

TEST(TimelineOfNothing, IsDrawnAndTakesEveryKey) {
  Playback playback;
  TimelineView view(playback);
  view.resize(600, 200);
  view.show();
  for (int key = Qt::Key_0; key <= Qt::Key_Z; ++key)
    QTest::keyClick(&view.canvas(), static_cast<Qt::Key>(key));
  QTest::mouseClick(&view.canvas(), Qt::LeftButton, {}, {300, 100});
  EXPECT_FALSE(view.grab().isNull());
  EXPECT_TRUE(view.bookmarks().all().empty());
}

} // namespace
} // namespace zbuf::gui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/explain/explain_panel.h"

#include "gui/explain/code_view.h"
#include "gui/explain/lesson_runs.h"
#include "gui/explain/render.h"
#include "gui/explain/values_view.h"

#include <QLabel>
#include <QTest>

namespace zbuf::gui {
namespace {

/// On a machine that has other things to do, too.
template <typename Condition>
bool wait_until(Condition&& condition) {
  constexpr int patience_ms = 20'000;
  return QTest::qWaitFor(condition, patience_ms);
}

class ExplainPanelTest : public ::testing::Test {
 protected:
  void open(const char* lesson) {
    playback_.set_tracks(run_lesson(lesson_file(lesson), folder_));
    panel_.resize(380, 620);
    panel_.show();
  }
  QString label(const char* name) {
    for (const QLabel* label : panel_.findChildren<QLabel*>())
      if (label->accessibleName() == name)
        return label->isHidden() ? QString() : label->text();
    ADD_FAILURE() << "no label " << name;
    return {};
  }

  QTemporaryDir folder_;
  Playback playback_;
  ExplainPanel panel_{playback_};
};

TEST_F(ExplainPanelTest, SaysSoWhereThereIsNothing) {
  panel_.show();
  EXPECT_EQ(label("What happened"), "Nothing is open");
  open("04");
  EXPECT_EQ(label("What happened"), "Nothing has happened yet");
  EXPECT_EQ(label("Event, time and packet"), "");
}

TEST_F(ExplainPanelTest, FollowsThePlaybackForwardAndBack) {
  open("04");
  playback_.jump(Landmark::hand_off, true);
  const QString hand_off = "The kernel hands buffer A to the reader";
  ASSERT_TRUE(wait_until([&] { return label("What happened") == hand_off; }));
  playback_.step(Unit::event, true);
  ASSERT_TRUE(wait_until([&] { return label("What happened") != hand_off; }));
  playback_.step(Unit::event, false);
  ASSERT_TRUE(wait_until([&] { return label("What happened") == hand_off; }));
  EXPECT_TRUE(label("Event, time and packet").startsWith("event "));
  playback_.jump(Landmark::start, false);
  ASSERT_TRUE(wait_until([&] { return label("What happened") == "Nothing has happened yet"; }));
}

TEST_F(ExplainPanelTest, ShowsTheAuthorsWordsAtTheEventOfAChapter) {
  open("04");
  const auto& chapters = playback_.focused()->report.chapters;
  ASSERT_FALSE(chapters.empty());
  playback_.seek_event(chapters[0].event);
  ASSERT_TRUE(wait_until(
      [&] { return label("The lesson’s own words") == QString::fromStdString(chapters[0].text); }));
  playback_.step(Unit::event, false);
  ASSERT_TRUE(wait_until([&] { return label("The lesson’s own words").isEmpty(); }));
}

TEST_F(ExplainPanelTest, MarksTheLinesAndTellsThemToAReaderOfScreens) {
  open("04");
  playback_.jump(Landmark::hand_off, true);
  const auto views = panel_.findChildren<explain::CodeView*>();
  ASSERT_EQ(views.size(), 2);
  ASSERT_TRUE(wait_until([&] { return views[0]->accessibleDescription().contains("ZB_STORE_RELEASE"); }));
  const auto* values = panel_.findChild<explain::ValuesView*>();
  EXPECT_TRUE(values->accessibleDescription().contains("→"));
}

TEST_F(ExplainPanelTest, HasRoomForAllOfItsTextAtAnyWidth) {
  open("04");
  playback_.jump(Landmark::hand_off, true);
  for (const int width : {240, 380, 800}) {
    panel_.resize(width, 620);
    for (const auto* view : panel_.findChildren<explain::CodeView*>())
      ASSERT_TRUE(wait_until([&] { return view->height() == view->heightForWidth(view->width()); }));
    for (const auto* values : panel_.findChildren<explain::ValuesView*>())
      ASSERT_TRUE(wait_until([&] { return values->height() == values->heightForWidth(values->width()); }));
    EXPECT_LE(panel_.widget()->width(), panel_.viewport()->width()) << width;
  }
}

/// Pictures to look at: ZBUF_PICTURES=folder.
TEST_F(ExplainPanelTest, Pictures) {
  open("04");
  const auto picture = [&](const char* name) { render(panel_, QString("explain-") + name); };
  playback_.jump(Landmark::hand_off, true);
  picture("handoff");
  playback_.jump(Landmark::drop, true);
  picture("drop");
  playback_.jump(Landmark::hand_off, true);
  playback_.jump(Landmark::chapter, true);
  picture("chapter");
}

} // namespace
} // namespace zbuf::gui

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
  QTRY_COMPARE(label("What happened"), hand_off);
  playback_.step(Unit::event, true);
  QTRY_VERIFY(label("What happened") != hand_off);
  playback_.step(Unit::event, false);
  QTRY_COMPARE(label("What happened"), hand_off);
  EXPECT_TRUE(label("Event, time and packet").startsWith("event "));
  playback_.jump(Landmark::start, false);
  QTRY_COMPARE(label("What happened"), QString("Nothing has happened yet"));
}

TEST_F(ExplainPanelTest, ShowsTheAuthorsWordsAtTheEventOfAChapter) {
  open("04");
  const auto& chapters = playback_.focused()->report.chapters;
  ASSERT_FALSE(chapters.empty());
  playback_.seek_event(chapters[0].event);
  QTRY_COMPARE(label("The lesson’s own words"), QString::fromStdString(chapters[0].text));
  playback_.step(Unit::event, false);
  QTRY_COMPARE(label("The lesson’s own words"), QString());
}

TEST_F(ExplainPanelTest, MarksTheLinesAndTellsThemToAReaderOfScreens) {
  open("04");
  playback_.jump(Landmark::hand_off, true);
  const auto views = panel_.findChildren<explain::CodeView*>();
  ASSERT_EQ(views.size(), 2);
  QTRY_VERIFY(views[0]->accessibleDescription().contains("ZB_STORE_RELEASE"));
  const auto* values = panel_.findChild<explain::ValuesView*>();
  EXPECT_TRUE(values->accessibleDescription().contains("→"));
}

TEST_F(ExplainPanelTest, HasRoomForAllOfItsTextAtAnyWidth) {
  open("04");
  playback_.jump(Landmark::hand_off, true);
  for (const int width : {240, 380, 800}) {
    panel_.resize(width, 620);
    for (const auto* view : panel_.findChildren<explain::CodeView*>())
      QTRY_COMPARE(view->height(), view->heightForWidth(view->width()));
    for (const auto* values : panel_.findChildren<explain::ValuesView*>())
      QTRY_COMPARE(values->height(), values->heightForWidth(values->width()));
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

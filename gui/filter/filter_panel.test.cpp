// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/filter/filter_panel.h"

#include "gui/explain/lesson_runs.h"
#include "gui/explain/render.h"

#include <QLabel>

namespace zbuf::gui {
namespace {

class FilterPanelTest : public ::testing::Test {
 protected:
  void open(const char* lesson) {
    playback_.set_tracks(run_lesson(lesson_file(lesson), folder_));
    panel_.resize(380, 620);
    panel_.show();
    QTest::qWait(30);
  }
  /// To the first event of that kind.
  std::uint32_t go_to(zb_event_kind kind) {
    const auto n = playback_.focused()->recording->next(mask_of({kind}), 0);
    EXPECT_TRUE(n);
    playback_.seek_event(*n);
    QTest::qWait(30);
    return playback_.event()->packet;
  }
  QString label(const char* name) {
    for (const QLabel* label : panel_.findChildren<QLabel*>())
      if (label->accessibleName() == name)
        return label->isHidden() ? QString() : label->text();
    ADD_FAILURE() << "no label " << name;
    return {};
  }
  [[nodiscard]] const ProgramModel& model() const {
    return dynamic_cast<const ProgramModel&>(*panel_.findChild<ProgramView*>()->model());
  }

  QTemporaryDir folder_;
  Playback playback_;
  FilterPanel panel_{playback_};
};

TEST_F(FilterPanelTest, ShowsTheWayOfThePacketThatWasJustJudged) {
  open("16");
  EXPECT_EQ(label("Filter expression"), "udp port 53");
  EXPECT_EQ(label("Verdict"), "");
  go_to(ZB_EV_REJECTED);
  EXPECT_TRUE(label("Verdict").contains("Rejected"));
  EXPECT_TRUE(model().visited(0));
  EXPECT_EQ(model().data(model().index(0, ProgramModel::read_column), Qt::DisplayRole).toString(), "12–13");
  go_to(ZB_EV_ACCEPTED);
  EXPECT_TRUE(label("Verdict").contains("Accepted"));
  EXPECT_TRUE(label("Accepted and rejected").contains("Accepted: 1"));
}

TEST_F(FilterPanelTest, ShowsTheWayOfTheSelectedPacket) {
  open("16");
  const std::uint32_t rejected = go_to(ZB_EV_REJECTED);
  playback_.jump(Landmark::end, true);
  playback_.select({rejected});
  QTest::qWait(30);
  EXPECT_TRUE(label("Packet").startsWith(QString("Packet %1:").arg(rejected)));
  EXPECT_TRUE(label("Verdict").contains("Rejected"));
  playback_.select({});
  QTest::qWait(30);
  EXPECT_EQ(label("Verdict"), "");
}

TEST_F(FilterPanelTest, SaysSoWhereThereIsNoFilter) {
  EXPECT_EQ(label("Filter expression"), "Nothing is open");
  open("04");
  EXPECT_EQ(label("Filter expression"), "No filter: every packet is accepted");
  EXPECT_TRUE(panel_.findChild<ProgramView*>()->isHidden());
}

/// Pictures to look at: ZBUF_PICTURES=folder.
TEST_F(FilterPanelTest, Pictures) {
  open("16");
  go_to(ZB_EV_ACCEPTED);
  render(panel_, "filter");
}

} // namespace
} // namespace zbuf::gui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/packets/packets_panel.h"

#include "gui/explain/lesson_runs.h"
#include "gui/explain/render.h"
#include "gui/theme/format.h"

#include <QElapsedTimer>
#include <QLabel>
#include <QLineEdit>
#include <QScrollBar>

namespace zbuf::gui {
namespace {

class PacketsPanelTest : public ::testing::Test {
 protected:
  void open(const char* lesson) {
    playback_.set_tracks(run_lesson(lesson_file(lesson), folder_));
    panel_.resize(700, 620);
    panel_.show();
    QTest::qWait(50);
  }
  [[nodiscard]] PacketTable* table() const { return panel_.findChild<PacketTable*>(); }
  [[nodiscard]] QTableView* view() const { return table()->view(); }
  [[nodiscard]] PacketModel& model() const { return dynamic_cast<PacketModel&>(*view()->model()); }
  [[nodiscard]] QString text(int row, int column) const {
    return model().data(model().index(row, column), Qt::DisplayRole).toString();
  }
  [[nodiscard]] QString status() const { return panel_.findChild<QLabel*>()->text(); }

  QTemporaryDir folder_;
  Playback playback_;
  PacketsPanel panel_{playback_};
};

TEST_F(PacketsPanelTest, HasNoMoreRowsThanCanBeSeen) {
  open("04");
  EXPECT_EQ(model().packet_count(), 6000u);
  EXPECT_LT(model().rowCount(), 60);
  EXPECT_GT(model().rowCount(), 10);
  EXPECT_EQ(text(0, PacketModel::number_column), "0");
  EXPECT_TRUE(text(0, PacketModel::fate_column).startsWith("delivered, A fill 1"));
  auto* bar = table()->findChild<QScrollBar*>(QString(), Qt::FindDirectChildrenOnly);
  ASSERT_NE(bar, nullptr);
  bar->setValue(bar->maximum());
  EXPECT_EQ(text(model().rowCount() - 1, PacketModel::number_column), count(5999));
}

TEST_F(PacketsPanelTest, KeepsUpWithTheRunUnlessSomebodyLooksForAPacket) {
  open("04");
  const auto shows = [this](std::uint32_t number) {
    return number >= model().position() &&
           number < model().position() + static_cast<std::uint32_t>(model().rowCount());
  };
  const auto go_to_packet = [this](std::uint32_t number) {
    const Recording& recording = *playback_.focused()->recording;
    for (std::uint64_t i = 0; i < recording.event_count(); ++i)
      if (recording.event(i).packet == number) {
        playback_.seek_event(i);
        return;
      }
  };
  ASSERT_FALSE(shows(3000));
  if (QWidget* const focus = QApplication::focusWidget())
    focus->clearFocus();
  go_to_packet(3000);
  EXPECT_TRUE(shows(3000));
  EXPECT_FALSE(playback_.selection().packet);
  panel_.activateWindow();
  table()->setFocus();
  ASSERT_TRUE(panel_.isAncestorOf(QApplication::focusWidget()));
  go_to_packet(5000);
  EXPECT_TRUE(shows(3000));
  EXPECT_FALSE(shows(5000));
}

TEST_F(PacketsPanelTest, SelectsEverywhereAndIsSelectedFromElsewhere) {
  open("04");
  QTest::keyClick(view(), Qt::Key_Down);
  ASSERT_TRUE(playback_.selection().packet);
  EXPECT_EQ(playback_.selection().packet, 0u);
  EXPECT_EQ(playback_.selection().buffer, ZB_A);
  QTest::keyClick(view(), Qt::Key_End);
  EXPECT_EQ(playback_.selection().packet, 5999u);
  QTest::keyClick(view(), Qt::Key_PageUp);
  EXPECT_LT(*playback_.selection().packet, 5999u);
  playback_.select({3000});
  EXPECT_EQ(table()->current(), 3000u);
  EXPECT_LE(model().position(), 3000u);
  EXPECT_GT(model().position() + static_cast<std::uint32_t>(model().rowCount()), 3000u);
  EXPECT_EQ(model().number_of(view()->currentIndex().row()), 3000u);
  playback_.select({});
  EXPECT_FALSE(view()->currentIndex().isValid());
}

TEST_F(PacketsPanelTest, GoesToThePacketOnEnter) {
  open("04");
  playback_.select({2000});
  QTest::keyClick(view(), Qt::Key_Return);
  const auto kept = playback_.focused()->recording->packet(2000);
  ASSERT_TRUE(kept);
  EXPECT_EQ(playback_.time_ns(), kept->time_ns);
}

TEST_F(PacketsPanelTest, SearchesWhileOneTypes) {
  open("16");
  auto* field = panel_.findChild<QLineEdit*>();
  QTest::keyClicks(field, "dns");
  QTRY_VERIFY(playback_.selection().packet.has_value());
  QTRY_VERIFY(status().contains("packets"));
  const std::uint32_t first = *playback_.selection().packet;
  EXPECT_EQ(text(view()->currentIndex().row(), PacketModel::protocol_column), "DNS");
  QTest::keyClick(field, Qt::Key_Return);
  QTRY_VERIFY(*playback_.selection().packet > first);
  QTest::keyClick(field, Qt::Key_Return, Qt::ShiftModifier);
  QTRY_COMPARE(*playback_.selection().packet, first);
  field->clear();
  QTest::keyClicks(field, "fate:eaten");
  EXPECT_TRUE(status().contains("no such fate"));
  field->clear();
  QTest::keyClicks(field, "zzzz");
  QTRY_COMPARE(status(), QString("No packet fits."));
}

TEST_F(PacketsPanelTest, SaysSoWhereThereIsNothing) {
  EXPECT_EQ(status(), "Nothing is open.");
  open("01");
  EXPECT_EQ(status(), "The recording has no packets.");
  QTest::keyClick(view(), Qt::Key_Down);
  EXPECT_FALSE(playback_.selection().packet);
}

TEST_F(PacketsPanelTest, TurnsAPageWithinAFrame) {
  open("04");
  auto* bar = table()->findChild<QScrollBar*>(QString(), Qt::FindDirectChildrenOnly);
  QImage image(panel_.size(), QImage::Format_RGB32);
  QElapsedTimer timer;
  timer.start();
  constexpr int pages = 20;
  for (int i = 0; i < pages; ++i) {
    bar->setValue(i * 241 % bar->maximum());
    panel_.render(&image);
  }
  RecordProperty("ms_a_page", static_cast<int>(timer.elapsed() / pages));
  EXPECT_LT(timer.elapsed() / pages, 100) << "far more than it should ever take, even on a busy machine";
}

/// Pictures to look at: ZBUF_PICTURES=folder.
TEST_F(PacketsPanelTest, Pictures) {
  open("17");
  playback_.seek_time(playback_.end_ns() / 3);
  playback_.select({120});
  render(panel_, "packets", {380, 620}, {900, 620});
}

} // namespace
} // namespace zbuf::gui

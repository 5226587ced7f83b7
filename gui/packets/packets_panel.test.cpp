// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/packets/packets_panel.h"

#include "gui/explain/lesson_runs.h"
#include "gui/explain/render.h"
#include "gui/theme/format.h"

#include "core/scenario/recorded.h"
#include "core/trace/followed.h"
#include "core/trace/recorder.h"
#include "core/trace/synthetic.h"

#include <QElapsedTimer>
#include <QLabel>
#include <QLineEdit>
#include <QScrollBar>
#include <QSignalSpy>

namespace zbuf::gui {
namespace {

/// On a machine that has other things to do, too.
template <typename Condition>
bool wait_until(Condition&& condition) {
  constexpr int patience_ms = 20'000;
  return QTest::qWaitFor(condition, patience_ms);
}

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
  EXPECT_TRUE(wait_until([&] { return shows(3000); }));
  EXPECT_FALSE(playback_.selection().packet);
  panel_.activateWindow();
  table()->setFocus();
  ASSERT_TRUE(panel_.isAncestorOf(QApplication::focusWidget()));
  QSignalSpy moved(&playback_, &Playback::moved);
  go_to_packet(5000);
  ASSERT_TRUE(wait_until([&] { return !moved.isEmpty(); }))
      << "within a frame of the move before, it comes later";
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
  ASSERT_TRUE(wait_until([&] { return playback_.selection().packet.has_value(); }));
  ASSERT_TRUE(wait_until([&] { return status().contains("packets"); }));
  const std::uint32_t first = *playback_.selection().packet;
  EXPECT_EQ(text(view()->currentIndex().row(), PacketModel::protocol_column), "DNS");
  QTest::keyClick(field, Qt::Key_Return);
  ASSERT_TRUE(wait_until([&] { return *playback_.selection().packet > first; }));
  QTest::keyClick(field, Qt::Key_Return, Qt::ShiftModifier);
  ASSERT_TRUE(wait_until([&] { return *playback_.selection().packet == first; }));
  field->clear();
  QTest::keyClicks(field, "fate:eaten");
  EXPECT_TRUE(status().contains("no such fate"));
  field->clear();
  QTest::keyClicks(field, "zzzz");
  ASSERT_TRUE(wait_until([&] { return status() == "No packet fits."; }));
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

/// A recording of bounded size that is being written, and the track that it is.
class Bounded {
 public:
  explicit Bounded(const std::string& path) : path_(path), events_(synthetic::run(1, 100'000, 4064)) {
    Recorder::Options options;
    options.path = path;
    options.limit_bytes = 1 << 20;
    recorder_ = std::move(*Recorder::create(std::move(options)));
  }
  /// Until another part of it is gone.
  Track lose_a_part() {
    const std::uint64_t before = followed_ ? followed_->now().events_dropped() : 0;
    while (at_ < events_.size() && (!followed_ || followed_->now().events_dropped() == before)) {
      constexpr std::size_t a_few = 2000;
      for (const std::size_t until = std::min(at_ + a_few, events_.size()); at_ < until; ++at_)
        *zb_trace_claim(recorder_->trace()) = events_[at_];
      recorder_->flush();
      if (!followed_)
        followed_.emplace(std::move(*FollowedRecording::open(path_)));
      EXPECT_TRUE(followed_->refresh());
    }
    Track track;
    track.recording = std::make_shared<const Recording>(followed_->now());
    track.report = report_of_recording(*track.recording);
    return track;
  }

 private:
  std::string path_;
  std::vector<Event> events_;
  std::size_t at_ = 0;
  std::unique_ptr<Recorder> recorder_;
  std::optional<FollowedRecording> followed_;
};

TEST_F(PacketsPanelTest, RowsStayWhenTheRecordingLosesItsBeginning) {
  Bounded bounded(folder_.filePath("run.zbt").toStdString());
  playback_.set_tracks({bounded.lose_a_part()});
  playback_.set_growing(true);
  panel_.resize(700, 620);
  panel_.show();
  QTest::qWait(50);
  playback_.seek_time(playback_.end_ns()); // paused there, and not following
  ASSERT_FALSE(playback_.following());
  panel_.activateWindow();
  table()->setFocus(); // nothing else moves the rows of who looks at them
  ASSERT_TRUE(panel_.isAncestorOf(QApplication::focusWidget()));
  auto* const bar = table()->findChild<QScrollBar*>(QString(), Qt::FindDirectChildrenOnly);
  bar->setValue(bar->maximum() - 50);
  const std::uint32_t looked_at = model().number_of(0);
  const std::uint32_t first_before = model().first_number();
  ASSERT_GT(looked_at, first_before);
  const QString shown = text(0, PacketModel::number_column);

  playback_.grow({bounded.lose_a_part()});
  ASSERT_TRUE(wait_until([&] { return model().first_number() != first_before; }));
  ASSERT_LE(model().first_number(), looked_at) << "it is still kept";
  EXPECT_EQ(model().number_of(0), looked_at);
  EXPECT_EQ(text(0, PacketModel::number_column), shown);
  EXPECT_EQ(bar->value(), static_cast<int>(looked_at - model().first_number()));
  // And the bar still goes through all of them.
  bar->setValue(bar->maximum());
  EXPECT_EQ(model().number_of(model().rowCount() - 1), model().first_number() + model().packet_count() - 1);
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

// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/bytes/bytes_panel.h"

#include "gui/bytes/sheet.h"
#include "gui/explain/lesson_runs.h"
#include "gui/explain/render.h"
#include "gui/theme/format.h"

namespace zbuf::gui {
namespace {

/// On a machine that has other things to do, too.
template <typename Condition>
bool wait_until(Condition&& condition) {
  constexpr int patience_ms = 20'000;
  return QTest::qWaitFor(condition, patience_ms);
}

using bytes_view::Sheet;
using bytes_view::SheetRow;

class BytesPanelTest : public ::testing::Test {
 protected:
  void open(const char* lesson) {
    playback_.set_tracks(run_lesson(lesson_file(lesson), folder_));
    panel_.resize(380, 620);
    panel_.show();
    refresh();
  }
  void refresh() { QTest::qWait(30); }
  [[nodiscard]] const std::vector<SheetRow>& rows() const { return panel_.findChild<Sheet*>()->rows(); }
  [[nodiscard]] const SheetRow* row(const QString& name) const {
    for (const SheetRow& row : rows())
      if (row.name == name)
        return &row;
    return nullptr;
  }
  [[nodiscard]] bool says(const QString& text) const {
    for (const SheetRow& row : rows())
      if ((row.bytes + row.name).contains(text))
        return true;
    return false;
  }

  QTemporaryDir folder_;
  Playback playback_;
  BytesPanel panel_{playback_};
};

TEST_F(BytesPanelTest, ShowsBothHeadersAsTheStateHasThem) {
  open("04");
  EXPECT_TRUE(says("no buffer was lent"));
  playback_.jump(Landmark::hand_off, true);
  refresh();
  const SheetRow* generation = row("bzh_kernel_gen");
  ASSERT_NE(generation, nullptr);
  EXPECT_EQ(generation->bytes, "01 00 00 00");
  EXPECT_TRUE(generation->changed);
  EXPECT_EQ(generation->sign, "k");
  EXPECT_EQ(row("bzh_user_gen")->sign, "u");
  EXPECT_EQ(row("bzh_kernel_len")->value, count(playback_.state().descriptors[0].a().kernel_len));
  EXPECT_TRUE(says("HEADER OF BUFFER B"));
  playback_.step(Unit::event, true);
  refresh();
  EXPECT_FALSE(row("bzh_kernel_gen")->changed);
}

TEST_F(BytesPanelTest, ShowsTheSelectedRecord) {
  open("17");
  playback_.jump(Landmark::hand_off, true);
  const auto records =
      playback_.focused()->recording->records_in(0, ZB_A, playback_.events_done(playback_.focus()));
  ASSERT_GT(records.size(), 3u);
  playback_.select({records[2].packet, {}, ZB_A, records[2].offset});
  refresh();
  EXPECT_TRUE(says("RECORD OF PACKET " + count(records[2].packet)));
  EXPECT_EQ(row("bh_caplen")->value, count(records[2].caplen));
  EXPECT_EQ(row("bh_hdrlen")->value, "26");
  EXPECT_TRUE(says("Ethernet"));
  EXPECT_TRUE(says("in A, at offset"));
  playback_.jump(Landmark::end, true);
  refresh();
  EXPECT_TRUE(says("was in A")) << "selected, and overwritten since";
}

TEST_F(BytesPanelTest, SaysThatReadModeHasNoHeaders) {
  open("04");
  playback_.set_focus(1);
  playback_.jump(Landmark::end, true);
  refresh();
  EXPECT_TRUE(says("In read(2) mode there are none"));
}

TEST_F(BytesPanelTest, CutsNothingAtAnyWidth) {
  open("17");
  playback_.jump(Landmark::hand_off, true);
  const auto* sheet = panel_.findChild<Sheet*>();
  for (const int width : {300, 380, 900}) {
    panel_.resize(width, 620);
    ASSERT_TRUE(wait_until([&] { return sheet->bytes_across() == (width == 900 ? 16 : 8); }));
    ASSERT_TRUE(wait_until([&] { return sheet->height() == sheet->heightForWidth(sheet->width()); }));
  }
}

/// Pictures to look at: ZBUF_PICTURES=folder.
TEST_F(BytesPanelTest, Pictures) {
  open("17");
  playback_.jump(Landmark::hand_off, true);
  const auto records =
      playback_.focused()->recording->records_in(0, ZB_A, playback_.events_done(playback_.focus()));
  playback_.select({records[5].packet, {}, ZB_A, records[5].offset});
  render(panel_, "bytes");
}

} // namespace
} // namespace zbuf::gui

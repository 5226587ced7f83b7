// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/stage/test_lessons.h"

#include "gui/stage/scene.h"
#include "gui/stage/stage_view.h"
#include "gui/theme/theme.h"

#include <QAccessible>
#include <QImage>
#include <QPainter>
#include <QTest>

#include <gtest/gtest.h>

namespace zbuf::gui {
namespace {

using namespace stage;

class View : public testing::Test {
 protected:
  void open(const std::string& number, const std::string& run = {}) {
    playback.set_tracks(track_of(number, run));
    view.resize(820, 506);
    view.show();
    ASSERT_TRUE(QTest::qWaitForWindowExposed(&view, 30'000));
    view.setFocus();
  }
  int find(Part part, int number = 0) {
    const auto& elements = view.elements();
    for (std::size_t i = 0; i < elements.size(); ++i)
      if (elements[i].part == part && elements[i].number == number)
        return static_cast<int>(i);
    return -1;
  }
  QImage picture(double ratio = 1) {
    QImage image((QSizeF(view.size()) * ratio).toSize(), QImage::Format_ARGB32_Premultiplied);
    image.setDevicePixelRatio(ratio);
    view.render(&image);
    return image;
  }

  Playback playback;
  StageView view{playback};
};

TEST_F(View, TabGoesThroughAllPartsAndOut) {
  open("04");
  playback.seek_time(3'000'000);
  const int parts = static_cast<int>(view.elements().size());
  ASSERT_GT(parts, 8);
  for (int i = 0; i < parts; ++i) {
    QTest::keyClick(&view, Qt::Key_Tab);
    EXPECT_EQ(view.current_element(), i);
  }
  QTest::keyClick(&view, Qt::Key_Backtab);
  EXPECT_EQ(view.current_element(), parts - 2);
}

TEST_F(View, AClickOnABufferSelectsItAndOneOnARecordThat) {
  open("02");
  const auto stored = playback.focused()->recording->next(mask_of({ZB_EV_STORED}), 0);
  ASSERT_TRUE(stored);
  playback.seek_event(*stored);
  const int buffer = find(Part::buffer, ZB_A);
  ASSERT_GE(buffer, 0);
  QRectF strip;
  for (const Card& card : view.scene().cards)
    if (card.which == ZB_A)
      strip = card.strip;
  QTest::mouseClick(&view, Qt::LeftButton, {}, QPointF(strip.left() + 3, strip.center().y()).toPoint());
  EXPECT_EQ(playback.selection().buffer, ZB_A);
  EXPECT_EQ(playback.selection().record_offset, 0u);
  EXPECT_EQ(playback.selection().event, *stored);
  EXPECT_EQ(playback.selection().packet, playback.event()->packet);
  QTest::mouseClick(&view, Qt::LeftButton, {}, QPointF(strip.right() - 3, strip.center().y()).toPoint());
  EXPECT_EQ(playback.selection().buffer, ZB_A);
  EXPECT_FALSE(playback.selection().record_offset);
}

TEST_F(View, UpAndDownGoThroughTheRecordsOfABuffer) {
  open("02");
  const auto published = playback.focused()->recording->next(mask_of({ZB_EV_PUBLISHED}), 0);
  ASSERT_TRUE(published);
  playback.seek_event(*published);
  view.set_current_element(find(Part::buffer, ZB_A));
  const auto records = playback.focused()->recording->records_in(0, ZB_A, *published + 1);
  ASSERT_GT(records.size(), 1u);
  for (const auto& record : records) {
    QTest::keyClick(&view, Qt::Key_Down);
    EXPECT_EQ(playback.selection().record_offset, record.offset);
  }
  QTest::keyClick(&view, Qt::Key_Up);
  EXPECT_EQ(playback.selection().record_offset, records[records.size() - 2].offset);
}

TEST_F(View, AGuessTellsAndSteps) {
  open("02");
  playback.seek_event(playback.focused()->recording->event_count() / 2);
  const std::uint64_t before = playback.events_done(0);
  const int guess = find(Part::guess, 0);
  ASSERT_GE(guess, 0);
  view.set_current_element(guess);
  QTest::keyClick(&view, Qt::Key_Return);
  EXPECT_GT(playback.events_done(0), before);
  const QString question = view.scene().quiz.texts.front().text;
  EXPECT_TRUE(question.startsWith("✓") || question.startsWith("✗")) << question.toStdString();
  playback.step(Unit::event, true); // elsewhere the answer means nothing
  EXPECT_FALSE(view.scene().quiz.texts.front().text.startsWith("✓"));
}

TEST_F(View, ADescriptorOfTheOverviewComesIntoFocus) {
  open("18");
  playback.seek_time(playback.end_ns() / 2);
  const int second = find(Part::descriptor, 1);
  ASSERT_GE(second, 0);
  QTest::mouseClick(&view, Qt::LeftButton, {},
                    view.elements()[static_cast<std::size_t>(second)].rect.center().toPoint());
  EXPECT_EQ(playback.descriptor(), 1);
  EXPECT_TRUE(view.scene().overview[1].focused);
}

TEST_F(View, EveryPartIsReadAloud) {
  open("04");
  playback.seek_time(9'980'000);
  QAccessibleInterface* stage = QAccessible::queryAccessibleInterface(&view);
  ASSERT_NE(stage, nullptr);
  ASSERT_EQ(stage->childCount(), static_cast<int>(view.elements().size()));
  for (int i = 0; i < stage->childCount(); ++i) {
    QAccessibleInterface* part = stage->child(i);
    ASSERT_NE(part, nullptr);
    EXPECT_FALSE(part->text(QAccessible::Name).isEmpty());
    EXPECT_FALSE(part->text(QAccessible::Description).isEmpty())
        << part->text(QAccessible::Name).toStdString();
    EXPECT_FALSE(part->rect().isEmpty());
    EXPECT_EQ(stage->indexOfChild(part), i);
  }
  QAccessibleInterface* buffer = stage->child(find(Part::buffer, ZB_A));
  EXPECT_TRUE(buffer->text(QAccessible::Description).contains("user owns"));
}

TEST_F(View, ThePictureIsTheSameAfterSteppingForwardAndBack) {
  open("04");
  for (const std::uint64_t n : {900u, 7422u, 12500u}) {
    playback.seek_event(n);
    QTest::qWait(350); // what is under way comes to rest
    const QImage before = picture();
    playback.step(Unit::event, true);
    playback.step(Unit::event, true);
    playback.step(Unit::event, false);
    playback.step(Unit::event, false);
    QTest::qWait(350);
    EXPECT_EQ(picture(), before) << n;
  }
}

TEST_F(View, DrawsLightAndDarkAtOnceAndTwiceThePixels) {
  open("09", "march_2008");
  playback.jump(Landmark::end, true);
  for (const auto scheme : {Theme::Scheme::light, Theme::Scheme::dark}) {
    theme().set_scheme(scheme);
    for (const double ratio : {1.0, 2.0})
      for (const QSize size : {QSize(620, 380), QSize(2400, 1400), QSize(360, 300)}) {
        view.resize(size);
        const QImage image = picture(ratio);
        const QColor ground = image.pixelColor(image.width() / 2, image.height() - 3);
        EXPECT_EQ(ground, theme().kernel_ground());
        EXPECT_EQ(image.pixelColor(3, image.height() / 4), theme().user_ground());
      }
  }
  theme().set_scheme(Theme::Scheme::light);
}

TEST_F(View, WithoutTracksItSaysSo) {
  view.resize(820, 506);
  EXPECT_TRUE(view.scene().empty);
  EXPECT_TRUE(view.elements().empty());
  EXPECT_FALSE(picture().isNull());
  QTest::keyClick(&view, Qt::Key_Return);
  QTest::mouseClick(&view, Qt::LeftButton, {}, QPoint(400, 300));
}

TEST(StageViews, TwoShowTwoTracks) {
  Playback playback;
  auto tracks = track_of("04", "zbuf");
  tracks.push_back(track_of("04", "read").front());
  playback.set_tracks(std::move(tracks));
  StageView first(playback, nullptr, 0), second(playback, nullptr, 1);
  first.resize(600, 600);
  second.resize(600, 600);
  playback.seek_time(5'000'000);
  const auto shared = [](const StageView& view) {
    return std::any_of(view.scene().cards.begin(), view.scene().cards.end(),
                       [](const Card& card) { return card.which == ZB_USER_COPY; });
  };
  EXPECT_FALSE(shared(first));
  EXPECT_TRUE(shared(second));
  EXPECT_FALSE(first.scene().guesses.empty());
  EXPECT_TRUE(second.scene().guesses.empty()) << "only the focused track is asked about";
}

} // namespace
} // namespace zbuf::gui

// SPDX-License-Identifier: GPL-3.0-or-later
// Nothing lies outside the stage, nothing overlaps, and every word fits: at all sizes, in every lesson.
#include "gui/stage/test_lessons.h"

#include "gui/stage/stage_model.h"
#include "gui/theme/theme.h"

#include <QCoreApplication>
#include <QFontDatabase>
#include <QFontMetricsF>
#include <QTranslator>

#include <gtest/gtest.h>

namespace zbuf::gui::stage {
namespace {

constexpr QSizeF sizes[] = {{620, 380}, {820, 506}, {1400, 900}, {2400, 1400},
                            {410, 506}, {600, 800}, {370, 370},  {480, 640}};

std::string where(const QRectF& r) {
  return testing::PrintToString(r.left()) + "," + testing::PrintToString(r.top()) + " " +
         testing::PrintToString(r.width()) + "x" + testing::PrintToString(r.height());
}

bool overlap(const QRectF& a, const QRectF& b) {
  const QRectF both = a.intersected(b);
  return both.width() > 1 && both.height() > 1;
}

/// Where the letters are: the rectangle may be wider.
QRectF inked(const Text& text) {
  const QFontMetricsF metrics(font_of(text.face, text.points));
  const QSizeF size(metrics.horizontalAdvance(text.text), std::min(metrics.height(), text.rect.height()));
  QRectF rect(text.rect.topLeft(), size);
  rect.moveTop(text.rect.center().y() - size.height() / 2);
  if (text.align & Qt::AlignRight)
    rect.moveRight(text.rect.right());
  else if (text.align & Qt::AlignHCenter)
    rect.moveCenter(text.rect.center());
  return rect;
}

void expect_readable(const std::vector<Text>& texts, const QRectF& within, bool whole) {
  std::vector<QRectF> before;
  for (const Text& text : texts) {
    if (text.text.isEmpty())
      continue;
    const QFontMetricsF metrics(font_of(text.face, text.points));
    const QRectF ink = inked(text);
    const auto what = [&] { return text.text.toStdString(); };
    EXPECT_TRUE(within.adjusted(-1, -1, 1, 1).contains(ink))
        << what() << " at " << where(ink) << " in " << where(within);
    EXPECT_LE(ink.width(), text.rect.width() + 1) << what();
    EXPECT_LE(metrics.capHeight(), text.rect.height()) << what();
    if (whole) {
      EXPECT_TRUE(text.whole.isEmpty()) << text.whole.toStdString() << " was cut to " << what();
    }
    // Lines may share the room between them, for ascents and descents.
    const QRectF letters = ink.adjusted(0, metrics.descent(), 0, -metrics.descent());
    for (const QRectF& other : before)
      EXPECT_FALSE(overlap(letters, other)) << what() << " over " << where(other);
    before.push_back(ink);
  }
}

void expect_apart(const std::vector<std::pair<const char*, QRectF>>& frames) {
  for (std::size_t i = 0; i < frames.size(); ++i)
    for (std::size_t k = 0; k < i; ++k)
      EXPECT_FALSE(overlap(frames[i].second, frames[k].second))
          << frames[i].first << " " << where(frames[i].second) << " over " << frames[k].first << " "
          << where(frames[k].second);
}

void expect_in_order(const Scene& scene, bool whole) {
  const QRectF all(QPointF(), scene.size);
  std::vector<std::pair<const char*, QRectF>> frames{
      {"reader", scene.reader.rect}, {"pill", scene.pill.rect},         {"interface", scene.interface.rect},
      {"bin", scene.bin.rect},       {"counters", scene.counters.rect}, {"quiz", scene.quiz.rect},
      {"notice", scene.notice.rect}};
  QRectF funnel(scene.funnel[0], scene.funnel[3]);
  funnel.setRight(scene.funnel[1].x());
  frames.emplace_back("filter", funnel);
  for (const Slot& slot : scene.berths)
    frames.emplace_back("slot", slot.rect);
  for (const Overview& card : scene.overview)
    frames.emplace_back("descriptor", card.rect);
  for (const Guess& guess : scene.guesses)
    EXPECT_TRUE(scene.quiz.rect.contains(guess.rect));
  std::vector<std::pair<const char*, QRectF>> still = frames;
  for (const Card& card : scene.cards)
    if (!card.moving && card.owner == Owner::user)
      still.emplace_back("card", card.rect);
  for (const Text& text : scene.texts)
    if (!inked(text).isEmpty() && !funnel.contains(inked(text)))
      still.emplace_back("text", inked(text).adjusted(0, 2, 0, -2));
  for (const Slot& slot : scene.berths)
    still.emplace_back("name", inked(slot.name).adjusted(0, 2, 0, -2));
  expect_apart(still);
  for (const auto& [name, rect] : still)
    EXPECT_TRUE(all.adjusted(-0.5, -0.5, 0.5, 0.5).contains(rect) || rect.isEmpty())
        << name << " " << where(rect);

  std::vector<Text> texts = scene.texts;
  texts.push_back(scene.copy_text);
  expect_readable(texts, all, whole);
  for (const Panel* panel :
       {&scene.pill, &scene.reader, &scene.interface, &scene.bin, &scene.counters, &scene.notice})
    expect_readable(panel->texts, panel->rect, whole);
  expect_readable(scene.quiz.texts, scene.quiz.rect, whole);
  for (const Guess& guess : scene.guesses)
    expect_readable({guess.text}, guess.rect, whole);
  for (const Card& card : scene.cards) {
    expect_readable(card.texts, card.rect, whole);
    EXPECT_TRUE(card.rect.contains(card.strip)) << where(card.strip) << " in " << where(card.rect);
    EXPECT_GT(card.strip.height(), 7) << "no room for records";
    for (const Block& block : card.blocks)
      EXPECT_TRUE(card.strip.adjusted(-1, -1, 1.1, 1).contains(block.rect))
          << where(block.rect) << " in " << where(card.strip);
  }
  for (const Slot& slot : scene.berths)
    expect_readable({slot.name, slot.note}, all, whole);
  for (const Overview& card : scene.overview)
    expect_readable(card.texts, card.rect, false);
  for (const Packet& packet : scene.packets)
    EXPECT_TRUE(all.contains(packet.centre));
  for (const Element& element : scene.elements) {
    EXPECT_FALSE(element.name.isEmpty());
    EXPECT_TRUE(all.adjusted(-0.5, -0.5, 0.5, 0.5).contains(element.rect) || element.part == Part::buffer);
  }
}

/// Every other event is shown in motion.
void everywhere(const QSizeF& size, std::uint64_t spread, bool whole) {
  StageModel model;
  for (const Lesson& lesson : lessons())
    for (const Track& track : lesson.tracks) {
      Playback playback;
      playback.set_tracks({track});
      playback.set_speed(1e-4);
      for (const std::uint64_t n : sampled_events(*track.recording, spread)) {
        playback.seek_event(n);
        const std::size_t descriptors = playback.state().descriptors.size();
        if (descriptors == 0)
          continue;
        Input input = input_of(playback, 0);
        input.descriptor = static_cast<std::uint16_t>(n % descriptors);
        input.size = size;
        input.settled = n % 2 == 0 ? 1 : 0;
        SCOPED_TRACE(testing::Message()
                     << lesson.name << " " << track.name.toStdString() << ", event " << n << ", descriptor "
                     << input.descriptor << ", " << size.width() << "x" << size.height());
        expect_in_order(model.build(input), whole);
        if (testing::Test::HasFailure())
          return;
      }
    }
}

class AtSize : public testing::TestWithParam<std::size_t> {};

/// What a person may have: the fonts that it is drawn for, and those that systems begin with.
struct Families {
  const char* name;
  const char* ui;
  const char* mono;
};
constexpr Families families[] = {{"Inter", "Inter", "JetBrains Mono"},
                                 {"DejaVu", "DejaVu Sans", "DejaVu Sans Mono"},
                                 {"Liberation", "Liberation Sans", "Liberation Mono"},
                                 {"Noto", "Noto Sans", "Noto Sans Mono"}};

class InFont : public testing::TestWithParam<std::tuple<std::size_t, Families>> {
 protected:
  ~InFont() override { theme().set_families({}, {}); }
};

TEST_P(InFont, NothingOverlapsAndNothingIsCut) {
  const auto& [size, font] = GetParam();
  for (const char* family : {font.ui, font.mono})
    if (!QFontDatabase::families().contains(QLatin1String(family)))
      GTEST_SKIP() << family << " is not installed";
  theme().set_families(QLatin1String(font.ui), QLatin1String(font.mono));
  everywhere(sizes[size], 6, true);
}

INSTANTIATE_TEST_SUITE_P(Layout, InFont,
                         testing::Combine(testing::Range(std::size_t{0}, std::size(sizes)),
                                          testing::ValuesIn(families)),
                         [](const auto& parameter) {
                           return std::get<1>(parameter.param).name +
                                  std::to_string(std::get<0>(parameter.param));
                         });

/// A translation that is two fifths longer: words may end with an ellipsis, but never run into each other.
class Longer : public QTranslator {
 public:
  [[nodiscard]] bool isEmpty() const override { return false; }
  QString translate(const char*, const char* text, const char*, int) const override {
    const QString plain = QString::fromUtf8(text);
    return plain + QString(static_cast<int>(plain.size()) * 2 / 5, QLatin1Char('w'));
  }
};

TEST_P(AtSize, LongerWordsDoNotCollide) {
  Longer longer;
  QCoreApplication::installTranslator(&longer);
  everywhere(sizes[GetParam()], 1, false);
  QCoreApplication::removeTranslator(&longer);
}

INSTANTIATE_TEST_SUITE_P(Layout, AtSize, testing::Range(std::size_t{0}, std::size(sizes)));

TEST(Layout, PresentersTypeFitsToo) {
  theme().set_scale(1.5);
  everywhere({1280, 800}, 2, false);
  theme().set_scale(1);
}

} // namespace
} // namespace zbuf::gui::stage

// SPDX-License-Identifier: GPL-3.0-or-later
// The main states of the window against pictures of them, once it is idle. Fonts differ from machine to
// machine, and nobody should have to take new pictures for a button that is wider: what is compared is where
// there is how much of which colour. A part that is missing, empty, of the wrong colours or in the wrong
// place is seen.
//
// After a change that is meant: ZBUF_WRITE_REFERENCES=1 test_gui_window --gtest_filter='References.*', and
// look at them.
#include "gui/window/test_window.h"

#include "gui/compare/compare_panel.h"
#include "gui/timeline/timeline_view.h"
#include "gui/window/picture_export.h"

#include <QImage>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace zbuf::gui {
namespace {

constexpr QSize window_size(1280, 800);
constexpr QSize kept_size(192, 120); ///< of a reference: small, but one can tell what it shows
constexpr int block = 3;             ///< of a reference, in pixels: 64 × 40 blocks
constexpr int most_difference = 4;   ///< of 255, between the means of two blocks that count as the same
constexpr int parts = 4;             ///< of the picture, across and down, that are looked at one by one
constexpr double most_percent = 70;  ///< of the blocks of a part may be others: letters, where the fonts are

using Colour = std::array<int, 3>;

/// Mean colours of the blocks that begin at each pixel.
class Blocks {
 public:
  explicit Blocks(const QImage& image)
      : columns_(image.width() - block + 1), rows_(image.height() - block + 1) {
    for (int y = 0; y < rows_; ++y)
      for (int x = 0; x < columns_; ++x) {
        Colour sum{};
        for (int i = 0; i < block * block; ++i) {
          const QRgb pixel = image.pixel(x + i % block, y + i / block);
          sum[0] += qRed(pixel);
          sum[1] += qGreen(pixel);
          sum[2] += qBlue(pixel);
        }
        for (int& one : sum)
          one /= block * block;
        means_.push_back(sum);
      }
  }
  [[nodiscard]] const Colour& at(int x, int y) const {
    return means_[static_cast<std::size_t>(y) * static_cast<std::size_t>(columns_) +
                  static_cast<std::size_t>(x)];
  }
  /// There, or at most a block away: letters of another font end elsewhere.
  [[nodiscard]] bool has(const Colour& wanted, int x, int y) const {
    for (int row = std::max(0, y - block); row <= std::min(rows_ - 1, y + block); ++row)
      for (int column = std::max(0, x - block); column <= std::min(columns_ - 1, x + block); ++column)
        if (std::equal(wanted.begin(), wanted.end(), at(column, row).begin(),
                       [](int a, int b) { return std::abs(a - b) <= most_difference; }))
          return true;
    return false;
  }

 private:
  int columns_, rows_;
  std::vector<Colour> means_{};
};

QImage smaller(const QImage& image) {
  return image.scaled(kept_size, Qt::IgnoreAspectRatio, Qt::SmoothTransformation)
      .convertToFormat(QImage::Format_RGB32);
}

/// The share of blocks that only one of the two has, in percent: in that part of the picture where there are
/// most.
double difference(const QImage& a, const QImage& b) {
  const Blocks of_a(a), of_b(b);
  const QSize part = kept_size / parts;
  double most = 0;
  for (int at = 0; at < parts * parts; ++at) {
    const QPoint corner(at % parts * part.width(), at / parts * part.height());
    int others = 0, all = 0;
    for (int y = corner.y(); y < corner.y() + part.height(); y += block)
      for (int x = corner.x(); x < corner.x() + part.width(); x += block, ++all)
        if (!of_b.has(of_a.at(x, y), x, y) || !of_a.has(of_b.at(x, y), x, y))
          ++others;
    most = std::max(most, 100.0 * others / all);
  }
  return most;
}

class References : public Window {
 protected:
  void TearDown() override {
    theme().set_scheme(Theme::Scheme::system);
    Window::TearDown();
  }

  /// Something is read that will be drawn.
  [[nodiscard]] bool reads() const {
    const auto idle = [](const auto* view) { return view->idle(); };
    const auto curves = window->findChildren<ComparePanel*>();
    const auto lanes = window->findChildren<TimelineView*>();
    return !std::all_of(curves.begin(), curves.end(), idle) || !std::all_of(lanes.begin(), lanes.end(), idle);
  }

  /// Of the window, when nothing moves any more.
  QImage picture() {
    constexpr int moment_ms = 60, quiet_moments = 4, most_moments = 500;
    QImage last;
    int quiet = 0;
    for (int n = 0; quiet < quiet_moments && n < most_moments; ++n) {
      QTest::qWait(moment_ms);
      window->resize(window_size); // a full screen has the size of the screen
      const QImage now = picture_of(*window, 1);
      quiet = now == last && !reads() ? quiet + 1 : 0;
      last = now;
    }
    EXPECT_EQ(quiet, quiet_moments) << "something moves all the time";
    EXPECT_EQ(last.size(), window_size);
    return last;
  }

  void expect_as(const QString& name) {
    const QImage whole = picture();
    const QImage now = smaller(whole);
    const QString path = QString(ZBUF_SOURCE_DIR "/gui/window/references/%1.png").arg(name);
    if (qEnvironmentVariableIsSet("ZBUF_WRITE_REFERENCES")) {
      ASSERT_TRUE(now.save(path)) << path.toStdString();
      return;
    }
    const QImage reference = QImage(path).convertToFormat(QImage::Format_RGB32);
    ASSERT_EQ(reference.size(), kept_size) << "no such reference: " << path.toStdString();
    const double percent = difference(now, reference);
    RecordProperty("difference_percent", std::to_string(percent));
    if (percent <= most_percent)
      return;
    const QString shown = QDir::temp().filePath("zbuflab-" + name + ".png");
    whole.save(shown);
    ADD_FAILURE() << percent << " % of a part of the picture is not as in " << path.toStdString() << ": see "
                  << shown.toStdString();
  }
};

TEST_F(References, FirstDrop) {
  theme().set_scheme(Theme::Scheme::light);
  open("04");
  key(Qt::Key_F);
  expect_as("first-drop");
}

TEST_F(References, FirstDropInTheDark) {
  theme().set_scheme(Theme::Scheme::dark);
  open("04");
  key(Qt::Key_F);
  expect_as("first-drop-dark");
}

TEST_F(References, SideBySide) {
  theme().set_scheme(Theme::Scheme::light);
  open("04");
  key(Qt::Key_F);
  key(Qt::Key_V);
  expect_as("side-by-side");
}

TEST_F(References, Presenting) {
  theme().set_scheme(Theme::Scheme::light);
  open("04");
  key(Qt::Key_F);
  key(Qt::Key_F5);
  expect_as("presenting");
}

TEST_F(References, Fault) {
  theme().set_scheme(Theme::Scheme::light);
  open("09");
  key(Qt::Key_X);
  expect_as("fault");
}

/// That the comparison above sees something at all.
TEST_F(References, APartThatIsMissingIsSeen) {
  theme().set_scheme(Theme::Scheme::light);
  open("04");
  key(Qt::Key_F);
  const QImage whole = smaller(picture());
  EXPECT_EQ(difference(whole, whole), 0);
  for (QWidget* const missing :
       std::initializer_list<QWidget*>{window->findChild<StageView*>(), part("tabs"),
                                       window->findChild<LessonsPanel*>(), part("bottom")}) {
    missing->hide();
    EXPECT_GT(difference(smaller(picture()), whole), most_percent) << missing->metaObject()->className();
    missing->show();
  }
  theme().set_scheme(Theme::Scheme::dark);
  EXPECT_GT(difference(smaller(picture()), whole), 80);
}

} // namespace
} // namespace zbuf::gui

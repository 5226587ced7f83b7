// SPDX-License-Identifier: GPL-3.0-or-later
// The program on a real display, Xvfb's, used with the keys and the mouse of X. What it did is seen in its
// pictures, its title, and its settings: a bookmark says where the view was.
#include "gui/model/session.h"
#include "gui/window/main_window.h"

#include <QAbstractButton>
#include <QDir>
#include <QFile>
#include <QProcess>
#include <QProcessEnvironment>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <QtEndian>

#include <functional>
#include <gtest/gtest.h>

#include <cmath>

namespace zbuf::gui {
namespace {

constexpr QSize screen_size(1280, 800);

QString lesson(const QString& number) {
  const QDir folder(QString(ZBUF_SOURCE_DIR) + "/scenarios");
  return folder.filePath(folder.entryList({number + "-*.toml"}).value(0));
}

/// As the scenario has it.
QString title_of(const QString& number) {
  QFile file(lesson(number));
  EXPECT_TRUE(file.open(QIODevice::ReadOnly));
  const QString text = QString::fromUtf8(file.readAll());
  return text.section("title = \"", 1, 1).section('"', 0, 0);
}

/// A display without a screen. It keeps its picture in a file, as xwd(1) does.
class Display {
 public:
  explicit Display(const QString& folder) : picture_(folder + "/Xvfb_screen0") {
    const QString screen = QString("%1x%2x24").arg(screen_size.width()).arg(screen_size.height());
    // "-r": a key that is down for long, because its owner waits for a processor, is not pressed again.
    server_.start("Xvfb",
                  {"-displayfd", "1", "-screen", "0", screen, "-r", "-fbdir", folder, "-nolisten", "tcp"});
    constexpr int patience_ms = 20'000;
    QByteArray number;
    while (!number.endsWith('\n') && server_.waitForReadyRead(patience_ms))
      number += server_.readAllStandardOutput();
    name_ = number.trimmed().isEmpty() ? QString() : ":" + QString::fromLatin1(number.trimmed());
  }
  ~Display() {
    server_.terminate();
    server_.waitForFinished();
  }
  /// ":7"; empty: it did not start.
  [[nodiscard]] const QString& name() const { return name_; }
  [[nodiscard]] QString errors() { return QString::fromUtf8(server_.readAllStandardError()); }

  [[nodiscard]] QImage picture() const {
    QFile file(picture_);
    if (!file.open(QIODevice::ReadOnly))
      return {};
    const QByteArray bytes = file.readAll();
    const auto word = [&](qsizetype n) { return qFromBigEndian<quint32>(bytes.constData() + 4 * n); };
    constexpr qsizetype words_of_header = 25, bytes_of_colour = 12;
    if (bytes.size() < 4 * words_of_header)
      return {};
    const qsizetype begin = word(0) + bytes_of_colour * word(19);
    const auto width = static_cast<int>(word(4)), height = static_cast<int>(word(5)),
               line = static_cast<int>(word(12));
    if (bytes.size() < begin + qsizetype(line) * height)
      return {};
    return QImage(reinterpret_cast<const uchar*>(bytes.constData()) + begin, width, height, line,
                  QImage::Format_RGB32)
        .copy();
  }

 private:
  QProcess server_;
  QString picture_;
  QString name_{};
};

class OnADisplay : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* const program : {"Xvfb", "xdotool"})
      if (QStandardPaths::findExecutable(program).isEmpty())
        GTEST_SKIP() << program << " is not here: the window was not tried on a real display";
    display = std::make_unique<Display>(folder.path());
    ASSERT_FALSE(display->name().isEmpty()) << display->errors().toStdString();
    {
      Settings settings(path);
      settings.set_tour_seen(true);
      settings.set_scheme(Theme::Scheme::light);
    }
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.remove("WAYLAND_DISPLAY");
    environment.insert("DISPLAY", display->name());
    environment.insert("QT_QPA_PLATFORM", "xcb");
    environment.insert("ZBUF_SCENARIOS", QString(ZBUF_SOURCE_DIR) + "/scenarios");
    program.setProcessEnvironment(environment);
    program.start(ZBUF_WINDOW_PROGRAM, {"--settings", path, "4"});
    ASSERT_TRUE(program.waitForStarted());
    window = x({"search", "--sync", "--onlyvisible", "--class", "zbuflab"}).section('\n', 0, 0);
    ASSERT_FALSE(window.isEmpty()) << program.readAllStandardError().toStdString();
    x({"windowfocus", "--sync", window}); // nobody else gives it the keyboard
    ASSERT_TRUE(wait_for_title(title_of("04"))) << title().toStdString();
  }
  void TearDown() override {
    if (program.state() != QProcess::NotRunning) {
      program.kill();
      program.waitForFinished();
    }
  }

  /// What xdotool says.
  QString x(const QStringList& arguments) {
    QProcess tool;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert("DISPLAY", display->name());
    tool.setProcessEnvironment(environment);
    tool.start("xdotool", arguments);
    constexpr int patience_ms = 20'000;
    if (!tool.waitForFinished(patience_ms))
      tool.kill();
    tool.waitForFinished();
    return QString::fromUtf8(tool.readAllStandardOutput()).trimmed();
  }
  QString title() { return x({"getwindowname", window}); }
  bool wait_for_title(const QString& part) {
    constexpr int most = 250, moment_ms = 100;
    for (int n = 0; n < most && !title().contains(part); ++n)
      QTest::qWait(moment_ms);
    return title().contains(part);
  }
  /// Has something to do, and may be waiting for a processor to do it on. False where the system does not
  /// tell.
  [[nodiscard]] bool is_at_work() const {
    QFile status(QString("/proc/%1/stat").arg(program.processId()));
    if (!status.open(QIODevice::ReadOnly))
      return false;
    const QByteArray text = status.readAll();
    return text.mid(text.lastIndexOf(')') + 2, 1) == "R";
  }
  /// The screen, when nothing moves on it any more.
  QImage idle() {
    constexpr int moment_ms = 80, quiet_moments = 5, most_moments = 300;
    QImage last;
    for (int quiet = 0, n = 0; quiet < quiet_moments && n < most_moments; ++n) {
      QTest::qWait(moment_ms);
      const bool at_work = is_at_work();
      const QImage now = display->picture();
      quiet = now == last && !now.isNull() && !at_work ? quiet + 1 : 0;
      last = now;
    }
    return last;
  }
  /// The same after something was done that is seen: it may take its time to begin.
  QImage idle_after(const QImage& before) {
    constexpr int moment_ms = 40, most_moments = 625;
    for (int n = 0; n < most_moments && display->picture() == before; ++n)
      QTest::qWait(moment_ms);
    return idle();
  }
  using Wanted = std::function<bool(const QImage&)>;
  /// After these keys the screen is soon as it is wanted, whatever it shows on the way. Then as it is when
  /// idle.
  QImage press_until(const QString& keys, const Wanted& wanted) {
    x({"key", keys});
    constexpr int moment_ms = 80, most_moments = 300;
    for (int n = 0; n < most_moments && !wanted(display->picture()); ++n)
      QTest::qWait(moment_ms);
    return idle();
  }
  QImage press(const QString& keys) {
    const QImage before = display->picture();
    x({"key", keys});
    return idle_after(before);
  }
  QImage type(const QString& text) {
    const QImage before = display->picture();
    x({"type", "--delay", "30", text});
    return idle_after(before);
  }
  QImage click(QPoint place) {
    x({"mousemove", "--window", window, QString::number(place.x()), QString::number(place.y())});
    const QImage before = idle(); // buttons hear of a move at most once a frame
    x({"click", "1"});
    x({"mousemove", "--window", window, "640", "5"}); // where nothing glows under it
    return idle_after(before);
  }
  /// Where the view was, in time.
  std::vector<std::uint64_t> bookmarks(const QString& of) {
    std::vector<std::uint64_t> times;
    for (const QVariant& one : Settings(path).bookmarks(of).toList())
      times.push_back(one.toList().value(0).toString().toULongLong());
    return times;
  }

  QTemporaryDir folder;
  QString path = folder.filePath("zbuflab.ini");
  std::unique_ptr<Display> display;
  QProcess program;
  QString window;
};

/// The share of pixels that are others.
double changed(const QImage& a, const QImage& b) {
  if (a.size() != b.size() || a.isNull())
    return 1;
  std::int64_t others = 0;
  for (int y = 0; y < a.height(); ++y)
    for (int column = 0; column < a.width(); ++column)
      others += a.pixel(column, y) != b.pixel(column, y);
  return double(others) / (double(a.width()) * a.height());
}

/// The same window within the test: where its buttons are, and which instants there are.
class Twin {
 public:
  explicit Twin(const QString& settings_path) : settings_(settings_path), window_(settings_) {
    theme().set_scheme(Theme::Scheme::light);
    window_.resize(screen_size);
    window_.show();
    window_.open(lesson("04"));
    EXPECT_TRUE(QTest::qWaitFor([this] { return !window_.session().is_busy(); }, 30'000));
    QTest::qWait(100);
  }
  QPoint place(const char* name) {
    auto* const widget = window_.findChild<QWidget*>(name);
    EXPECT_NE(widget, nullptr) << name;
    return widget == nullptr ? QPoint() : widget->mapTo(&window_, widget->rect().center());
  }
  Playback& playback() { return window_.playback(); }
  std::uint64_t first_drop() {
    playback().jump(Landmark::start, true);
    playback().jump(Landmark::drop, true);
    return playback().time_ns();
  }
  std::uint64_t change_of_ownership(int n) {
    playback().jump(Landmark::start, true);
    while (n-- > 0)
      playback().step(Unit::ownership, true);
    return playback().time_ns();
  }

 private:
  Settings settings_;
  MainWindow window_;
};

TEST_F(OnADisplay, IsUsedWithKeysAndMouse) {
  Twin twin(folder.filePath("twin.ini"));
  const QImage at_start = idle();
  ASSERT_EQ(at_start.size(), screen_size);

  // Steps, there and back.
  const QImage first = press("Right");
  EXPECT_GT(changed(first, at_start), 0.001);
  const QImage second = press("Right");
  EXPECT_GT(changed(second, first), 0.0005);
  EXPECT_EQ(changed(press("Left"), first), 0);

  // With the mouse.
  const QImage clicked = click(twin.place("step"));
  EXPECT_LT(changed(clicked, second), 0.01); // but for who has the keyboard
  EXPECT_GT(changed(clicked, first), 0.0005);

  // Three changes of ownership.
  for (int n = 0; n < 3; ++n)
    press("shift+Right");
  press("b");

  // The first drop, and to it again: the very same picture.
  press("Home");
  press("f");
  const QImage drop = press("b");
  EXPECT_GT(changed(drop, at_start), 0.01);
  EXPECT_GT(changed(press("Home"), drop), 0.01);
  EXPECT_EQ(changed(press("f"), drop), 0);

  // Presenting and back, side by side and back, the palette and dark colours.
  EXPECT_GT(changed(press("F5"), drop), 0.2);
  EXPECT_LT(changed(press("F5"), drop), 0.01);
  EXPECT_GT(changed(click(twin.place("mode_compare")), drop), 0.05);
  EXPECT_LT(changed(press("v"), drop), 0.02);
  EXPECT_GT(changed(press("ctrl+k"), drop), 0.02);
  type("colours: dark");
  const auto dark = [&](const QImage& now) { return changed(now, drop) > 0.6; };
  EXPECT_TRUE(dark(press_until("Return", dark)));

  // Playing, and a pause.
  const QImage dark_start = press("Home");
  x({"key", "k"}); // a blank would press the button that was clicked
  QTest::qWait(1500);
  const QImage paused = press("k");
  EXPECT_GT(changed(paused, dark_start), 0.001);
  press("b");

  // Another lesson, to its end.
  press("ctrl+k");
  type("lesson 2 fill");
  press("Return");
  EXPECT_TRUE(wait_for_title(title_of("02"))) << title().toStdString();
  idle();
  press("End");

  x({"key", "ctrl+q"});
  constexpr int patience_ms = 20'000;
  ASSERT_TRUE(program.waitForFinished(patience_ms));
  EXPECT_EQ(program.exitStatus(), QProcess::NormalExit);
  EXPECT_EQ(program.exitCode(), 0) << program.readAllStandardError().toStdString();

  const Settings settings(path);
  EXPECT_FALSE(settings.damage());
  EXPECT_EQ(settings.scheme(), Theme::Scheme::dark);
  EXPECT_TRUE(settings.lessons_done().contains(2));
  EXPECT_FALSE(settings.lessons_done().contains(4));
  EXPECT_EQ(settings.recent(), (QStringList{lesson("02"), lesson("04")}));
  EXPECT_FALSE(settings.geometry("window").isEmpty());
  std::vector<std::uint64_t> marks = bookmarks(lesson("04"));
  ASSERT_EQ(marks.size(), 3u);
  EXPECT_EQ(std::erase(marks, twin.change_of_ownership(3)), 1u);
  EXPECT_EQ(std::erase(marks, twin.first_drop()), 1u);
  ASSERT_EQ(marks.size(), 1u); // where it was paused
  EXPECT_GT(marks[0], 0u);
  EXPECT_LT(marks[0], twin.playback().end_ns());
}

TEST_F(OnADisplay, IsClosedByASignal) {
  idle();
  program.terminate();
  ASSERT_TRUE(program.waitForFinished());
  EXPECT_EQ(program.exitStatus(), QProcess::NormalExit);
  EXPECT_EQ(program.exitCode(), 0);
  EXPECT_FALSE(Settings(path).geometry("window").isEmpty());
}

} // namespace
} // namespace zbuf::gui

// SPDX-License-Identifier: GPL-3.0-or-later
// The window, by mouse and by keyboard, as a person uses it.
#include "gui/window/test_window.h"

#include "gui/window/picture_export.h"

#include "core/trace/recorder.h"
#include "core/trace/synthetic.h"

#include <QComboBox>
#include <QDropEvent>
#include <QMimeData>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QTextDocument>

namespace zbuf::gui {
namespace {

// ---- What is being recorded ----

TEST_F(Window, FollowsPausesAndResumesByKey) {
  Recorder::Options options;
  options.path = folder.filePath("run.zbt").toStdString();
  const auto recorder = std::move(*Recorder::create(options));
  const std::vector<Event> events = synthetic::run(1, 9000, 4064);
  const auto write = [&](std::size_t from, std::size_t until) {
    for (std::size_t i = from; i < until; ++i)
      *zb_trace_claim(recorder->trace()) = events[i];
    recorder->flush();
  };
  const double speed_before = settings->speed();
  write(0, 5000);
  window->follow(folder.filePath("run.zbt"));
  ASSERT_TRUE(wait_until([this] { return playback().track_count() == 1; }));
  EXPECT_TRUE(playback().following());
  EXPECT_TRUE(window->live_bar().isVisible());
  key(Qt::Key_Space);
  EXPECT_FALSE(playback().playing());
  const std::uint64_t here = playback().time_ns();
  write(5000, 9000);
  ASSERT_TRUE(wait_until([&] { return playback().end_ns() == events[8999].time_ns; }));
  EXPECT_EQ(playback().time_ns(), here);
  key(Qt::Key_Left);
  key(Qt::Key_Home);
  EXPECT_EQ(playback().time_ns(), 0u);
  key(Qt::Key_L);
  EXPECT_TRUE(playback().following());
  key(Qt::Key_Space);
  key(Qt::Key_End);
  EXPECT_TRUE(playback().following());
  click("live_stop");
  ASSERT_TRUE(wait_until([this] { return !window->live().running() && !playback().playing(); }));
  EXPECT_FALSE(part("live_stop")->isVisible());
  EXPECT_TRUE(window->live_bar().isVisible()) << "what was recorded stays";
  EXPECT_EQ(settings->speed(), speed_before) << "what is live has a speed of its own";
  EXPECT_TRUE(settings->recent().isEmpty());
  open("04");
  EXPECT_FALSE(window->live_bar().isVisible());
  EXPECT_EQ(playback().speed(), speed_before);
}

TEST_F(Window, SaysThatTheFileItShowsWasCutOrReplaced) {
  const QString path = folder.filePath("run.zbt");
  const auto write = [&] {
    Recorder::Options options;
    options.path = path.toStdString();
    const auto recorder = std::move(*Recorder::create(options));
    for (const Event& event : synthetic::run(1, 900, 4064))
      *zb_trace_claim(recorder->trace()) = event;
    ASSERT_TRUE(recorder->finish(false));
  };
  write();
  window->open(path);
  wait();
  ASSERT_EQ(playback().track_count(), 1u);
  EXPECT_FALSE(part("again")->isVisible());
  write();
  ASSERT_TRUE(wait_until([this] { return window->notice().text().contains("replaced by another file"); }));
  click("again");
  wait();
  EXPECT_FALSE(part("again")->isVisible());
  ASSERT_TRUE(QFile::resize(path, 100));
  key(Qt::Key_Home);
  key(Qt::Key_End);
  ASSERT_TRUE(wait_until([this] { return window->notice().text().contains("was cut while it was open"); }));
  window->repaint();
  EXPECT_TRUE(part("again")->isVisible());
}

TEST_F(Window, SaysWhyACaptureCannotBegin) {
  qputenv("ZBUF_PROGRAM", "/nowhere/zbuf");
  window->capture({"lo"});
  ASSERT_TRUE(wait_until([this] { return !window->live().running(); }));
  EXPECT_TRUE(window->notice().text().contains("/nowhere/zbuf")) << window->notice().text().toStdString();
  qunsetenv("ZBUF_PROGRAM");
}

TEST_F(Window, ACaptureThatFailedLeavesNothingBehind) {
  qputenv("ZBUF_PROGRAM", "/nowhere/zbuf");
  window->capture({"lo", {}, "both"}); // which would be compared
  ASSERT_TRUE(wait_until([this] { return !window->live().running(); }));
  EXPECT_TRUE(window->notice().text().contains("lo cannot be captured"))
      << window->notice().text().toStdString();
  qunsetenv("ZBUF_PROGRAM");
  open("04");
  EXPECT_EQ(playback().track_count(), 2u);
  EXPECT_FALSE(part<QToolButton>("mode_compare")->isChecked());
  EXPECT_TRUE(part<QToolButton>("mode_first")->isChecked());
}

TEST_F(Window, SaysWhatCannotBeFollowed) {
  QFile file(folder.filePath("x.zbt"));
  ASSERT_TRUE(file.open(QIODevice::WriteOnly));
  file.write(QByteArray(5000, 'x'));
  file.close();
  window->follow(file.fileName());
  ASSERT_TRUE(wait_until([this] { return !window->live().running(); }));
  EXPECT_TRUE(window->notice().text().contains("x.zbt cannot be followed"))
      << window->notice().text().toStdString();
  EXPECT_TRUE(window->notice().text().contains("not a recording")) << window->notice().text().toStdString();
}

// ---- The transport ----

TEST_F(Window, StepsWithTheKeyboardAndWithTheMouse) {
  open("04");
  key(Qt::Key_Right);
  key(Qt::Key_Right);
  EXPECT_EQ(playback().event_index(), 1u);
  key(Qt::Key_Left);
  EXPECT_EQ(playback().event_index(), 0u);
  click("step");
  EXPECT_EQ(playback().event_index(), 1u);
  click("step_back");
  EXPECT_EQ(playback().event_index(), 0u);
  click("end");
  EXPECT_EQ(playback().time_ns(), playback().end_ns());
  click("start");
  EXPECT_EQ(playback().time_ns(), 0u);
  key(Qt::Key_End);
  EXPECT_EQ(playback().time_ns(), playback().end_ns());
  key(Qt::Key_Home);
  EXPECT_FALSE(playback().event());
}

TEST_F(Window, AStepIsWhatWasChosen) {
  open("04");
  key(Qt::Key_3);
  EXPECT_EQ(part<QComboBox>("unit")->currentIndex(), 2);
  key(Qt::Key_Right);
  const std::uint64_t first = *playback().event_index();
  EXPECT_EQ(playback().event()->kind, ZB_EV_LOANED);
  key(Qt::Key_1);
  key(Qt::Key_Home);
  key(Qt::Key_Right, Qt::ShiftModifier);
  EXPECT_EQ(playback().event_index(), first);
  key(Qt::Key_Right, Qt::ControlModifier);
  EXPECT_EQ(playback().state().arrived(), 1u);
  key(Qt::Key_Left, Qt::AltModifier);
  key(Qt::Key_2);
  EXPECT_EQ(part<QComboBox>("unit")->currentIndex(), 1);
}

TEST_F(Window, PlaysAndPauses) {
  open("04");
  key(Qt::Key_Space);
  EXPECT_TRUE(playback().playing());
  EXPECT_EQ(part<QToolButton>("play")->text(), "pause");
  EXPECT_TRUE(wait_until([this] { return playback().time_ns() > 0; }));
  key(Qt::Key_Space);
  EXPECT_FALSE(playback().playing());
  EXPECT_GT(playback().time_ns(), 0u);
  click("play");
  EXPECT_TRUE(playback().playing());
  click("play");
  EXPECT_FALSE(playback().playing());
}

TEST_F(Window, ABlankPressesTheButtonThatHasTheFocusAndNothingElse) {
  open("04");
  part("step")->setFocus();
  key(Qt::Key_Space);
  EXPECT_FALSE(playback().playing());
  EXPECT_EQ(playback().event_index(), 0u);
}

TEST_F(Window, TheSpeedGoesBothWaysAndIsRemembered) {
  open("01");
  const double before = playback().speed();
  key(Qt::Key_Plus);
  EXPECT_GT(playback().speed(), before);
  key(Qt::Key_Minus);
  key(Qt::Key_Minus);
  EXPECT_LT(playback().speed(), before);
  EXPECT_EQ(settings->speed(), playback().speed());
  for (std::size_t i = 1; i < SpeedSlider::speeds().size(); ++i) {
    EXPECT_GT(SpeedSlider::speeds()[i], SpeedSlider::speeds()[i - 1]);
    EXPECT_EQ(SpeedSlider::nearest_place(SpeedSlider::speeds()[i]), static_cast<int>(i));
  }
  EXPECT_LE(SpeedSlider::speeds().front(), 1e-3);
}

TEST_F(Window, StopsWhenACondition) {
  open("04");
  key(Qt::Key_S);
  auto* const field = part<StopField>("stop_when");
  ASSERT_EQ(QApplication::focusWidget(), field);
  type("dropz > 0");
  key(Qt::Key_Return);
  EXPECT_TRUE(field->error().contains("did you mean")) << field->error().toStdString();
  EXPECT_EQ(playback().stop_when(), "");
  field->clear();
  type("drops > 0");
  key(Qt::Key_Return);
  EXPECT_EQ(field->error(), "");
  EXPECT_EQ(playback().stop_when(), "drops > 0");
  key(Qt::Key_Escape); // the keyboard goes back to the transport
  playback().set_speed(1000);
  playback().set_playing(true);
  ASSERT_TRUE(wait_until([this] { return !playback().playing(); }));
  EXPECT_EQ(playback().event()->kind, ZB_EV_DROPPED);
  EXPECT_EQ(playback().state().total().dropped, 1u);
}

TEST_F(Window, ConditionsAreCompleted) {
  open("18");
  const QList<Word> words = condition_words(playback().focused()->report);
  const auto has = [&](const QString& name) {
    return std::any_of(words.begin(), words.end(), [&](const Word& word) { return word.name == name; });
  };
  EXPECT_TRUE(has("drops"));
  EXPECT_TRUE(has("a.user_owned"));
  EXPECT_TRUE(has("published"));
  EXPECT_TRUE(has(QString::fromStdString(playback().focused()->report.readers[1].name) + ".drops"));
  EXPECT_FALSE(has("end_ms"));
  for (const Word& word : words)
    if (word.name != "A" && word.name != "none") {
      EXPECT_FALSE(playback().set_stop_when(word.name + " > 1e9")) << word.name.toStdString();
    }
}

// ---- Places ----

TEST_F(Window, JumpsToDropsHandOffsFaultsAndChapters) {
  open("04");
  key(Qt::Key_F);
  EXPECT_EQ(playback().event()->kind, ZB_EV_DROPPED);
  key(Qt::Key_F, Qt::ShiftModifier);
  EXPECT_TRUE(window->notice().text().contains("no drop before"));
  key(Qt::Key_Home);
  EXPECT_EQ(playback().time_ns(), 0u);
  key(Qt::Key_H);
  EXPECT_EQ(playback().event()->kind, ZB_EV_PUBLISHED);
  key(Qt::Key_X);
  EXPECT_GE(playback().time_ns(), 8'000'000u);
  key(Qt::Key_Home);
  key(Qt::Key_PageDown);
  EXPECT_EQ(playback().event_index(), playback().focused()->report.chapters[0].event);
  key(Qt::Key_PageDown);
  key(Qt::Key_PageUp);
  EXPECT_EQ(playback().event_index(), playback().focused()->report.chapters[0].event);
  click("next_chapter");
  EXPECT_EQ(playback().event_index(), playback().focused()->report.chapters[1].event);
  click("previous_chapter");
  EXPECT_EQ(playback().event_index(), playback().focused()->report.chapters[0].event);
}

TEST_F(Window, AWatchedLessonGetsItsTick) {
  open("02");
  EXPECT_TRUE(settings->lessons_done().empty());
  key(Qt::Key_End);
  EXPECT_TRUE(wait_until([this] { return settings->lessons_done().contains(2); }))
      << "parts hear of it a frame later";
}

TEST_F(Window, LessonsAreChosenFromTheList) {
  auto* const list = part<QListWidget>("lessons");
  ASSERT_GE(list->count(), 18);
  QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, list->visualItemRect(list->item(1)).center());
  wait();
  EXPECT_EQ(window->session().opened_now()->report.number, 2u);
  list->setFocus();
  key(Qt::Key_Down);
  key(Qt::Key_Return);
  wait();
  EXPECT_EQ(window->session().opened_now()->report.number, 3u);
  EXPECT_EQ(settings->recent().size(), 2);
}

// ---- Runs side by side ----

TEST_F(Window, ModesAreSwitched) {
  open("04");
  key(Qt::Key_R);
  EXPECT_EQ(playback().focus(), 1u);
  click("mode_first");
  EXPECT_EQ(playback().focus(), 0u);
  click("mode_compare");
  EXPECT_EQ(window->findChildren<StageView*>().size(), 3);
  key(Qt::Key_V);
  QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
  EXPECT_EQ(window->findChildren<StageView*>().size(), 1);
}

TEST_F(Window, ReadIsAddedWhereTheScenarioHasOnlyZeroCopy) {
  open("03");
  if (playback().track_count() != 1)
    GTEST_SKIP() << "lesson 3 has several runs now";
  const bool scripted = !part("mode_second")->isEnabled();
  key(Qt::Key_V);
  wait();
  EXPECT_EQ(playback().track_count(), scripted ? 1u : 2u);
  const QString path = folder.filePath("one.toml");
  QFile file(path);
  ASSERT_TRUE(file.open(QIODevice::WriteOnly));
  file.write("title = \"one\"\n[[traffic]]\nrate = 1000\nlimit = 100\n[[reader]]\n");
  file.close();
  window->open(path);
  wait();
  ASSERT_EQ(playback().track_count(), 1u);
  click("mode_compare");
  wait();
  EXPECT_EQ(playback().track_count(), 2u);
  EXPECT_TRUE(part<QToolButton>("mode_compare")->isChecked());
}

TEST_F(Window, WhatIfIsTriedAndTakenBack) {
  open("04");
  playback().seek_time(20'000'000);
  part<QTabWidget>("tabs")->setCurrentIndex(4);
  auto* const box = part<QComboBox>("what_if_buffer");
  ASSERT_NE(box, nullptr);
  box->setFocus();
  box->lineEdit()->selectAll();
  type("2 MiB");
  key(Qt::Key_Return);
  wait();
  EXPECT_EQ(playback().track(0).report.total.dropped, 0u);
  EXPECT_EQ(playback().time_ns(), 20'000'000u);
  box->lineEdit()->selectAll();
  type("7 apples");
  key(Qt::Key_Return);
  wait();
  EXPECT_TRUE(window->notice().text().contains("7 apples")) << window->notice().text().toStdString();
  EXPECT_EQ(playback().track(0).report.total.dropped, 0u); // still the one before
  click("what_if_reset");
  wait();
  EXPECT_GT(playback().track(0).report.total.dropped, 500u);
  EXPECT_TRUE(window->session().opened_now()->what_if.empty());
}

// ---- Help, presenting ----

TEST_F(Window, ThePaletteFindsAndDoes) {
  open("04");
  key(Qt::Key_K, Qt::ControlModifier);
  ASSERT_TRUE(part("palette")->isVisible());
  type("next drop");
  key(Qt::Key_Return);
  EXPECT_FALSE(part("palette")->isVisible());
  EXPECT_EQ(playback().event()->kind, ZB_EV_DROPPED);
  key(Qt::Key_K, Qt::ControlModifier);
  type("lesson 2 fill");
  key(Qt::Key_Return);
  wait();
  EXPECT_EQ(window->session().opened_now()->report.number, 2u);
  key(Qt::Key_K, Qt::ControlModifier);
  key(Qt::Key_Escape);
  EXPECT_FALSE(part("palette")->isVisible());
  EXPECT_LT(CommandPalette::match("Next drop", "next"), CommandPalette::match("Next drop", "nxt"));
  EXPECT_EQ(CommandPalette::match("Next drop", "zz"), -1);
}

TEST_F(Window, TheSheetHasEveryKey) {
  key(Qt::Key_Question);
  auto* const sheet = part("shortcut_sheet");
  ASSERT_TRUE(sheet->isVisible());
  QString text;
  for (const QLabel* label : sheet->findChildren<QLabel*>()) {
    QTextDocument document;
    document.setHtml(label->text());
    text += document.toPlainText();
  }
  for (const QAction* action : window->commands().all())
    if (!action->shortcut().isEmpty()) {
      EXPECT_TRUE(text.contains(action->shortcut().toString(QKeySequence::NativeText)))
          << action->text().toStdString();
    }
  key(Qt::Key_A);
  EXPECT_FALSE(sheet->isVisible());
}

TEST_F(Window, NoTwoCommandsHaveTheSameKey) {
  QHash<QString, QString> seen;
  for (const QAction* action : window->commands().all())
    for (const QKeySequence& key : action->shortcuts()) {
      EXPECT_FALSE(seen.contains(key.toString()))
          << key.toString().toStdString() << ": " << action->text().toStdString() << ", "
          << seen[key.toString()].toStdString();
      seen[key.toString()] = action->text();
    }
}

TEST_F(Window, PresentingShowsOnlyTheStage) {
  open("04");
  key(Qt::Key_F5);
  EXPECT_TRUE(window->presenting());
  EXPECT_FALSE(part("tabs")->isVisible());
  EXPECT_FALSE(part("lessons")->isVisible());
  EXPECT_GT(theme().scale(), 1.3);
  key(Qt::Key_PageDown);
  EXPECT_EQ(playback().event_index(), playback().focused()->report.chapters[0].event);
  key(Qt::Key_Escape);
  EXPECT_FALSE(window->presenting());
  EXPECT_TRUE(part("tabs")->isVisible());
  EXPECT_EQ(theme().scale(), 1);
  key(Qt::Key_P);
  key(Qt::Key_P);
  EXPECT_FALSE(window->presenting());
}

TEST_F(Window, TheTourIsShownOnce) {
  settings->set_tour_seen(false);
  window->greet();
  ASSERT_TRUE(part("tour")->isVisible());
  for (int i = 0; i < 6; ++i)
    click("tour_next");
  QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
  EXPECT_EQ(window->findChild<QWidget*>("tour"), nullptr);
  EXPECT_TRUE(settings->tour_seen());
  window->greet();
  EXPECT_EQ(window->findChild<QWidget*>("tour"), nullptr);
}

// ---- Files ----

TEST_F(Window, ABrokenFileIsExplainedAndCanBeTriedAgain) {
  open("02");
  const QString path = folder.filePath("mine.toml");
  const auto write = [&](const char* text) {
    QFile file(path);
    ASSERT_TRUE(file.open(QIODevice::WriteOnly));
    file.write(text);
  };
  write("title = \"mine\"\n[[reader]]\nbufer = 3\n");
  window->open(path);
  wait();
  EXPECT_TRUE(window->notice().isVisible());
  EXPECT_TRUE(window->notice().text().contains("mine.toml:3:"));
  EXPECT_EQ(window->session().opened_now()->report.number, 2u);
  write("title = \"mine\"\n[[traffic]]\nlimit = 10\n[[reader]]\n");
  click("again");
  wait();
  EXPECT_EQ(window->session().opened_now()->report.title, "mine");
  EXPECT_FALSE(window->notice().isVisible());
}

TEST_F(Window, FilesCanBeDropped) {
  QMimeData data;
  data.setUrls({QUrl::fromLocalFile(lesson("05"))});
  QDragEnterEvent enter(QPoint(100, 100), Qt::CopyAction, &data, Qt::LeftButton, {});
  QCoreApplication::sendEvent(window.get(), &enter);
  EXPECT_TRUE(enter.isAccepted());
  QDropEvent drop(QPointF(100, 100), Qt::CopyAction, &data, Qt::LeftButton, {});
  QCoreApplication::sendEvent(window.get(), &drop);
  wait();
  EXPECT_EQ(window->session().opened_now()->report.number, 5u);
}

TEST_F(Window, PicturesAreSavedAsPngAndSvg) {
  open("04");
  EXPECT_FALSE(save_picture(*window, folder.filePath("w.png")));
  EXPECT_EQ(QImage(folder.filePath("w.png")).size(), QSize(2560, 1600));
  EXPECT_FALSE(save_picture(*part("tabs"), folder.filePath("t.svg")));
  QFile svg(folder.filePath("t.svg"));
  ASSERT_TRUE(svg.open(QIODevice::ReadOnly));
  EXPECT_TRUE(svg.readAll().contains("<svg"));
  EXPECT_TRUE(save_picture(*window, "/dev/null/w.png"));
}

TEST_F(Window, AVideoOfASpan) {
  open("04");
  playback().seek_time(5'000'000);
  VideoExport video(playback(), *part("tabs"));
  QSignalSpy finished(&video, &VideoExport::finished);
  VideoExport::Span span{7'000'000, 9'000'000, 0.4, 10, folder.filePath("frames")};
  EXPECT_FALSE(video.start(span));
  EXPECT_TRUE(video.start(span)); // one at a time
  EXPECT_DOUBLE_EQ(playback().speed(), 5e-3);
  QObject::connect(&video, &VideoExport::progress,
                   [&] { part("tabs")->resize(part("tabs")->size() - QSize(0, 20)); });
  ASSERT_TRUE(finished.wait(patience_ms));
  const QStringList frames = QDir(span.path).entryList({"*.png"});
  EXPECT_EQ(frames.size(), 4);
  const auto size = [&](const QString& frame) { return QImage(QDir(span.path).filePath(frame)).size(); };
  for (const QString& frame : frames)
    EXPECT_TRUE(size(frame) == size(frames.front())) << frame.toStdString();
  EXPECT_EQ(playback().time_ns(), 5'000'000u);
  EXPECT_DOUBLE_EQ(playback().speed(), 1e-3);
  if (VideoExport::encoder().isEmpty())
    GTEST_SKIP() << "ffmpeg is not here";
  span.path = folder.filePath("x.gif");
  EXPECT_FALSE(video.start(span));
  ASSERT_TRUE(finished.wait(patience_ms));
  QFile gif(span.path);
  ASSERT_TRUE(gif.open(QIODevice::ReadOnly));
  EXPECT_EQ(gif.read(4), "GIF8");
  span.until_ns = span.from_ns;
  EXPECT_TRUE(video.start(span));
}

// ---- Settings ----

TEST(Settings, NoFileOldFileDamagedFile) {
  const QTemporaryDir folder;
  const QString path = folder.filePath("s.ini");
  const auto write = [&](const QByteArray& bytes) {
    QFile file(path);
    ASSERT_TRUE(file.open(QIODevice::WriteOnly));
    file.write(bytes);
  };
  {
    Settings settings(path);
    EXPECT_FALSE(settings.damage());
    EXPECT_EQ(settings.speed(), 1e-3);
    EXPECT_FALSE(settings.tour_seen());
    settings.set_scheme(Theme::Scheme::dark);
    settings.set_lesson_done(4);
  }
  EXPECT_EQ(Settings(path).scheme(), Theme::Scheme::dark);
  EXPECT_TRUE(Settings(path).lessons_done().contains(4));
  write("[General]\nspeed=-7\nscheme=purple\nlessons_done=4, x, 100000\n"); // of before there were versions
  {
    Settings settings(path);
    EXPECT_FALSE(settings.damage());
    EXPECT_EQ(settings.speed(), 1e-3);
    EXPECT_EQ(settings.scheme(), Theme::Scheme::system);
    EXPECT_EQ(settings.lessons_done(), std::set<unsigned>{4});
  }
  for (const QByteArray& bytes : {QByteArray("\x00\x01garbage", 9), QByteArray("no keys here\n"),
                                  QByteArray("[General]\nversion=99\n")}) {
    QFile::remove(path);
    write(bytes);
    Settings settings(path);
    EXPECT_TRUE(settings.damage());
    EXPECT_TRUE(QFile::exists(path + ".damaged"));
    EXPECT_EQ(settings.speed(), 1e-3);
    settings.set_speed(0.5);
    EXPECT_EQ(settings.speed(), 0.5);
  }
}

// ---- Access ----

TEST_F(Window, EveryControlHasANameAndCanBeReached) {
  open("04");
  const auto has_name = [](const QWidget* widget) {
    if (!widget->accessibleName().isEmpty())
      return true;
    const auto* const button = qobject_cast<const QAbstractButton*>(widget);
    return button != nullptr && !button->text().isEmpty();
  };
  for (int tab = 0; tab < part<QTabWidget>("tabs")->count(); ++tab) {
    part<QTabWidget>("tabs")->setCurrentIndex(tab);
    for (const QWidget* widget : window->findChildren<QWidget*>()) {
      const bool is_control = widget->inherits("QAbstractButton") || widget->inherits("QLineEdit") ||
                              widget->inherits("QComboBox") || widget->inherits("QAbstractSlider") ||
                              widget->inherits("QAbstractItemView");
      const bool is_inner =
          widget->parentWidget() != nullptr &&
          (widget->parentWidget()->inherits("QComboBox") ||
           widget->parentWidget()->inherits("QAbstractSpinBox") ||
           widget->parentWidget()->inherits("QLineEdit") || widget->parentWidget()->inherits("QTabBar") ||
           widget->inherits("QScrollBar") || widget->inherits("QHeaderView") ||
           widget->parentWidget()->inherits("QComboBoxPrivateContainer") ||
           widget->parentWidget()->inherits("QAbstractItemView"));
      if (!is_control || is_inner || !widget->isVisible())
        continue;
      EXPECT_TRUE(has_name(widget)) << widget->metaObject()->className() << " "
                                    << widget->objectName().toStdString();
      if (widget->isEnabled()) {
        EXPECT_NE(widget->focusPolicy(), Qt::NoFocus)
            << widget->metaObject()->className() << " " << widget->accessibleName().toStdString();
      }
    }
  }
}

} // namespace
} // namespace zbuf::gui

// SPDX-License-Identifier: GPL-3.0-or-later
// What is recorded while it is shown: by a thread of the test, by zbuf run, and by zbuf attach in a network
// namespace.
#include "gui/live/live.h"
#include "gui/live/live_bar.h"
#include "gui/live/live_form.h"
#include "gui/model/test_session.h"

#include "core/cli/test_namespaces.h"
#include "core/trace/fold.h"
#include "core/trace/recorder.h"
#include "core/trace/synthetic.h"

#include <QLineEdit>
#include <QPushButton>

#include <csignal>
#include <gtest/gtest.h>
#include <unistd.h>

namespace zbuf::gui {
namespace {

constexpr int patience_ms = 20'000;

/// Writes a recording piece by piece, as a capture does.
class Writer {
 public:
  explicit Writer(const QString& path, std::uint64_t limit_bytes = 0, const std::string& metadata = "{}")
      : events_(synthetic::run(1, 60'000, 4064)) {
    Recorder::Options options;
    options.path = path.toStdString();
    options.limit_bytes = limit_bytes;
    options.metadata = metadata;
    recorder_ = std::move(*Recorder::create(std::move(options)));
  }
  void write(std::size_t count) {
    for (const std::size_t until = std::min(at_ + count, events_.size()); at_ < until; ++at_)
      *zb_trace_claim(recorder_->trace()) = events_[at_];
    recorder_->flush();
  }
  void end() {
    EXPECT_TRUE(recorder_->finish(false));
    recorder_.reset();
  }
  /// So many times as long, of as many events. Pre: nothing is written yet.
  void stretch(std::uint64_t times) {
    for (Event& event : events_)
      event.time_ns *= times;
  }
  [[nodiscard]] std::uint64_t time_ns() const { return at_ == 0 ? 0 : events_[at_ - 1].time_ns; }
  [[nodiscard]] std::uint64_t written() const { return at_; }
  [[nodiscard]] const std::vector<Event>& events() const { return events_; }

 private:
  std::vector<Event> events_;
  std::size_t at_ = 0;
  std::unique_ptr<Recorder> recorder_;
};

class LiveTest : public testing::Test {
 protected:
  LiveTest() {
    QObject::connect(&live, &Live::told, [this](const QString& text) { told += text; });
    QObject::connect(&live, &Live::failed, [this](const QString& what, const QStringList& texts) {
      errors += QStringList{what} + texts;
    });
  }
  template <typename Condition>
  static bool wait(Condition&& condition) {
    return QTest::qWaitFor(condition, patience_ms);
  }
  [[nodiscard]] std::uint64_t shown() const { return playback().focused()->recording->event_count(); }
  [[nodiscard]] Playback& playback() const { return opened.playback; }
  [[nodiscard]] QString path(const QString& name) const { return folder.filePath(name); }

  QTemporaryDir folder;
  mutable TestSession opened;
  Live live{opened.playback, opened.session};
  QStringList told, errors;
};

TEST_F(LiveTest, FollowsARecordingThatIsNotThereYet) {
  live.follow(path("run.zbt"));
  QTest::qWait(100);
  EXPECT_TRUE(live.running());
  EXPECT_FALSE(live.open());
  Writer writer(path("run.zbt"));
  writer.write(2000);
  ASSERT_TRUE(wait([&] { return live.open() && shown() == 2000; }));
  EXPECT_TRUE(playback().following());
  EXPECT_EQ(playback().speed(), 1);
  writer.write(20'000);
  ASSERT_TRUE(
      wait([&] { return shown() == 22'000 && playback().time_ns() + 200'000'000 >= writer.time_ns(); }));
  EXPECT_EQ(playback().state().events, playback().events_done(0));
  writer.end();
  ASSERT_TRUE(wait([&] { return !live.running(); }));
  EXPECT_FALSE(playback().growing());
  EXPECT_TRUE(wait([&] { return !playback().playing(); }));
  EXPECT_EQ(playback().time_ns(), writer.time_ns());
  EXPECT_TRUE(errors.isEmpty());
  EXPECT_TRUE(live.open()) << "it stays";
}

TEST_F(LiveTest, PausesScrubsStepsAndResumesWhileItGrows) {
  Writer writer(path("run.zbt"));
  writer.write(10'000);
  live.follow(path("run.zbt"));
  ASSERT_TRUE(wait([&] { return live.open() && shown() == 10'000; }));
  playback().set_playing(false);
  EXPECT_FALSE(playback().following());
  const std::uint64_t here = playback().time_ns();
  const std::uint64_t done = playback().events_done(0);
  writer.write(5000);
  ASSERT_TRUE(wait([&] { return shown() == 15'000; }));
  EXPECT_EQ(playback().time_ns(), here) << "the view stands still";
  EXPECT_EQ(playback().events_done(0), done);
  EXPECT_EQ(playback().end_ns(), writer.time_ns()) << "the run goes on";

  playback().seek_time(writer.time_ns() / 4);
  const State there = playback().state();
  playback().step(Unit::event, true);
  playback().step(Unit::event, false);
  EXPECT_EQ(playback().state(), there);
  writer.write(5000);
  ASSERT_TRUE(wait([&] { return shown() == 20'000; }));
  EXPECT_EQ(playback().state(), there);
  State folded;
  for (std::size_t i = 0; i < playback().events_done(0); ++i)
    fold(folded, playback().focused()->recording->event(i));
  EXPECT_EQ(folded.total(), there.total());

  playback().jump(Landmark::end, true);
  EXPECT_TRUE(playback().following());
  EXPECT_TRUE(playback().playing());
  playback().seek_time(here / 2); // scrubbed while it plays: it plays on from there
  EXPECT_FALSE(playback().following());
  EXPECT_TRUE(playback().playing());
  playback().follow();
  playback().set_speed(0.001);
  EXPECT_FALSE(playback().following()) << "slower than life is not live";
  playback().set_speed(1000);
  EXPECT_TRUE(wait([&] { return playback().following(); })) << "who catches up is at the edge";
  writer.end();
}

TEST_F(LiveTest, StopsWhereAConditionHoldsWhileItFollows) {
  Writer writer(path("run.zbt"));
  writer.write(100);
  live.follow(path("run.zbt"));
  ASSERT_TRUE(wait([&] { return live.open(); }));
  ASSERT_EQ(playback().set_stop_when("arrived > 500"), std::nullopt);
  writer.write(20'000);
  ASSERT_TRUE(wait([&] { return !playback().playing(); }));
  EXPECT_EQ(playback().state().arrived(), 501u);
  EXPECT_TRUE(playback().growing());
  writer.end();
}

TEST_F(LiveTest, KeepsWhatIsLookedAtWhenTheRecordingDropsIt) {
  Writer writer(path("run.zbt"), 1 << 20);
  writer.write(8192);
  live.follow(path("run.zbt"));
  ASSERT_TRUE(wait([&] { return live.open() && shown() == 8192; }));
  LiveBar bar(playback(), live);
  playback().set_playing(false);
  playback().seek_event(3000);
  const State looked_at = playback().state();
  while (!live.holding() && writer.written() < writer.events().size()) {
    writer.write(8192);
    QTest::qWait(100);
  }
  ASSERT_TRUE(wait([&] { return live.holding(); }));
  EXPECT_EQ(playback().state(), looked_at);
  EXPECT_EQ(playback().begin_ns(), 0u);
  EXPECT_TRUE(bar.text().contains("kept only while you look at it")) << bar.text().toStdString();
  playback().step(Unit::event, false); // all of it is there still
  playback().step(Unit::event, true);
  EXPECT_EQ(playback().state(), looked_at);

  playback().follow();
  EXPECT_FALSE(live.holding());
  EXPECT_GT(playback().begin_ns(), 0u);
  EXPECT_GT(playback().focused()->recording->events_dropped(), 3000u);
  EXPECT_TRUE(bar.text().contains("no longer kept")) << bar.text().toStdString();
  playback().set_playing(false);
  playback().seek_time(0);
  EXPECT_EQ(playback().time_ns(), playback().begin_ns());
  State folded; // the state there is that of all that happened, kept or not
  const std::uint64_t dropped = playback().focused()->recording->events_dropped();
  for (std::size_t i = 0; i < dropped + playback().events_done(0); ++i)
    fold(folded, writer.events()[i]);
  EXPECT_EQ(playback().state().total(), folded.total());
  writer.end();
  ASSERT_TRUE(wait([&] { return !live.running(); }));

  // Saved, both parts are there again.
  ASSERT_EQ(opened.session.save_trace(path("saved.zbt")), std::nullopt);
  const std::uint64_t events = shown();
  ASSERT_TRUE(opened.open(path("saved.zbt"))) << opened.errors().join('\n').toStdString();
  EXPECT_EQ(playback().track_count(), 1u) << "the older part is no other run";
  EXPECT_EQ(shown(), events);
  EXPECT_TRUE(opened.session.opened_now()->notice.contains("no longer kept"));
  EXPECT_FALSE(live.open()) << "something else was opened";
}

TEST_F(LiveTest, MovesWithTheStartOfWhatIsKept) {
  Writer writer(path("run.zbt"), 1 << 20);
  writer.write(8192);
  live.follow(path("run.zbt"));
  ASSERT_TRUE(wait([&] { return live.open(); }));
  for (int i = 0; i < 20 && playback().begin_ns() == 0; ++i) {
    writer.write(8192);
    QTest::qWait(100);
  }
  ASSERT_TRUE(wait([&] { return playback().begin_ns() > 0; }));
  EXPECT_TRUE(playback().following());
  EXPECT_GE(playback().time_ns(), playback().begin_ns());
  writer.end();
}

TEST_F(LiveTest, SaysWhetherSlotsAreDeduced) {
  Writer writer(path("run.zbt"), 0, R"({"slots":"deduced","live":true,"title":"Live on em0"})");
  writer.write(100);
  live.follow(path("run.zbt"));
  LiveBar bar(playback(), live);
  ASSERT_TRUE(wait([&] { return live.open(); }));
  EXPECT_TRUE(bar.text().contains("slots deduced")) << bar.text().toStdString();
  EXPECT_EQ(bar.findChild<QLabel*>("live_slots")->toolTip().isEmpty(), false);
  EXPECT_TRUE(bar.edge().text().contains("LIVE"));
  playback().set_playing(false);
  EXPECT_TRUE(bar.edge().text().contains(QString::fromUtf8("○"))) << bar.edge().text().toStdString();
  bar.edge().click();
  EXPECT_TRUE(playback().following());
  writer.end();
  ASSERT_TRUE(wait([&] { return !live.running(); }));
  EXPECT_EQ(bar.edge().text(), "ENDED");
  EXPECT_FALSE(bar.edge().isEnabled());
}

TEST_F(LiveTest, FollowsARunOfZbuf) {
  QProcess run;
  run.start(ZBUF_PROGRAM, {"run", QString(ZBUF_SOURCE_DIR) + "/scenarios/15-how-large-a-buffer.toml",
                           "--quiet", "--trace", path("run.zbt")});
  live.follow(path("run.zbt"));
  ASSERT_TRUE(run.waitForFinished(60'000)) << run.errorString().toStdString();
  ASSERT_TRUE(wait([&] { return !live.running(); }));
  EXPECT_TRUE(live.open());
  EXPECT_FALSE(playback().focused()->recording->partial());
}

TEST_F(LiveTest, SaysWhatIsNoRecording) {
  QFile file(path("x.zbt"));
  ASSERT_TRUE(file.open(QIODevice::WriteOnly));
  file.write(QByteArray(5000, 'x'));
  file.close();
  live.follow(path("x.zbt"));
  ASSERT_TRUE(wait([&] { return !errors.isEmpty(); }));
  EXPECT_TRUE(errors.join(' ').contains("not a recording")) << errors.join(' ').toStdString();
  EXPECT_FALSE(live.running());
}

/// Alone, and with a recording beside it that would be compared with it.
class OpensWhatItFollows : public LiveTest, public testing::WithParamInterface<bool> {};

TEST_P(OpensWhatItFollows, AndThatEndsTheFollowing) {
  Writer writer(path("run.zbt"));
  writer.write(5000);
  if (GetParam()) {
    Writer companion(path("run.read.zbt"));
    companion.write(5000);
    companion.end();
  }
  live.follow(path("run.zbt"));
  ASSERT_TRUE(wait([&] { return live.open(); }));
  ASSERT_TRUE(opened.open(path("run.zbt"))) << opened.errors().join('\n').toStdString();
  const std::size_t tracks = playback().track_count();
  const std::uint64_t events = shown();
  EXPECT_EQ(tracks, GetParam() ? 2u : 1u);
  EXPECT_FALSE(live.running());
  EXPECT_FALSE(live.open());
  EXPECT_FALSE(playback().growing());
  writer.write(5000);
  constexpr int looks_ms = 200; // that a follower would take in five
  QTest::qWait(looks_ms);
  EXPECT_EQ(playback().track_count(), tracks);
  EXPECT_EQ(shown(), events) << "what was opened is what there was of it";
  writer.end();
}
INSTANTIATE_TEST_SUITE_P(LiveTest, OpensWhatItFollows, testing::Bool(),
                         [](const auto& info) { return info.param ? "WithACompanion" : "Alone"; });

TEST_F(LiveTest, HasARateOfNowOrNone) {
  Writer writer(path("run.zbt"));
  writer.stretch(1000); // 42 s of traffic
  std::optional<double> rate;
  QObject::connect(&live, &Live::changed, [&] { rate = live.figures().rate; });
  LiveBar bar(playback(), live);
  writer.write(1000);
  ASSERT_LT(writer.time_ns(), 1'000'000'000u);
  live.follow(path("run.zbt"));
  ASSERT_TRUE(wait([&] { return live.open(); }));
  EXPECT_FALSE(rate) << "there was no second yet";
  EXPECT_FALSE(bar.text().contains("pps")) << bar.text().toStdString();
  writer.write(20'000);
  ASSERT_TRUE(wait([&] { return rate > 0; }));
  EXPECT_TRUE(wait([&] { return bar.text().contains("pps"); })) << bar.text().toStdString();
  ASSERT_TRUE(wait([&] { return live.figures().silent_ms > Live::silence_ms; }));
  EXPECT_EQ(live.figures().rate, 0) << "nothing comes, and that is so now";
  ASSERT_TRUE(wait([&] { return bar.text().contains("nothing new for"); })) << bar.text().toStdString();
  writer.end();
  ASSERT_TRUE(wait([&] { return !live.running(); }));
  EXPECT_FALSE(live.figures().rate);
  EXPECT_FALSE(bar.text().contains("pps")) << bar.text().toStdString();
}

// ---- Captures ----

class Capture : public LiveTest {
 protected:
  Capture() { qputenv("ZBUF_PROGRAM", ZBUF_PROGRAM); }
  ~Capture() override { qunsetenv("ZBUF_PROGRAM"); }

  /// Lines of shell in the place of zbuf, which find in $trace where to record to, and a function that waits
  /// for a file in the test's folder.
  void stand_in(const QByteArray& lines) {
    QFile script(path("zbuf"));
    ASSERT_TRUE(script.open(QIODevice::WriteOnly));
    script.write("#!/bin/sh\nwhile [ $# -gt 0 ]; do [ \"$1\" = --trace ] && trace=$2; shift; done\ncd '" +
                 folder.path().toUtf8() +
                 "'\nuntil_there() { while [ ! -e \"$1\" ]; do sleep 0.02; done; }\n" + lines);
    script.close();
    script.setPermissions(script.permissions() | QFile::ExeOwner);
    qputenv("ZBUF_PROGRAM", path("zbuf").toLocal8Bit());
  }
  void touch(const QString& name) { ASSERT_TRUE(QFile(path(name)).open(QIODevice::WriteOnly)); }
  void write_full() {
    Writer writer(path("full.zbt"));
    writer.write(5000);
    writer.end();
  }
};

TEST_F(Capture, SaysInASentenceWhyItCannotBegin) {
  live.capture({"nosuch0", {}, "zbuf"});
  ASSERT_TRUE(wait([&] { return !live.running(); }));
  EXPECT_TRUE(errors.join(' ').contains("nosuch0")) << errors.join(' ').toStdString();
  errors.clear();
  qputenv("ZBUF_PROGRAM", "/nowhere/zbuf");
  live.capture({"lo", {}, "zbuf"});
  ASSERT_TRUE(wait([&] { return !live.running(); }));
  EXPECT_TRUE(errors.join(' ').contains("/nowhere/zbuf")) << errors.join(' ').toStdString();
}

TEST_F(Capture, SaysWhatZbufSaidAfterItsRecordingWasComplete) {
  write_full();
  stand_in("cp full.zbt part && mv part \"$trace\"\nuntil_there go\n"
           "echo 'zbuf: the device failed' >&2\nexit 2\n");
  live.capture({"lo", {}, "zbuf"});
  ASSERT_TRUE(wait([&] { return live.open() && !playback().growing(); })) << "the recording has its end";
  EXPECT_TRUE(live.running()) << "but zbuf has not";
  EXPECT_TRUE(told.isEmpty()) << told.join('\n').toStdString();
  touch("go");
  ASSERT_TRUE(wait([&] { return !live.running() && !live.capturing(); }));
  EXPECT_EQ(told.join('\n'), "zbuf: the device failed");
  EXPECT_TRUE(errors.isEmpty()) << errors.join('\n').toStdString() << ": there is something to see";
  EXPECT_TRUE(live.open());
}

TEST_F(Capture, IsNotEndedByARunThatWasLoadingWhenItBegan) {
  write_full();
  stand_in("until_there go\ncp full.zbt part && mv part \"$trace\"\nexec sleep 1000\n");
  const QDir lessons(QString(ZBUF_SOURCE_DIR) + "/scenarios");
  opened.session.open(lessons.filePath(lessons.entryList({"04-*.toml"}).value(0)));
  live.capture({"lo", {}, "zbuf"});
  TestSession other; // whose run began after that one, and so is over after it
  ASSERT_TRUE(other.open_lesson("04"));
  ASSERT_TRUE(opened.wait());
  EXPECT_TRUE(live.capturing());
  EXPECT_EQ(playback().track_count(), 0u) << "nothing took the place of what is captured";
  touch("go");
  ASSERT_TRUE(wait([&] { return live.open(); }));
  EXPECT_EQ(shown(), 5000u);
  EXPECT_TRUE(live.capturing());
}

/// A veth pair in namespaces of its own, into one of which zbuf is put by a program in between.
class CaptureOnVeth : public Capture {
 protected:
  void SetUp() override {
    if (TestNamespaces::shell("command -v ping") != 0)
      GTEST_SKIP() << "needs ping (iputils-ping), and it is not here";
    spaces_ = TestNamespaces::make();
    if (spaces_ == nullptr)
      GTEST_SKIP() << TestNamespaces::needs;
    QFile script(path("zbuf"));
    ASSERT_TRUE(script.open(QIODevice::WriteOnly));
    script.write("#!/bin/sh\nexec ip netns exec " + QByteArray::fromStdString(spaces_->near()) +
                 " " ZBUF_PROGRAM " \"$@\"\n");
    script.close();
    script.setPermissions(script.permissions() | QFile::ExeOwner);
    qputenv("ZBUF_PROGRAM", path("zbuf").toLocal8Bit());
    traffic_.setStandardOutputFile(QProcess::nullDevice());
    traffic_.start("/bin/sh", {"-c", "while :; do ip netns exec " + QString::fromStdString(spaces_->far()) +
                                         " ping -i 0.01 -c 100 10.9.0.1; sleep 0.05; done"});
  }
  void TearDown() override {
    traffic_.kill();
    traffic_.waitForFinished();
    spaces_.reset();
  }

  std::unique_ptr<TestNamespaces> spaces_;
  QProcess traffic_;
};

TEST_F(CaptureOnVeth, ShowsWhatPassesUntilItIsStopped) {
  live.capture({"va", "icmp", "zbuf", 65536});
  ASSERT_TRUE(wait([&] { return live.open() && live.figures().arrived > 100; }))
      << errors.join('\n').toStdString();
  EXPECT_TRUE(playback().following());
  ASSERT_TRUE(wait([&] { return playback().state().arrived() > 20; }));
  EXPECT_FALSE(playback().focused()->deduced);
  live.stop();
  ASSERT_TRUE(wait([&] { return !live.running(); }));
  EXPECT_TRUE(errors.isEmpty()) << errors.join('\n').toStdString();
  EXPECT_TRUE(playback().focused()->recording->complete());
  EXPECT_TRUE(live.open());
}

TEST_F(CaptureOnVeth, ShowsBothModesOnTheSamePackets) {
  live.capture({"va", "icmp", "both", 65536});
  ASSERT_TRUE(wait([&] { return live.open() && live.figures().arrived > 100; }))
      << errors.join('\n').toStdString();
  ASSERT_EQ(playback().track_count(), 2u);
  EXPECT_EQ(playback().track(0).name, "zbuf");
  EXPECT_EQ(playback().track(1).name, "read");
  EXPECT_EQ(playback().descriptor(0), 0);
  EXPECT_EQ(playback().descriptor(1), 1);
  live.stop();
  ASSERT_TRUE(wait([&] { return !live.running() && !playback().playing(); }));
  const State& end = playback().state();
  EXPECT_EQ(end.descriptors[0].total.received, end.descriptors[1].total.received);
  ASSERT_EQ(opened.session.save_trace(path("both.zbt")), std::nullopt);
  ASSERT_TRUE(opened.open(path("both.zbt")));
  EXPECT_EQ(playback().track_count(), 2u) << "opened again, it is compared again";
}

TEST_F(CaptureOnVeth, KeepsWhatWasRecordedWhenItIsKilledOrTheInterfaceGoes) {
  live.capture({"va", {}, "zbuf"});
  ASSERT_TRUE(wait([&] { return live.open() && live.figures().arrived > 50; }));
  ::kill(static_cast<pid_t>(live.process()->process_id()), SIGKILL);
  ASSERT_TRUE(wait([&] { return !live.running() && !live.capturing(); }));
  EXPECT_TRUE(told.join(' ').contains("killed")) << told.join(' ').toStdString();
  EXPECT_GT(shown(), 50u);

  told.clear();
  live.capture({"va", {}, "zbuf"});
  ASSERT_TRUE(wait([&] { return live.open() && live.figures().arrived > 50; }));
  TestNamespaces::shell("ip -n " + spaces_->near() + " link del va");
  ASSERT_TRUE(wait([&] { return !live.running() && !live.capturing(); }));
  EXPECT_TRUE(told.join(' ').contains("va went away")) << told.join(' ').toStdString();
  EXPECT_GT(shown(), 50u);
}

TEST_F(CaptureOnVeth, EndsWithTheWindow) {
  auto other = std::make_unique<Live>(opened.playback, opened.session);
  other->capture({"va", {}, "zbuf"});
  ASSERT_TRUE(wait([&] { return other->open(); }));
  const auto pid = static_cast<pid_t>(other->process()->process_id());
  other.reset();
  EXPECT_NE(::kill(pid, 0), 0) << "zbuf attach is still there";
}

TEST(LiveFormTest, ChecksBeforeItBegins) {
  CaptureOptions last;
  last.filter = "icmp";
  LiveForm form(last);
  auto* const filter = form.findChild<QLineEdit*>("live_filter");
  auto* const start = form.findChild<QPushButton*>("live_start");
  auto* const problem = form.findChild<QLabel*>("live_problem");
  ASSERT_TRUE(filter && start && problem);
  EXPECT_TRUE(start->isEnabled()) << problem->text().toStdString();
  filter->setText("tcp prot 80");
  EXPECT_FALSE(start->isEnabled());
  EXPECT_TRUE(problem->text().contains("tcp prot 80")) << problem->text().toStdString();
  filter->setText("tcp port 80");
  EXPECT_TRUE(start->isEnabled());
  EXPECT_EQ(form.options().filter, "tcp port 80");
  EXPECT_EQ(form.options().buffer_bytes, last.buffer_bytes);
  EXPECT_EQ(form.options().limit_bytes, last.limit_bytes);
}

TEST(Interfaces, AreThoseOfTheMachine) {
  EXPECT_FALSE(is_interface("no such"));
  EXPECT_FALSE(is_interface({}));
  for (const SystemInterface& one : interfaces())
    EXPECT_TRUE(is_interface(one.name)) << one.name.toStdString();
}

} // namespace
} // namespace zbuf::gui

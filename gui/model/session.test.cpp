// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/model/session.h"

#include "gui/model/test_session.h"

#include <gtest/gtest.h>

namespace zbuf::gui {
namespace {

QString write(const QTemporaryDir& folder, const QString& name, const QByteArray& bytes) {
  QFile file(folder.filePath(name));
  if (!file.open(QIODevice::WriteOnly))
    return {};
  file.write(bytes);
  return file.fileName();
}

QByteArray contents(const QString& path) {
  QFile file(path);
  return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

TEST(Session, RunsALessonWithItsReadTrack) {
  TestSession s;
  ASSERT_TRUE(s.open_lesson("04"));
  ASSERT_EQ(s.playback.track_count(), 2u);
  EXPECT_EQ(s.playback.track(0).name, "zbuf");
  EXPECT_EQ(s.playback.track(1).name, "read");
  const Opened& opened = *s.session.opened_now();
  EXPECT_EQ(opened.report.title, "The slow reader");
  EXPECT_TRUE(opened.complete);
  for (const CheckReport& check : opened.report.checks)
    EXPECT_TRUE(check.holds) << check.expression;
}

TEST(Session, ABrokenScenarioIsExplainedAndThePreviousRunStays) {
  TestSession s;
  ASSERT_TRUE(s.open_lesson("02"));
  s.playback.seek_event(20);
  const QTemporaryDir folder;
  EXPECT_FALSE(
      s.open(write(folder, "broken.toml", "title = \"x\"\nspeed = 3\n[[reader]]\nbufer = \"4 KiB\"\n")));
  ASSERT_EQ(s.errors().size(), 2) << s.errors().join("\n").toStdString();
  EXPECT_TRUE(s.errors()[1].contains("broken.toml:4:")) << s.errors()[1].toStdString();
  EXPECT_TRUE(s.errors()[1].contains("buffer"));
  EXPECT_EQ(s.session.opened_now()->report.number, 2u);
  EXPECT_EQ(s.playback.event_index(), 20u);
  EXPECT_FALSE(s.open(folder.filePath("nothing.toml")));
  EXPECT_EQ(s.errors().size(), 1);
}

TEST(Session, AFileThatIsNothingIsRefused) {
  TestSession s;
  const QTemporaryDir folder;
  EXPECT_FALSE(s.open(write(folder, "junk.zbt", QByteArray(500, 'x'))));
  EXPECT_TRUE(s.errors().value(0).contains("not a recording"));
  EXPECT_FALSE(s.open(write(folder, "junk.toml", QByteArray("\x00\xff\xfe", 3))));
  EXPECT_FALSE(s.open(folder.path()));
}

TEST(Session, ATraceOpensWhereItWasSaved) {
  TestSession s;
  ASSERT_TRUE(s.open_lesson("04"));
  s.playback.set_focus(1);
  s.playback.seek_event(4321);
  const std::uint64_t time_ns = s.playback.time_ns();
  const QTemporaryDir folder;
  const QString path = folder.filePath("lecture.zbt");
  EXPECT_FALSE(s.session.save_trace(path));

  TestSession again;
  ASSERT_TRUE(again.open(path)) << again.errors().join("\n").toStdString();
  EXPECT_TRUE(again.session.opened_now()->is_trace);
  EXPECT_EQ(again.session.opened_now()->notice, "");
  EXPECT_EQ(again.session.opened_now()->report.title, "The slow reader");
  ASSERT_EQ(again.playback.track_count(), 2u);
  EXPECT_EQ(again.playback.focused()->name, "read");
  EXPECT_EQ(again.playback.event_index(), 4321u);
  EXPECT_EQ(again.playback.time_ns(), time_ns);
  EXPECT_EQ(again.playback.state(), s.playback.state());
  EXPECT_TRUE(again.playback.track(0).modelled);
}

TEST(Session, ADamagedTraceIsShownAsFarAsItIsGood) {
  TestSession s;
  ASSERT_TRUE(s.open_lesson("04"));
  const QTemporaryDir folder;
  ASSERT_FALSE(s.session.save_trace(folder.filePath("whole.zbt")));
  QByteArray bytes = contents(folder.filePath("whole.zbt"));
  bytes.truncate(bytes.size() * 2 / 3);
  ASSERT_TRUE(s.open(write(folder, "cut.zbt", bytes)));
  EXPECT_TRUE(s.session.opened_now()->notice.contains("cut.zbt is damaged"));
  EXPECT_GT(s.playback.track(0).recording->event_count(), 1000u);
}

TEST(Session, SavingSomewhereImpossibleIsASentence) {
  TestSession s;
  EXPECT_TRUE(s.session.save_trace("/tmp/x.zbt"));
  ASSERT_TRUE(s.open_lesson("01"));
  const auto error = s.session.save_trace("/dev/null/folder/x.zbt");
  ASSERT_TRUE(error);
  EXPECT_TRUE(error->contains("/dev/null/folder/x.zbt"));
}

TEST(Session, WhatIfRunsAgainAndGoesToTheSameInstant) {
  TestSession s;
  ASSERT_TRUE(s.open_lesson("04"));
  const std::uint64_t drops = s.playback.state().total().dropped;
  s.session.run_what_if({{{"reader", 0, "buffer"}, "\"2 MiB\""}, {{"kernel", 0, "revision"}, "\"zbuf\""}},
                        12'000'000);
  ASSERT_TRUE(s.wait()) << s.errors().join("\n").toStdString();
  EXPECT_EQ(s.playback.time_ns(), 12'000'000u);
  EXPECT_EQ(s.playback.track(0).report.revision, "zbuf");
  EXPECT_EQ(s.playback.track(0).report.total.dropped, 0u);
  EXPECT_EQ(drops, 0u); // at the start
  EXPECT_EQ(s.session.opened_now()->what_if.size(), 2u);
  EXPECT_NE(s.session.scenario_text().find("2 MiB"), std::string::npos);
  // What is refused leaves this one.
  s.session.run_what_if({{{"reader", 0, "buffer"}, "\"7 apples\""}}, 0);
  EXPECT_FALSE(s.wait());
  EXPECT_TRUE(s.errors().value(0).contains("7 apples"));
  EXPECT_EQ(s.playback.track(0).report.revision, "zbuf");
}

TEST(Session, ALongRunShowsItsBeginningFirst) {
  TestSession s;
  const QTemporaryDir folder;
  ASSERT_TRUE(
      s.open(write(folder, "long.toml",
                   "title = \"long\"\nlinger = \"1 ms\"\n[[traffic]]\nkind = \"pattern\"\nrate = \"1 Mpps\"\n"
                   "limit = 300000\n[[reader]]\nhandle_ns = 300\n[[check]]\nexpr = \"drops == 0\"\n")));
  QList<bool> complete;
  QObject::connect(&s.session, &Session::opened, [&] { complete += s.session.opened_now()->complete; });
  s.session.run_what_if({{{"traffic", 0, "rate"}, "\"2 Mpps\""}}, 1'000'000);
  ASSERT_TRUE(s.wait());
  EXPECT_EQ(complete, (QList<bool>{false, true}));
  EXPECT_TRUE(s.session.opened_now()->report.checks[0].evaluated);
  EXPECT_EQ(s.playback.time_ns(), 1'000'000u);
  EXPECT_EQ(s.playback.track(0).report.arrived, 300'000u);
}

TEST(Session, ARunCanBeStoppedAndAnotherOneTakesItsPlace) {
  TestSession s;
  const QTemporaryDir folder;
  const QString endless = write(folder, "endless.toml",
                                "title = \"endless\"\nduration = \"1000 s\"\n[[traffic]]\nkind = "
                                "\"pattern\"\nrate = \"1 Mpps\"\n[[reader]]\n");
  s.session.open(endless);
  QTest::qWait(200);
  s.session.cancel();
  ASSERT_TRUE(s.wait());
  EXPECT_TRUE(s.session.opened_now()->report.partial);
  EXPECT_TRUE(s.session.opened_now()->notice.contains("stopped"));
  s.session.open(endless);
  ASSERT_TRUE(s.open_lesson("01"));
  EXPECT_EQ(s.session.opened_now()->report.number, 1u);
  s.session.open(endless); // and the destructor does not wait for it
}

} // namespace
} // namespace zbuf::gui

// SPDX-License-Identifier: GPL-3.0-or-later
// The program as it is started: by hand, by a desktop, and where there is no display.
#include <QFile>
#include <QFileInfo>
#include <QProcess>
#include <QProcessEnvironment>
#include <QTemporaryDir>

#include <gtest/gtest.h>

namespace {

struct Ended {
  int status = -1; ///< -1: it did not end
  QString out{};
  QString err{};
};

/// Runs it for as long as it takes, or a while.
Ended run(const QStringList& arguments, const QMap<QString, QString>& environment = {}) {
  constexpr int patience_ms = 20'000;
  QProcess program;
  QProcessEnvironment variables = QProcessEnvironment::systemEnvironment();
  for (const char* name : {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"})
    variables.remove(name);
  for (auto it = environment.begin(); it != environment.end(); ++it)
    variables.insert(it.key(), it.value());
  program.setProcessEnvironment(variables);
  program.start(ZBUF_WINDOW_PROGRAM, arguments);
  Ended ended;
  if (program.waitForFinished(patience_ms) && program.exitStatus() == QProcess::NormalExit)
    ended.status = program.exitCode();
  else
    program.kill();
  program.waitForFinished();
  ended.out = QString::fromUtf8(program.readAllStandardOutput());
  ended.err = QString::fromUtf8(program.readAllStandardError());
  return ended;
}

TEST(Program, ExplainsItselfWithoutADisplay) {
  const Ended help = run({"--help"});
  EXPECT_EQ(help.status, 0);
  EXPECT_TRUE(help.out.contains("SCENARIO|TRACE"));
  EXPECT_TRUE(help.out.contains("zbuflab 4"));
  const Ended version = run({"--version"});
  EXPECT_EQ(version.status, 0);
  EXPECT_TRUE(version.out.startsWith("zbuflab "));
}

TEST(Program, RefusesWhatItCannotUseInASentence) {
  const Ended unknown = run({"--colour"});
  EXPECT_EQ(unknown.status, 2);
  EXPECT_TRUE(unknown.err.contains("colour"));
  const Ended missing = run({"no-such-lesson"});
  EXPECT_EQ(missing.status, 2);
  EXPECT_TRUE(missing.err.contains("no-such-lesson"));
  EXPECT_EQ(run({"4", "5"}).status, 2);
}

TEST(Program, SaysThatThereIsNoDisplay) {
  const Ended ended = run({"4"}, {{"QT_QPA_PLATFORM", "xcb"}});
  EXPECT_EQ(ended.status, 2);
  EXPECT_TRUE(ended.err.contains("no display")) << ended.err.toStdString();
  EXPECT_EQ(ended.err.count('\n'), 1) << ended.err.toStdString();
}

/// What zbuf bench --json wrote on some machine.
QString measured(const QTemporaryDir& folder) {
  QProcess zbuf;
  const QString path = folder.filePath("measured.json");
  zbuf.start(ZBUF_PROGRAM, {"bench", "--rounds", "2", "--time", "1ms", "--quiet", "--json", path});
  EXPECT_TRUE(zbuf.waitForFinished());
  return path;
}

QByteArray contents(const QString& path) {
  QFile file(path);
  EXPECT_TRUE(file.open(QIODevice::ReadOnly)) << path.toStdString();
  return file.readAll();
}

TEST(Program, DrawsMeasuredFiguresWithoutADisplay) {
  const QTemporaryDir folder;
  const QString json = measured(folder);
  for (const auto& [name, begin] : {std::pair{"a.png", "\x89PNG"}, {"a.svg", "<?xml"}, {"a.pdf", "%PDF"}}) {
    const Ended ended = run({"--plot", json, folder.filePath(name)});
    EXPECT_EQ(ended.status, 0) << ended.err.toStdString();
    EXPECT_EQ(ended.err, "");
    EXPECT_TRUE(contents(folder.filePath(name)).startsWith(begin)) << name;
  }
}

TEST(Program, SaysWhyItCannotDraw) {
  const QTemporaryDir folder;
  QFile rubbish(folder.filePath("rubbish.json"));
  ASSERT_TRUE(rubbish.open(QIODevice::WriteOnly));
  rubbish.write("{\n  rubbish");
  rubbish.close();
  const Ended bad = run({"--plot", rubbish.fileName(), folder.filePath("a.png")});
  EXPECT_EQ(bad.status, 2);
  EXPECT_TRUE(bad.err.contains("rubbish.json:2:3:")) << bad.err.toStdString();
  EXPECT_EQ(run({"--plot", folder.filePath("none.json"), folder.filePath("a.png")}).status, 2);
  const Ended alone = run({"--plot", rubbish.fileName()});
  EXPECT_EQ(alone.status, 2);
  EXPECT_TRUE(alone.err.contains("two files"));
  EXPECT_FALSE(QFile::exists(folder.filePath("a.png")));
}

TEST(Program, DrawsForZbuf) {
  const QTemporaryDir folder;
  const QString json = measured(folder);
  const QString picture = folder.filePath("b.svg");
  QProcess zbuf;
  QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
  environment.insert("PATH", QFileInfo(ZBUF_WINDOW_PROGRAM).path());
  zbuf.setProcessEnvironment(environment);
  zbuf.start(ZBUF_PROGRAM, {"bench", "--from", json, "--quiet", "--plot", picture});
  ASSERT_TRUE(zbuf.waitForFinished());
  EXPECT_EQ(zbuf.exitCode(), 0) << zbuf.readAllStandardError().toStdString();
  EXPECT_TRUE(contents(picture).contains("<svg"));
}

TEST(Program, StartsWithDamagedSettings) {
  const QTemporaryDir folder;
  QFile file(folder.filePath("s.ini"));
  ASSERT_TRUE(file.open(QIODevice::WriteOnly));
  file.write(QByteArray("\x00\xff\x01", 3));
  file.close();
  QProcess program;
  QProcessEnvironment variables = QProcessEnvironment::systemEnvironment();
  variables.insert("QT_QPA_PLATFORM", "offscreen");
  program.setProcessEnvironment(variables);
  program.start(ZBUF_WINDOW_PROGRAM, {"--settings", file.fileName(), "1"});
  constexpr int most_moments = 200, moment_ms = 100;
  const QString aside = file.fileName() + ".damaged";
  for (int n = 0; n < most_moments && !QFile::exists(aside); ++n)
    program.waitForFinished(moment_ms);
  EXPECT_TRUE(QFile::exists(aside)) << program.readAllStandardError().toStdString();
  constexpr int while_ms = 3000;
  EXPECT_FALSE(program.waitForFinished(while_ms)) << "it goes on without them";
  EXPECT_EQ(program.state(), QProcess::Running);
  program.kill();
  program.waitForFinished();
}

} // namespace

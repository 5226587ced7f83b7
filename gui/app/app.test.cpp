// SPDX-License-Identifier: GPL-3.0-or-later
// The program as it is started: by hand, by a desktop, and where there is no display.
#include <QFile>
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
Ended run(const QStringList& arguments, const QMap<QString, QString>& environment = {}, int patience_ms = 20'000) {
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

TEST(Program, StartsWithDamagedSettings) {
  const QTemporaryDir folder;
  QFile file(folder.filePath("s.ini"));
  ASSERT_TRUE(file.open(QIODevice::WriteOnly));
  file.write(QByteArray("\x00\xff\x01", 3));
  file.close();
  const Ended ended = run({"--settings", file.fileName(), "1"}, {{"QT_QPA_PLATFORM", "offscreen"}}, 3000);
  EXPECT_EQ(ended.status, -1); // it was still there, and had to be ended
  EXPECT_TRUE(QFile::exists(file.fileName() + ".damaged"));
}

} // namespace

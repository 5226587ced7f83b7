// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/files/write_file.h"

#include <QFile>
#include <QTemporaryDir>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace zbuf::gui {
namespace {

TEST(WriteFile, ReplacesAFileWhole) {
  const QTemporaryDir folder;
  const QString path = folder.filePath("x.svg");
  for (const char* const text : {"first, and longer", "second"}) {
    EXPECT_EQ(write_file(path, text), std::nullopt);
    QFile file(path);
    ASSERT_TRUE(file.open(QIODevice::ReadOnly));
    EXPECT_EQ(file.readAll(), text);
  }
}

TEST(WriteFile, LeavesAPipeAPipe) {
  const QTemporaryDir folder;
  const QByteArray path = QFile::encodeName(folder.filePath("pipe.svg"));
  ASSERT_EQ(::mkfifo(path.constData(), 0600), 0);
  ASSERT_EQ(::symlink("pipe.svg", QFile::encodeName(folder.filePath("link.svg")).constData()), 0);
  const int reader = ::open(path.constData(), O_RDONLY | O_NONBLOCK);
  ASSERT_GE(reader, 0);
  EXPECT_EQ(write_file(folder.filePath("link.svg"), "what is drawn"), std::nullopt);
  char text[32]{};
  EXPECT_EQ(::read(reader, text, sizeof(text)), 13);
  EXPECT_STREQ(text, "what is drawn");
  ::close(reader);
  struct stat status {};
  ASSERT_EQ(::stat(path.constData(), &status), 0);
  EXPECT_TRUE(S_ISFIFO(status.st_mode));
}

TEST(WriteFile, SaysWhyNot) {
  const QTemporaryDir folder;
  const auto why = [](const QString& path) { return write_file(path, "x").value_or("written"); };
  EXPECT_TRUE(why(folder.path()).contains(folder.path() + ": cannot be written"));
  EXPECT_TRUE(why("/dev/null/x.svg").contains("/dev/null/x.svg: cannot be written"));
  if (QFile::exists("/dev/full")) {
    EXPECT_TRUE(why("/dev/full").contains("No space left on device"));
  }
}

} // namespace
} // namespace zbuf::gui

// SPDX-License-Identifier: GPL-3.0-or-later
// The pseudo-code is the code: what it names is found in the file that it names.
#include "gui/explain/pseudo_code.h"

#include <QFile>
#include <QRegularExpression>

#include <gtest/gtest.h>
#include <set>

namespace zbuf::gui::explain {
namespace {

QString source(const char* file) {
  QFile in(QString(ZBUF_SOURCE_DIR "/") + file);
  EXPECT_TRUE(in.open(QIODevice::ReadOnly)) << file;
  return QString::fromUtf8(in.readAll());
}

/// Names of functions and fields in a line: whatever is followed by "(", and whatever has an underscore.
QStringList names_in(QString line) {
  line.remove(QRegularExpression("//.*$"));
  static const QRegularExpression name("\\b([A-Za-z_][A-Za-z0-9_]*_[A-Za-z0-9_]*|[a-z][a-z0-9]+(?=\\())");
  QStringList names;
  for (auto found = name.globalMatch(line); found.hasNext();)
    names.append(found.next().captured(1));
  return names;
}

/// Words of the pseudo-code that stand for something longer.
const std::set<QString> shorthand{"if", "while", "zerocopy_enable", "read", "fd", "got", "next_packet"};

void expect_names_in(const Listing& listing, const QString& text) {
  QStringList lines{listing.title};
  for (const CodeLine& line : listing.lines)
    lines.append(line.text);
  for (const QString& line : lines)
    for (const QString& name : names_in(line))
      if (shorthand.count(name) == 0) {
        EXPECT_TRUE(text.contains(name))
            << name.toStdString() << " of " << listing.title << " is not in the source";
      }
}

TEST(PseudoCode, NamesWhatIsInTheEngine) {
  QString engine;
  for (const char* file :
       {"tap.c", "slots.c", "wait.c", "ioctl.c", "memory.c", "attach.c", "filter.c", "descriptor.c",
        "buffer.c", "host.h", "shared_header.h", "descriptor.h", "types.h", "revision.h"})
    engine += source(QString("kernel/engine/%1").arg(file).toLatin1());
  for (const zb_revision& revision : zb_revisions)
    for (const Listing& listing : kernel_listings(revision)) {
      expect_names_in(listing, engine);
      const QString title = QString(listing.title).section('(', 0, 0);
      EXPECT_TRUE(source(listing.file).contains("\n" + title + "("))
          << title.toStdString() << " is in " << listing.file;
    }
}

TEST(PseudoCode, NamesWhatIsInTheReaders) {
  QString reader;
  for (const char* file :
       {"core/reader/zero_copy_reader.cpp", "core/reader/read_reader.cpp", "core/device/loan.h",
        "core/device/device.h", "kernel/engine/shared_header.h", "core/reader/options.h"})
    reader += source(file);
  for (const Listing& listing : reader_listings())
    expect_names_in(listing, reader);
}

TEST(PseudoCode, IsNarrowEnoughForThePanel) {
  for (const zb_revision& revision : zb_revisions)
    for (const Listing& listing : kernel_listings(revision))
      for (const CodeLine& line : listing.lines) {
        EXPECT_LE(QString(line.text).size(), 58) << line.text;
        EXPECT_FALSE(QString(line.text).isEmpty()) << listing.title;
      }
}

} // namespace
} // namespace zbuf::gui::explain

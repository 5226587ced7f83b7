// SPDX-License-Identifier: GPL-3.0-or-later
// For tests: opens things and waits for them.
#pragma once

#include "gui/model/session.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

namespace zbuf::gui {

class TestSession {
 public:
  Playback playback;
  Session session{playback};

  /// True if it was opened, false if it failed: errors() then.
  bool open(const QString& path) {
    session.open(path);
    return wait();
  }

  /// A lesson of the project, by the beginning of its name: "04".
  bool open_lesson(const QString& number) {
    const QDir folder(QString(ZBUF_SOURCE_DIR) + "/scenarios");
    return open(folder.filePath(folder.entryList({number + "-*.toml"}).value(0)));
  }

  /// For whatever is under way.
  bool wait() {
    failures_.clear();
    while (session.is_busy())
      if (!QTest::qWaitFor([this] { return !session.is_busy(); }, 30'000))
        return false;
    return failures_.isEmpty();
  }

  [[nodiscard]] QStringList errors() const {
    return failures_.isEmpty() ? QStringList() : failures_.last().value(1).toStringList();
  }

 private:
  QSignalSpy failures_{&session, &Session::failed};
};

} // namespace zbuf::gui

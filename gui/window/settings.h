// SPDX-License-Identifier: GPL-3.0-or-later
// What the window remembers from one start to the next.
#pragma once

#include "gui/theme/theme.h"

#include <QByteArray>
#include <QSettings>
#include <QString>
#include <QStringList>
#include <QVariant>

#include <memory>
#include <optional>
#include <set>

namespace zbuf::gui {

/// A file with a version. One that is damaged, or of a later version, is put aside (NAME.damaged) and
/// everything is as at the first start; values out of their range count as not there. Nothing here ever
/// fails.
class Settings {
 public:
  static constexpr int version = 1;

  /// `path` is for tests; empty: the user's own.
  explicit Settings(const QString& path = {});

  /// What had to be put aside when it was opened: a sentence for the user.
  [[nodiscard]] const std::optional<QString>& damage() const { return damage_; }
  [[nodiscard]] QString path() const { return file_->fileName(); }

  /// As at the first start. Lessons done are forgotten as well.
  void reset();

  [[nodiscard]] Theme::Scheme scheme() const;
  void set_scheme(Theme::Scheme scheme);

  [[nodiscard]] double speed() const;
  void set_speed(double speed);

  [[nodiscard]] bool tour_seen() const;
  void set_tour_seen(bool seen);

  /// Numbers of lessons that were watched to their end.
  [[nodiscard]] std::set<unsigned> lessons_done() const;
  void set_lesson_done(unsigned number);

  /// The latest first; files that are gone are left out.
  [[nodiscard]] QStringList recent() const;
  void add_recent(const QString& path);
  void forget_recent();
  static constexpr qsizetype most_recent = 10;

  /// Of a file that was open, as the timeline saves them.
  [[nodiscard]] QVariant bookmarks(const QString& path) const;
  void set_bookmarks(const QString& path, const QVariant& bookmarks);

  /// Of windows and splitters, as Qt saves them. Empty: none.
  [[nodiscard]] QByteArray geometry(const QString& of) const;
  void set_geometry(const QString& of, const QByteArray& geometry);

 private:
  std::unique_ptr<QSettings> file_;
  std::optional<QString> damage_;
};

} // namespace zbuf::gui

// SPDX-License-Identifier: GPL-3.0-or-later
// Instants that somebody wants to find again.
#pragma once

#include <QString>
#include <QVariant>

#include <cstdint>
#include <optional>
#include <vector>

namespace zbuf::gui {

struct Bookmark {
  std::uint64_t time_ns = 0;
  QString note{}; ///< may be empty
  bool operator==(const Bookmark&) const = default;
};

/// In order of time; one for an instant at most.
class Bookmarks {
 public:
  [[nodiscard]] const std::vector<Bookmark>& all() const { return all_; }
  /// False if there is one already.
  bool add(Bookmark bookmark);
  bool remove(std::uint64_t time_ns);
  void clear() { all_.clear(); }
  /// The next one after the instant, or the last one before it.
  [[nodiscard]] std::optional<Bookmark> next(std::uint64_t time_ns, bool forward) const;

  /// For settings and recordings: a list of [time in ns as text, note].
  [[nodiscard]] QVariant saved() const;
  /// Replaces all. What makes no sense in `saved` (settings may be damaged) is left out.
  void restore(const QVariant& saved);
  static constexpr std::size_t most = 1000;

 private:
  std::vector<Bookmark> all_;
};

} // namespace zbuf::gui

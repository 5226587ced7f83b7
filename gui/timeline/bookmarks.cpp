// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/timeline/bookmarks.h"

#include <algorithm>

namespace zbuf::gui {

namespace {

auto first_from(const std::vector<Bookmark>& all, std::uint64_t time_ns) {
  return std::partition_point(all.begin(), all.end(),
                              [&](const Bookmark& bookmark) { return bookmark.time_ns < time_ns; });
}

} // namespace

bool Bookmarks::add(Bookmark bookmark) {
  const auto at = first_from(all_, bookmark.time_ns);
  if ((at != all_.end() && at->time_ns == bookmark.time_ns) || all_.size() >= most)
    return false;
  all_.insert(at, std::move(bookmark));
  return true;
}

bool Bookmarks::remove(std::uint64_t time_ns) {
  const auto at = first_from(all_, time_ns);
  if (at == all_.end() || at->time_ns != time_ns)
    return false;
  all_.erase(at);
  return true;
}

std::optional<Bookmark> Bookmarks::next(std::uint64_t time_ns, bool forward) const {
  const auto at = first_from(all_, forward ? time_ns + 1 : time_ns);
  if (forward)
    return at == all_.end() ? std::nullopt : std::optional(*at);
  return at == all_.begin() ? std::nullopt : std::optional(*std::prev(at));
}

QVariant Bookmarks::saved() const {
  QVariantList list;
  for (const Bookmark& bookmark : all_)
    list.push_back(QVariantList{QString::number(bookmark.time_ns), bookmark.note});
  return list;
}

void Bookmarks::restore(const QVariant& saved) {
  all_.clear();
  for (const QVariant& entry : saved.toList()) {
    const QVariantList parts = entry.toList();
    bool good = false;
    const std::uint64_t time_ns = parts.value(0).toString().toULongLong(&good);
    if (good)
      (void)add({time_ns, parts.value(1).toString()});
  }
}

} // namespace zbuf::gui

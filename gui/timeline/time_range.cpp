// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/timeline/time_range.h"

#include <algorithm>
#include <cmath>

namespace zbuf::gui {

namespace {

double signed_distance(std::uint64_t to, std::uint64_t from) {
  return to >= from ? static_cast<double>(to - from) : -static_cast<double>(from - to);
}

/// Of this length, beginning there or as near as `whole` lets it.
TimeRange placed(double from_ns, std::uint64_t length_ns, const TimeRange& whole) {
  const std::uint64_t length = std::min(length_ns, whole.length_ns());
  const double latest = static_cast<double>(whole.until_ns - length);
  const double clamped = std::clamp(from_ns, static_cast<double>(whole.from_ns), latest);
  const std::uint64_t from =
      std::clamp(static_cast<std::uint64_t>(clamped), whole.from_ns, whole.until_ns - length);
  return {from, from + length};
}

} // namespace

double TimeRange::position(std::uint64_t time_ns, double width) const {
  return signed_distance(time_ns, from_ns) / static_cast<double>(length_ns()) * width;
}

std::uint64_t TimeRange::time_at(double position, double width) const {
  const double part = std::clamp(position / std::max(width, 1.0), 0.0, 1.0);
  const auto offset = static_cast<std::uint64_t>(part * static_cast<double>(length_ns()));
  return std::min(from_ns + offset, until_ns - 1);
}

TimeRange TimeRange::zoomed(std::uint64_t about_ns, double factor, const TimeRange& whole) const {
  const double narrowest = static_cast<double>(std::min(narrowest_ns, whole.length_ns()));
  const double length = std::clamp(static_cast<double>(length_ns()) * factor, narrowest,
                                   static_cast<double>(whole.length_ns()));
  const double part = signed_distance(about_ns, from_ns) / static_cast<double>(length_ns());
  return placed(static_cast<double>(about_ns) - part * length, static_cast<std::uint64_t>(length), whole);
}

TimeRange TimeRange::moved(double by_ns, const TimeRange& whole) const {
  return placed(static_cast<double>(from_ns) + by_ns, length_ns(), whole);
}

TimeRange TimeRange::with(std::uint64_t time_ns, double part, const TimeRange& whole) const {
  return placed(static_cast<double>(time_ns) - part * static_cast<double>(length_ns()), length_ns(), whole);
}

TimeRange whole_run(std::uint64_t begin_ns, std::uint64_t end_ns) {
  return {begin_ns, end_ns + (end_ns - begin_ns) / 256 + 1};
}

std::vector<std::uint64_t> ticks(const TimeRange& range, unsigned most) {
  if (most == 0)
    return {};
  const std::uint64_t least = std::max<std::uint64_t>(1, range.length_ns() / most);
  std::uint64_t step = 1;
  for (unsigned i = 0; step < least; ++i) // 1, 2, 5, 10, ...
    step = i % 3 == 1 ? step / 2 * 5 : step * 2;
  std::vector<std::uint64_t> all;
  for (std::uint64_t at = (range.from_ns + step - 1) / step * step; at < range.until_ns; at += step)
    all.push_back(at);
  return all;
}

} // namespace zbuf::gui

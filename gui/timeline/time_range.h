// SPDX-License-Identifier: GPL-3.0-or-later
// The part of a run that is on the screen, and where in it an instant lies.
#pragma once

#include <cstdint>
#include <vector>

namespace zbuf::gui {

/// [from_ns, until_ns), never empty.
struct TimeRange {
  std::uint64_t from_ns = 0;
  std::uint64_t until_ns = 1;

  /// The narrowest one that a zoom goes to.
  static constexpr std::uint64_t narrowest_ns = 100;

  [[nodiscard]] std::uint64_t length_ns() const { return until_ns - from_ns; }
  [[nodiscard]] bool holds(std::uint64_t time_ns) const { return time_ns >= from_ns && time_ns < until_ns; }
  /// Where an instant lies on `width` units: below 0 and beyond `width` for those outside.
  [[nodiscard]] double position(std::uint64_t time_ns, double width) const;
  /// The instant at a position, within the range.
  [[nodiscard]] std::uint64_t time_at(double position, double width) const;

  /// Narrower (factor < 1) or wider, with `about_ns` staying where it is on the screen, within `whole`.
  [[nodiscard]] TimeRange zoomed(std::uint64_t about_ns, double factor, const TimeRange& whole) const;
  /// Moved by so many nanoseconds, within `whole`.
  [[nodiscard]] TimeRange moved(double by_ns, const TimeRange& whole) const;
  /// Of the same length and with the instant in it, at this part (0..1) of its width.
  [[nodiscard]] TimeRange with(std::uint64_t time_ns, double part, const TimeRange& whole) const;

  bool operator==(const TimeRange&) const = default;
};

/// All of a run that begins and ends at these instants, and a little more, so that its last event is not on
/// the edge.
[[nodiscard]] TimeRange whole_run(std::uint64_t begin_ns, std::uint64_t end_ns);

/// Round instants in the range, at most `most` of them, for the marks of an axis.
[[nodiscard]] std::vector<std::uint64_t> ticks(const TimeRange& range, unsigned most);

} // namespace zbuf::gui

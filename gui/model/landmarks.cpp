// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/model/landmarks.h"

#include <algorithm>

namespace zbuf::gui {

namespace {

using Direction = Recording::Direction;

/// A buffer moves, or changes hands; that it goes when its descriptor is closed is told by itself.
constexpr KindMask ownership_kinds =
    (kinds_with(ZB_MOVES_HEADER | ZB_MOVES_SLOTS) | mask_of({ZB_EV_COPIED_OUT})) & ~mask_of({ZB_EV_CLOSED});
constexpr KindMask drop_kinds = mask_of({ZB_EV_DROPPED, ZB_EV_MISSED});
constexpr KindMask hand_off_kinds = mask_of({ZB_EV_PUBLISHED, ZB_EV_COPIED_OUT});
constexpr KindMask fault_kinds = kinds_with(ZB_IS_FAULT);
constexpr KindMask mark_kinds = mask_of({ZB_EV_MARK});

/// How many events have happened after the nearest one of the kinds.
std::optional<std::uint64_t> nearest(const Recording& recording, KindMask kinds, std::uint64_t done,
                                     bool forward, std::optional<std::uint16_t> descriptor = {}) {
  if (!forward && done == 0)
    return std::nullopt;
  const auto found = forward ? recording.next(kinds, done, Direction::forward, descriptor)
                             : recording.next(kinds, done - 1, Direction::backward, descriptor);
  return found ? std::optional(*found + 1) : std::nullopt;
}

/// The nearer one of two.
std::optional<std::uint64_t> nearer(std::optional<std::uint64_t> a, std::optional<std::uint64_t> b,
                                    bool forward) {
  if (!a || !b)
    return a ? a : b;
  return forward ? std::min(*a, *b) : std::max(*a, *b);
}

/// A header that is zeroed when a buffer is lent for the first time is no event to stop at: nobody owned
/// anything.
bool wipes_nothing(const Event& event) {
  return event.kind == ZB_EV_WIPED && event.a == event.b;
}

/// The same, without those.
std::optional<std::uint64_t> nearest_that_matters(const Recording& recording, KindMask kinds,
                                                  std::uint64_t done, bool forward,
                                                  std::optional<std::uint16_t> descriptor = {}) {
  auto found = nearest(recording, kinds, done, forward, descriptor);
  while (found && wipes_nothing(recording.event(*found - 1)))
    found = nearest(recording, kinds, forward ? *found : *found - 1, forward, descriptor);
  return found;
}

// ---- Packets ----

/// Events that begin a packet, as far as this recording has them.
KindMask packet_begins(const Recording& recording) {
  for (const KindMask kinds :
       {mask_of({ZB_EV_ARRIVED, ZB_EV_MISSED}), mask_of({ZB_EV_ACCEPTED, ZB_EV_REJECTED}),
        mask_of({ZB_EV_STORED, ZB_EV_DROPPED}), mask_of({ZB_EV_HANDLED})})
    for (unsigned kind = 0; kind < event_kinds; ++kind)
      if (((kinds >> kind) & 1) != 0 && recording.event_count(static_cast<std::uint8_t>(kind)) > 0)
        return kinds;
  return 0;
}

/// The last event of the packet that begins with event `first`, as the kernel sees it: stored, dropped or
/// rejected by the last descriptor that it was shown to.
std::uint64_t end_of_packet(const Recording& recording, std::uint64_t first, KindMask begins) {
  constexpr std::uint64_t most_events = 4096;
  constexpr KindMask fates =
      mask_of({ZB_EV_ARRIVED, ZB_EV_MISSED, ZB_EV_REJECTED, ZB_EV_ACCEPTED, ZB_EV_STORED, ZB_EV_DROPPED});
  const std::uint32_t packet = recording.event(first).packet;
  std::uint64_t last = first;
  const std::uint64_t until =
      std::min(recording.next(begins, first + 1).value_or(recording.event_count()), first + most_events);
  recording.for_each(first + 1, until, [&](std::uint64_t n, const Event& event) {
    if (contains(fates, event.kind) && event.packet == packet)
      last = n;
  });
  return last;
}

std::optional<std::uint64_t> next_packet(const Recording& recording, std::uint64_t done, bool forward) {
  const KindMask begins = packet_begins(recording);
  if (begins == 0)
    return std::nullopt;
  if (forward) {
    // Within a packet: its end comes first.
    if (const auto current = recording.next(begins, done, Direction::backward)) {
      const std::uint64_t end = end_of_packet(recording, *current, begins) + 1;
      if (end > done)
        return end;
    }
    const auto first = recording.next(begins, done);
    return first ? std::optional(end_of_packet(recording, *first, begins) + 1) : std::nullopt;
  }
  for (std::uint64_t from = done;;) {
    const auto first = recording.next(begins, from, Direction::backward);
    if (!first)
      return std::nullopt;
    const std::uint64_t end = end_of_packet(recording, *first, begins) + 1;
    if (end < done)
      return end;
    from = *first;
  }
}

// ---- Landmarks ----

/// Marks of the scenario's faults are few, but so are those of its chapters.
std::optional<std::uint64_t> next_fault_mark(const Recording& recording, std::uint64_t done, bool forward) {
  for (;;) {
    const auto found = nearest(recording, mark_kinds, done, forward);
    if (!found)
      return std::nullopt;
    const Event mark = recording.event(*found - 1);
    const auto about = static_cast<std::uint64_t>(joined(mark.c, mark.d)) + 1;
    if (mark.b == 1 && (forward ? about > done : about < done))
      return about <= recording.event_count() ? about : *found;
    done = *found;
  }
}

std::optional<std::uint64_t> next_violation(const Track& track, std::uint64_t done, bool forward) {
  std::optional<std::uint64_t> best;
  for (const InvariantReport& invariant : track.report.invariants) {
    const std::uint64_t place = invariant.violation.first_event + 1;
    if (!invariant.holds() && invariant.invariant != Invariant::repeatable &&
        (forward ? place > done : place < done))
      best = nearer(best, place, forward);
  }
  return best;
}

std::optional<std::uint64_t> next_chapter(const Track& track, std::uint64_t done, bool forward) {
  std::optional<std::uint64_t> best;
  for (const ChapterReport& chapter : track.report.chapters)
    if (chapter.reached && (forward ? chapter.event + 1 > done : chapter.event + 1 < done))
      best = nearer(best, chapter.event + 1, forward);
  return best;
}

} // namespace

std::optional<std::uint64_t> step_from(const Track& track, std::uint64_t done, Unit unit, bool forward,
                                       std::uint16_t descriptor) {
  const Recording& recording = *track.recording;
  switch (unit) {
  case Unit::packet:
    return next_packet(recording, done, forward);
  case Unit::ownership:
    return nearest_that_matters(recording, ownership_kinds, done, forward, descriptor);
  default:
    break;
  }
  if (forward ? done == recording.event_count() : done == 0)
    return std::nullopt;
  return forward ? done + 1 : done - 1;
}

std::optional<std::uint64_t> jump_from(const Track& track, std::uint64_t done, Landmark landmark,
                                       bool forward) {
  const Recording& recording = *track.recording;
  switch (landmark) {
  case Landmark::drop:
    return nearest(recording, drop_kinds, done, forward);
  case Landmark::hand_off:
    return nearest(recording, hand_off_kinds, done, forward);
  case Landmark::fault:
    return nearer(nearer(nearest_that_matters(recording, fault_kinds, done, forward),
                         next_fault_mark(recording, done, forward), forward),
                  next_violation(track, done, forward), forward);
  case Landmark::chapter:
    return next_chapter(track, done, forward);
  default:
    return std::nullopt;
  }
}

} // namespace zbuf::gui

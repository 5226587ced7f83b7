// SPDX-License-Identifier: BSD-2-Clause
// The bookkeeping of fold(): loans, fills, and what becomes of the records in them. Private to fold.cpp,
// which it is part of; a file of its own because the rules of fold.h are all here.
#pragma once

#include "core/trace/state.h"

#include <algorithm>

namespace zbuf::accounts {

/// One event on its way into the state.
struct Step {
  State& state;
  DescriptorState& d;
  const Event& e;

  [[nodiscard]] BufferState& buffer() const { return d.buffers[e.buffer]; }
  [[nodiscard]] BufferState& other() const { return d.buffers[e.buffer ^ 1u]; }
};

inline bool is_pair(const Event& e) {
  return e.buffer <= ZB_B;
}

[[gnu::cold]] inline void violate(const Step& step, Invariant invariant) {
  if (step.state.lost_events != 0)
    return; // what was not seen proves nothing
  Violation& v = step.state.broken[static_cast<std::size_t>(invariant)];
  if (v.count++ == 0) {
    v.first_event = step.state.events;
    v.first_ns = step.e.time_ns;
    v.descriptor = step.e.descriptor;
  }
}

inline void clear_fill(BufferState& b) {
  b.bytes = b.records = b.last_offset = b.handled = b.handled_offset = 0;
  b.published = b.taken = b.orphaned = false;
}

[[gnu::cold]] inline void lose(const Step& step, BufferState& b) {
  if (b.unhandled() == 0)
    return;
  step.d.total.lost += b.unhandled();
  violate(step, Invariant::accounted);
}

/// The kernel takes the buffer back, or sets the length of the store to 0: what becomes of its records?
inline void let_go(const Step& step, BufferState& b, std::uint32_t cause) {
  if (b.orphaned)
    return; // it has let go of these already, and the reader still has them
  if (b.unhandled() != 0) {
    Counters& total = step.d.total;
    if (cause == ZB_BY_CLOSE) {
      total.abandoned += b.unhandled();
    } else if (!b.published && is_reset(cause)) {
      total.flushed += b.unhandled();
    } else if (b.published && !b.lent) {
      total.unread += b.unhandled();
    } else if (b.published && (b.taken || b.user_owned())) {
      b.orphaned = true;
      b.published = false;
      return;
    } else {
      lose(step, b);
    }
  }
  clear_fill(b);
}

/// The user has made the generations equal: the loan is over.
inline void give_back(const Step& step, BufferState& b) {
  b.lent = b.damaged = b.taken = false;
  if (b.orphaned) {
    step.d.total.unread += b.unhandled();
    clear_fill(b);
  }
}

/// To be called after each change of a shared header.
inline void header_changed(const Step& step) {
  BufferState& b = step.buffer();
  if (b.lent && (b.user_gen == b.kernel_gen || b.user_gen == b.last_generation))
    give_back(step, b);
  if (!step.d.aliased)
    return;
  BufferState& same = step.other();
  same.kernel_gen = b.kernel_gen;
  same.kernel_len = b.kernel_len;
  same.user_gen = b.user_gen;
  if (same.lent && (same.user_gen == same.kernel_gen || same.user_gen == same.last_generation))
    give_back(step, same);
}

/// The kernel wrote into memory that is lent: the records in it that were not handled are gone.
[[gnu::cold]] inline void damage(const Step& step, BufferState& b) {
  if (b.damaged)
    return; // what it holds now is not what was lent
  lose(step, b);
  const bool published = b.published;
  clear_fill(b);
  b.published = published;
  b.damaged = true;
}

/// STORED where a loan is, or beside one that shares memory with it (spec 4.5).
[[gnu::cold]] inline void check_overwrite(const Step& step) {
  BufferState& b = step.buffer();
  BufferState& other = step.other();
  const bool hits_other = step.d.overlapping && other.lent;
  if (!b.lent && !hits_other)
    return;
  violate(step, Invariant::untouched);
  if (b.lent)
    damage(step, b);
  if (hits_other)
    damage(step, other);
}

inline void begin_fill(const Step& step, BufferState& b) {
  lose(step, b);
  clear_fill(b);
  ++b.fill;
  b.fill_event = step.state.events;
  b.fill_ns = step.e.time_ns;
}

inline void stored(const Step& step) {
  const Event& e = step.e;
  BufferState& b = step.buffer();
  if (b.lent || step.d.overlapping) [[unlikely]]
    check_overwrite(step);
  if (e.a == 0)
    begin_fill(step, b);
  ++b.records;
  b.last_offset = e.a;
  b.bytes = e.a + (e.c & 0xffff) + e.b;
  step.d.store_length = b.bytes;
}

inline void handled(const Step& step) {
  const Event& e = step.e;
  Counters& total = step.d.total;
  BufferState& b = step.buffer();
  if (!step.d.known) {
    ++total.delivered;
    total.bytes_delivered += e.b;
    b.handled_offset = e.a;
  } else if (b.damaged || b.records == 0 || e.a > b.last_offset) [[unlikely]] {
    ++total.garbled;
  } else if (b.handled != 0 && e.a <= b.handled_offset) [[unlikely]] {
    ++total.repeated;
  } else if (b.handled == b.records) [[unlikely]] {
    ++total.garbled; // more records than were stored
    violate(step, Invariant::accounted);
  } else {
    ++total.delivered;
    total.bytes_delivered += e.b;
    ++b.handled;
    b.handled_offset = e.a;
    // Two counts of one fill, the kernel's and the reader's, meet at its last record.
    if (e.a == b.last_offset && b.handled != b.records) [[unlikely]]
      violate(step, Invariant::accounted);
  }
}

inline void check_publication(const Step& step) {
  const DescriptorState& d = step.d;
  const Event& e = step.e;
  const BufferState& b = step.buffer();
  const bool next = e.b == b.kernel_gen + 1 || e.b == b.last_generation + 1;
  if (!next || b.published)
    violate(step, Invariant::once);
  if (d.last_published == e.buffer)
    violate(step, Invariant::alternating);
  const bool whole =
      (d.store == e.buffer && e.a == d.store_length) || (d.hold == e.buffer && e.a == d.hold_length);
  if (!whole)
    violate(step, Invariant::whole);
  if (b.lent)
    violate(step, Invariant::untouched);
}

inline void published(const Step& step) {
  DescriptorState& d = step.d;
  const Event& e = step.e;
  BufferState& b = step.buffer();
  check_publication(step);
  if (b.orphaned)
    damage(step, b);
  b.kernel_gen = b.last_generation = e.b;
  b.kernel_len = e.a;
  b.published = true;
  b.taken = false;
  b.lent = b.user_gen != e.b;
  header_changed(step);
  d.last_published = e.buffer;
  ++d.total.publications;
  d.total.max_user_owned = std::max<std::uint64_t>(d.total.max_user_owned, d.user_owned());
}

inline void rotated(const Step& step) {
  DescriptorState& d = step.d;
  d.hold = step.e.buffer;
  d.hold_length = d.store_length;
  d.store = static_cast<std::uint8_t>(std::min<std::uint32_t>(step.e.b, ZB_NO_BUFFER));
  d.store_length = 0;
  d.free = ZB_NO_BUFFER;
  ++d.total.rotations;
}

inline void reclaimed(const Step& step) {
  DescriptorState& d = step.d;
  let_go(step, step.buffer(), step.e.c);
  d.free = step.e.buffer;
  d.hold = ZB_NO_BUFFER;
  d.hold_length = 0;
  ++d.total.reclaims;
}

inline void emptied(const Step& step) {
  let_go(step, step.buffer(), step.e.c);
  step.d.store_length = 0;
}

/// LOANED and ALLOCATED: A starts in store, B in free (spec 2.1).
inline void installed(const Step& step, bool shared) {
  DescriptorState& d = step.d;
  BufferState& b = step.buffer();
  d.total.abandoned += b.unhandled();
  b = BufferState{};
  b.present = true;
  b.shared = shared;
  b.size = step.e.a;
  b.distance = shared ? joined(step.e.b, step.e.c) : 0;
  d.known = true;
  (step.e.buffer == ZB_A ? d.store : d.free) = step.e.buffer;
  d.hold = ZB_NO_BUFFER;
  d.store_length = d.hold_length = 0;

  const BufferState& other = step.other();
  const std::uint64_t length = std::uint64_t{std::max(b.size, other.size)} + 32;
  const auto apart = static_cast<std::uint64_t>(b.distance) - static_cast<std::uint64_t>(other.distance);
  const std::uint64_t distance = std::min(apart, 0 - apart); // either may lie first
  d.overlapping = shared && other.present && other.shared && distance < length;
  d.aliased = d.overlapping && distance == 0;
}

inline void wiped(const Step& step) {
  BufferState& b = step.buffer();
  b.kernel_gen = b.kernel_len = b.user_gen = 0;
  ++step.d.total.wiped;
  if (!step.d.aliased)
    return;
  BufferState& same = step.other();
  same.kernel_gen = same.kernel_len = same.user_gen = 0;
}

inline void acknowledged(const Step& step) {
  step.buffer().user_gen = step.e.a;
  ++step.d.total.acknowledgements;
  header_changed(step);
}

inline void scribbled(const Step& step) {
  BufferState& b = step.buffer();
  (step.e.a == 0 ? b.kernel_gen : step.e.a == 1 ? b.kernel_len : b.user_gen) = step.e.b;
  ++step.d.total.scribbles;
  header_changed(step);
}

inline void took(const Step& step) {
  BufferState& b = step.buffer();
  b.taken = true;
  b.taken_length = step.e.a;
  if (b.published && step.e.b == b.last_generation)
    b.damaged = false; // the fill that is there now
  if (!step.d.known) {
    b.kernel_len = step.e.a;
    b.bytes = step.e.a;
  }
}

/// read(2): the fill of the hold buffer becomes the reader's own.
inline void copied_out(const Step& step) {
  DescriptorState& d = step.d;
  BufferState& from = step.buffer();
  BufferState& copy = d.buffers[ZB_USER_COPY];
  d.total.bytes_copied_user += step.e.a;
  d.total.unread += copy.unhandled();
  if (step.e.a == 0) {
    d.total.unread += from.unhandled(); // the reader's memory was not there: its loss
    clear_fill(copy);
  } else {
    if (step.e.a != d.hold_length)
      violate(step, Invariant::whole);
    const std::uint32_t taken_length = copy.taken_length;
    copy = from;
    copy.distance = 0;
    copy.taken = copy.published = copy.present = false;
    copy.taken_length = taken_length;
    copy.moved_event = step.state.events;
    copy.source = step.e.buffer;
  }
  clear_fill(from);
}

inline void abandon(const Step& step, BufferState& b) {
  step.d.total.abandoned += b.unhandled();
  clear_fill(b);
}

inline void unloaded(const Step& step) {
  DescriptorState& d = step.d;
  BufferState& b = step.buffer();
  abandon(step, b);
  b.present = b.lent = b.damaged = false;
  for (std::uint8_t* slot : {&d.store, &d.hold, &d.free})
    if (*slot == step.e.buffer)
      *slot = ZB_NO_BUFFER;
}

} // namespace zbuf::accounts

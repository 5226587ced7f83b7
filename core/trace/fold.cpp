// SPDX-License-Identifier: BSD-2-Clause
// Which event changes what. What becomes of buffers and records is in accounts.h.
#include "core/trace/fold.h"

#include "core/trace/accounts.h"

namespace zbuf {
namespace {

using namespace accounts;

std::uint64_t count_of(std::uint32_t low, std::uint32_t high) {
  return static_cast<std::uint64_t>(joined(low, high));
}

InterfaceState* interface_of(State& state, std::uint32_t number) {
  if (number >= max_interfaces)
    return nullptr;
  if (number >= state.interfaces.size()) [[unlikely]]
    state.interfaces.resize(number + 1);
  InterfaceState& found = state.interfaces[number];
  found.seen = true;
  return &found;
}

void fold_interface(State& state, const Event& e) {
  InterfaceState* interface = interface_of(state, e.c);
  if (interface == nullptr)
    return;
  switch (e.kind) {
  case ZB_EV_ARRIVED:
    ++interface->arrived;
    interface->bytes += e.a;
    break;
  case ZB_EV_MISSED:
    ++interface->missed;
    break;
  case ZB_EV_IF_UP:
    interface->up = true;
    interface->gone = false;
    break;
  case ZB_EV_IF_DOWN:
    interface->up = false;
    break;
  default: // gone
    interface->up = false;
    interface->gone = true;
    break;
  }
}

/// received == rejected + dropped + stored since the last reset (I1), where no packet is under way.
void check_between_packets(const Step& step) {
  if (step.d.under_way == 0) [[likely]]
    return;
  violate(step, Invariant::accounted);
  step.d.under_way = 0;
}

void fold_run(State& state, const Event& e) {
  switch (e.kind) {
  case ZB_EV_MARK:
    ++(e.b != 0 ? state.faults : state.chapters);
    if (e.b == 0)
      state.chapter = e.a;
    break;
  case ZB_EV_LOST_EVENTS:
    state.lost_events += std::max(e.a, 1u);
    break;
  default: // end
    state.ended = true;
    for (DescriptorState& d : state.descriptors)
      check_between_packets({state, d, e});
    break;
  }
}

void dropped(const Step& step) {
  Counters& total = step.d.total;
  ++total.dropped;
  ++step.d.since_reset.dropped;
  --step.d.under_way;
  switch (step.e.a) {
  case ZB_DROP_FULL:
    ++total.dropped_full;
    break;
  case ZB_DROP_LENT:
    ++total.dropped_lent;
    break;
  case ZB_DROP_GONE:
    ++total.dropped_gone;
    break;
  default:
    ++total.dropped_no_buffer;
    break;
  }
}

void closed(const Step& step) {
  DescriptorState& d = step.d;
  check_between_packets(step);
  for (BufferState& b : d.buffers)
    abandon(step, b);
  d.open = d.attached = false;
  d.store = d.hold = d.free = ZB_NO_BUFFER;
  d.store_length = d.hold_length = 0;
  d.wait = WaitState::idle;
}

void looked(const Step& step) {
  const Event& e = step.e;
  Counters& total = step.d.total;
  const std::uint64_t times = std::max<std::uint64_t>(count_of(e.c, e.d), 1);
  total.looks += times;
  if (e.a == e.b)
    total.empty_looks += times;
  if (!step.d.known && is_pair(e)) { // all there is to know about the header
    BufferState& b = step.buffer();
    b.present = b.shared = true;
    b.kernel_gen = e.a;
    b.user_gen = e.b;
    total.max_user_owned = std::max<std::uint64_t>(total.max_user_owned, step.d.user_owned());
  }
}

void call_entered(const Step& step) {
  DescriptorState& d = step.d;
  Counters& total = d.total;
  ++total.syscalls;
  d.call = step.e.a <= ZB_CALL_POLL ? static_cast<std::uint8_t>(step.e.a) : 0;
  std::uint64_t* const by_call[] = {nullptr,      &total.opens,  &total.closes, &total.ioctls,
                                    &total.reads, &total.writes, &total.polls};
  if (d.call != 0)
    ++*by_call[d.call];
}

void call_left(const Step& step) {
  DescriptorState& d = step.d;
  d.call = 0;
  d.reader_asleep = false;
  if (step.e.a == ZB_CALL_POLL && step.e.c == 0)
    ++(step.e.d != 0 ? d.total.polls_ready : d.total.polls_empty);
}

void round_begun(const Step& step) {
  DescriptorState& d = step.d;
  if (d.open_rounds < d.round_start.size())
    ++d.open_rounds;
  auto& start = d.round_start[d.open_rounds - 1u];
  for (std::size_t i = 0; i < start.size(); ++i)
    start[i] = d.total.*counter_table[round_counters[i]].member;
}

/// What the round counted, as often as it was repeated.
void idled(const Step& step) {
  DescriptorState& d = step.d;
  if (d.open_rounds == 0)
    return;
  auto& start = d.round_start[--d.open_rounds];
  for (std::size_t i = 0; i < start.size(); ++i) {
    std::uint64_t& value = d.total.*counter_table[round_counters[i]].member;
    value += (value - start[i]) * count_of(step.e.a, step.e.b);
  }
  start = {};
}

void opened(const Step& step) {
  DescriptorState& d = step.d;
  d.known = d.open = true;
  d.mode = 1; // until BIOCSETBUFMODE says otherwise (spec 1.4)
  d.revision = step.e.a;
  d.hz = step.e.b;
}

void attached(const Step& step) {
  DescriptorState& d = step.d;
  d.attached = true;
  d.interface = step.e.a;
  d.link_type = step.e.b;
  d.link_header_bytes = step.e.c;
}

/// Events of a descriptor. A kind that is missing does not compile: there is no default.
inline void fold_descriptor(const Step& step) {
  DescriptorState& d = step.d;
  const Event& e = step.e;
  switch (kind_of(e)) {
  case ZB_EV_ACCEPTED:
    check_between_packets(step);
    ++d.total.received;
    ++d.total.accepted;
    ++d.since_reset.received;
    ++d.since_reset.accepted;
    d.under_way = 1;
    break;
  case ZB_EV_REJECTED:
    check_between_packets(step);
    ++d.total.received;
    ++d.total.rejected;
    ++d.since_reset.received;
    break;
  case ZB_EV_STORED:
    if (!is_pair(e))
      break;
    ++d.total.stored;
    d.total.bytes_copied_kernel += 32u + (e.c >> 16) + e.b;
    --d.under_way;
    stored(step);
    break;
  case ZB_EV_DROPPED:
    dropped(step);
    break;

  // Buffers.
  case ZB_EV_LOANED:
    if (is_pair(e))
      installed(step, true);
    break;
  case ZB_EV_ALLOCATED:
    if (is_pair(e))
      installed(step, false);
    break;
  case ZB_EV_ROTATED:
    if (is_pair(e))
      rotated(step);
    break;
  case ZB_EV_PUBLISHED:
    if (is_pair(e))
      published(step);
    break;
  case ZB_EV_RECLAIMED:
    if (is_pair(e))
      reclaimed(step);
    break;
  case ZB_EV_EMPTIED:
    if (is_pair(e))
      emptied(step);
    break;
  case ZB_EV_WIPED:
    if (is_pair(e))
      wiped(step);
    break;
  case ZB_EV_COPIED_OUT:
    if (is_pair(e))
      copied_out(step);
    break;
  case ZB_EV_RESET:
    check_between_packets(step);
    d.since_reset = {};
    break;
  case ZB_EV_UNLOADED:
    if (is_pair(e))
      unloaded(step);
    break;

  // Settings.
  case ZB_EV_OPENED:
    opened(step);
    break;
  case ZB_EV_CLOSED:
    closed(step);
    break;
  case ZB_EV_MODE:
    d.mode = e.a <= 2 ? static_cast<std::uint8_t>(e.a) : 0;
    break;
  case ZB_EV_ATTACHED:
    attached(step);
    break;
  case ZB_EV_DETACHED:
    d.attached = false;
    break;
  case ZB_EV_IMMEDIATE:
    d.immediate = e.a != 0;
    break;
  case ZB_EV_TIMEOUT_SET:
    d.timeout_ticks = e.a;
    break;
  case ZB_EV_FILTER_SET:
    if (e.b == 0)
      d.filter_instructions = e.a;
    break;
  case ZB_EV_WROTE:
    d.total.injected += e.c == 0;
    break;

  // Waiting, and calls.
  case ZB_EV_WOKEN:
    ++d.total.wakeups;
    break;
  case ZB_EV_TIMER_ARMED:
    d.wait = WaitState::waiting;
    break;
  case ZB_EV_TIMER_CANCELLED:
    d.wait = WaitState::idle;
    break;
  case ZB_EV_TIMED_OUT:
    d.wait = WaitState::timed_out;
    ++d.total.timeouts;
    break;
  case ZB_EV_CALL:
    call_entered(step);
    break;
  case ZB_EV_RETURN:
    call_left(step);
    break;
  case ZB_EV_SLEPT:
    ++d.total.sleeps;
    d.reader_asleep = true;
    break;
  case ZB_EV_RESUMED:
    d.total.blocked_ns += count_of(e.b, e.c);
    d.reader_asleep = false;
    break;

  // The reader.
  case ZB_EV_LOOKED:
    looked(step);
    break;
  case ZB_EV_TOOK:
    if (e.buffer <= ZB_USER_COPY)
      took(step);
    break;
  case ZB_EV_HANDLED:
    if (e.buffer <= ZB_USER_COPY)
      handled(step);
    break;
  case ZB_EV_ACKNOWLEDGED:
    if (is_pair(e))
      acknowledged(step);
    break;
  case ZB_EV_BAD_RECORD:
    ++d.total.bad_records;
    break;
  case ZB_EV_SCRIBBLED:
    if (is_pair(e))
      scribbled(step);
    break;
  case ZB_EV_ROUND:
    round_begun(step);
    break;
  case ZB_EV_IDLE:
    idled(step);
    break;
  case ZB_EV_READER:
    d.reader = e.a <= ZB_READER_STOPPED ? static_cast<std::uint8_t>(e.a) : 0;
    break;

  // Of an interface, or of the run.
  case ZB_EV_NONE:
  case ZB_EV_ARRIVED:
  case ZB_EV_MISSED:
  case ZB_EV_IF_UP:
  case ZB_EV_IF_DOWN:
  case ZB_EV_IF_GONE:
  case ZB_EV_MARK:
  case ZB_EV_LOST_EVENTS:
  case ZB_EV_END:
    break;
  }
}

inline void fold_one(State& state, const Event& e) {
  switch (e.kind) {
  case ZB_EV_ARRIVED:
  case ZB_EV_MISSED:
  case ZB_EV_IF_UP:
  case ZB_EV_IF_DOWN:
  case ZB_EV_IF_GONE:
    fold_interface(state, e);
    break;
  case ZB_EV_MARK:
  case ZB_EV_LOST_EVENTS:
  case ZB_EV_END:
    fold_run(state, e);
    break;
  default:
    if (e.descriptor == ZB_NO_DESCRIPTOR)
      break;
    if (e.descriptor >= state.descriptors.size()) [[unlikely]]
      state.descriptors.resize(e.descriptor + std::size_t{1});
    fold_descriptor({state, state.descriptors[e.descriptor], e});
    break;
  }
  state.time_ns = e.time_ns;
  ++state.events;
}

} // namespace

void fold(State& state, const Event& event) {
  fold_one(state, event);
}

void fold(State& state, std::span<const Event> events) {
  for (const Event& event : events)
    fold_one(state, event);
}

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
// What State says after streams that a correct kernel and reader write. Broken ones: invariants.test.cpp.
#include "core/trace/fold.h"

#include "core/trace/digest.h"
#include "core/trace/survey.h"
#include "core/trace/synthetic.h"

#include <gtest/gtest.h>

namespace zbuf {
namespace {

using synthetic::Pencil;

State folded(const Pencil& pencil) {
  State state;
  fold(state, pencil.events);
  return state;
}

const DescriptorState& only(const State& state) {
  return state.descriptors.at(0);
}

/// stored == delivered + in_buffers + flushed + unread + lost + abandoned
void expect_balance(const State& state) {
  for (const DescriptorState& d : state.descriptors) {
    const Counters& t = d.total;
    EXPECT_EQ(t.stored, t.delivered + d.in_buffers() + t.flushed + t.unread + t.lost + t.abandoned);
    EXPECT_EQ(t.received, t.rejected + t.accepted);
  }
}

void expect_sound(const State& state) {
  for (std::size_t i = 0; i < invariants; ++i)
    EXPECT_EQ(state.broken[i].count, 0u)
        << invariant_name(static_cast<Invariant>(i)) << " at event " << state.broken[i].first_event;
  expect_balance(state);
}

TEST(Fold, StartsWithAInStoreAndBFree) { // spec 2.1
  const State state = folded(Pencil().open(4064));
  EXPECT_TRUE(only(state).open);
  EXPECT_TRUE(only(state).attached);
  EXPECT_EQ(only(state).mode, 2);
  EXPECT_EQ(only(state).store, ZB_A);
  EXPECT_EQ(only(state).hold, ZB_NO_BUFFER);
  EXPECT_EQ(only(state).free, ZB_B);
  EXPECT_EQ(only(state).a().size, 4064u);
  EXPECT_EQ(only(state).b().distance, 0x10000);
  EXPECT_EQ(only(state).link_type, 1u);
  EXPECT_FALSE(only(state).overlapping);
  EXPECT_EQ(state.events, 5u);
  EXPECT_EQ(state.time_ns, 50u);
}

/// Two records in A, a third that rotates it: A is published, B holds one record.
Pencil one_fill() {
  Pencil p;
  p.open(300).store(ZB_A, 0).store(ZB_A, 128);
  p.arrive().accept().rotate(ZB_A, 254).publish(ZB_A, 254, 1).record(ZB_B, 0).put(ZB_EV_WOKEN);
  return p;
}

TEST(Fold, FollowsAFillToTheUser) {
  const State state = folded(one_fill());
  const DescriptorState& d = only(state);
  expect_sound(state);
  EXPECT_EQ(d.store, ZB_B);
  EXPECT_EQ(d.hold, ZB_A);
  EXPECT_EQ(d.free, ZB_NO_BUFFER);
  EXPECT_EQ(d.hold_length, 254u);
  EXPECT_EQ(d.store_length, 126u);
  EXPECT_TRUE(d.a().user_owned());
  EXPECT_TRUE(d.a().lent);
  EXPECT_EQ(d.a().kernel_gen, 1u);
  EXPECT_EQ(d.a().kernel_len, 254u);
  EXPECT_FALSE(d.b().user_owned());
  EXPECT_EQ(d.in_buffers(), 3u);
  EXPECT_EQ(d.total.stored, 3u);
  EXPECT_EQ(d.total.rotations, 1u);
  EXPECT_EQ(d.total.wakeups, 1u);
  EXPECT_EQ(d.total.max_user_owned, 1u);
  EXPECT_EQ(d.total.bytes_copied_kernel, 3 * 132u);
  EXPECT_EQ(d.a().fill, 1u);
  EXPECT_EQ(d.a().fill_event, 7u); // the first STORED
  EXPECT_EQ(state.arrived(), 3u);
}

TEST(Fold, FollowsTheReaderThroughAFill) {
  Pencil p = one_fill();
  p.put(ZB_EV_LOOKED, ZB_A, 1, 0, 1).take(ZB_A, 254, 1).handle(ZB_A, 0);
  State state = folded(p);
  EXPECT_TRUE(only(state).a().taken);
  EXPECT_EQ(only(state).a().handled, 1u);
  EXPECT_EQ(only(state).in_buffers(), 2u);

  p.handle(ZB_A, 128).acknowledge(ZB_A, 1);
  state = folded(p);
  EXPECT_FALSE(only(state).a().user_owned());
  EXPECT_FALSE(only(state).a().lent);
  EXPECT_EQ(only(state).hold, ZB_A); // until a packet comes (spec 2.8-2)
  EXPECT_EQ(only(state).total.delivered, 2u);
  EXPECT_EQ(only(state).total.bytes_delivered, 200u);
  EXPECT_EQ(only(state).total.looks, 1u);
  EXPECT_EQ(only(state).total.empty_looks, 0u);

  p.arrive().accept().reclaim(ZB_A).record(ZB_B, 128);
  state = folded(p);
  EXPECT_EQ(only(state).hold, ZB_NO_BUFFER);
  EXPECT_EQ(only(state).free, ZB_A);
  EXPECT_EQ(only(state).a().records, 0u);
  EXPECT_EQ(only(state).total.reclaims, 1u);
  expect_sound(state);
}

TEST(Fold, CountsDropsWhileBothAreLent) { // spec 2.8-5a
  Pencil p = one_fill();
  p.store(ZB_B, 128).arrive().accept().publish(ZB_B, 254, 1, true);
  p.put(ZB_EV_DROPPED, ZB_B, ZB_DROP_FULL, 126, 254, 0, p.packets - 1)
      .drop(ZB_B, ZB_DROP_LENT)
      .drop(ZB_B, ZB_DROP_GONE);
  const State state = folded(p);
  expect_sound(state);
  EXPECT_EQ(only(state).user_owned(), 2u);
  EXPECT_EQ(only(state).total.max_user_owned, 2u);
  EXPECT_EQ(only(state).total.dropped, 3u);
  EXPECT_EQ(only(state).total.dropped_full, 1u);
  EXPECT_EQ(only(state).total.dropped_lent, 1u);
  EXPECT_EQ(only(state).total.dropped_gone, 1u);
  EXPECT_EQ(only(state).since_reset.dropped, 3u);
  EXPECT_EQ(only(state).since_reset.received, 7u);
}

TEST(Fold, LetsAResetFlushWhatWasNotHandedOver) { // spec 2.17
  Pencil p = one_fill();
  p.empty(ZB_B, 126).reset();
  const State state = folded(p);
  expect_sound(state);
  EXPECT_EQ(only(state).total.flushed, 1u);
  EXPECT_EQ(only(state).store_length, 0u);
  EXPECT_EQ(only(state).since_reset.received, 0u);
  EXPECT_EQ(only(state).total.received, 3u);
  EXPECT_TRUE(only(state).a().lent);
  EXPECT_EQ(only(state).in_buffers(), 2u);
}

TEST(Fold, CountsWhatTheReaderGaveBackUnread) {
  Pencil p = one_fill();
  p.take(ZB_A, 254, 1).handle(ZB_A, 0).acknowledge(ZB_A, 1).arrive().accept().reclaim(ZB_A).record(ZB_B, 128);
  const State state = folded(p);
  expect_sound(state);
  EXPECT_EQ(only(state).total.delivered, 1u);
  EXPECT_EQ(only(state).total.unread, 1u);
}

TEST(Fold, TakesAnAcknowledgementAheadOfTimeAsNoLoan) { // spec 3.4
  Pencil p;
  p.open(300).store(ZB_A, 0).put(ZB_EV_SCRIBBLED, ZB_A, 2, 1, 0);
  p.rotate(ZB_A, 126).publish(ZB_A, 126, 1);
  State state = folded(p);
  EXPECT_FALSE(only(state).a().lent);
  EXPECT_FALSE(only(state).a().user_owned());
  EXPECT_EQ(only(state).total.scribbles, 1u);
  p.arrive().accept().reclaim(ZB_A).record(ZB_B, 0);
  state = folded(p);
  EXPECT_EQ(only(state).total.unread, 1u);
  expect_sound(state);
}

TEST(Fold, AbandonsWhatIsLeftAtClose) { // spec 2.19
  Pencil p = one_fill();
  p.put(ZB_EV_DETACHED, ZB_NO_BUFFER, 0, 0, ZB_BY_CLOSE).put(ZB_EV_UNLOADED, ZB_A).put(ZB_EV_UNLOADED, ZB_B);
  p.put(ZB_EV_CLOSED);
  const State state = folded(p);
  expect_sound(state);
  EXPECT_EQ(only(state).total.abandoned, 3u);
  EXPECT_FALSE(only(state).open);
  EXPECT_FALSE(only(state).attached);
  EXPECT_EQ(only(state).store, ZB_NO_BUFFER);
  EXPECT_FALSE(only(state).a().present);
}

TEST(Fold, CountsARoundAsOftenAsItWasRepeated) {
  Pencil p;
  p.open();
  const std::uint64_t calls = only(folded(p)).total.syscalls;
  p.put(ZB_EV_ROUND).put(ZB_EV_CALL, ZB_NO_BUFFER, ZB_CALL_POLL);
  p.put(ZB_EV_ROUND)
      .put(ZB_EV_LOOKED, ZB_A, 0, 0, 2)
      .put(ZB_EV_IDLE, ZB_NO_BUFFER, 9, 0, 900); // within a round
  p.put(ZB_EV_RETURN, ZB_NO_BUFFER, ZB_CALL_POLL);
  EXPECT_EQ(activity_of(only(folded(p))), Activity::idle);
  p.put(ZB_EV_IDLE, ZB_NO_BUFFER, 1, 1, 0, 7); // and 2^32 + 1 times more
  const State state = folded(p);
  EXPECT_EQ(only(state).total.syscalls, calls + 1 + 4294967297u);
  EXPECT_EQ(only(state).total.polls_empty, 1 + 4294967297u);
  EXPECT_EQ(only(state).total.empty_looks, 20 * (1 + std::uint64_t{4294967297u}));
  EXPECT_EQ(activity_of(only(state)), Activity::awake);
}

TEST(Fold, FollowsReadThroughTheReadersCopy) { // spec 2.10
  Pencil p;
  p.open_buffered(300).store(ZB_A, 0).store(ZB_A, 128);
  p.put(ZB_EV_CALL, ZB_NO_BUFFER, ZB_CALL_READ, 0, 300).put(ZB_EV_SLEPT, ZB_NO_BUFFER, ZB_CALL_READ);
  p.arrive().accept().rotate(ZB_A, 254).record(ZB_B, 0).put(ZB_EV_WOKEN);
  State state = folded(p);
  EXPECT_TRUE(only(state).reader_asleep);
  EXPECT_EQ(only(state).call, ZB_CALL_READ);

  p.put(ZB_EV_RESUMED, ZB_NO_BUFFER, ZB_CALL_READ, 777)
      .put(ZB_EV_COPIED_OUT, ZB_A, 254)
      .reclaim(ZB_A, ZB_BY_READ);
  p.put(ZB_EV_RETURN, ZB_NO_BUFFER, ZB_CALL_READ, 0, 0, 254).take(ZB_USER_COPY, 254).handle(ZB_USER_COPY, 0);
  state = folded(p);
  const DescriptorState& d = only(state);
  expect_sound(state);
  EXPECT_EQ(d.mode, 1);
  EXPECT_EQ(d.call, 0);
  EXPECT_EQ(d.total.reads, 1u);
  EXPECT_EQ(d.total.syscalls, 1u);
  EXPECT_EQ(d.total.sleeps, 1u);
  EXPECT_EQ(d.total.blocked_ns, 777u);
  EXPECT_EQ(d.total.bytes_copied_user, 254u);
  EXPECT_EQ(d.total.delivered, 1u);
  EXPECT_EQ(d.user_copy().records, 2u);
  EXPECT_EQ(d.user_copy().source, ZB_A);
  EXPECT_EQ(d.in_buffers(), 2u); // one in the copy, one in B
  EXPECT_EQ(d.a().records, 0u);

  // The next read(2) overwrites the copy: the reader did not care for its second record.
  p.rotate(ZB_B, 126, ZB_BY_READ).put(ZB_EV_COPIED_OUT, ZB_B, 126).reclaim(ZB_B, ZB_BY_READ);
  p.take(ZB_USER_COPY, 126).handle(ZB_USER_COPY, 0);
  state = folded(p);
  expect_sound(state);
  EXPECT_EQ(only(state).total.unread, 1u);
  EXPECT_EQ(only(state).total.delivered, 2u);
}

TEST(Fold, BlamesTheReaderWhenReadFoundNoMemory) { // spec 2.10: the data are gone all the same
  Pencil p;
  p.open_buffered(300).store(ZB_A, 0).rotate(ZB_A, 126, ZB_BY_READ).put(ZB_EV_COPIED_OUT, ZB_A, 0);
  p.reclaim(ZB_A, ZB_BY_READ);
  const State state = folded(p);
  expect_sound(state);
  EXPECT_EQ(only(state).total.unread, 1u);
  EXPECT_EQ(only(state).user_copy().records, 0u);
}

TEST(Fold, FollowsTheTimer) { // spec 2.13, 2.14
  Pencil p;
  p.open().put(ZB_EV_TIMEOUT_SET, ZB_NO_BUFFER, 5).put(ZB_EV_TIMER_ARMED, ZB_NO_BUFFER, 5);
  EXPECT_EQ(only(folded(p)).wait, WaitState::waiting);
  EXPECT_EQ(only(folded(p)).timeout_ticks, 5u);
  p.put(ZB_EV_TIMED_OUT);
  EXPECT_EQ(only(folded(p)).wait, WaitState::timed_out);
  EXPECT_EQ(only(folded(p)).total.timeouts, 1u);
  p.put(ZB_EV_TIMER_CANCELLED);
  EXPECT_EQ(only(folded(p)).wait, WaitState::idle);
}

TEST(Fold, CountsCallsPollsAndLooks) {
  Pencil p;
  p.open();
  for (const zb_call call :
       {ZB_CALL_OPEN, ZB_CALL_CLOSE, ZB_CALL_IOCTL, ZB_CALL_READ, ZB_CALL_WRITE, ZB_CALL_POLL})
    p.put(ZB_EV_CALL, ZB_NO_BUFFER, call).put(ZB_EV_RETURN, ZB_NO_BUFFER, call);
  p.put(ZB_EV_CALL, ZB_NO_BUFFER, ZB_CALL_POLL).put(ZB_EV_RETURN, ZB_NO_BUFFER, ZB_CALL_POLL, 0, 0, 1);
  p.put(ZB_EV_CALL, ZB_NO_BUFFER, ZB_CALL_POLL).put(ZB_EV_RETURN, ZB_NO_BUFFER, ZB_CALL_POLL, 0, 4, 0);
  p.put(ZB_EV_LOOKED, ZB_A, 0, 0, 1000).put(ZB_EV_LOOKED, ZB_A, 0, 0, 0).put(ZB_EV_LOOKED, ZB_A, 1, 0, 1);
  p.put(ZB_EV_WROTE, ZB_NO_BUFFER, 60).put(ZB_EV_WROTE, ZB_NO_BUFFER, 60, 0, 50);
  const Counters t = folded(p).total();
  EXPECT_EQ(t.syscalls, 8u);
  EXPECT_EQ(t.opens, 1u);
  EXPECT_EQ(t.closes, 1u);
  EXPECT_EQ(t.ioctls, 1u);
  EXPECT_EQ(t.reads, 1u);
  EXPECT_EQ(t.writes, 1u);
  EXPECT_EQ(t.polls, 3u);
  EXPECT_EQ(t.polls_ready, 1u);
  EXPECT_EQ(t.polls_empty, 1u); // EINTR is neither
  EXPECT_EQ(t.looks, 1002u);
  EXPECT_EQ(t.empty_looks, 1001u);
  EXPECT_EQ(t.injected, 1u);
}

TEST(Fold, FollowsInterfacesAndTheRun) {
  Pencil p;
  p.put(ZB_EV_IF_UP, ZB_NO_BUFFER, 0, 0, 2).put(ZB_EV_MISSED, ZB_NO_BUFFER, 60, 0, 2);
  p.put(ZB_EV_ARRIVED, ZB_NO_BUFFER, 60, 60, 2).put(ZB_EV_IF_GONE, ZB_NO_BUFFER, 0, 0, 2);
  p.put(ZB_EV_ARRIVED, ZB_NO_BUFFER, 60, 60, 4000000000u); // no such interface: not tracked
  p.put(ZB_EV_MARK, ZB_NO_BUFFER, 3, 0).put(ZB_EV_MARK, ZB_NO_BUFFER, 9, 1).put(ZB_EV_END);
  const State state = folded(p);
  ASSERT_EQ(state.interfaces.size(), 3u);
  EXPECT_FALSE(state.interfaces[0].seen);
  EXPECT_TRUE(state.interfaces[2].gone);
  EXPECT_FALSE(state.interfaces[2].up);
  EXPECT_EQ(state.missed(), 1u);
  EXPECT_EQ(state.arrived(), 1u);
  EXPECT_EQ(state.chapters, 1u);
  EXPECT_EQ(state.chapter, 3u);
  EXPECT_EQ(state.faults, 1u);
  EXPECT_TRUE(state.ended);
}

TEST(Fold, KnowsOnlyTheReadersSideOfAForeignKernel) {
  Pencil p;
  p.put(ZB_EV_LOOKED, ZB_A, 1, 0, 1).take(ZB_A, 254, 1).handle(ZB_A, 0).handle(ZB_A, 128);
  State state = folded(p);
  EXPECT_FALSE(only(state).known);
  EXPECT_TRUE(only(state).a().user_owned());
  EXPECT_EQ(only(state).a().kernel_len, 254u);
  EXPECT_EQ(only(state).store, ZB_NO_BUFFER); // not guessed
  p.acknowledge(ZB_A, 1);
  state = folded(p);
  EXPECT_FALSE(only(state).a().user_owned());
  EXPECT_EQ(only(state).total.delivered, 2u);
  EXPECT_EQ(only(state).total.garbled, 0u);
  EXPECT_FALSE(state.any_broken());
}

TEST(Fold, CountsASecondWalkAsRepeated) { // a client that trusts BIOCROTZBUF's answer (spec 2.16c)
  Pencil p = one_fill();
  p.take(ZB_A, 254, 1).handle(ZB_A, 0).handle(ZB_A, 128).take(ZB_A, 254, 1).handle(ZB_A, 0).handle(ZB_A, 128);
  const State state = folded(p);
  expect_sound(state);
  EXPECT_EQ(only(state).total.delivered, 2u);
  EXPECT_EQ(only(state).total.repeated, 2u);
}

TEST(Fold, LetsTheReaderFinishWhatAnOldKernelTookBack) { // r180310 frees a lent hold at BIOCFLUSH (spec 5.3)
  Pencil p = one_fill();
  p.take(ZB_A, 254, 1).handle(ZB_A, 0).reclaim(ZB_A, ZB_BY_FLUSH).empty(ZB_B, 126).reset();
  State state = folded(p);
  EXPECT_TRUE(only(state).a().orphaned);
  EXPECT_EQ(only(state).total.lost, 0u);
  EXPECT_EQ(only(state).in_buffers(), 1u);
  Pencil finished = p;
  finished.handle(ZB_A, 128).acknowledge(ZB_A, 1);
  state = folded(finished);
  expect_sound(state);
  EXPECT_EQ(only(state).total.delivered, 2u);
  Pencil gave_up = p;
  gave_up.acknowledge(ZB_A, 1);
  state = folded(gave_up);
  expect_sound(state);
  EXPECT_EQ(only(state).total.unread, 1u);
}

TEST(Fold, IsSoundOnEveryLegalRun) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    State state;
    fold(state, synthetic::run(seed, 2000, seed % 2 != 0 ? 4064 : 32736));
    SCOPED_TRACE(seed);
    expect_sound(state);
    EXPECT_EQ(state.total().garbled + state.total().repeated + state.total().lost, 0u);
    EXPECT_GT(state.total().delivered, 500u);
    EXPECT_GT(state.total().dropped, 0u);
    EXPECT_TRUE(state.ended);
  }
}

TEST(Fold, KeepsItsBooksOnAnyStream) {
  // Legal kinds and small numbers in any order: whatever happened, no packet may be counted twice or
  // forgotten.
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    Random random(seed);
    Pencil p;
    p.open(300);
    for (int i = 0; i < 400; ++i) {
      auto kind = static_cast<zb_event_kind>(1 + random.below(60));
      if (random.below(3) == 0)
        kind = random.below(2) == 0 ? ZB_EV_STORED : ZB_EV_HANDLED;
      const auto offset = static_cast<std::uint32_t>(random.below(4) * 128);
      p.put(kind, static_cast<std::uint8_t>(random.below(4)), offset,
            static_cast<std::uint32_t>(random.below(4)), 26, 100, p.packets);
    }
    State state;
    SCOPED_TRACE(seed);
    for (const Event& event : p.events) {
      fold(state, event);
      for (const DescriptorState& d : state.descriptors)
        for (const BufferState& b : d.buffers)
          ASSERT_LE(b.handled, b.records);
    }
    // STORED events with a buffer that is none are not records.
    const Counters t = state.total();
    EXPECT_EQ(t.stored, t.delivered + state.in_buffers() + t.flushed + t.unread + t.lost + t.abandoned);
  }
}

TEST(Digest, DependsOnEveryFieldAndTheOrder) {
  const std::vector<Event> events = synthetic::run(5, 50, 4064);
  const auto digest = [](const std::vector<Event>& all) {
    Digest d;
    for (const Event& event : all)
      d.add(event);
    return d.value();
  };
  const std::uint64_t value = digest(events);
  EXPECT_EQ(digest(synthetic::run(5, 50, 4064)), value);
  EXPECT_NE(digest(synthetic::run(6, 50, 4064)), value);
  std::vector<Event> swapped = events;
  std::swap(swapped[10], swapped[11]);
  EXPECT_NE(digest(swapped), value);
  for (std::size_t byte = 0; byte < sizeof(Event); ++byte) {
    std::vector<Event> changed = events;
    reinterpret_cast<unsigned char*>(&changed[20])[byte] ^= 1;
    EXPECT_NE(digest(changed), value) << byte;
  }
  // The trace fills in the packet of what was handled, so it does not count.
  for (const std::size_t i : {std::size_t{0}, events.size() - 1}) {
    std::vector<Event> annotated = events;
    annotated[i].kind = ZB_EV_HANDLED;
    const std::uint64_t before = digest(annotated);
    annotated[i].packet = 77;
    EXPECT_EQ(digest(annotated), before);
  }
}

} // namespace
} // namespace zbuf

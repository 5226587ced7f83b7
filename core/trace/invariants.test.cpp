// SPDX-License-Identifier: BSD-2-Clause
// Each invariant broken by the shortest stream that does, and kept by its healthy twin.
#include "core/trace/fold.h"
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

/// Only this one is broken (or none), so often.
void expect_broken(const State& state, std::initializer_list<std::pair<Invariant, std::uint64_t>> expected) {
  std::array<std::uint64_t, invariants> counts{};
  for (const auto& [invariant, count] : expected)
    counts[static_cast<std::size_t>(invariant)] = count;
  for (std::size_t i = 0; i < invariants; ++i)
    EXPECT_EQ(state.broken[i].count, counts[i]) << invariant_name(static_cast<Invariant>(i));
}
void expect_sound(const State& state) {
  expect_broken(state, {});
}

const Counters& counters(const State& state) {
  return state.descriptors.at(0).total;
}

void expect_balance(const State& state) {
  const Counters t = state.total();
  EXPECT_EQ(t.stored, t.delivered + state.in_buffers() + t.flushed + t.unread + t.lost + t.abandoned);
}

/// Two records in A, published as generation 1; one in B.
Pencil lent() {
  Pencil p;
  p.open(300).store(ZB_A, 0).store(ZB_A, 128);
  p.arrive().accept().rotate(ZB_A, 254).publish(ZB_A, 254, 1).record(ZB_B, 0);
  return p;
}

TEST(Accounted, APacketThatVanishesAfterTheFilter) {
  Pencil p;
  p.open().arrive().accept();
  const std::uint64_t next = p.events.size() + 1;
  p.store(ZB_A, 0);
  const State state = folded(p);
  expect_broken(state, {{Invariant::accounted, 1}});
  EXPECT_EQ(state.violation(Invariant::accounted).first_event, next); // the next packet shows it
  EXPECT_EQ(state.violation(Invariant::accounted).descriptor, 0);

  Pencil twin;
  twin.open().arrive().reject().store(ZB_A, 0);
  expect_sound(folded(twin));
}

TEST(Accounted, APacketThatIsStoredAndDropped) {
  Pencil p;
  p.open().store(ZB_A, 0).put(ZB_EV_DROPPED, ZB_A, ZB_DROP_FULL).put(ZB_EV_RESET);
  expect_broken(folded(p), {{Invariant::accounted, 1}});
}

TEST(Accounted, APacketUnderWayAtTheEnd) {
  Pencil p;
  p.open().arrive().accept().put(ZB_EV_END);
  expect_broken(folded(p), {{Invariant::accounted, 1}});
}

TEST(Accounted, AFillThatIsRotatedAwayUnannounced) { // 2008-04's stale flag (spec 5.5 S3)
  Pencil p;
  p.open(300).store(ZB_A, 0).rotate(ZB_A, 126).arrive().accept().reclaim(ZB_A).record(ZB_B, 0);
  const State state = folded(p);
  expect_broken(state, {{Invariant::accounted, 1}});
  EXPECT_EQ(counters(state).lost, 1u);
  expect_balance(state);

  // The same by a flush is the flush's right.
  Pencil twin;
  twin.open(300).store(ZB_A, 0).rotate(ZB_A, 126).reclaim(ZB_A, ZB_BY_FLUSH).reset();
  expect_sound(folded(twin));
  EXPECT_EQ(counters(folded(twin)).flushed, 1u);
}

TEST(Accounted, AReaderThatFindsFewerRecordsThanWereStored) {
  Pencil p = lent();
  p.take(ZB_A, 254, 1).handle(ZB_A, 128); // the last one, without the first
  expect_broken(folded(p), {{Invariant::accounted, 1}});
}

TEST(Accounted, AReaderThatFindsMoreRecordsThanWereStored) {
  Pencil p = lent();
  p.take(ZB_A, 254, 1).handle(ZB_A, 0).handle(ZB_A, 64).handle(ZB_A, 96);
  const State state = folded(p);
  expect_broken(state, {{Invariant::accounted, 1}});
  EXPECT_EQ(counters(state).garbled, 1u);
  expect_balance(state);
}

TEST(Accounted, AWipedLoanThatNobodyHadTaken) { // spec 4.5b
  Pencil p = lent();
  p.wipe(ZB_A).wipe(ZB_B);
  State state = folded(p);
  EXPECT_FALSE(state.descriptors[0].a().user_owned()); // what the screen shows
  EXPECT_TRUE(state.descriptors[0].a().lent);          // what is true
  EXPECT_EQ(counters(state).wiped, 2u);
  expect_sound(state);
  p.arrive().accept().reclaim(ZB_A).record(ZB_B, 128);
  state = folded(p);
  expect_broken(state, {{Invariant::accounted, 1}});
  EXPECT_EQ(counters(state).lost, 2u);
  expect_balance(state);
}

TEST(Untouched, TheKernelWritesWhatTheReaderHas) { // spec 5.5 S4
  Pencil p = lent();
  p.take(ZB_A, 254, 1).handle(ZB_A, 0).reclaim(ZB_A, ZB_BY_FLUSH).empty(ZB_B, 126).reset();
  expect_sound(folded(p));
  p.store(ZB_B, 0).arrive().accept().rotate(ZB_B, 126).publish(ZB_B, 126, 1);
  const std::uint64_t overwrite = p.events.size();
  p.record(ZB_A, 0);
  State state = folded(p);
  expect_broken(state, {{Invariant::untouched, 1}, {Invariant::accounted, 1}});
  EXPECT_EQ(state.violation(Invariant::untouched).first_event, overwrite);
  EXPECT_EQ(state.violation(Invariant::untouched).first_ns, p.events.back().time_ns);
  EXPECT_EQ(counters(state).lost, 1u);
  EXPECT_TRUE(state.descriptors[0].a().damaged);

  p.handle(ZB_A, 128); // goes on reading: not what it was
  p.store(ZB_A, 128);  // and the kernel goes on writing
  state = folded(p);
  EXPECT_EQ(state.violation(Invariant::untouched).count, 2u);
  EXPECT_EQ(counters(state).garbled, 1u);
  EXPECT_EQ(counters(state).delivered, 1u);
  EXPECT_EQ(counters(state).lost, 1u); // once
  expect_balance(state);

  p.acknowledge(ZB_A, 1);
  state = folded(p);
  EXPECT_FALSE(state.descriptors[0].a().damaged);
  EXPECT_EQ(state.descriptors[0].a().records, 2u);
  expect_balance(state);
}

TEST(Untouched, ARepublicationIntoALoan) { // spec 5.5 S4c
  Pencil p = lent();
  p.take(ZB_A, 254, 1).reclaim(ZB_A, ZB_BY_FLUSH).empty(ZB_B, 126).reset();
  p.store(ZB_B, 0).arrive().accept().rotate(ZB_B, 126).publish(ZB_B, 126, 1).record(ZB_A, 0);
  p.arrive().accept().publish(ZB_A, 126, 2, true).put(ZB_EV_DROPPED, ZB_A, ZB_DROP_FULL);
  State state = folded(p);
  expect_broken(state, {{Invariant::untouched, 2}, {Invariant::accounted, 1}});
  EXPECT_EQ(counters(state).lost, 2u);

  // The reader, still on the first fill, acknowledges the second with it: unread (spec 3.12 v).
  Pencil unread = p;
  unread.handle(ZB_A, 0)
      .acknowledge(ZB_A, 2)
      .put(ZB_EV_ACKNOWLEDGED, ZB_B, 1, 1)
      .reclaim(ZB_B)
      .rotate(ZB_A, 126);
  unread.reclaim(ZB_A);
  state = folded(unread);
  EXPECT_EQ(counters(state).garbled, 1u);
  EXPECT_EQ(counters(state).unread, 2u); // A's second fill and B's
  expect_balance(state);

  // A reader that takes the second fill is delivered it.
  Pencil taken = p;
  taken.take(ZB_A, 126, 2).handle(ZB_A, 0);
  state = folded(taken);
  EXPECT_EQ(counters(state).delivered, 1u);
  EXPECT_EQ(counters(state).garbled, 0u);
  expect_balance(state);
}

TEST(Untouched, AWipedHeaderDoesNotHideTheWrite) {
  Pencil p = lent();
  p.take(ZB_A, 254, 1).wipe(ZB_A).arrive().accept().reclaim(ZB_A).record(ZB_B, 128);
  expect_sound(folded(p)); // the reader still has it
  p.arrive().accept().rotate(ZB_B, 254).publish(ZB_B, 254, 1).record(ZB_A, 0);
  const State state = folded(p);
  expect_broken(state, {{Invariant::untouched, 1}, {Invariant::accounted, 1}});
  EXPECT_EQ(counters(state).lost, 2u);
  expect_balance(state);
}

TEST(Untouched, ALoanThatWasGivenBackMayBeWritten) {
  Pencil p = lent();
  p.take(ZB_A, 254, 1).handle(ZB_A, 0).handle(ZB_A, 128).acknowledge(ZB_A, 1);
  p.arrive().accept().reclaim(ZB_A).rotate(ZB_B, 126).publish(ZB_B, 126, 1).record(ZB_A, 0);
  expect_sound(folded(p));
}

TEST(Untouched, TwoLoansOfTheSameMemory) { // spec 4.5
  Pencil p;
  p.open(300, 0).store(ZB_A, 0).store(ZB_A, 128);
  State state = folded(p);
  EXPECT_TRUE(state.descriptors[0].aliased);
  expect_sound(state); // nothing is lent yet
  p.arrive().accept().rotate(ZB_A, 254).publish(ZB_A, 254, 1);
  EXPECT_EQ(folded(p).descriptors[0].b().kernel_gen, 1u); // one header
  p.take(ZB_A, 254, 1).handle(ZB_A, 0).record(ZB_B, 0);
  state = folded(p);
  expect_broken(state, {{Invariant::untouched, 1}, {Invariant::accounted, 1}});
  EXPECT_EQ(counters(state).lost, 1u);
  p.handle(ZB_A, 128).acknowledge(ZB_A, 1);
  p.arrive().accept().reclaim(ZB_A).rotate(ZB_B, 126).publish(ZB_B, 126, 2).record(ZB_A, 0);
  state = folded(p);
  EXPECT_EQ(counters(state).garbled, 1u);
  EXPECT_EQ(state.violation(Invariant::once).count, 0u); // 2 follows the 1 of the shared header
  EXPECT_EQ(state.violation(Invariant::untouched).count, 2u);
  expect_balance(state);
}

TEST(Untouched, LoansThatOverlapByAByteAndLoansThatTouch) {
  const auto loans = [](std::int64_t distance) {
    return folded(Pencil().open(4064, distance)).descriptors[0];
  };
  EXPECT_TRUE(loans(4095).overlapping);
  EXPECT_FALSE(loans(4095).aliased);
  EXPECT_FALSE(loans(4096).overlapping);
  EXPECT_TRUE(loans(-4095).overlapping);
  EXPECT_FALSE(loans(-4096).overlapping);
  EXPECT_TRUE(loans(0).aliased);
}

TEST(Once, AFillThatIsPublishedTwice) {
  Pencil p = lent();
  p.store(ZB_B, 128).arrive().accept().publish(ZB_B, 254, 1, true);
  expect_sound(folded(p));
  p.acknowledge(ZB_A, 1).acknowledge(ZB_B, 1).reclaim(ZB_A).rotate(ZB_B, 254).publish(ZB_B, 254, 2);
  const State state = folded(p);
  EXPECT_EQ(state.violation(Invariant::once).count, 1u);
  EXPECT_EQ(state.violation(Invariant::alternating).count, 1u);

  // The same buffer with a new fill is as it should be.
  Pencil twin = lent();
  twin.acknowledge(ZB_A, 1).arrive().accept().reclaim(ZB_A).rotate(ZB_B, 126).publish(ZB_B, 126, 1);
  twin.record(ZB_A, 0).acknowledge(ZB_B, 1).arrive().accept().reclaim(ZB_B).rotate(ZB_A, 126).publish(ZB_A,
                                                                                                      126, 2);
  expect_sound(folded(twin));
}

TEST(Once, AGenerationThatJumps) {
  for (const std::uint32_t generation : {0u, 2u, 0xffffffffu}) {
    Pencil p;
    p.open(300).store(ZB_A, 0).rotate(ZB_A, 126).publish(ZB_A, 126, generation);
    expect_broken(folded(p), {{Invariant::once, 1}});
  }
}

TEST(Once, GenerationsWrapAndFollowTheHeaderOrTheKernel) { // spec 3.3, 3.4, 5.9 M1
  Pencil wraps;
  wraps.open(300).put(ZB_EV_SCRIBBLED, ZB_A, 0, 0xffffffff, 0).put(ZB_EV_SCRIBBLED, ZB_A, 2, 0xffffffff, 0);
  wraps.store(ZB_A, 0).rotate(ZB_A, 126).publish(ZB_A, 126, 0);
  expect_sound(folded(wraps));

  for (const std::uint32_t next : {78u, 1u}) { // freebsd reads the header back; zbuf keeps its own count
    Pencil p;
    p.open(300)
        .put(ZB_EV_SCRIBBLED, ZB_A, 0, 77, 0)
        .store(ZB_A, 0)
        .rotate(ZB_A, 126)
        .publish(ZB_A, 126, next);
    expect_sound(folded(p));
  }
}

TEST(Alternating, TheSameBufferTwiceInARow) {
  Pencil p = lent();
  p.acknowledge(ZB_A, 1).reclaim(ZB_A).empty(ZB_B, 126);
  // A kernel that lost count: A fills again and is published before B.
  p.put(ZB_EV_ROTATED, ZB_B, 0, ZB_A, ZB_BY_PACKET).reclaim(ZB_B).store(ZB_A, 0).rotate(ZB_A, 126);
  p.publish(ZB_A, 126, 2);
  expect_broken(folded(p), {{Invariant::alternating, 1}});
}

TEST(Whole, ALengthThatEndsWithinARecord) {
  for (const std::uint32_t length : {125u, 127u, 128u, 0u}) {
    Pencil p;
    p.open(300).store(ZB_A, 0).rotate(ZB_A, length).publish(ZB_A, length, 1);
    expect_broken(folded(p), {{Invariant::whole, 1}});
  }
  Pencil twin;
  twin.open(300).store(ZB_A, 0).rotate(ZB_A, 126).publish(ZB_A, 126, 1);
  expect_sound(folded(twin));
}

TEST(Whole, AReadThatCopiesSomethingElse) {
  Pencil p;
  p.open_buffered(300).store(ZB_A, 0).rotate(ZB_A, 126, ZB_BY_READ).put(ZB_EV_COPIED_OUT, ZB_A, 300);
  expect_broken(folded(p), {{Invariant::whole, 1}});
}

TEST(Invariants, NothingIsConcludedOnceEventsWereLost) {
  Pencil p = lent();
  p.put(ZB_EV_LOST_EVENTS, ZB_NO_BUFFER, 5).publish(ZB_A, 3, 99).record(ZB_A, 0).accept().accept();
  const State state = folded(p);
  expect_sound(state);
  EXPECT_EQ(state.lost_events, 5u);
}

TEST(Invariants, HaveNamesAndTexts) {
  EXPECT_STREQ(invariant_name(Invariant::accounted), "I1");
  EXPECT_STREQ(invariant_name(Invariant::repeatable), "I6");
  EXPECT_STREQ(invariant_text(Invariant::alternating), "the two buffers are published in turn");
}

} // namespace
} // namespace zbuf

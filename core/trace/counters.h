// SPDX-License-Identifier: BSD-2-Clause
// What is counted over a run: one list, from which the struct, reports, snapshots, the words of scenarios and
// their manual are made. To add a counter, put it here, and count it in fold.cpp or accounts.h.
#pragma once

#include "core/trace/event.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace zbuf {

/// Events by which records may end up unread, flushed, abandoned or lost.
inline constexpr KindMask record_kinds =
    kinds_with(ZB_MOVES_HEADER | ZB_SHOWS_HEADER | ZB_MOVES_SLOTS | ZB_MOVES_LENGTH | ZB_MOVES_RECORDS);

/// A silence counts what its rounds do.
inline constexpr KindMask call_kinds = mask_of({ZB_EV_CALL, ZB_EV_IDLE});

/// X(name, join, kinds, meaning): its name everywhere; how several descriptors' make one (enum class Join);
/// the only events after which it may be another (too many is safe, too few is not); what it counts, "..."
/// being a part of the one before. The order is that of snapshots and reports.
#define ZBUF_COUNTERS(X)                                                                                     \
  /* Packets. */                                                                                             \
  X(received, sum, mask_of({ZB_EV_ACCEPTED, ZB_EV_REJECTED}), "packets that passed the descriptor")          \
  X(rejected, sum, mask_of({ZB_EV_REJECTED}), "... that the filter did not match")                           \
  X(accepted, sum, mask_of({ZB_EV_ACCEPTED}), "... that it matched")                                         \
  X(stored, sum, mask_of({ZB_EV_STORED}), "records written to a buffer")                                     \
  X(dropped, sum, mask_of({ZB_EV_DROPPED}), "accepted, but not stored")                                      \
  X(dropped_full, sum, mask_of({ZB_EV_DROPPED}), "... no room in the store, and no free buffer")             \
  X(dropped_lent, sum, mask_of({ZB_EV_DROPPED}), "... the store was lent out, and no free buffer")           \
  X(dropped_gone, sum, mask_of({ZB_EV_DROPPED}), "... the interface was gone")                               \
  X(dropped_no_buffer, sum, mask_of({ZB_EV_DROPPED}), "... there were no buffers")                           \
  X(delivered, sum, mask_of({ZB_EV_HANDLED}), "records that the reader handled whole")                       \
  X(flushed, sum, record_kinds, "records thrown away by a reset before they were handed over")               \
  X(unread, sum, record_kinds, "records given back by the reader without being handled")                     \
  X(lost, sum, record_kinds, "records that nobody can account for (breaks I1)")                              \
  X(abandoned, sum, record_kinds, "records left behind when the descriptor was closed")                      \
  /* Counted in lost as well. */                                                                             \
  X(garbled, sum, mask_of({ZB_EV_HANDLED}), "records that were overwritten when the reader handled them")    \
  X(repeated, sum, mask_of({ZB_EV_HANDLED}), "records handled once more")                                    \
  X(bad_records, sum, mask_of({ZB_EV_BAD_RECORD}), "records that the reader refused as impossible")          \
  X(injected, sum, mask_of({ZB_EV_WROTE}), "packets sent with write(2)")                                     \
  /* Buffers. */                                                                                             \
  X(rotations, sum, mask_of({ZB_EV_ROTATED}), "times the store became the hold")                             \
  X(publications, sum, mask_of({ZB_EV_PUBLISHED}), "fills handed to the user")                               \
  X(reclaims, sum, mask_of({ZB_EV_RECLAIMED}), "times the hold became free")                                 \
  X(acknowledgements, sum, mask_of({ZB_EV_ACKNOWLEDGED}), "buffers given back by the user")                  \
  X(wiped, sum, mask_of({ZB_EV_WIPED}), "headers zeroed by BIOCSETZBUF") /* refused, too: spec 4.5b */       \
  X(scribbles, sum, mask_of({ZB_EV_SCRIBBLED}), "header fields that the user should not have written")       \
  X(max_user_owned, largest, kinds_with(ZB_MOVES_HEADER | ZB_SHOWS_HEADER),                                  \
    "most buffers that the user owned at one time, 0 to 2; of all readers, the largest")                     \
  /* What it cost. */                                                                                        \
  X(syscalls, sum, call_kinds, "system calls")                                                               \
  X(opens, sum, call_kinds, "... open(2)")                                                                   \
  X(closes, sum, call_kinds, "... close(2)")                                                                 \
  X(ioctls, sum, call_kinds, "... ioctl(2)")                                                                 \
  X(reads, sum, call_kinds, "... read(2)")                                                                   \
  X(writes, sum, call_kinds, "... write(2)")                                                                 \
  X(polls, sum, call_kinds, "... poll(2), select(2), kqueue(2)")                                             \
  X(polls_ready, sum, mask_of({ZB_EV_RETURN, ZB_EV_IDLE}), "polls that said ready")                          \
  X(polls_empty, sum, mask_of({ZB_EV_RETURN, ZB_EV_IDLE}), "polls that said nothing is there")               \
  X(wakeups, sum, mask_of({ZB_EV_WOKEN, ZB_EV_IDLE}), "times the kernel woke whoever sleeps")                \
  X(timeouts, sum, mask_of({ZB_EV_TIMED_OUT, ZB_EV_IDLE}), "times the read timer ran out")                   \
  X(sleeps, sum, mask_of({ZB_EV_SLEPT, ZB_EV_IDLE}), "times the reader slept in a call")                     \
  X(blocked_ns, sum, mask_of({ZB_EV_RESUMED, ZB_EV_IDLE}), "... for so many nanoseconds")                    \
  X(looks, sum, mask_of({ZB_EV_LOOKED, ZB_EV_IDLE}), "headers read")                                         \
  X(empty_looks, sum, mask_of({ZB_EV_LOOKED, ZB_EV_IDLE}), "... with nothing there")                         \
  X(bytes_copied_kernel, sum, mask_of({ZB_EV_STORED}),                                                       \
    "bytes written to buffers: 32, padding and captured bytes for each record") /* spec 7.3 */               \
  X(bytes_copied_user, sum, mask_of({ZB_EV_COPIED_OUT}), "bytes that read(2) copied a second time")          \
  X(bytes_delivered, sum, mask_of({ZB_EV_HANDLED}), "captured bytes of what was delivered")

/// Totals of the run for one descriptor (State::total() joins descriptors). Resets do not touch them.
///
/// While no event was lost: received == rejected + accepted, accepted == stored + dropped (between packets),
/// stored == delivered + in_buffers + flushed + unread + lost + abandoned.
struct Counters {
#define ZBUF_COUNTER(name, ...) std::uint64_t name = 0;
  ZBUF_COUNTERS(ZBUF_COUNTER)
#undef ZBUF_COUNTER
  bool operator==(const Counters&) const = default;
};

/// How the counters of several descriptors become one.
enum class Join : std::uint8_t { sum, largest };

struct CounterInfo {
  const char* name; ///< "received"
  std::uint64_t Counters::*member;
  Join join;
  KindMask kinds;   ///< no event of another kind changes it
  const char* text; ///< "packets that passed the descriptor"
};

inline constexpr CounterInfo counter_table[] = {
#define ZBUF_COUNTER(name, join, kinds, meaning) {#name, &Counters::name, Join::join, kinds, meaning},
    ZBUF_COUNTERS(ZBUF_COUNTER)
#undef ZBUF_COUNTER
};

/// `counter_of(&Counters::dropped)`
constexpr const CounterInfo& counter_of(std::uint64_t Counters::*member) {
  return *std::ranges::find(counter_table, member, &CounterInfo::member);
}

/// Those that a round of an idle reader moves, as positions in counter_table.
inline constexpr auto round_counters = [] {
  constexpr auto moved = [](const CounterInfo& counter) { return contains(counter.kinds, ZB_EV_IDLE); };
  std::array<std::size_t, std::ranges::count_if(counter_table, moved)> found{};
  for (std::size_t i = 0, n = 0; i < std::size(counter_table); ++i)
    if (moved(counter_table[i]))
      found[n++] = i;
  return found;
}();

/// f(name, value) for each of them, in order: "received", counters.received, ...
template <typename C, typename F>
void for_each_counter(C& counters, F&& f) {
  for (const CounterInfo& counter : counter_table)
    f(counter.name, counters.*counter.member);
}

constexpr void join(std::uint64_t& into, Join how, std::uint64_t value) {
  into = how == Join::sum ? into + value : std::max(into, value);
}

} // namespace zbuf

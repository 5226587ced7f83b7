// SPDX-License-Identifier: BSD-2-Clause
// The state of everything at one instant, as the events until then tell it.
//
// A State is a value: fold() (fold.h) takes it from one event to the next, a recording keeps one per chunk,
// and a window draws one. It holds no packet bytes and no list of records, so it is small.
#pragma once

#include "core/trace/event.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace zbuf {

/// The promises of the protocol that every run is checked against.
enum class Invariant : std::uint8_t {
  accounted,   ///< I1 every packet received is rejected, dropped or stored; every stored one is accounted for
  untouched,   ///< I2 the kernel never writes a buffer that the user owns
  once,        ///< I3 a fill is published at most once, and generations rise by exactly one
  alternating, ///< I4 the two buffers are published in turn
  whole,       ///< I5 a published length ends exactly at the end of a record
  repeatable,  ///< I6 same scenario, same seed, same events: found by comparing Digests, not by the fold
};
inline constexpr std::size_t invariants = 6;

/// "I1"
const char* invariant_name(Invariant invariant);
/// One sentence that says what is promised.
const char* invariant_text(Invariant invariant);

/// How often a promise was broken, and where first.
struct Violation {
  std::uint64_t count = 0;
  std::uint64_t first_event = 0; ///< its index in the run; means nothing while count is 0
  std::uint64_t first_ns = 0;
  std::uint16_t descriptor = ZB_NO_DESCRIPTOR; ///< of the first one
  bool operator==(const Violation&) const = default;
};

/// Totals of the run for one descriptor (State::total() adds descriptors up). Resets do not touch them.
///
/// While no event was lost: received == rejected + accepted, accepted == stored + dropped (between packets),
/// stored == delivered + in_buffers + flushed + unread + lost + abandoned.
struct Counters {
  // Packets.
  std::uint64_t received = 0; ///< passed this descriptor: rejected + accepted
  std::uint64_t rejected = 0; ///< the filter said 0
  std::uint64_t accepted = 0; ///< the filter matched
  std::uint64_t stored = 0;   ///< a record was written
  std::uint64_t dropped = 0;  ///< matched, not stored
  std::uint64_t dropped_full = 0, dropped_lent = 0, dropped_gone = 0,
                dropped_no_buffer = 0; ///< ... by reason
  std::uint64_t delivered = 0;         ///< the reader handled the record, and it was whole
  std::uint64_t flushed = 0;           ///< a reset threw it away before it was handed over, as it may
  std::uint64_t unread = 0;            ///< the reader gave the buffer back without having handled it
  std::uint64_t lost = 0;              ///< gone without being handled, flushed, or given back: breaks I1
  std::uint64_t abandoned = 0;         ///< left behind when the descriptor was closed
  std::uint64_t garbled =
      0; ///< handled, but no longer the record it was: overwritten (counted in lost as well)
  std::uint64_t repeated = 0;    ///< handled once more: the reader walked a fill twice
  std::uint64_t bad_records = 0; ///< records that the reader refused as impossible
  std::uint64_t injected = 0;    ///< write(2) succeeded

  // Buffers.
  std::uint64_t rotations = 0;
  std::uint64_t publications = 0;
  std::uint64_t reclaims = 0;
  std::uint64_t acknowledgements = 0;
  std::uint64_t wiped =
      0; ///< headers zeroed by BIOCSETZBUF: under the reader, where it was refused (spec 4.5b)
  std::uint64_t scribbles = 0; ///< header fields that the reader should not have written
  std::uint64_t max_user_owned =
      0; ///< most buffers with unequal generations at one time; total() takes the maximum

  // What it cost.
  std::uint64_t syscalls = 0;
  std::uint64_t opens = 0, closes = 0, ioctls = 0, reads = 0, writes = 0, polls = 0; ///< syscalls, by call
  std::uint64_t polls_ready = 0;                                                     ///< returned ready
  std::uint64_t polls_empty = 0;         ///< returned 0: time was up
  std::uint64_t wakeups = 0;             ///< the kernel woke whoever sleeps
  std::uint64_t timeouts = 0;            ///< the read timer ran out
  std::uint64_t sleeps = 0;              ///< the reader gave up the processor in a call
  std::uint64_t blocked_ns = 0;          ///< ... for this long
  std::uint64_t looks = 0;               ///< headers read
  std::uint64_t empty_looks = 0;         ///< ... with nothing there
  std::uint64_t bytes_copied_kernel = 0; ///< into the buffers: 32 + padding + caplen a record (spec 7.3)
  std::uint64_t bytes_copied_user = 0;   ///< by read(2), a second time
  std::uint64_t bytes_delivered = 0;     ///< captured bytes of what was delivered
  bool operator==(const Counters&) const = default;
};

/// f(name, value) for each of them, in order of declaration: "received", counters.received, ...
template <typename C, typename F>
void for_each_counter(C& counters, F&& f) {
  f("received", counters.received);
  f("rejected", counters.rejected);
  f("accepted", counters.accepted);
  f("stored", counters.stored);
  f("dropped", counters.dropped);
  f("dropped_full", counters.dropped_full);
  f("dropped_lent", counters.dropped_lent);
  f("dropped_gone", counters.dropped_gone);
  f("dropped_no_buffer", counters.dropped_no_buffer);
  f("delivered", counters.delivered);
  f("flushed", counters.flushed);
  f("unread", counters.unread);
  f("lost", counters.lost);
  f("abandoned", counters.abandoned);
  f("garbled", counters.garbled);
  f("repeated", counters.repeated);
  f("bad_records", counters.bad_records);
  f("injected", counters.injected);
  f("rotations", counters.rotations);
  f("publications", counters.publications);
  f("reclaims", counters.reclaims);
  f("acknowledgements", counters.acknowledgements);
  f("wiped", counters.wiped);
  f("scribbles", counters.scribbles);
  f("max_user_owned", counters.max_user_owned);
  f("syscalls", counters.syscalls);
  f("opens", counters.opens);
  f("closes", counters.closes);
  f("ioctls", counters.ioctls);
  f("reads", counters.reads);
  f("writes", counters.writes);
  f("polls", counters.polls);
  f("polls_ready", counters.polls_ready);
  f("polls_empty", counters.polls_empty);
  f("wakeups", counters.wakeups);
  f("timeouts", counters.timeouts);
  f("sleeps", counters.sleeps);
  f("blocked_ns", counters.blocked_ns);
  f("looks", counters.looks);
  f("empty_looks", counters.empty_looks);
  f("bytes_copied_kernel", counters.bytes_copied_kernel);
  f("bytes_copied_user", counters.bytes_copied_user);
  f("bytes_delivered", counters.bytes_delivered);
}

/// What BIOCGSTATS counts, and what a reset zeroes (spec 2.17).
struct SinceReset {
  std::uint64_t received = 0;
  std::uint64_t accepted = 0;
  std::uint64_t dropped = 0;
  bool operator==(const SinceReset&) const = default;
};

/// One buffer of the pair, or what read(2) copied out.
struct BufferState {
  std::int64_t distance = 0; ///< of its first byte from that of A, in the reader; 0 for kernel buffers
  std::uint32_t size = 0;    ///< bytes for records (buflen - 32)
  bool present = false;      ///< loaned or allocated, not yet unloaded
  bool shared = false;       ///< loaned by a process: has a header

  // Its 32-byte header, as the memory holds it.
  std::uint32_t kernel_gen = 0;
  std::uint32_t kernel_len = 0;
  std::uint32_t user_gen = 0;

  // The loan.
  std::uint32_t last_generation = 0; ///< last one published
  bool published = false;            ///< since the fill began
  bool lent = false;     ///< published, and not given back by the user: the truth, whatever the header says
  bool taken = false;    ///< the reader began this fill
  bool orphaned = false; ///< the kernel took it back while it was lent; the reader may still read it
  bool damaged = false;  ///< the kernel wrote over the fill that the reader has

  // The fill: what the memory holds now.
  std::uint64_t fill = 0;             ///< its number, from 1; 0 before the first
  std::uint64_t fill_event = 0;       ///< index of the STORED that began it
  std::uint64_t fill_ns = 0;          ///< ... and when
  std::uint64_t moved_event = 0;      ///< read(2) copy only: index of the COPIED_OUT
  std::uint8_t source = ZB_NO_BUFFER; ///< read(2) copy only: the buffer it was copied from
  std::uint32_t bytes = 0;            ///< end of its last record
  std::uint32_t records = 0;
  std::uint32_t last_offset = 0;    ///< of its last record
  std::uint32_t handled = 0;        ///< records that the reader is through with
  std::uint32_t handled_offset = 0; ///< of the last of these
  std::uint32_t taken_length = 0;   ///< what the reader was told

  /// What the screen shows as the user's: the generations differ (spec 3.2).
  [[nodiscard]] bool user_owned() const { return kernel_gen != user_gen; }
  [[nodiscard]] std::uint32_t unhandled() const { return records - handled; }
  bool operator==(const BufferState&) const = default;
};

enum class WaitState : std::uint8_t { idle, waiting, timed_out };

/// One open of /dev/bpf, kernel and reader side.
struct DescriptorState {
  // Configuration.
  bool known = false; ///< the kernel side is in the trace; else only what the reader saw is
  bool open = false;
  bool attached = false;
  bool immediate = false;
  bool reader_asleep = false; ///< inside a call
  std::uint8_t mode = 0;      ///< 0 not seen, 1 read(2), 2 zero-copy
  std::uint8_t call = 0;      ///< enum zb_call under way; 0 none
  std::uint8_t reader = 0;    ///< enum zb_reader_state; 0 not seen
  WaitState wait = WaitState::idle;
  std::uint32_t revision = 0; ///< enum zb_revision_number
  std::uint32_t hz = 0;
  std::uint32_t interface = 0;
  std::uint32_t link_type = 0;
  std::uint32_t link_header_bytes = 0;
  std::uint32_t timeout_ticks = 0; ///< 0: none
  std::uint32_t filter_instructions = 0;

  // Slots: enum zb_which.
  std::uint8_t store = ZB_NO_BUFFER;
  std::uint8_t hold = ZB_NO_BUFFER;
  std::uint8_t free = ZB_NO_BUFFER;
  std::uint8_t last_published = ZB_NO_BUFFER;
  bool overlapping = false; ///< the two loans share memory (spec 4.5)
  bool aliased = false;     ///< ... from the same first byte: one header for both
  std::uint32_t store_length = 0;
  std::uint32_t hold_length = 0;

  std::int32_t under_way = 0; ///< accepted, neither stored nor dropped yet: 0 between packets
  SinceReset since_reset{};
  Counters total{};
  std::array<BufferState, 3> buffers{}; ///< ZB_A, ZB_B, ZB_USER_COPY

  [[nodiscard]] const BufferState& a() const { return buffers[ZB_A]; }
  [[nodiscard]] const BufferState& b() const { return buffers[ZB_B]; }
  [[nodiscard]] const BufferState& user_copy() const { return buffers[ZB_USER_COPY]; }
  /// Records stored, not handled, and still to be had.
  [[nodiscard]] std::uint64_t in_buffers() const {
    return std::uint64_t{a().unhandled()} + b().unhandled() + user_copy().unhandled();
  }
  /// 0 to 2 buffers with unequal generations.
  [[nodiscard]] unsigned user_owned() const {
    return unsigned{a().user_owned()} + unsigned{b().user_owned()};
  }
  bool operator==(const DescriptorState&) const = default;
};

struct InterfaceState {
  bool seen = false;
  bool up = true;
  bool gone = false;
  std::uint64_t arrived = 0;
  std::uint64_t missed = 0; ///< its own queue was full: BPF never saw them
  std::uint64_t bytes = 0;  ///< on the wire, of what arrived
  bool operator==(const InterfaceState&) const = default;
};

/// Interfaces with a higher number are not tracked.
inline constexpr std::uint32_t max_interfaces = 256;

struct State {
  std::uint64_t events = 0;  ///< folded so far; the next event has this index
  std::uint64_t time_ns = 0; ///< of the last one
  std::uint64_t faults = 0;  ///< marks of the scenario: something was broken on purpose
  std::uint64_t chapters = 0;
  std::uint32_t chapter = 0;     ///< the last one reached; means nothing while chapters is 0
  std::uint64_t lost_events = 0; ///< the source could not keep up. From the first on, nothing is checked
  bool ended = false;            ///< the run is complete

  std::array<Violation, invariants> broken{};
  std::vector<DescriptorState> descriptors; ///< by number
  std::vector<InterfaceState> interfaces;   ///< by number

  /// All descriptors together. max_user_owned is the largest of them.
  [[nodiscard]] Counters total() const;
  [[nodiscard]] std::uint64_t in_buffers() const;
  [[nodiscard]] std::uint64_t arrived() const;
  [[nodiscard]] std::uint64_t missed() const;
  [[nodiscard]] bool any_broken() const;
  [[nodiscard]] const Violation& violation(Invariant invariant) const {
    return broken[static_cast<std::size_t>(invariant)];
  }
  bool operator==(const State&) const = default;
};

} // namespace zbuf

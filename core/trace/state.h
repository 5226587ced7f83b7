// SPDX-License-Identifier: BSD-2-Clause
// The state of everything at one instant, as the events until then tell it.
//
// A State is a value: fold() (fold.h) takes it from one event to the next, a recording keeps one per chunk,
// and a window draws one. It holds no packet bytes and no list of records, so it is small.
#pragma once

#include "core/trace/counters.h"

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

  /// Rounds of an idle reader that have begun and are not repeated yet, one in the other; and what the
  /// counters of round_counters were then.
  std::uint8_t open_rounds = 0;
  std::array<std::array<std::uint64_t, round_counters.size()>, 2> round_start{};

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

  /// All descriptors together.
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

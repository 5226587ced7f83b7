// SPDX-License-Identifier: BSD-2-Clause
// What a kernel says of a run and what its readers say of it, put into one order.
//
// Both have the same clock, but times alone do not order them: the kernel's events bear the time at which it
// was entered, and it may learn later than that what a reader has given back. So an event that only a
// reader's acknowledgement can have let happen waits for that.
#pragma once

#include "core/base/result.h"
#include "core/device/records.h"
#include "core/trace/ledger.h"
#include "core/trace/recorder.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <vector>

namespace zbuf {

/// Memory: the events that wait. Threads: one at a time, the readers' included (GiantClock::hold()).
class EventMerge {
 public:
  explicit EventMerge(std::size_t descriptors);
  ~EventMerge();
  EventMerge(const EventMerge&) = delete;
  EventMerge& operator=(const EventMerge&) = delete;

  /// Where the reader of a descriptor writes what it does, with times since the beginning of the run.
  [[nodiscard]] zb_trace* reader(std::size_t descriptor);

  /// What the kernel did to a descriptor, next in order; times since the beginning of the run, packets by the
  /// kernel's own numbers. Each descriptor tells of the packets' arrival; of the interface's, 0 alone.
  void kernel(std::size_t descriptor, std::span<const Event> events);

  /// The records of a fill that the reader of descriptor 0 has got and not yet told of: the recording keeps
  /// so many of their first bytes.
  void note_fill(std::span<const std::byte> records, std::size_t bytes_kept);

  /// Everything before the instant, in order, into the recorder. All that happened before it must be known.
  /// What waits for an acknowledgement, and what comes after it, is left for the next time: for a second.
  void emit(Recorder& recorder, std::uint64_t until_ns);

  /// All the rest.
  void emit_all(Recorder& recorder);

 private:
  struct Lane;
  /// A packet that has arrived.
  struct Numbered {
    std::uint32_t kernel = ZB_NO_PACKET; ///< the kernel's number
    std::uint32_t number = 0;            ///< in the recording
  };
  struct NotedFill {
    std::vector<std::byte> bytes{};
    struct Part {
      std::uint32_t offset, length, wire_length;
    };
    std::vector<Part> parts{};
  };
  static constexpr std::size_t packets_remembered = 65536; // more than two buffers hold

  bool put_next(Recorder& recorder, std::uint64_t until_ns, bool all);
  bool acknowledge_first(Recorder& recorder, Lane& lane, const Event& event);
  void put(Recorder& recorder, Event event);
  bool put_arrival(Event& event);
  void note_packets(Recorder& recorder, std::uint8_t buffer);

  std::vector<std::unique_ptr<Lane>> lanes_;
  std::vector<Numbered> packets_;         ///< by the kernel's number, the last ones
  std::vector<std::uint64_t> arrived_ns_; ///< by the recording's, the last ones
  std::uint32_t next_packet_ = 0;
  std::uint64_t last_ns_ = 0;
  bool lost_ = false; ///< some events: nothing waits any more
  Ledger ledger_;     ///< of descriptor 0
  std::deque<NotedFill> noted_;
  std::uint32_t next_noted_ = 0; ///< numbers below have been kept, or passed by
};

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
#include "core/live/event_merge.h"

#include <algorithm>

namespace zbuf {

namespace {

constexpr std::uint64_t patience_ns = 1'000'000'000; // for an acknowledgement that should be there already

/// What the engine does to a buffer only once it is the kernel's.
constexpr KindMask needs_buffer = mask_of({ZB_EV_RECLAIMED, ZB_EV_EMPTIED, ZB_EV_STORED, ZB_EV_PUBLISHED});

} // namespace

/// One descriptor.
struct EventMerge::Lane {
  zb_trace trace{}; ///< first: found again from it
  std::vector<Event> fresh = std::vector<Event>(256);
  std::deque<Event> reader;
  std::deque<Event> kernel;
  std::uint32_t generation[2]{}; ///< of A and B, as published last
  bool lent[2]{};

  Lane() {
    trace.packet = ZB_NO_PACKET;
    trace.full = [](zb_trace* trace) {
      static_assert(offsetof(Lane, trace) == 0);
      reinterpret_cast<Lane*>(trace)->take_in();
    };
    trace.next = fresh.data();
    trace.end = fresh.data() + fresh.size();
  }

  void take_in() {
    reader.insert(reader.end(), fresh.data(), trace.next);
    trace.next = fresh.data();
  }

  /// Follows who has which buffer.
  void follow(const Event& event) {
    if (event.buffer > ZB_B)
      return;
    if (event.kind == ZB_EV_PUBLISHED) {
      generation[event.buffer] = event.b;
      lent[event.buffer] = true;
    } else if ((event.kind == ZB_EV_ACKNOWLEDGED && event.a == generation[event.buffer]) ||
               event.kind == ZB_EV_UNLOADED || event.kind == ZB_EV_LOANED) {
      lent[event.buffer] = false;
    }
  }
  [[nodiscard]] bool waits(const Event& event) const {
    return event.buffer <= ZB_B && contains(needs_buffer, event.kind) && lent[event.buffer];
  }
};

EventMerge::EventMerge(std::size_t descriptors)
    : packets_(packets_remembered), arrived_ns_(packets_remembered) {
  for (std::size_t i = 0; i < descriptors; ++i)
    lanes_.push_back(std::make_unique<Lane>());
}

EventMerge::~EventMerge() = default;

zb_trace* EventMerge::reader(std::size_t descriptor) {
  return &lanes_.at(descriptor)->trace;
}

void EventMerge::kernel(std::size_t descriptor, std::span<const Event> events) {
  std::deque<Event>& queue = lanes_.at(descriptor)->kernel;
  for (Event event : events) {
    const KindInfo& info = kind_info(event.kind);
    if (info.category == Category::interface && descriptor != 0)
      continue;
    if ((info.flags & ZB_MOVES_INTERFACE) != 0)
      event.c = 0; // there is one interface
    if (event.kind == ZB_EV_ATTACHED || event.kind == ZB_EV_DETACHED)
      event.a = 0;
    if (event.descriptor != ZB_NO_DESCRIPTOR)
      event.descriptor = static_cast<std::uint16_t>(descriptor);
    queue.push_back(event);
  }
}

void EventMerge::note_fill(std::span<const std::byte> records, std::size_t bytes_kept) {
  NotedFill noted;
  RecordCursor cursor(records);
  while (const auto record = cursor.next()) {
    const auto kept = record->bytes.first(std::min(record->bytes.size(), bytes_kept));
    noted.parts.push_back({record->offset, static_cast<std::uint32_t>(kept.size()), record->datalen});
    noted.bytes.insert(noted.bytes.end(), kept.begin(), kept.end());
  }
  noted_.push_back(std::move(noted));
}

void EventMerge::emit(Recorder& recorder, std::uint64_t until_ns) {
  for (const auto& lane : lanes_)
    lane->take_in();
  while (put_next(recorder, until_ns, false)) {
  }
}

void EventMerge::emit_all(Recorder& recorder) {
  for (const auto& lane : lanes_)
    lane->take_in();
  while (put_next(recorder, ~std::uint64_t{0}, true)) {
  }
}

/// The earliest event; of two at one time the kernel's. False: there is none, or it waits.
bool EventMerge::put_next(Recorder& recorder, std::uint64_t until_ns, bool all) {
  std::deque<Event>* first = nullptr;
  Lane* whose = nullptr;
  for (const auto& lane : lanes_)
    for (std::deque<Event>* const queue : {&lane->kernel, &lane->reader})
      if (!queue->empty() && (first == nullptr || queue->front().time_ns < first->front().time_ns)) {
        first = queue;
        whose = lane.get();
      }
  if (first == nullptr || first->front().time_ns >= until_ns)
    return false;
  const Event event = first->front();
  const bool waits = first == &whose->kernel && !lost_ && whose->waits(event);
  if (waits && !acknowledge_first(recorder, *whose, event) && !all && event.time_ns + patience_ns > until_ns)
    return false;
  first->pop_front();
  whose->follow(event);
  put(recorder, event);
  return true;
}

/// What the reader did up to the acknowledgement that the event rests on. False: it is not there.
bool EventMerge::acknowledge_first(Recorder& recorder, Lane& lane, const Event& event) {
  const auto wanted = [&](const Event& e) {
    return e.kind == ZB_EV_ACKNOWLEDGED && e.buffer == event.buffer && e.a == lane.generation[e.buffer];
  };
  const auto found = std::find_if(lane.reader.begin(), lane.reader.end(), wanted);
  if (found == lane.reader.end())
    return false;
  for (auto left = found - lane.reader.begin() + 1; left > 0; --left) {
    Event step = lane.reader.front();
    lane.reader.pop_front();
    step.time_ns = std::min(step.time_ns, event.time_ns);
    lane.follow(step);
    put(recorder, step);
  }
  return true;
}

void EventMerge::put(Recorder& recorder, Event event) {
  event.time_ns = last_ns_ = std::max(last_ns_, event.time_ns);
  lost_ = lost_ || event.kind == ZB_EV_LOST_EVENTS;
  if (event.kind == ZB_EV_ARRIVED) {
    if (!put_arrival(event))
      return;
  } else if (event.packet != ZB_NO_PACKET) {
    const Numbered& packet = packets_[event.packet % packets_remembered];
    event.packet = packet.kernel == event.packet ? packet.number : ZB_NO_PACKET;
  }
  *zb_trace_claim(recorder.trace()) = event;
  if (event.descriptor != 0)
    return;
  ledger_.annotate(event);
  if (event.kind == ZB_EV_TOOK)
    note_packets(recorder, event.buffer);
}

/// Numbers a packet. False: another descriptor has told of it.
bool EventMerge::put_arrival(Event& event) {
  Numbered& packet = packets_[event.packet % packets_remembered];
  if (packet.kernel == event.packet)
    return false;
  packet = {event.packet, next_packet_++};
  event.packet = packet.number;
  arrived_ns_[packet.number % packets_remembered] = event.time_ns;
  return true;
}

/// The reader begins a fill: the ledger knows which packets these are.
void EventMerge::note_packets(Recorder& recorder, std::uint8_t buffer) {
  if (noted_.empty())
    return;
  const NotedFill fill = std::move(noted_.front());
  noted_.pop_front();
  std::span<const std::byte> bytes = fill.bytes;
  for (const NotedFill::Part& part : fill.parts) {
    const auto kept = bytes.first(part.length);
    bytes = bytes.subspan(part.length);
    const std::uint32_t number = ledger_.packet_at(0, buffer, part.offset);
    // Processors may have mixed their order, and a recording has them ascending.
    if (number == ZB_NO_PACKET || number < next_noted_ || next_packet_ - number > packets_remembered)
      continue;
    next_noted_ = number + 1;
    recorder.note_packet(number, kept, part.wire_length, arrived_ns_[number % packets_remembered]);
  }
}

} // namespace zbuf

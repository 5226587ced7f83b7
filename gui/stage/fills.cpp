// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/stage/fills.h"

#include "core/traffic/flow.h"
#include "gui/theme/theme.h"

#include <algorithm>

namespace zbuf::gui::stage {

namespace {

/// Events that are looked at one by one; beyond that a fill is sampled.
constexpr std::uint64_t scanned_events = 24'000;

FillRecord record_of(std::uint64_t index, const Event& e) {
  return {e.a, e.a + (e.c & 0xffff) + e.b, e.packet, index};
}

void scan(const Recording& recording, std::uint16_t descriptor, std::uint8_t source, std::uint64_t from,
          std::uint64_t until, std::vector<FillRecord>& into) {
  recording.for_each(from, until, [&](std::uint64_t index, const Event& e) {
    if (e.kind == ZB_EV_STORED && e.descriptor == descriptor && e.buffer == source)
      into.push_back(record_of(index, e));
  });
}

void sample(const Recording& recording, std::uint16_t descriptor, std::uint8_t source, std::uint64_t from,
            std::uint64_t until, std::vector<FillRecord>& into) {
  constexpr std::uint64_t samples = 400;
  std::uint64_t last = ~std::uint64_t{0};
  for (std::uint64_t i = 0; i < samples; ++i) {
    const std::uint64_t at = from + (until - from) / samples * i;
    const auto n = recording.next(mask_of({ZB_EV_STORED}), at, Recording::Direction::forward, descriptor);
    if (!n || *n >= until)
      break;
    const Event e = recording.event(*n);
    if (*n == last || e.buffer != source)
      continue;
    last = *n;
    into.push_back(record_of(*n, e));
  }
}

} // namespace

int Flows::of(const Recording& recording, std::uint32_t packet, std::uint32_t link_type) {
  if (packet == ZB_NO_PACKET)
    return 0;
  Known& known = known_[packet % remembered];
  if (known.packet == packet)
    return known.flow;
  int flow = static_cast<int>(packet % Theme::flow_colours); // its bytes were not kept
  if (const auto bytes = recording.packet(packet))
    flow = static_cast<int>(flow_hash(bytes->bytes, static_cast<int>(link_type)) % Theme::flow_colours);
  known = {packet, flow};
  return flow;
}

void Flows::clear() {
  known_.assign(remembered, {});
}

const std::vector<FillRecord>& Fills::records(const Recording& recording, std::uint16_t descriptor,
                                              const DescriptorState& d, std::uint8_t which,
                                              std::uint64_t done) {
  const BufferState& buffer = d.buffers[which];
  const bool copy = which == ZB_USER_COPY;
  const std::uint8_t source = copy ? buffer.source : which;
  const std::uint64_t until = copy ? std::min(done, buffer.moved_event) : done;
  Cached& c = cached_[which];
  const bool same = c.recording == &recording && c.descriptor == descriptor && c.source == source &&
                    c.begin == buffer.fill_event;
  if (same && c.until == until && c.expected == buffer.records)
    return c.records;
  const bool extend =
      same && until > c.until && until - c.begin <= scanned_events && c.expected <= buffer.records;
  if (!extend)
    c.records.clear();
  const std::uint64_t from = extend ? c.until : buffer.fill_event;
  c.recording = &recording;
  c.descriptor = descriptor;
  c.source = source;
  c.begin = buffer.fill_event;
  c.until = until;
  c.expected = buffer.records;
  if (buffer.records == 0 || until <= buffer.fill_event) {
    c.records.clear();
    c.until = 0; // nothing that could be extended
    return c.records;
  }
  if (until - buffer.fill_event <= scanned_events)
    scan(recording, descriptor, source, from, until, c.records);
  else
    sample(recording, descriptor, source, buffer.fill_event, until, c.records);
  // Fewer where the kernel wrote over the rest (spec 4.5, 5.5).
  if (c.records.size() > buffer.records)
    c.records.erase(c.records.begin(), c.records.end() - static_cast<std::ptrdiff_t>(buffer.records));
  return c.records;
}

void Fills::clear() {
  cached_ = {};
}

} // namespace zbuf::gui::stage

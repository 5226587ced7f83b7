// SPDX-License-Identifier: BSD-2-Clause
// Finding things in an open recording: by index, by time, by kind, by packet.
#include "core/trace/recording.h"

#include "core/base/assert.h"
#include "core/trace/fold.h"
#include "core/trace/recording_data.h"
#include "core/trace/snapshot.h"

#include <algorithm>

namespace zbuf {
namespace {

bool matches(const Event& event, KindMask kinds, std::optional<std::uint16_t> descriptor) {
  return contains(kinds, event.kind) && (!descriptor || event.descriptor == *descriptor);
}

/// A state of a part, in indices of the parts together.
void shift_indices(State& state, std::uint64_t by) {
  state.events += by;
  for (Violation& violation : state.broken)
    violation.first_event += by;
  for (DescriptorState& descriptor : state.descriptors)
    for (BufferState& buffer : descriptor.buffers) {
      buffer.fill_event += by;
      buffer.moved_event += by;
    }
}

} // namespace

std::uint64_t Recording::event_count(std::uint8_t kind) const {
  return kind < event_kinds ? kind_counts_[kind] : 0;
}

std::uint64_t Recording::first_ns() const {
  return chunks_.empty() ? 0 : chunks_.front().first_ns;
}

std::uint64_t Recording::last_ns() const {
  return chunks_.empty() ? 0 : chunks_.back().last_ns;
}

std::size_t Recording::chunk_of(std::uint64_t n) const {
  const auto after =
      std::upper_bound(chunks_.begin(), chunks_.end(), n,
                       [](std::uint64_t value, const Chunk& chunk) { return value < chunk.first_event; });
  return static_cast<std::size_t>(after - chunks_.begin()) - 1;
}

Event Recording::event(std::uint64_t n) const {
  ZBUF_ASSERT(n < event_count_);
  Room room;
  return events_from(n, room).front();
}

std::span<const Event> Recording::events_from(std::uint64_t n, Room& room) const {
  if (n >= event_count_)
    return {};
  const Chunk& chunk = chunks_[chunk_of(n)];
  const auto at = static_cast<std::size_t>(n - chunk.first_event);
  return chunk.decode_or_nothing(at / events_per_block, room).subspan(at % events_per_block);
}

/// Index of the first event whose time is not `before`: chunk, block, event.
template <typename Before>
std::uint64_t Recording::first_not(Before before) const {
  const auto chunk =
      std::partition_point(chunks_.begin(), chunks_.end(), [&](const Chunk& c) { return before(c.last_ns); });
  if (chunk == chunks_.end())
    return event_count_;
  std::size_t low = 0;
  for (std::size_t high = chunk->block_count() - 1; low < high;) {
    const std::size_t middle = low + (high - low) / 2;
    if (before(chunk->block(middle).last_ns))
      low = middle + 1;
    else
      high = middle;
  }
  Room room;
  const std::span<const Event> events = chunk->decode_or_nothing(low, room);
  const auto at = std::partition_point(events.begin(), events.end(),
                                       [&](const Event& event) { return before(event.time_ns); });
  return chunk->begin_of(low) + static_cast<std::uint64_t>(at - events.begin());
}

std::uint64_t Recording::event_at_time(std::uint64_t time_ns) const {
  return first_not([&](std::uint64_t t) { return t < time_ns; });
}

std::uint64_t Recording::events_until(std::uint64_t time_ns) const {
  return first_not([&](std::uint64_t t) { return t <= time_ns; });
}

State Recording::state_after(std::uint64_t count) const {
  ZBUF_ASSERT(count <= event_count_);
  if (event_count_ == 0)
    return {};
  std::size_t from = chunk_of(std::min(count, event_count_ - 1));
  std::optional<State> state;
  for (;; --from) {
    state = decode_snapshot(chunks_[from].snapshot);
    if (state && state->events == chunks_[from].first_event - chunks_[from].base) {
      shift_indices(*state, chunks_[from].base);
      break;
    } // else: of another version; an earlier one, or the beginning, will do
    if (from == 0) {
      state.emplace();
      break;
    }
  }
  for_each(chunks_[from].first_event, count, [&](std::uint64_t, const Event& event) { fold(*state, event); });
  return std::move(*state);
}

std::optional<std::uint64_t> Recording::next(KindMask kinds, std::uint64_t from, Direction direction,
                                             std::optional<std::uint16_t> descriptor) const {
  const bool forward = direction == Direction::forward;
  from = std::min(from, event_count_);
  if (forward ? from == event_count_ : from == 0)
    return std::nullopt;
  // Chunk by chunk, block by block, away from the event next to `from`.
  const std::uint64_t start = forward ? from : from - 1;
  for (std::size_t c = chunk_of(start); c < chunks_.size();
       forward ? ++c : --c) { // below 0 is beyond the end
    const Chunk& chunk = chunks_[c];
    if ((chunk.kinds & kinds) == 0)
      continue;
    const std::uint64_t nearest = std::clamp(start, chunk.first_event, chunk.first_event + chunk.count - 1);
    for (std::size_t b = static_cast<std::size_t>(nearest - chunk.first_event) / events_per_block;
         b < chunk.block_count(); forward ? ++b : --b) {
      Room room;
      const std::span<const Event> events = chunk.decode_or_nothing(b, room);
      const std::uint64_t begin = chunk.begin_of(b);
      const auto fits = [&](std::uint64_t n) {
        return matches(events[static_cast<std::size_t>(n - begin)], kinds, descriptor);
      };
      if (forward) {
        for (std::uint64_t n = std::max(begin, from); n < begin + events.size(); ++n)
          if (fits(n))
            return n;
      } else {
        for (std::uint64_t n = std::min(begin + events.size(), from); n > begin; --n)
          if (fits(n - 1))
            return n - 1;
      }
    }
  }
  return std::nullopt;
}

std::optional<Recording::PacketBytes> Recording::packet(std::uint32_t number) const {
  const auto at = std::partition_point(packets_.begin(), packets_.end(),
                                       [&](const Packets& packets) { return packets.last < number; });
  if (at == packets_.end())
    return std::nullopt;
  std::size_t i = 0;
  for (std::size_t high = at->group_count() - 1; i < high;) { // the last group that begins at or before it
    const std::size_t middle = high - (high - i) / 2;
    if (at->group(middle).first_number <= number)
      i = middle;
    else
      high = middle - 1;
  }
  const format::PacketGroup group = at->group(i);
  Packets::Room room;
  std::size_t offset = group.bytes_offset;
  for (const Event& packet : at->decode(group, room)) {
    if (packet.b > at->bytes.size() - offset) // the file is another by now
      return std::nullopt;
    if (packet.packet == number)
      return PacketBytes{number, packet.a, packet.time_ns, packet.d != 0,
                         at->bytes.subspan(offset, packet.b)};
    offset += packet.b;
  }
  return std::nullopt;
}

std::vector<Recording::Record> Recording::records_in(std::uint16_t descriptor, std::uint8_t which,
                                                     std::uint64_t count) const {
  const State state = state_after(count);
  if (descriptor >= state.descriptors.size() || which > ZB_USER_COPY)
    return {};
  const BufferState& buffer = state.descriptors[descriptor].buffers[which];
  const std::uint8_t source = which == ZB_USER_COPY ? buffer.source : which;
  const std::uint64_t until = which == ZB_USER_COPY ? buffer.moved_event : count;
  std::vector<Record> records;
  if (buffer.records == 0)
    return records;
  for (std::uint64_t from = buffer.fill_event;;) {
    const std::optional<std::uint64_t> n =
        next(mask_of({ZB_EV_STORED}), from, Direction::forward, descriptor);
    if (!n || *n >= until)
      break;
    from = *n + 1;
    const Event e = event(*n);
    if (e.buffer == source)
      records.push_back({e.a, e.b, e.d, static_cast<std::uint16_t>(e.c & 0xffff),
                         static_cast<std::uint16_t>(e.c >> 16), e.packet,
                         buffer.handled != 0 && e.a <= buffer.handled_offset, *n});
  }
  // Fewer where the kernel wrote over the rest (spec 4.5, 5.5).
  if (records.size() > buffer.records)
    records.erase(records.begin(), records.end() - static_cast<std::ptrdiff_t>(buffer.records));
  return records;
}

} // namespace zbuf

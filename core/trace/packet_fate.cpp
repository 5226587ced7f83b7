// SPDX-License-Identifier: BSD-2-Clause
#include "core/trace/packet_fate.h"

#include "core/trace/fold.h"

#include <algorithm>
#include <array>

namespace zbuf {

namespace {

constexpr KindMask arrivals = mask_of({ZB_EV_ARRIVED});

/// How far after its arrival a packet may still be on its way through the descriptors, in arrivals of other
/// packets: kernels with several processors mix them.
constexpr int packets_under_way = 16;

/// Records that were stored and ended otherwise than in the reader's hands, by how.
struct Ends {
  std::uint64_t flushed, unread, lost, abandoned;
  bool operator==(const Ends&) const = default;
};

Ends ends_of(const State& state, std::uint16_t descriptor) {
  if (descriptor >= state.descriptors.size())
    return {};
  const Counters& total = state.descriptors[descriptor].total;
  return {total.flushed, total.unread, total.lost, total.abandoned};
}

/// Which of the counters rose.
Fate risen(const Ends& before, const Ends& after) {
  if (after.flushed != before.flushed)
    return Fate::flushed;
  if (after.unread != before.unread)
    return Fate::unread;
  return after.abandoned != before.abandoned ? Fate::abandoned : Fate::lost;
}

} // namespace

const char* fate_name(Fate fate) {
  static constexpr std::array names{"unseen",  "rejected", "dropped", "in buffers", "delivered",
                                    "flushed", "unread",   "lost",    "abandoned"};
  return names.at(static_cast<std::size_t>(fate));
}

PacketFates::PacketFates(const Recording& recording)
    : recording_(recording), end_(recording.state_after(recording.event_count())),
      near_(recording.state_after(0)) {
  const auto first = recording.next(arrivals, 0);
  const auto last = recording.next(arrivals, recording.event_count(), Recording::Direction::backward);
  if (!first || !last)
    return;
  first_ = recording.event(*first).packet;
  const std::uint32_t last_number = recording.event(*last).packet;
  if (first_ != ZB_NO_PACKET && last_number != ZB_NO_PACKET && last_number >= first_)
    count_ = last_number - first_ + 1;
  else
    first_ = 0; // not numbered, or a damaged file
}

/// The nearest one at `from` or after it.
std::optional<PacketFates::Found> PacketFates::next(KindMask kinds, std::uint64_t from,
                                                    std::optional<std::uint16_t> descriptor) const {
  Recording::Room room; // it is in the same block as a rule, which is decoded once then
  for (const Event& e : recording_.events_from(from, room)) {
    if (contains(kinds, e.kind) && (!descriptor || e.descriptor == *descriptor))
      return Found{from, e};
    ++from;
  }
  const auto n = recording_.next(kinds, from, Recording::Direction::forward, descriptor);
  return n ? std::optional(Found{*n, recording_.event(*n)}) : std::nullopt;
}

/// The first event of these kinds, at `from` or after it, that is about the packet. Packets ascend with
/// events, so that it can be halved for; it is near `from` as a rule.
std::optional<PacketFates::Found> PacketFates::first_of(std::uint32_t packet, KindMask kinds,
                                                        std::uint64_t from,
                                                        std::optional<std::uint16_t> descriptor) const {
  const std::uint64_t all = recording_.event_count();
  std::uint64_t low = from, high = all;
  for (std::uint64_t reach = 32; low < all; reach *= 4) {
    const auto found = next(kinds, std::min(low + reach, all), descriptor);
    if (!found || found->event.packet >= packet) {
      high = std::min(low + reach, all);
      break;
    }
    low = found->index + 1;
  }
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    const auto found = next(kinds, middle, descriptor);
    if (!found || found->event.packet >= packet)
      high = middle;
    else
      low = found->index + 1;
  }
  const auto found = next(kinds, low, descriptor);
  return found && found->event.packet == packet ? found : std::nullopt;
}

std::optional<std::uint64_t> PacketFates::arrival(std::uint32_t packet) const {
  if (packet < first_ || packet - first_ >= count_)
    return std::nullopt;
  std::uint64_t from = 0;
  if (arrived_.event.kind == ZB_EV_ARRIVED && arrived_.event.packet <= packet)
    from = arrived_.index;
  const auto found = first_of(packet, arrivals, from, std::nullopt);
  if (!found)
    return std::nullopt;
  arrived_ = *found;
  return found->index;
}

const State& PacketFates::state_after(std::uint64_t count) {
  // A recording folds from the beginning of a chunk; we do at least as well from here, if it is near.
  constexpr std::uint64_t near = 4096;
  if (near_.events <= count && count - near_.events < near)
    recording_.for_each(near_.events, count, [this](std::uint64_t, const Event& e) { fold(near_, e); });
  else
    near_ = recording_.state_after(count);
  return near_;
}

PacketFate PacketFates::fate(std::uint16_t descriptor, std::uint32_t packet) {
  PacketFate fate;
  const auto arrived = arrival(packet);
  if (!arrived)
    return fate;
  int others = 0;
  std::optional<Event> stored;
  Recording::Room room;
  for (std::uint64_t n = *arrived + 1; others < packets_under_way && !fate.event && !stored;) {
    const std::span<const Event> events = recording_.events_from(n, room);
    if (events.empty())
      break;
    for (const Event& e : events) {
      const std::uint64_t index = n++;
      others += e.kind == ZB_EV_ARRIVED;
      if (e.packet != packet || e.descriptor != descriptor)
        continue;
      if (e.kind == ZB_EV_REJECTED || e.kind == ZB_EV_DROPPED) {
        fate.fate = e.kind == ZB_EV_REJECTED ? Fate::rejected : Fate::dropped;
        fate.reason = e.kind == ZB_EV_DROPPED ? static_cast<zb_drop>(e.a) : zb_drop{};
        fate.event = index;
        break;
      }
      if (e.kind == ZB_EV_STORED && e.buffer <= ZB_B) {
        stored = e;
        fate.stored = index;
        break;
      }
    }
  }
  if (stored) {
    fate.buffer = stored->buffer;
    fate.fill = state_after(*fate.stored + 1).descriptors[descriptor].buffers[stored->buffer].fill;
    follow(descriptor, packet, fate);
  }
  return fate;
}

/// The one way in which records that were not delivered ended at the descriptor, if there is but one.
std::optional<Fate> PacketFates::only_fate(std::uint16_t descriptor) const {
  const DescriptorState& d = end_.descriptors[descriptor];
  const std::array<std::pair<Fate, std::uint64_t>, 5> counts{{{Fate::flushed, d.total.flushed},
                                                              {Fate::unread, d.total.unread},
                                                              {Fate::lost, d.total.lost},
                                                              {Fate::abandoned, d.total.abandoned},
                                                              {Fate::in_buffers, d.in_buffers()}}};
  std::optional<Fate> only;
  for (const auto& [fate, count] : counts) {
    if (count == 0)
      continue;
    if (only)
      return std::nullopt;
    only = fate;
  }
  return only;
}

/// What became of a record that was stored.
void PacketFates::follow(std::uint16_t descriptor, std::uint32_t packet, PacketFate& fate) {
  // A record that was garbled when it was handled bears the name of the packet that lies there since.
  const bool garbled = end_.descriptors[descriptor].total.garbled != 0;
  std::uint64_t from = *fate.stored + 1;
  if (handled_.event.kind == ZB_EV_HANDLED && handled_.event.descriptor == descriptor &&
      handled_.event.packet < packet && handled_.index > from)
    from = handled_.index;
  if (const auto found = first_of(packet, mask_of({ZB_EV_HANDLED}), from, descriptor); found && !garbled) {
    handled_ = *found;
    fate.event = found->index;
    fate.fate = Fate::delivered;
    return;
  }
  if (const auto only = only_fate(descriptor); only && !garbled) {
    fate.fate = *only;
    return;
  }
  walk(descriptor, packet, fate);
}

namespace {

/// The kernel wrote over the fill that the buffer held, or began another one there.
bool overwritten(const BufferState& before, const BufferState& after) {
  return after.fill != before.fill || (after.damaged && !before.damaged);
}

} // namespace

/// From the record to the event that ended it. The fill may move to the reader's copy.
void PacketFates::walk(std::uint16_t descriptor, std::uint32_t packet, PacketFate& fate) {
  const std::uint64_t stored = *fate.stored;
  State state = recording_.state_after(stored + 1);
  std::uint8_t where = fate.buffer;
  fate.fate = Fate::in_buffers;
  Recording::Room room;
  for (std::uint64_t n = stored + 1; n < recording_.event_count();) {
    for (const Event& e : recording_.events_from(n, room)) {
      const std::uint64_t index = n++;
      if (e.descriptor != descriptor) {
        fold(state, e);
        continue;
      }
      const DescriptorState& d = state.descriptors[descriptor];
      const Ends before = ends_of(state, descriptor);
      const std::uint64_t garbled = d.total.garbled;
      const BufferState held = d.buffers.at(where);
      fold(state, e);
      const Ends after = ends_of(state, descriptor);
      const bool handled = e.kind == ZB_EV_HANDLED && e.packet == packet && d.total.garbled == garbled;
      bool ended = false;
      if (after != before) {
        if (e.kind == ZB_EV_STORED)
          ended = overwritten(held, d.buffers.at(where));
        else
          ended = e.buffer == where || e.kind == ZB_EV_CLOSED ||
                  (where == ZB_USER_COPY && e.kind == ZB_EV_COPIED_OUT);
      }
      if (handled || ended) {
        fate.fate = handled ? Fate::delivered : risen(before, after);
        fate.event = index;
        return;
      }
      if (e.kind == ZB_EV_COPIED_OUT && e.buffer == where)
        where = ZB_USER_COPY;
    }
  }
}

} // namespace zbuf

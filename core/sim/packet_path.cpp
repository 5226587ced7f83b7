// SPDX-License-Identifier: BSD-2-Clause
#include "core/sim/packet_path.h"

#include <algorithm>
#include <fmt/format.h>

namespace zbuf {

void PacketPath::feed(EmulatedKernel::InterfaceId interface, std::uint32_t ring_packets,
                      std::unique_ptr<Source> source, std::uint64_t start_ns) {
  feeds_.push_back(std::make_unique<Feed>());
  Feed& feed = *feeds_.back();
  feed.path = this;
  feed.interface = interface;
  feed.ring_packets = ring_packets;
  feed.start_ns = start_ns;
  feed.source = std::move(source);
  pull(feed);
}

/// Asks the source for its next packet, and has it arrive in its time.
void PacketPath::pull(Feed& feed) {
  auto next = feed.source->next();
  if (next && *next) {
    feed.next = **next;
    clock_.at(std::max(feed.start_ns + feed.next.time_ns, clock_.now_ns()), &PacketPath::arrival, &feed);
    return;
  }
  if (!next)
    listener_.failed(next.error());
  listener_.ended();
}

std::vector<SourceRemarks> PacketPath::remarks() const {
  std::vector<SourceRemarks> all;
  for (const auto& feed : feeds_)
    all.push_back(feed->source->remarks());
  return all;
}

void PacketPath::arrival(void* context) {
  Feed& feed = *static_cast<Feed*>(context);
  feed.path->arrived(feed);
}

void PacketPath::arrived(Feed& feed) {
  ++packets_;
  if (waiting_.empty() && busy_until_ns_ <= clock_.now_ns())
    deliver(feed.interface, feed.next);
  else
    enqueue(feed);
  pull(feed);
}

/// The kernel is busy: the packet waits in the interface's ring, or is missed.
void PacketPath::enqueue(Feed& feed) {
  const Packet& packet = feed.next;
  if (feed.waiting >= feed.ring_packets) {
    const Arrival arrival{packet.bytes, packet.wire_length, packet.outgoing};
    const std::uint32_t number = kernel_.missed(feed.interface, arrival);
    recorder_.note_packet(number, packet.bytes, packet.wire_length, clock_.now_ns(), packet.outgoing);
    listener_.stepped();
    return;
  }
  std::vector<std::byte> bytes;
  if (!spare_.empty()) {
    bytes = std::move(spare_.back());
    spare_.pop_back();
  }
  bytes.assign(packet.bytes.begin(), packet.bytes.end());
  if (waiting_.empty())
    clock_.at(std::max(busy_until_ns_, clock_.now_ns()), &PacketPath::service, this);
  waiting_.push_back({&feed, std::move(bytes), packet.wire_length, packet.outgoing});
  ++feed.waiting;
}

void PacketPath::service(void* path) {
  static_cast<PacketPath*>(path)->serve();
}

void PacketPath::serve() {
  Waiting first = std::move(waiting_.front());
  waiting_.pop_front();
  --first.feed->waiting;
  deliver(first.feed->interface, {clock_.now_ns(), first.bytes, first.wire_length, first.outgoing});
  spare_.push_back(std::move(first.bytes));
  if (!waiting_.empty())
    clock_.at(std::max(busy_until_ns_, clock_.now_ns()), &PacketPath::service, this);
}

void PacketPath::deliver(EmulatedKernel::InterfaceId interface, const Packet& packet) {
  const std::uint64_t wakeups = meter_.wakeups();
  const TapWork work = kernel_.arrive(interface, {packet.bytes, packet.wire_length, packet.outgoing});
  if (work.packet != ZB_NO_PACKET)
    recorder_.note_packet(work.packet, packet.bytes, packet.wire_length, clock_.now_ns(), packet.outgoing);
  const std::uint64_t ps = carry_ps_ + costs_.copy_ps * work.stored_bytes +
                           1000 * (costs_.packet_ns * work.taps + costs_.filter_ns * work.filters +
                                   costs_.wakeup_ns * (meter_.wakeups() - wakeups));
  carry_ps_ = ps % 1000;
  const std::uint64_t cost_ns = ps / 1000;
  busy_until_ns_ = std::max(busy_until_ns_, clock_.now_ns()) + cost_ns;
  busy_total_ns_ += cost_ns;
  listener_.stepped();
}

} // namespace zbuf

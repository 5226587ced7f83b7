// SPDX-License-Identifier: BSD-2-Clause
// The way of a packet to the taps: its source, the interface's ring, and the kernel's processor.
#pragma once

#include "core/clock/virtual_clock.h"
#include "core/sim/config.h"
#include "core/trace/recorder.h"

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

namespace zbuf {

/// One processor that takes packets from all interfaces, in order of arrival.
class PacketPath {
 public:
  /// All outlive it. `costs` may not change while packets flow.
  PacketPath(VirtualClock& clock, EmulatedKernel& kernel, Recorder& recorder, const Costs& costs)
      : clock_(clock), kernel_(kernel), recorder_(recorder), costs_(costs) {}

  /// What the run wants to hear of.
  struct Listener {
    std::function<void()> stepped;               ///< after each packet
    std::function<void(std::size_t feed)> ended; ///< a source has no more packets
    std::function<void(Error error)> failed;     ///< ... because it failed
  };
  void listen(Listener listener) { listener_ = std::move(listener); }

  /// Packets of that source arrive at the interface, its time 0 being start_ns.
  void feed(EmulatedKernel::InterfaceId interface, std::uint32_t ring_packets, std::unique_ptr<Source> source,
            std::uint64_t start_ns);

  /// One packet reaches the taps now, past the ring.
  void deliver(EmulatedKernel::InterfaceId interface, const Packet& packet);

  /// A sleeper was woken: the kernel's time (see Meter).
  void charge_wakeup() { wakeups_++; }

  [[nodiscard]] std::uint64_t busy_ns() const { return busy_total_ns_; }
  [[nodiscard]] std::uint64_t packets() const { return packets_; }

 private:
  struct Feed {
    PacketPath* path;
    std::size_t number;
    EmulatedKernel::InterfaceId interface;
    std::uint32_t ring_packets;
    std::uint64_t start_ns;
    std::uint32_t waiting = 0; ///< packets in its ring
    std::unique_ptr<Source> source;
    Packet next{};
  };
  struct Waiting {
    Feed* feed;
    std::vector<std::byte> bytes;
    std::uint32_t wire_length;
    bool outgoing;
  };

  static void arrival(void* feed);
  static void service(void* path);
  void arrived(Feed& feed);
  void pull(Feed& feed);
  void enqueue(Feed& feed);
  void serve();

  VirtualClock& clock_;
  EmulatedKernel& kernel_;
  Recorder& recorder_;
  const Costs& costs_;
  Listener listener_{};
  std::vector<std::unique_ptr<Feed>> feeds_;
  std::deque<Waiting> waiting_;               ///< all rings, in order of arrival
  std::vector<std::vector<std::byte>> spare_; ///< memory of packets that have gone
  std::uint64_t busy_until_ns_ = 0;
  std::uint64_t busy_total_ns_ = 0;
  std::uint64_t carry_ps_ = 0;
  std::uint64_t wakeups_ = 0;
  std::uint64_t packets_ = 0;
};

} // namespace zbuf

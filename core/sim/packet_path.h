// SPDX-License-Identifier: BSD-2-Clause
// The way of a packet to the taps: its source, the interface's ring, and the kernel's processor.
#pragma once

#include "core/clock/virtual_clock.h"
#include "core/sim/config.h"
#include "core/sim/cost_meter.h"
#include "core/sim/run_listener.h"
#include "core/trace/recorder.h"

#include <cstddef>
#include <deque>
#include <memory>
#include <vector>

namespace zbuf {

/// One processor that takes packets from all interfaces, in order of arrival.
class PacketPath {
 public:
  /// All outlive it. `costs` may not change while packets flow; `meter` is the kernel's.
  PacketPath(VirtualClock& clock, EmulatedKernel& kernel, Recorder& recorder, const Costs& costs,
             const CostMeter& meter, RunListener& listener)
      : clock_(clock), kernel_(kernel), recorder_(recorder), costs_(costs), meter_(meter),
        listener_(listener) {}

  /// Packets of that source arrive at the interface, its time 0 being start_ns.
  void feed(EmulatedKernel::InterfaceId interface, std::uint32_t ring_packets, std::unique_ptr<Source> source,
            std::uint64_t start_ns);

  /// One packet reaches the taps now, past the ring.
  void deliver(EmulatedKernel::InterfaceId interface, const Packet& packet);

  /// Of all sources, in the order in which they were given.
  [[nodiscard]] std::vector<SourceRemarks> remarks() const;
  [[nodiscard]] std::uint64_t busy_ns() const { return busy_total_ns_; }
  [[nodiscard]] std::uint64_t packets() const { return packets_; }

 private:
  struct Feed {
    PacketPath* path;
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
  const CostMeter& meter_;
  RunListener& listener_;
  std::vector<std::unique_ptr<Feed>> feeds_;
  std::deque<Waiting> waiting_;               ///< all rings, in order of arrival
  std::vector<std::vector<std::byte>> spare_; ///< memory of packets that have gone
  std::uint64_t busy_until_ns_ = 0;
  std::uint64_t busy_total_ns_ = 0;
  std::uint64_t carry_ps_ = 0;
  std::uint64_t packets_ = 0;
};

} // namespace zbuf

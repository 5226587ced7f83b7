// SPDX-License-Identifier: BSD-2-Clause
// What a program without shared buffers would pick: a bounded queue of packets by value between two threads.
#include "core/bench/contest.h"
#include "core/bench/machine.h"
#include "core/clock/pause.h"

#include <algorithm>
#include <boost/lockfree/spsc_queue.hpp>
#include <cstring>

namespace zbuf {

namespace {

/// A packet by value, as one writes it: a struct with room for the largest frame. A copy takes all of it.
template <std::size_t capacity>
struct WholePacket {
  std::uint64_t time_ns = 0;
  std::uint32_t caplen = 0;
  std::uint32_t wire_length = 0;
  std::byte bytes[capacity];

  WholePacket() {} // the bytes stay as they are: nobody reads beyond caplen
  void set_bytes(std::span<const std::byte> packet) { std::memcpy(bytes, packet.data(), packet.size()); }
  static std::size_t bytes_in(std::size_t packet_bytes) { return packet_bytes + sizeof(WholePacket); }
  static std::size_t bytes_out(std::size_t) { return sizeof(WholePacket); }
};

/// A packet by value, with every care: a slot no larger than these packets need, and a copy takes what is in
/// it. The one that is pushed has not been copied before, its bytes still lie where the packet arrived.
template <std::size_t capacity>
struct ExactPacket {
  std::uint64_t time_ns = 0;
  std::uint32_t caplen = 0;
  std::uint32_t wire_length = 0;
  const std::byte* at = bytes;
  std::byte bytes[capacity];

  ExactPacket() {}
  ExactPacket(const ExactPacket& other) { *this = other; }
  // NOLINTNEXTLINE(bugprone-unhandled-self-assignment): a queue never assigns a slot to itself
  ExactPacket& operator=(const ExactPacket& other) {
    time_ns = other.time_ns;
    caplen = other.caplen;
    wire_length = other.wire_length;
    std::memcpy(bytes, other.at, caplen);
    return *this;
  }
  void set_bytes(std::span<const std::byte> packet) { at = packet.data(); }
  static std::size_t bytes_in(std::size_t packet_bytes) { return 16 + packet_bytes; }
  static std::size_t bytes_out(std::size_t packet_bytes) { return 16 + packet_bytes; }
};

template <typename Queued>
class QueueContest final : public Contest {
 public:
  explicit QueueContest(std::size_t bytes_in_flight)
      : queue_(std::max<std::size_t>(1, bytes_in_flight / sizeof(Queued))) {}

  void offer(std::span<const Arrival> burst) override {
    const std::uint64_t now_ns = monotonic_ns();
    std::uint64_t pushed = 0, bytes = 0;
    for (const Arrival& packet : burst) {
      out_.time_ns = now_ns;
      out_.caplen = static_cast<std::uint32_t>(packet.bytes.size());
      out_.wire_length = packet.wire_length;
      out_.set_bytes(packet.bytes);
      if (queue_.push(out_)) {
        ++pushed;
        bytes += Queued::bytes_in(packet.bytes.size());
      }
    }
    offered_.add(burst.size());
    stored_.add(pushed);
    copied_.add(bytes);
  }

  bool take(Seen& seen) override {
    constexpr int most = 4096;
    std::uint64_t bytes = 0, copied = 0;
    int packets = 0;
    for (; packets < most && queue_.pop(in_); ++packets) {
      bytes += in_.caplen;
      copied += Queued::bytes_out(in_.caplen);
      seen.touched += static_cast<std::uint64_t>(in_.bytes[0]);
    }
    if (packets == 0) {
      pause_core();
      return true;
    }
    seen.packets += static_cast<std::uint64_t>(packets);
    seen.packet_bytes += bytes;
    ++seen.fills;
    popped_.add(copied);
    return true;
  }

  [[nodiscard]] Counts counts() const override {
    Counts counts;
    counts.offered = offered_.value();
    counts.stored = stored_.value();
    counts.dropped = counts.offered - std::min(counts.offered, counts.stored);
    counts.kernel_copied_bytes = copied_.value();
    counts.user_copied_bytes = popped_.value();
    return counts;
  }

 private:
  boost::lockfree::spsc_queue<Queued> queue_;
  alignas(apart) Queued out_{}; ///< the kernel's thread
  Tally offered_;
  Tally stored_;
  Tally copied_;
  alignas(apart) Queued in_{}; ///< the reader's thread
  alignas(apart) Tally popped_;
};

/// Slots as large as the packets need, from a list of sizes.
template <template <std::size_t> typename Queued, std::size_t first, std::size_t... rest>
Result<std::unique_ptr<Contest>> make(std::size_t packet_bytes, std::size_t bytes_in_flight) {
  if constexpr (sizeof...(rest) > 0)
    if (packet_bytes > first)
      return make<Queued, rest...>(packet_bytes, bytes_in_flight);
  return std::make_unique<QueueContest<Queued<first>>>(bytes_in_flight);
}

} // namespace

Result<std::unique_ptr<Contest>> make_queue_contest(const ContestSetting& setting) {
  const std::size_t packet_bytes = setting.ring->largest_bytes();
  const std::size_t in_flight = 2 * setting.one.buffer_bytes;
  if (setting.one.way == Way::exact_queue)
    return make<ExactPacket, 64, 128, 256, 512, 1024, 1520, 2048, 4096, 9216>(packet_bytes, in_flight);
  // A program on Ethernet must have room for 1514 bytes, however small the packets that come.
  return make<WholePacket, 1520, 2048, 4096, 9216>(packet_bytes, in_flight);
}

} // namespace zbuf

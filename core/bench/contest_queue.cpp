// What a program without shared buffers would pick: a bounded queue of packets by value between two threads.
#include "core/bench/contest.h"
#include "core/bench/machine.h"

#include <algorithm>
#include <boost/lockfree/spsc_queue.hpp>
#include <cstring>

namespace zbuf {

namespace {

/// A packet by value, in a slot for the largest. A copy takes what is in it, not the slot; the one that is
/// pushed has not been copied before, its bytes still lie where the packet arrived.
template <std::size_t capacity>
struct QueuedPacket {
  std::uint64_t time_ns = 0;
  std::uint32_t caplen = 0;
  std::uint32_t wire_length = 0;
  const std::byte* at = bytes;
  std::byte bytes[capacity];

  QueuedPacket() {} // the bytes stay as they are: nobody reads beyond caplen
  QueuedPacket(const QueuedPacket& other) { *this = other; }
  QueuedPacket& operator=(const QueuedPacket& other) {
    time_ns = other.time_ns;
    caplen = other.caplen;
    wire_length = other.wire_length;
    std::memcpy(bytes, other.at, caplen);
    return *this;
  }
};

template <std::size_t capacity>
class QueueContest final : public Contest {
 public:
  using Queued = QueuedPacket<capacity>;

  explicit QueueContest(std::size_t bytes_in_flight)
      : queue_(std::max<std::size_t>(1, bytes_in_flight / sizeof(Queued))) {}

  void offer(std::span<const Arrival> burst) override {
    const std::uint64_t now_ns = monotonic_ns();
    std::uint64_t pushed = 0, bytes = 0;
    for (const Arrival& packet : burst) {
      out_.time_ns = now_ns;
      out_.caplen = static_cast<std::uint32_t>(packet.bytes.size());
      out_.wire_length = packet.wire_length;
      out_.at = packet.bytes.data();
      if (queue_.push(out_)) {
        ++pushed;
        bytes += header_bytes + packet.bytes.size();
      }
    }
    offered_.add(burst.size());
    stored_.add(pushed);
    copied_.add(bytes);
  }

  bool take(Seen& seen) override {
    constexpr int most = 4096;
    std::uint64_t bytes = 0;
    int packets = 0;
    for (; packets < most && queue_.pop(in_); ++packets) {
      bytes += in_.caplen;
      seen.touched += static_cast<std::uint64_t>(in_.bytes[0]);
    }
    if (packets == 0) {
      pause_core();
      return true;
    }
    seen.packets += static_cast<std::uint64_t>(packets);
    seen.packet_bytes += bytes;
    ++seen.fills;
    popped_.add(bytes + header_bytes * static_cast<std::uint64_t>(packets));
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
  static constexpr std::size_t header_bytes = 16;

  boost::lockfree::spsc_queue<Queued> queue_;
  alignas(apart) Queued out_{}; ///< the kernel's thread
  Tally offered_;
  Tally stored_;
  Tally copied_;
  alignas(apart) Queued in_{}; ///< the reader's thread
  alignas(apart) Tally popped_;
};

/// Slots as large as the packets need, from a list of sizes.
template <std::size_t first, std::size_t... rest>
Result<std::unique_ptr<Contest>> make(std::size_t packet_bytes, std::size_t bytes_in_flight) {
  if constexpr (sizeof...(rest) > 0)
    if (packet_bytes > first)
      return make<rest...>(packet_bytes, bytes_in_flight);
  return std::make_unique<QueueContest<first>>(bytes_in_flight);
}

} // namespace

Result<std::unique_ptr<Contest>> make_queue_contest(const ContestSetting& setting) {
  return make<64, 128, 256, 512, 1024, 1520, 2048, 4096, 9216>(setting.ring->largest_bytes(),
                                                               2 * setting.one.buffer_bytes);
}

} // namespace zbuf

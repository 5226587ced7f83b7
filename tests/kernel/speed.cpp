// SPDX-License-Identifier: BSD-2-Clause
// What reading costs: the two modes of /dev/bpf, and Linux's own shared ring (packet(7), TPACKET_V3), on the
// same packets and with the same memory.
//
// run.sh boots a machine of its own for this, which executes instruction by instruction: its time-stamp
// counter counts them, so the figures are the same on every machine, however busy. What caches do to real
// ones they do not say.
#include "core/device/counting_device.h"
#include "core/device/records.h"
#include "core/reader/reader.h"
#include "tests/kernel/machine.h"
#include "tests/kernel/packet_ring.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <fmt/format.h>
#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <thread>

namespace zbuf {
namespace {

constexpr std::size_t buffer_bytes = 524288;

/// The same work for each record of every reader: it looks at the length and at the Ethernet type.
struct Work {
  std::uint64_t bytes = 0;
  std::uint32_t packets = 0;
  std::uint16_t types = 0;

  void on(std::span<const std::byte> packet) {
    std::uint16_t type = 0;
    if (packet.size() >= 14)
      std::memcpy(&type, packet.data() + 12, sizeof(type));
    ++packets;
    bytes += packet.size();
    types ^= type;
  }
};

/// The walk over a fill, as PacketRing::take_block() walks over a block: what the kernel says is read once,
/// and checked against the end. (RecordCursor is made for real memory, and fetches ahead; that would be
/// counted here.)
void walk(std::span<const std::byte> fill, Work& work) {
  for (std::size_t at = 0; at + RecordCursor::header_bytes <= fill.size();) {
    const auto* const header = reinterpret_cast<const zb_bpf_hdr*>(fill.data() + at);
    const std::size_t start = at + header->hdrlen, length = header->caplen;
    if (start + length > fill.size())
      break;
    work.on(fill.subspan(start, length));
    at = ZB_WORDALIGN(start + length);
  }
}

/// One of those that are compared.
class Consumer {
 public:
  virtual ~Consumer() = default;
  /// Takes `fills` buffers or blocks, waiting for each a while if `wait`; fewer if there are fewer.
  virtual void take(unsigned fills, bool wait, Work& work) = 0;
  [[nodiscard]] virtual unsigned fills() const = 0; ///< that there are in all
  [[nodiscard]] virtual std::uint64_t calls() const = 0;
  [[nodiscard]] virtual std::uint64_t dropped() = 0; ///< by the kernel, since the last time
};

class BpfConsumer final : public Consumer {
 public:
  BpfConsumer(BufferMode mode, const std::string& interface) {
    ReaderOptions options;
    options.mode = mode;
    options.buffer_bytes = buffer_bytes;
    options.timeout_ns = 50'000'000;
    auto counting = std::make_unique<CountingDevice>(open_device());
    device_ = counting.get();
    auto made = make_reader(std::move(counting), interface, options);
    EXPECT_TRUE(made.has_value());
    reader_ = std::move(*made);
    EXPECT_EQ(control_u32(reader_->device(), ZB_BIOCSDIRECTION, ZB_D_IN), 0);
    prepared_calls_ = device_->calls();
  }
  void take(unsigned fills, bool, Work& work) override {
    for (; fills > 0; --fills) {
      const auto next = reader_->next();
      if (!next || next->kind != Next::Kind::fill)
        break;
      walk(next->fill.records, work);
    }
    reader_->release();
  }
  [[nodiscard]] unsigned fills() const override { return 2; }
  [[nodiscard]] std::uint64_t calls() const override { return device_->calls() - prepared_calls_; }
  [[nodiscard]] std::uint64_t dropped() override {
    const std::uint64_t all = statistics_of(reader_->device())->drop, since = all - dropped_;
    dropped_ = all;
    return since;
  }

 private:
  CountingDevice* device_ = nullptr;
  std::uint64_t prepared_calls_ = 0;
  std::unique_ptr<Reader> reader_;
  std::uint64_t dropped_ = 0;
};

class RingConsumer final : public Consumer {
 public:
  RingConsumer(unsigned blocks, const std::string& interface)
      : ring_(interface, blocks, 2 * buffer_bytes / blocks) {}
  void take(unsigned fills, bool wait, Work& work) override {
    for (; fills > 0; --fills) {
      if (!ring_.has_block() && (!wait || !ring_.wait() || !ring_.has_block()))
        return;
      ring_.take_block([&](std::span<const std::byte> packet) { work.on(packet); });
    }
  }
  [[nodiscard]] unsigned fills() const override { return ring_.blocks(); }
  [[nodiscard]] std::uint64_t calls() const override { return ring_.calls(); }
  [[nodiscard]] std::uint64_t dropped() override { return ring_.dropped(); }

 private:
  PacketRing ring_;
};

struct Contestant {
  const char* name;
  std::function<std::unique_ptr<Consumer>(const std::string&)> make;
};

const Contestant contestants[] = {
    {"zero-copy", [](auto& on) { return std::make_unique<BpfConsumer>(BufferMode::zbuf, on); }},
    {"read(2)", [](auto& on) { return std::make_unique<BpfConsumer>(BufferMode::buffer, on); }},
    {"ring of 2", [](auto& on) { return std::make_unique<RingConsumer>(2, on); }},
    {"ring of 8", [](auto& on) { return std::make_unique<RingConsumer>(8, on); }},
};
enum { zero_copy, by_read, ring_of_2, ring_of_8, all_of_them };

struct Cost {
  double instructions = 1e300, calls = 0; ///< each per packet
  std::uint64_t kept = 0, lost = 0;       ///< packets
};
using Costs = std::array<Cost, all_of_them>;

/// Of this thread; a nanosecond is an instruction.
double thread_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

void report(const std::string& line) {
  std::printf("SPEED %s\n", line.c_str());
  std::fflush(stdout);
}

void report_ratios(const std::string& run, const Costs& costs) {
  const double ours = costs[zero_copy].instructions;
  report(fmt::format(
      "{}: reader CPU of zero-copy is 1/{:.1f} of read(2), {:.2f} of a ring of 2, {:.2f} of a ring of 8", run,
      costs[by_read].instructions / ours, ours / costs[ring_of_2].instructions,
      ours / costs[ring_of_8].instructions));
}

struct Speed : testing::TestWithParam<std::size_t> {
  ScopedSysctl enable{"net.bpf.zerocopy_enable", 1};
  Wire wire{"wire0", "wire1"};
  std::uint32_t sequence = 0;

  void SetUp() override {
    std::ifstream clock("/sys/devices/system/clocksource/clocksource0/current_clocksource");
    std::string name;
    clock >> name;
    ASSERT_EQ(name, "tsc") << "instructions cannot be counted";
  }
  void send(std::size_t packets) {
    for (std::size_t n = 0; n < packets; ++n)
      ASSERT_TRUE(wire.send(test_packet(GetParam(), sequence++)));
  }
};

/// More packets than any of them keeps; then each takes all that it has kept. Nobody waits.
TEST_P(Speed, Saturated) {
  const std::size_t burst = 2 * buffer_bytes / (GetParam() + 20);
  std::array<std::unique_ptr<Consumer>, all_of_them> consumers;
  Costs costs;
  for (std::size_t i = 0; i < all_of_them; ++i)
    consumers[i] = contestants[i].make(wire.receiver());
  for (int lap = 0; lap < 3; ++lap) {
    send(burst);
    for (std::size_t i = 0; i < all_of_them; ++i) {
      Work work;
      const std::uint64_t calls = consumers[i]->calls();
      const double start = thread_ns();
      consumers[i]->take(consumers[i]->fills(), false, work);
      const double ticks = thread_ns() - start, packets = static_cast<double>(work.packets);
      EXPECT_EQ(work.bytes, work.packets * GetParam());
      EXPECT_EQ(work.packets + consumers[i]->dropped(), burst) << contestants[i].name;
      costs[i].instructions = std::min(costs[i].instructions, ticks / packets);
      costs[i].calls = static_cast<double>(consumers[i]->calls() - calls) / packets;
      costs[i].kept = work.packets;
    }
  }
  for (std::size_t i = 0; i < all_of_them; ++i)
    report(fmt::format(
        "saturated, {} bytes: {:<9} {:7.1f} instructions and {:.5f} system calls a packet; keeps {} of {}",
        GetParam(), contestants[i].name, costs[i].instructions, costs[i].calls, costs[i].kept, burst));
  report_ratios(fmt::format("saturated, {} bytes", GetParam()), costs);
  EXPECT_EQ(costs[zero_copy].calls, 0);
  for (const auto ring : {ring_of_2, ring_of_8})
    EXPECT_GE(costs[zero_copy].kept, costs[ring].kept) << "loses more than " << contestants[ring].name;
  EXPECT_GE(costs[by_read].instructions, (GetParam() == 1514 ? 2 : 1) * costs[zero_copy].instructions);
}

/// The reader of a stream that it keeps up with: it sleeps while there is nothing.
Cost follow_stream(Consumer& consumer, const std::function<void()>& send) {
  Work work;
  Cost cost;
  std::atomic<bool> sent{false};
  std::thread reader([&] {
    const double before = thread_ns();
    for (bool more = true; more;) {
      const bool all = sent;
      const std::uint64_t so_far = work.packets;
      consumer.take(1, true, work);
      more = !all || work.packets != so_far;
    }
    cost.instructions = (thread_ns() - before) / static_cast<double>(work.packets);
  });
  send();
  sent = true;
  reader.join();
  cost.calls = static_cast<double>(consumer.calls()) / static_cast<double>(work.packets);
  cost.kept = work.packets;
  cost.lost = consumer.dropped();
  return cost;
}

TEST_P(Speed, Stream) {
  const std::size_t packets = 30 * buffer_bytes / (GetParam() + 100);
  Costs costs;
  for (std::size_t i = 0; i < all_of_them; ++i) {
    const auto consumer = contestants[i].make(wire.receiver());
    costs[i] = follow_stream(*consumer, [&] { send(packets); });
    EXPECT_EQ(costs[i].kept + costs[i].lost, packets) << contestants[i].name;
    report(fmt::format(
        "stream, {} bytes: {:<9} {:7.1f} instructions and {:.5f} system calls a packet; loses {} of {}",
        GetParam(), contestants[i].name, costs[i].instructions, costs[i].calls, costs[i].lost, packets));
  }
  report_ratios(fmt::format("stream, {} bytes", GetParam()), costs);
  EXPECT_GE(costs[by_read].instructions, (GetParam() == 1514 ? 2 : 1) * costs[zero_copy].instructions);
  // A ring of two blocks costs what two buffers cost; usual are more and smaller ones, and more waking up.
  EXPECT_LE(costs[zero_copy].instructions, 1.2 * costs[ring_of_2].instructions);
  EXPECT_LE(costs[zero_copy].instructions, (GetParam() == 1514 ? 1.0 : 1.2) * costs[ring_of_8].instructions);
  for (const auto ring : {ring_of_2, ring_of_8})
    EXPECT_LE(costs[zero_copy].lost, costs[ring].lost);
}

INSTANTIATE_TEST_SUITE_P(Bytes, Speed, testing::Values(64, 1514),
                         [](const auto& info) { return std::to_string(info.param); });

} // namespace
} // namespace zbuf

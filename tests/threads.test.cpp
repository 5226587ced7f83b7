// SPDX-License-Identifier: BSD-2-Clause
// Real time: a kernel thread delivers numbered packets as fast as it can while readers read. Every packet is
// accounted for. Worth most under ThreadSanitizer.
#include "core/clock/real_clock.h"
#include "core/emulated/kernel.h"
#include "core/observation/operation.h"
#include "core/reader/zero_copy_reader.h"

#include <atomic>
#include <chrono>
#include <gtest/gtest.h>
#include <thread>

namespace zbuf {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t ms = 1'000'000;

EmulatedKernel::Config config(zb_revision_number revision) {
  EmulatedKernel::Config config;
  config.revision = &zb_revisions[revision];
  config.tunables.zerocopy_enable = true;
  return config;
}

/// The kernel's thread. It knows of each packet whether its one descriptor stored it.
class Deliverer {
 public:
  Deliverer(EmulatedKernel& kernel, EmulatedKernel::InterfaceId interface)
      : kernel_(kernel), interface_(interface) {}

  /// Again: the numbers go on. finish() when no more will come.
  void run(std::chrono::milliseconds how_long) {
    const auto end = std::chrono::steady_clock::now() + how_long;
    std::array<std::byte, 1514> packet{};
    for (auto n = static_cast<std::uint32_t>(sent_); std::chrono::steady_clock::now() < end; ++n) {
      const std::span<std::byte> bytes(packet.data(), length_of(n));
      fill_test_packet(bytes, n);
      const TapWork work =
          kernel_.arrive(interface_, {bytes, static_cast<std::uint32_t>(bytes.size()), false});
      if (work.stored_bytes != 0)
        stored_.push_back(n);
      ++sent_;
      if (n % 64 == 0)
        std::this_thread::yield();
    }
  }
  void finish() { done_ = true; }
  static std::size_t length_of(std::uint32_t n) { return 60 + n * 7919 % 1455; }

  [[nodiscard]] bool done() const { return done_; }
  // After finish():
  [[nodiscard]] const std::vector<std::uint32_t>& stored() const { return stored_; }
  [[nodiscard]] std::uint64_t sent() const { return sent_; }

 private:
  EmulatedKernel& kernel_;
  const EmulatedKernel::InterfaceId interface_;
  std::vector<std::uint32_t> stored_{};
  std::uint64_t sent_ = 0;
  std::atomic<bool> done_ = false;
};

/// Adds the numbers of the packets, which must be whole.
void take_records(std::span<const std::byte> fill, std::vector<std::uint32_t>& numbers) {
  std::array<std::byte, 1514> expected{};
  RecordCursor cursor(fill);
  while (const auto record = cursor.next()) {
    std::uint32_t n = 0;
    std::memcpy(&n, record->bytes.data() + 14, sizeof(n));
    const std::span<std::byte> whole(expected.data(), Deliverer::length_of(n));
    fill_test_packet(whole, n);
    ASSERT_EQ(record->bytes.size(), whole.size());
    ASSERT_EQ(std::memcmp(record->bytes.data(), whole.data(), whole.size()), 0) << "packet " << n;
    numbers.push_back(n);
  }
  ASSERT_EQ(cursor.fault(), RecordFault::none);
}

struct Way {
  BufferMode mode;
  Waiting waiting;
  std::size_t buffer_bytes;
  zb_revision_number revision;
  bool departs; ///< the interface is destroyed under the reader
};

void PrintTo(const Way& way, std::ostream* out) {
  *out << zb_revisions[way.revision].name << ", " << way.buffer_bytes << " bytes";
}

class Traffic : public ::testing::TestWithParam<Way> {};

std::vector<Way> ways() {
  std::vector<Way> all;
  for (const zb_revision_number revision : {ZB_FREEBSD, ZB_ZBUF})
    for (const bool departs : {false, true})
      for (const std::size_t bytes : {std::size_t{4096}, std::size_t{65536}}) {
        for (const Waiting waiting : {Waiting::sleep, Waiting::poll, Waiting::spin})
          all.push_back({BufferMode::zbuf, waiting, bytes, revision, departs});
        for (const Waiting waiting : {Waiting::sleep, Waiting::poll})
          all.push_back({BufferMode::buffer, waiting, bytes, revision, departs});
      }
  return all;
}
std::string way_name(const ::testing::TestParamInfo<Way>& info) {
  const Way& way = info.param;
  constexpr std::array waiting{"Sleep", "Poll", "Spin"};
  return std::string(zb_revisions[way.revision].name) + (way.mode == BufferMode::zbuf ? "ZeroCopy" : "Read") +
         waiting[static_cast<std::size_t>(way.waiting)] + std::to_string(way.buffer_bytes) +
         (way.departs ? "Departs" : "");
}
INSTANTIATE_TEST_SUITE_P(Way, Traffic, ::testing::ValuesIn(ways()), way_name);

TEST_P(Traffic, EveryPacketIsAccountedFor) {
  const Way& way = GetParam();
  RealClock clock;
  EmulatedKernel kernel(clock, config(way.revision));
  const auto em0 = *kernel.add_interface({.name = "em0"});
  ReaderOptions options;
  options.mode = way.mode;
  options.waiting = way.waiting;
  options.buffer_bytes = way.buffer_bytes;
  options.timeout_ns = 5 * ms;
  const auto reader = *make_reader(kernel.open(), "em0", options);
  Deliverer deliverer(kernel, em0);
  std::vector<std::uint32_t> delivered;
  std::atomic<std::size_t> taken = 0; // delivered.size(), for the other thread

  std::thread process([&] {
    // It ends when nothing came for long enough, after the last packet, for every time-out to have passed.
    std::uint64_t last_ns = clock.now_ns();
    for (;;) {
      const bool done = !way.departs && deliverer.done();
      const std::uint64_t before_ns = clock.now_ns();
      const auto next = reader->next();
      ASSERT_TRUE(next);
      if (next->kind == Next::Kind::gone)
        return;
      if (next->kind == Next::Kind::fill)
        take_records(next->fill.records, delivered);
      taken = delivered.size();
      if (next->kind == Next::Kind::fill || !done)
        last_ns = clock.now_ns(); // and not `before`: the reader's time-outs begin within next()
      else if (before_ns - last_ns > 30 * ms)
        return;
    }
  });
  std::thread traffic([&] {
    deliverer.run(way.departs ? 30ms : 60ms);
    // The reader may not have had the processor yet. What it has not got when the interface goes, it never
    // gets.
    const auto patience = std::chrono::steady_clock::now() + 30s;
    while (way.departs && taken == 0 && std::chrono::steady_clock::now() < patience)
      deliverer.run(5ms);
    deliverer.finish();
    if (way.departs)
      kernel.destroy_interface(em0);
  });
  traffic.join();
  process.join();

  // What is left, the kernel has: in the store, behind an acknowledged hold (spec 2.16a), or, in read(2)
  // mode, where it was when the interface went.
  const zb_bpf_stat stat = *statistics(reader->device());
  EXPECT_EQ(stat.recv, deliverer.sent());
  EXPECT_EQ(deliverer.stored().size() + stat.drop, deliverer.sent());
  ASSERT_LE(delivered.size(), deliverer.stored().size());
  EXPECT_TRUE(std::equal(delivered.begin(), delivered.end(), deliverer.stored().begin()))
      << "in order, with gaps where packets were dropped and nowhere else";
  std::uint64_t left_bytes = 0;
  for (std::size_t i = delivered.size(); i < deliverer.stored().size(); ++i)
    left_bytes = ZB_WORDALIGN(left_bytes) + 26 + Deliverer::length_of(deliverer.stored()[i]);
  std::uint32_t unread = 0;
  ASSERT_EQ(reader->device().control(ZB_FIONREAD, &unread), 0);
  const bool exact = way.revision == ZB_ZBUF || way.mode == BufferMode::buffer;
  EXPECT_TRUE(exact ? unread == left_bytes : unread >= left_bytes)
      << unread << " and " << left_bytes << "; FIONREAD counts an acknowledged hold too (spec 4.13)";
  EXPECT_TRUE(way.mode == BufferMode::buffer || way.revision != ZB_ZBUF || left_bytes == 0)
      << left_bytes << " bytes stay behind";
  EXPECT_GT(delivered.size(), 0u) << "the reader got nothing while the interface was there";
}

TEST(Threads, TwoReadersOfOneDescriptorShareItsBuffers) {
  RealClock clock;
  EmulatedKernel kernel(clock, config(ZB_FREEBSD));
  const auto em0 = *kernel.add_interface({.name = "em0"});
  const auto device = kernel.open();
  ASSERT_TRUE(set_interface(*device, "em0"));
  Deliverer deliverer(kernel, em0);
  std::array<std::vector<std::uint32_t>, 2> delivered;
  std::vector<std::thread> processes;
  for (auto& mine : delivered)
    processes.emplace_back([&device, &mine] {
      std::vector<std::byte> into(4096);
      for (;;) {
        const CallResult got = device->read(into);
        if (got.error != 0)
          return;
        take_records(std::span<const std::byte>(into).first(got.value), mine);
      }
    });
  deliverer.run(100ms);
  kernel.destroy_interface(em0);
  for (std::thread& process : processes)
    process.join();
  std::vector<std::uint32_t> all;
  std::merge(delivered[0].begin(), delivered[0].end(), delivered[1].begin(), delivered[1].end(),
             std::back_inserter(all));
  ASSERT_LE(all.size(), deliverer.stored().size());
  EXPECT_TRUE(std::equal(all.begin(), all.end(), deliverer.stored().begin())) << "each to one of them, once";
  EXPECT_TRUE(std::is_sorted(delivered[0].begin(), delivered[0].end()));
}

TEST(Threads, SleepersAreInterruptedAndTimersRun) {
  RealClock clock;
  EmulatedKernel kernel(clock, config(ZB_FREEBSD));
  (void)kernel.add_interface({.name = "em0"});
  const auto device = kernel.open();
  ASSERT_TRUE(set_interface(*device, "em0"));
  std::atomic<int> interrupted = 0;
  std::thread process([&] {
    std::vector<std::byte> into(4096);
    EXPECT_EQ(device->read(into).error, ZB_EINTR);
    ++interrupted;
    EXPECT_EQ(device->poll(ZB_POLLIN, -1).error, ZB_EINTR);
    ++interrupted;
    ASSERT_TRUE(set_read_timeout(*device, 5 * ms));
    EXPECT_EQ(device->read(into).error, 0);
    EXPECT_EQ(device->poll(ZB_POLLIN, 20 * ms).value, 0u); // the kernel's timer runs out meanwhile
  });
  for (int i = 0; i < 2; ++i) {
    std::this_thread::sleep_for(10ms);
    device->interrupt();
    while (interrupted <= i) // two before the thread has begun would be one
      std::this_thread::yield();
  }
  process.join();
}

/// Descriptors come, do everything that a process can, and go, while packets flow and interfaces come and go.
TEST(Threads, ChurnHarmsNobody) {
  RealClock clock;
  EmulatedKernel kernel(clock, config(ZB_FREEBSD));
  (void)kernel.add_interface({.name = "em0"});
  (void)kernel.add_interface({.name = "em1"});
  std::atomic<bool> stop = false;
  std::vector<std::thread> threads;
  const auto forever = [&](auto body) {
    threads.emplace_back([&stop, body] {
      for (std::uint32_t turn = 0; !stop; ++turn)
        body(turn);
    });
  };
  for (const char* name : {"em0", "em1"})
    forever([&kernel, name](std::uint32_t turn) {
      const std::vector<std::byte> packet(60 + turn % 1400);
      if (const auto interface = kernel.find_interface(name))
        kernel.arrive(*interface, {packet, static_cast<std::uint32_t>(packet.size()), turn % 2 == 0});
    });
  forever([&kernel](std::uint32_t turn) {
    const auto interface = kernel.find_interface("em1");
    if (interface && turn % 3 == 0)
      kernel.destroy_interface(*interface);
    else if (interface)
      kernel.set_interface_up(*interface, turn % 3 == 1);
    else
      (void)kernel.add_interface({.name = "em1"});
    std::this_thread::sleep_for(1ms);
  });
  forever([&kernel](std::uint32_t turn) {
    for (const zb_xbpf_d& x : kernel.stats())
      EXPECT_GE(x.rcount, x.fcount);
    if (turn % 16 == 0)
      kernel.zero_stats();
  });
  for (const BufferMode mode : {BufferMode::zbuf, BufferMode::buffer})
    forever([&kernel, mode](std::uint32_t turn) {
      ReaderOptions options;
      options.mode = mode;
      options.buffer_bytes = 4096;
      options.timeout_ns = 1 * ms;
      options.filter = {{0x06, 0, 0, 96}};
      options.immediate = turn % 2 == 0;
      auto reader = make_reader(kernel.open(), turn % 3 == 0 ? "em0" : "em1", options);
      for (int i = 0; reader && i < 20; ++i)
        (void)(*reader)->next();
    });
  // Two threads of one process on one descriptor.
  const auto shared =
      kernel.open({.access = EmulatedKernel::Access::read_write, .nonblocking = true, .pid = 0});
  for (int half = 0; half < 2; ++half)
    forever([&shared](std::uint32_t turn) {
      const std::vector<zb_bpf_insn> program{{0x06, 0, 0, turn % 100}};
      std::vector<std::byte> bytes(4096);
      (void)set_interface(*shared, turn % 2 == 0 ? "em0" : "em1");
      (void)shared->control(ZB_BIOCPROMISC, nullptr);
      (void)set_filter(*shared, program, turn % 4 != 0);
      (void)shared->read(bytes);
      (void)shared->poll(ZB_POLLIN, 0);
      (void)shared->write(std::span(bytes).first(60));
      (void)interface_name(*shared);
      (void)statistics(*shared);
      (void)set_buffer_length(*shared, 4096);
      (void)flush(*shared);
    });
  std::this_thread::sleep_for(1500ms);
  stop = true;
  for (std::thread& thread : threads)
    thread.join();
}

} // namespace
} // namespace zbuf

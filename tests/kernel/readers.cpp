// SPDX-License-Identifier: BSD-2-Clause
// Readers of core/reader on packets that come over a wire: every packet is accounted for.
#include "core/base/random.h"
#include "core/reader/reader.h"
#include "tests/kernel/machine.h"

#include <atomic>
#include <cstring>
#include <gtest/gtest.h>
#include <sched.h>
#include <thread>

namespace zbuf {
namespace {

struct Account {
  std::uint64_t delivered = 0, wrong = 0;
  std::int64_t last = -1;
  bool gone = false;

  void take(const Fill& fill) {
    RecordCursor cursor(fill.records);
    while (const auto record = cursor.next()) {
      ++delivered;
      std::uint32_t sequence = 0;
      std::memcpy(&sequence, record->bytes.data() + 14, sizeof(sequence));
      const auto expected = test_packet(record->bytes.size(), sequence);
      const bool good = std::int64_t{sequence} > last && record->datalen == record->bytes.size() &&
                        std::equal(expected.begin(), expected.end(), record->bytes.begin());
      if (!good && ++wrong <= 3)
        ADD_FAILURE() << "packet " << sequence << " after " << last << ", " << record->bytes.size() << " of "
                      << record->datalen << " bytes, at " << record->offset;
      last = sequence;
    }
    wrong += cursor.fault() != RecordFault::none;
  }
};

struct Case {
  const char* name;
  BufferMode mode;
  Waiting waiting;
  bool immediate;
  std::size_t buffer_bytes;
};

class Readers : public testing::TestWithParam<Case> {};

/// Packets that are sent on two processors may overtake each other on the way.
void stay_on_one_processor() {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(0, &one);
  ASSERT_EQ(sched_setaffinity(0, sizeof(one), &one), 0);
}

std::uint32_t unread_bytes(Device& device) {
  std::uint32_t bytes = 0;
  EXPECT_EQ(device.control(ZB_FIONREAD, &bytes), 0);
  return bytes;
}

/// Reads until everything that was sent has been counted, and there is no more.
TEST_P(Readers, AccountForEveryPacket) {
  const ScopedSysctl enable("net.bpf.zerocopy_enable", 1), backlog("net.core.netdev_max_backlog", 100'000);
  constexpr std::uint32_t packets = 8000;
  Wire wire("wire0", "wire1");
  ReaderOptions options;
  options.mode = GetParam().mode;
  options.waiting = GetParam().waiting;
  options.immediate = GetParam().immediate;
  options.buffer_bytes = GetParam().buffer_bytes;
  options.timeout_ns = 50'000'000;
  auto device = open_device();
  auto made = make_reader(std::move(device), wire.receiver(), options);
  ASSERT_TRUE(made.has_value()) << made.error().text();
  Reader& reader = **made;
  ASSERT_EQ(control_u32(reader.device(), ZB_BIOCSDIRECTION, ZB_D_IN), 0);
  const std::uint64_t before = statistics_of(reader.device())->recv;
  ASSERT_EQ(before, 0u) << "nothing else talks on this wire";

  std::atomic<bool> sent{false};
  std::thread sender([&] {
    stay_on_one_processor();
    Random random(1);
    for (std::uint32_t n = 0; n < packets; ++n) {
      while (!wire.send(test_packet(random.between(60, 1514), n)))
        std::this_thread::yield();
      if (n % 500 == 0)
        std::this_thread::sleep_for(std::chrono::milliseconds(10)); // so that time-outs have a part in it
    }
    sent = true;
  });
  Account account;
  for (;;) {
    const bool all = sent && statistics_of(reader.device())->recv == packets;
    const auto next = reader.next();
    ASSERT_TRUE(next.has_value()) << next.error().text();
    if (next->kind == Next::Kind::fill)
      account.take(next->fill);
    else if (all && unread_bytes(reader.device()) == 0)
      break;
  }
  sender.join();
  const auto row = statistics_of(reader.device());
  EXPECT_EQ(account.wrong, 0u);
  EXPECT_EQ(row->recv, packets);
  EXPECT_EQ(row->match, packets);
  EXPECT_EQ(account.delivered + row->drop, packets);
  EXPECT_GT(account.delivered, 0u);
  EXPECT_GE(row->zcopy, options.mode == BufferMode::zbuf ? 2 * account.delivered : 0);
}

INSTANTIATE_TEST_SUITE_P(
    Modes, Readers,
    testing::Values(Case{"zbuf", BufferMode::zbuf, Waiting::sleep, false, 262144},
                    Case{"zbuf_small", BufferMode::zbuf, Waiting::sleep, false, 4096},
                    Case{"zbuf_immediate", BufferMode::zbuf, Waiting::sleep, true, 65536},
                    Case{"zbuf_spin", BufferMode::zbuf, Waiting::spin, false, 65536},
                    Case{"zbuf_most", BufferMode::zbuf, Waiting::poll, false, ZB_ZMAX},
                    Case{"read", BufferMode::buffer, Waiting::sleep, false, 262144},
                    Case{"read_immediate", BufferMode::buffer, Waiting::sleep, true, 32768}),
    [](const auto& info) { return std::string(info.param.name); });

class Departure : public testing::TestWithParam<BufferMode> {};

/// The interface is destroyed under a sleeping reader: it gets what was published, and then learns of it.
TEST_P(Departure, ReaderSeesTheEnd) {
  const ScopedSysctl enable("net.bpf.zerocopy_enable", 1);
  auto wire = std::make_unique<Wire>("wire0", "wire1");
  ReaderOptions options;
  options.mode = GetParam();
  options.buffer_bytes = 65536;
  options.timeout_ns = 0; // for ever
  // What read(2) has not been given when the interface goes is lost (spec 2.18).
  options.immediate = GetParam() == BufferMode::buffer;
  auto made = make_reader(open_device(), wire->receiver(), options);
  ASSERT_TRUE(made.has_value()) << made.error().text();
  Reader& reader = **made;
  ASSERT_EQ(control_u32(reader.device(), ZB_BIOCPROMISC, 1), 0);
  for (std::uint32_t n = 0; n < 10; ++n)
    wire->send(test_packet(1000, n));
  std::thread destroyer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    wire.reset();
  });
  Account account;
  bool gone = false;
  while (!gone) {
    const auto next = reader.next();
    ASSERT_TRUE(next.has_value()) << next.error().text();
    if (next->kind == Next::Kind::fill)
      account.take(next->fill);
    gone = next->kind == Next::Kind::gone;
  }
  destroyer.join();
  EXPECT_EQ(account.wrong, 0u);
  EXPECT_EQ(account.delivered, 10u);
  zb_ifreq name{};
  EXPECT_EQ(reader.device().control(ZB_BIOCGETIF, &name), ZB_EINVAL);
  EXPECT_EQ(statistics_of(reader.device())->interface, "-");
}

INSTANTIATE_TEST_SUITE_P(Modes, Departure, testing::Values(BufferMode::zbuf, BufferMode::buffer),
                         [](const auto& info) {
                           return std::string(info.param == BufferMode::zbuf ? "zbuf" : "read");
                         });

} // namespace
} // namespace zbuf

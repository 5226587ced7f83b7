// SPDX-License-Identifier: BSD-2-Clause
// /dev/bpf_trace gives every step of a descriptor, in order; what is lost is counted.
#include "tests/kernel/machine.h"

extern "C" {
#include "kernel/engine/event.h"
#include "kernel/include/net/zbuf_ring.h"
}

#include <fcntl.h>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <sys/ioctl.h>
#include <unistd.h>

namespace zbuf {
namespace {

class Recording {
 public:
  Recording() : file_(::open("/dev/bpf_trace", O_RDONLY | O_NONBLOCK | O_CLOEXEC)) { EXPECT_GE(file_, 0); }
  ~Recording() { ::close(file_); }
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

  int attach(unsigned number, unsigned events) {
    zbuf_ring_attach to{number, events};
    return ::ioctl(file_, ZBUF_RING_ATTACH, &to) == 0 ? 0 : errno;
  }
  /// Everything that is there.
  std::vector<zb_event> events() {
    std::vector<zb_event> all, some(100);
    ssize_t bytes = 0;
    while ((bytes = ::read(file_, some.data(), some.size() * sizeof(zb_event))) > 0)
      all.insert(all.end(), some.begin(), some.begin() + bytes / static_cast<ssize_t>(sizeof(zb_event)));
    at_end_ = bytes == 0;
    return all;
  }
  [[nodiscard]] bool at_end() const { return at_end_; }

 private:
  const int file_;
  bool at_end_ = false;
};

std::map<unsigned, unsigned> count_kinds(const std::vector<zb_event>& events) {
  std::map<unsigned, unsigned> kinds;
  for (const zb_event& event : events)
    ++kinds[event.kind];
  return kinds;
}

struct Traced : testing::Test {
  ScopedSysctl enable{"net.bpf.zerocopy_enable", 1};
  TapInterface tap{"trace0"};
  Loan loan = std::move(*Loan::allocate(4096));
  std::unique_ptr<NativeDevice> device = open_device();
  Recording recording;

  void SetUp() override { lend_and_attach(*device, loan, "trace0"); }
};

TEST_F(Traced, EveryStepInOrder) {
  ASSERT_EQ(recording.attach(device->number(), 1024), 0);
  const auto found = count_kinds(recording.events());
  EXPECT_EQ(found, (std::map<unsigned, unsigned>{
                       {ZB_EV_OPENED, 1}, {ZB_EV_MODE, 1}, {ZB_EV_LOANED, 2}, {ZB_EV_ATTACHED, 1}}));
  for (std::uint32_t n = 0; n < 12; ++n)
    tap.arrive(test_packet(1000, n));
  zb_user_acknowledge(loan.header(ZB_A), 1);
  tap.arrive(test_packet(1000, 12));
  const auto events = recording.events();
  auto kinds = count_kinds(events);
  const auto row = *statistics_of(*device);
  EXPECT_EQ(kinds[ZB_EV_ARRIVED], 13u);
  EXPECT_EQ(kinds[ZB_EV_ACCEPTED], row.match);
  EXPECT_EQ(kinds[ZB_EV_DROPPED], row.drop);
  EXPECT_EQ(kinds[ZB_EV_STORED], row.match - row.drop);
  EXPECT_EQ(kinds[ZB_EV_PUBLISHED], 2u);
  EXPECT_EQ(kinds[ZB_EV_RECLAIMED], 1u);
  EXPECT_EQ(kinds[ZB_EV_LOST_EVENTS], 0u);
  std::uint64_t last_ns = 0;
  std::uint32_t packet = ZB_NO_PACKET;
  for (const zb_event& event : events) {
    EXPECT_GE(event.time_ns, last_ns);
    last_ns = event.time_ns;
    if (event.kind == ZB_EV_ARRIVED) {
      EXPECT_TRUE(packet == ZB_NO_PACKET || event.packet == packet + 1) << event.packet;
      packet = event.packet;
      EXPECT_EQ(event.a, 1000u);
    } else {
      EXPECT_EQ(event.packet, packet);
      EXPECT_EQ(event.descriptor, device->number());
    }
  }
  std::uint32_t unread = 0;
  EXPECT_EQ(device->control(ZB_FIONREAD, &unread), 0);
  kinds = count_kinds(recording.events());
  EXPECT_EQ(kinds[ZB_EV_CALL], 1u);
  EXPECT_EQ(kinds[ZB_EV_RETURN], 1u);
  device.reset();
  kinds = count_kinds(recording.events());
  EXPECT_EQ(kinds[ZB_EV_CLOSED], 1u);
  EXPECT_TRUE(recording.at_end());
}

TEST_F(Traced, LossIsCounted) {
  ASSERT_EQ(recording.attach(device->number(), 64), 0);
  EXPECT_EQ(recording.events().size(), 5u);
  // A packet that is dropped is three events.
  constexpr std::uint32_t packets = 200;
  for (std::uint32_t n = 0; n < packets; ++n)
    tap.arrive(test_packet(4000, n));
  const auto first = recording.events();
  EXPECT_EQ(first.size(), 64u);
  tap.arrive(test_packet(4000, packets));
  const auto then = recording.events();
  ASSERT_EQ(then.size(), 4u);
  EXPECT_EQ(then[0].kind, static_cast<std::uint8_t>(ZB_EV_LOST_EVENTS));
  const auto row = *statistics_of(*device);
  // Two fills: stored, stored with rotation, publication and wake-up, and the store published as well.
  const std::uint32_t all = 3 * (packets + 1) + 4;
  EXPECT_EQ(row.drop, packets + 1 - 2);
  EXPECT_EQ(64u + then[0].a + 3u, all);
}

/// Wherever the ring is when it is full.
TEST_F(Traced, TheLastEventIsThatItWasClosed) {
  for (std::uint32_t packets : {0u, 18u, 19u, 20u, 21u, 22u, 200u}) {
    Recording closing;
    auto other = open_device();
    Loan lent = std::move(*Loan::allocate(4096));
    lend_and_attach(*other, lent, "trace0");
    ASSERT_EQ(closing.attach(other->number(), 64), 0);
    EXPECT_EQ(closing.events().size(), 5u);
    for (std::uint32_t n = 0; n < packets; ++n)
      tap.arrive(test_packet(4000, n));
    std::uint64_t written = 0;
    other.reset();
    std::vector<zb_event> all = closing.events();
    ASSERT_FALSE(all.empty());
    EXPECT_EQ(all.back().kind, static_cast<std::uint8_t>(ZB_EV_CLOSED)) << packets;
    EXPECT_TRUE(closing.at_end());
    EXPECT_EQ(count_kinds(all)[ZB_EV_CLOSED], 1u);
    for (const zb_event& event : all)
      written += event.kind == ZB_EV_LOST_EVENTS ? event.a : 1;
    if (packets == 200) {
      EXPECT_EQ(count_kinds(all)[ZB_EV_LOST_EVENTS], 1u);
      EXPECT_GT(written, 3u * packets);
    }
  }
}

TEST_F(Traced, OneReaderOneDescriptor) {
  EXPECT_EQ(recording.attach(device->number(), 63), EINVAL);
  EXPECT_EQ(recording.attach(65000, 64), ENOENT);
  EXPECT_EQ(recording.attach(device->number(), 64), 0);
  EXPECT_EQ(recording.attach(device->number(), 64), EBUSY);
  {
    Recording other;
    EXPECT_EQ(other.attach(device->number(), 64), EBUSY);
    auto second = open_device();
    EXPECT_EQ(other.attach(second->number(), 64), 0);
  }
  Recording unattached;
  EXPECT_TRUE(unattached.events().empty());
}

/// It comes while buffers are with the user, and is told how they stand.
TEST_F(Traced, ComesInTheMiddle) {
  for (std::uint32_t n = 0; n < 8; ++n)
    tap.arrive(test_packet(1000, n));
  ASSERT_EQ(recording.attach(device->number(), 64), 0);
  auto kinds = count_kinds(recording.events());
  EXPECT_EQ(kinds[ZB_EV_ROTATED], 1u);
  EXPECT_EQ(kinds[ZB_EV_PUBLISHED], 2u);
  EXPECT_EQ(kinds[ZB_EV_RECLAIMED], 0u);
}

TEST_F(Traced, TracePointsPass) {
  const std::string folder = "/sys/kernel/tracing/";
  std::ofstream(folder + "events/zbuf/step/enable") << 1;
  for (std::uint32_t n = 0; n < 8; ++n)
    tap.arrive(test_packet(1000, n));
  std::ofstream(folder + "events/zbuf/step/enable") << 0;
  std::ifstream lines(folder + "trace");
  std::map<std::string, unsigned> steps;
  for (std::string line; std::getline(lines, line);)
    for (const char* step : {" stored ", " rotated ", " published ", " dropped "})
      steps[step] += line.find(step) != std::string::npos;
  EXPECT_EQ(steps[" stored "], 6u);
  EXPECT_EQ(steps[" rotated "], 1u);
  EXPECT_EQ(steps[" published "], 2u);
  EXPECT_EQ(steps[" dropped "], 2u);
}

} // namespace
} // namespace zbuf

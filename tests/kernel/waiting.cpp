// SPDX-License-Identifier: BSD-2-Clause
// read, poll, select, epoll, SIGIO and the read time-out, with a process that really sleeps.
#include "tests/kernel/machine.h"

#include <atomic>
#include <csignal>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <thread>
#include <unistd.h>

namespace zbuf {
namespace {

using std::chrono::milliseconds;

struct Waiting : testing::Test {
  TapInterface tap{"wait0"};
  std::unique_ptr<NativeDevice> device = open_device();

  void SetUp() override {
    ASSERT_EQ(control_u32(*device, ZB_BIOCSBLEN, 4096), 0);
    ASSERT_EQ(set_interface_of(*device, "wait0"), 0);
  }
  /// In a moment, from another thread.
  std::thread soon(std::uint32_t packets) {
    return std::thread([this, packets] {
      std::this_thread::sleep_for(milliseconds(150));
      for (std::uint32_t n = 0; n < packets; ++n)
        tap.arrive(test_packet(1000, n));
    });
  }
  CallResult read() {
    std::vector<std::byte> into(4096);
    return device->read(into);
  }
  void set_timeout(std::int64_t ms) {
    zb_timeval time{ms / 1000, ms % 1000 * 1000};
    ASSERT_EQ(device->control(ZB_BIOCSRTIMEOUT, &time), 0);
  }
};

TEST_F(Waiting, ReadSleepsUntilABufferIsFull) {
  auto other = soon(4); // three fit
  const CallResult got = read();
  other.join();
  EXPECT_EQ(got.error, 0);
  EXPECT_EQ(got.value, 1026u + 2 * 1032u);
}

TEST_F(Waiting, ReadTimesOut) {
  set_timeout(100);
  const std::uint64_t before = device->now_ns();
  const CallResult nothing = read();
  EXPECT_EQ(nothing.error, 0);
  EXPECT_EQ(nothing.value, 0u);
  EXPECT_GE(device->now_ns() - before, 99'000'000u);
  tap.arrive(test_packet(1000, 0));
  EXPECT_EQ(read().value, 1026u);
}

TEST_F(Waiting, SignalsEndASleep) {
  std::thread other([this] {
    std::this_thread::sleep_for(milliseconds(150));
    device->interrupt();
  });
  EXPECT_EQ(read().error, ZB_EINTR);
  other.join();
}

TEST_F(Waiting, NonblockingIsTheFilesFlagAndTheIoctls) {
  fcntl(device->descriptor(), F_SETFL, O_NONBLOCK);
  EXPECT_EQ(read().error, ZB_EWOULDBLOCK);
  set_timeout(50);
  EXPECT_EQ(control_u32(*device, ZB_FIONBIO, 0), 0);
  EXPECT_EQ(fcntl(device->descriptor(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_EQ(read().error, 0);
  EXPECT_EQ(control_u32(*device, ZB_FIONBIO, 1), 0);
  EXPECT_EQ(read().error, ZB_EWOULDBLOCK);
  int unread = -1;
  tap.arrive(test_packet(1000, 0));
  EXPECT_EQ(::ioctl(device->descriptor(), FIONREAD, &unread), 0) << "Linux's own number";
  EXPECT_EQ(unread, 1026);
}

TEST_F(Waiting, SelectWakes) {
  auto other = soon(4);
  fd_set set;
  FD_ZERO(&set);
  FD_SET(device->descriptor(), &set);
  timeval time{5, 0};
  EXPECT_EQ(::select(device->descriptor() + 1, &set, nullptr, nullptr, &time), 1);
  other.join();
}

TEST_F(Waiting, EpollWakesAndTheReadTimeOutRuns) {
  set_timeout(100);
  const int queue = epoll_create1(0);
  epoll_event event{EPOLLIN, {}};
  ASSERT_EQ(epoll_ctl(queue, EPOLL_CTL_ADD, device->descriptor(), &event), 0);
  EXPECT_EQ(epoll_wait(queue, &event, 1, 20), 0);
  tap.arrive(test_packet(1000, 0)); // not full: the time-out shows it
  EXPECT_EQ(epoll_wait(queue, &event, 1, 5000), 1);
  EXPECT_EQ(event.events, static_cast<std::uint32_t>(EPOLLIN));
  EXPECT_EQ(read().value, 1026u);
  ::close(queue);
}

std::atomic<int> signals{0};
std::atomic<int> last_signal{0};

TEST_F(Waiting, SignalsArriveForWhoWantsThem) {
  struct sigaction action {};
  action.sa_handler = [](int number) {
    ++signals;
    last_signal = number;
  };
  sigaction(SIGIO, &action, nullptr);
  sigaction(SIGUSR1, &action, nullptr);
  ASSERT_EQ(control_u32(*device, ZB_BIOCIMMEDIATE, 1), 0);
  tap.arrive(test_packet(60, 0));
  EXPECT_EQ(signals, 0);
  EXPECT_EQ(control_u32(*device, ZB_FIOSETOWN, static_cast<std::uint32_t>(getpid())), 0);
  EXPECT_EQ(control_u32(*device, ZB_FIOASYNC, 1), 0);
  tap.arrive(test_packet(60, 1));
  EXPECT_EQ(signals, 1);
  EXPECT_EQ(last_signal, SIGIO);
  EXPECT_EQ(control_u32(*device, ZB_BIOCSRSIG, SIGUSR1), 0);
  tap.arrive(test_packet(60, 2));
  EXPECT_EQ(last_signal, SIGUSR1);
  EXPECT_EQ(control_u32(*device, ZB_BIOCSRSIG, 0), 0);
  tap.arrive(test_packet(60, 3));
  EXPECT_EQ(signals, 2);
  // The same, asked for in Linux's way.
  EXPECT_EQ(control_u32(*device, ZB_FIOASYNC, 0), 0);
  EXPECT_EQ(control_u32(*device, ZB_BIOCSRSIG, SIGIO), 0);
  tap.arrive(test_packet(60, 4));
  EXPECT_EQ(signals, 2);
  fcntl(device->descriptor(), F_SETOWN, getpid());
  fcntl(device->descriptor(), F_SETFL, O_ASYNC);
  tap.arrive(test_packet(60, 5));
  EXPECT_EQ(signals, 3);
  EXPECT_EQ(last_signal, SIGIO);
}

/// Many packets at once, and nobody misses his wake-up.
TEST_F(Waiting, NoWakeUpIsLost) {
  ASSERT_EQ(control_u32(*device, ZB_BIOCIMMEDIATE, 1), 0);
  std::atomic<std::uint32_t> got{0};
  std::thread reader([&] {
    while (got < 2000) {
      std::vector<std::byte> into(4096);
      const CallResult result = device->read(into);
      ASSERT_EQ(result.error, 0);
      for (std::size_t at = 0; at < result.value; at += ZB_WORDALIGN(26 + 60))
        ++got;
    }
  });
  for (std::uint32_t n = 0; n < 2000; ++n) {
    tap.arrive(test_packet(60, n));
    while (n - std::min(n, got.load()) > 20)
      std::this_thread::yield();
  }
  reader.join();
  EXPECT_EQ(got, 2000u);
}

} // namespace
} // namespace zbuf

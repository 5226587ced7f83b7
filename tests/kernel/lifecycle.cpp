// SPDX-License-Identifier: BSD-2-Clause
// Descriptors come and go by the thousand, killed in the middle; nothing stays behind.
#include "tests/kernel/machine.h"

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace zbuf {
namespace {

/// On both processors.
void kill_victims(unsigned cycles) {
  const auto kill_half = [&] {
    EXPECT_EQ(std::system(("/usr/bin/victims life0 " + std::to_string(cycles / 2)).c_str()), 0);
  };
  std::thread other(kill_half);
  kill_half();
  other.join();
}

TEST(Lifecycle, TenThousandLoansKilled) {
  const ScopedSysctl enable("net.bpf.zerocopy_enable", 1);
  TapInterface tap("life0");
  const std::uint64_t pinned = pinned_pages();
  kill_victims(500); // what is kept for later is there now
  const std::uint64_t memory_kb = counter_of("/proc/meminfo", "MemAvailable");
  std::atomic<bool> stop{false};
  std::thread traffic([&] {
    for (std::uint32_t n = 0; !stop; ++n) {
      tap.arrive(test_packet(1000, n));
      usleep(2000);
    }
  });
  kill_victims(9'500);
  stop = true;
  traffic.join();
  EXPECT_EQ(pinned_pages(), pinned);
  EXPECT_TRUE(statistics_rows().empty());
  unsigned flags = 0;
  std::ifstream("/sys/class/net/life0/flags") >> std::hex >> flags;
  EXPECT_EQ(flags & 0x100, 0u) << "still promiscuous";
  std::this_thread::sleep_for(std::chrono::seconds(1)); // grace periods
  // A page lost in each cycle would be 37 MB.
  EXPECT_GT(counter_of("/proc/meminfo", "MemAvailable") + 12'000, memory_kb);
}

TEST(Lifecycle, UnloadingIsRefusedWhileOpen) {
  const auto device = open_device();
  EXPECT_EQ(syscall(SYS_delete_module, "zbuf", O_NONBLOCK), -1);
  EXPECT_EQ(errno, EWOULDBLOCK);
  EXPECT_EQ(control_u32(*device, ZB_BIOCIMMEDIATE, 1), 0) << "and it still works";
}

/// A reader that is stopped for a while loses what does not fit, and nothing else.
TEST(Lifecycle, SuspendedReaderGoesOn) {
  const ScopedSysctl enable("net.bpf.zerocopy_enable", 1);
  TapInterface tap("susp0");
  int told[2];
  ASSERT_EQ(::pipe(told), 0);
  auto device = open_device();
  auto* const shared = static_cast<std::byte*>(
      ::mmap(nullptr, 8 * ZB_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  ASSERT_EQ(control_u32(*device, ZB_BIOCSETBUFMODE, ZB_BUFMODE_ZBUF), 0);
  zb_bpf_zbuf request{reinterpret_cast<std::uintptr_t>(shared),
                      reinterpret_cast<std::uintptr_t>(shared + 4 * ZB_PAGE_SIZE), 4 * ZB_PAGE_SIZE};
  ASSERT_EQ(device->control(ZB_BIOCSETZBUF, &request), 0);
  ASSERT_EQ(set_interface_of(*device, "susp0"), 0);
  const pid_t reader = fork();
  if (reader == 0) {
    // Acknowledges whatever is published, in turn.
    for (unsigned expected = 0;; expected ^= 1) {
      auto* const header = reinterpret_cast<zb_shared_header*>(shared + expected * 4 * ZB_PAGE_SIZE);
      while (zb_user_kernel_gen(header) == zb_user_user_gen(header))
        usleep(100);
      zb_user_acknowledge(header, zb_user_kernel_gen(header));
    }
  }
  const auto send = [&](unsigned packets, bool patiently) {
    for (std::uint32_t n = 0; n < packets; ++n) {
      tap.arrive(test_packet(1000, n));
      if (patiently)
        usleep(2000);
    }
  };
  send(60, true);
  kill(reader, SIGSTOP);
  send(200, false);
  const auto stopped = *statistics_of(*device);
  EXPECT_GT(stopped.drop, 100u);
  kill(reader, SIGCONT);
  usleep(100'000);
  send(60, true);
  EXPECT_EQ(statistics_of(*device)->drop, stopped.drop);
  kill(reader, SIGKILL);
  waitpid(reader, nullptr, 0);
  device.reset();
  ::munmap(shared, 8 * ZB_PAGE_SIZE);
}

} // namespace
} // namespace zbuf

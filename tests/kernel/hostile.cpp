// SPDX-License-Identifier: BSD-2-Clause
// Users who mean harm: whatever they write or call, the kernel stays whole, and others get their packets.
#include "tests/kernel/hostile.h"

#include "core/base/random.h"

#include <atomic>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace zbuf {
namespace {

class Scribblers : public Hostile, public testing::WithParamInterface<int> {};

TEST_P(Scribblers, DenyNobodyTheirPackets) {
  const ScopedSysctl strict("net.bpf.strict", static_cast<std::uint64_t>(GetParam()));
  Witness witness("host0");
  auto loan = Loan::allocate(3 * page);
  ASSERT_TRUE(loan.has_value());
  auto device = open_device();
  lend_and_attach(*device, *loan, "host0");
  std::atomic<bool> stop{false};
  const auto scribble = [&](std::uint64_t seed) {
    Random random(seed);
    while (!stop) {
      auto* const buffer = loan->address(random.below(2) != 0 ? ZB_A : ZB_B);
      auto* const words = reinterpret_cast<std::uint32_t*>(buffer);
      const std::uint64_t where = random.below(4) != 0 ? random.below(8) : random.below(3 * page / 4);
      const auto value = static_cast<std::uint32_t>(random.below(3) != 0 ? random.below(40) : random.next());
      __atomic_store_n(&words[where], value, __ATOMIC_RELAXED);
    }
  };
  std::thread first(scribble, 1), second(scribble, 2);
  for (int round = 0; round < 30; ++round) {
    const std::uint32_t from = sequence;
    send(100);
    zb_bpf_zbuf rotated{};
    device->control(ZB_BIOCROTZBUF, &rotated);
    EXPECT_LE(rotated.buflen, loan->size());
    device->poll(ZB_POLLIN, 0);
    witness.expect(from, sequence);
  }
  stop = true;
  first.join();
  second.join();
  const auto row = statistics_of(*device);
  EXPECT_EQ(row->recv, sequence);
  EXPECT_LE(static_cast<std::size_t>(row->store), loan->size());
  EXPECT_LE(static_cast<std::size_t>(row->hold), loan->size());
}

INSTANTIATE_TEST_SUITE_P(Revisions, Scribblers, testing::Values(0, 1),
                         [](const auto& info) { return std::string(info.param == 0 ? "zbuf" : "freebsd"); });

/// What waits to be sent counts against who wrote it, and holds the module; he gets it back.
TEST_F(Hostile, WritesMoreThanIsSent) {
  shell("tc qdisc add dev host0 root tbf rate 1mbit burst 2000 limit 10000000");
  const auto packet = test_packet(1400, 0);
  auto device = open_device();
  ASSERT_EQ(set_interface_of(*device, "host0"), 0);
  std::size_t written = 0;
  int error = 0;
  while (written < 5000 && (error = device->write(packet).error) == 0)
    ++written;
  EXPECT_EQ(error, 55) << "ENOBUFS after " << written;
  EXPECT_GT(written, 10u);
  auto other = open_device(); // has a limit of its own
  ASSERT_EQ(set_interface_of(*other, "host0"), 0);
  EXPECT_EQ(other->write(packet).error, 0);
  other.reset();
  device.reset();
  EXPECT_EQ(syscall(SYS_delete_module, "zbuf", O_NONBLOCK), -1) << "frames are under way";
  std::size_t sent = 0;
  for (int tries = 0; tries < 500 && sent <= written; ++tries) {
    usleep(20'000);
    sent += tap.sent().size();
  }
  EXPECT_EQ(sent, written + 1);
}

/// read(2) into memory that does not come: the interface lock is not held meanwhile, nor anybody's packets.
TEST_F(Hostile, ReadsIntoMemoryThatDoesNotCome) {
  const int faults = static_cast<int>(::syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK));
  ASSERT_GE(faults, 0);
  uffdio_api api{UFFD_API, 0, 0};
  ASSERT_EQ(::ioctl(faults, UFFDIO_API, &api), 0);
  auto* const missing = map(page);
  uffdio_register range{{reinterpret_cast<std::uintptr_t>(missing), page}, UFFDIO_REGISTER_MODE_MISSING, 0};
  ASSERT_EQ(::ioctl(faults, UFFDIO_REGISTER, &range), 0);
  auto device = open_device();
  ASSERT_EQ(control_u32(*device, ZB_BIOCSBLEN, page), 0);
  ASSERT_EQ(control_u32(*device, ZB_BIOCIMMEDIATE, 1), 0);
  ASSERT_EQ(set_interface_of(*device, "host0"), 0);
  Witness witness("host0");
  send(1);
  std::thread reader([&] { EXPECT_EQ(device->read({missing, page}).value, 226u); });
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  TapInterface elsewhere("host1");
  std::atomic<int> moved{-1};
  std::thread mover([&] { moved = set_interface_of(*device, "host1"); }); // waits for the read
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_EQ(moved, -1);
  shell("ip link set host1 mtu 1400"); // needs the lock of all interfaces
  send(50);
  witness.expect(0, sequence);
  auto* const page_of_zeros = map(page);
  uffdio_copy give{reinterpret_cast<std::uintptr_t>(missing), reinterpret_cast<std::uintptr_t>(page_of_zeros),
                   page, 0, 0};
  ASSERT_EQ(::ioctl(faults, UFFDIO_COPY, &give), 0);
  reader.join();
  mover.join();
  EXPECT_EQ(moved, 0);
  ::close(faults);
  device.reset();
  ::munmap(missing, page);
  ::munmap(page_of_zeros, page);
}

/// Every request with any argument, from four threads of an unprivileged process, while packets arrive and
/// the interface comes and goes.
void storm(NativeDevice& device, std::uint64_t seed, std::uint64_t until_ns, std::byte* memory) {
  constexpr std::uint32_t requests[] = {
      ZB_BIOCGBLEN,      ZB_BIOCSBLEN,      ZB_BIOCSETF,       ZB_BIOCFLUSH,      ZB_BIOCPROMISC,
      ZB_BIOCGDLT,       ZB_BIOCGETIF,      ZB_BIOCSETIF,      ZB_BIOCSRTIMEOUT,  ZB_BIOCGRTIMEOUT,
      ZB_BIOCGSTATS,     ZB_BIOCIMMEDIATE,  ZB_BIOCVERSION,    ZB_BIOCGRSIG,      ZB_BIOCGHDRCMPLT,
      ZB_BIOCSHDRCMPLT,  ZB_BIOCGDIRECTION, ZB_BIOCSDIRECTION, ZB_BIOCSDLT,       ZB_BIOCGDLTLIST,
      ZB_BIOCSETWF,      ZB_BIOCFEEDBACK,   ZB_BIOCGETBUFMODE, ZB_BIOCSETBUFMODE, ZB_BIOCGETZMAX,
      ZB_BIOCROTZBUF,    ZB_BIOCSETZBUF,    ZB_BIOCSETFNR,     ZB_BIOCGTSTAMP,    ZB_BIOCSTSTAMP,
      ZB_BIOCSETVLANPCP, ZB_FIOGETOWN,      ZB_FIOASYNC,       ZB_FIONREAD,       ZB_TIOCGPGRP,
      0x40044299,        0xffff4266,        0xdffc4281,        ZB_BIOCSETIF,      ZB_BIOCSETZBUF};
  Random random(seed);
  while (device.now_ns() < until_ns) {
    alignas(8) std::array<std::uint64_t, 1024> argument{};
    const std::uint32_t request = requests[random.below(std::size(requests))];
    for (unsigned i = 0; i < 4; ++i)
      argument[i] = random.below(2) != 0 ? random.below(5) : random.next();
    const auto a = reinterpret_cast<std::uintptr_t>(memory) + page * random.below(8);
    if (request == ZB_BIOCSETZBUF)
      argument = {a, a + page * random.below(4), page * random.below(4)};
    if (request == ZB_BIOCSETIF)
      std::memcpy(argument.data(), random.below(2) != 0 ? "host0" : "storm0", 7);
    if ((request & 0xff) == 103 || (request & 0xff) == 123)
      argument = {random.below(4), a};
    device.control(request, random.below(20) != 0 ? argument.data() : reinterpret_cast<void*>(random.next()));
    device.poll(ZB_POLLIN, 0);
    if (random.below(4) == 0)
      device.read({memory + 8 * page, random.below(2) != 0 ? 4096 : random.below(70000)});
    if (random.below(4) == 0)
      device.write({memory + 8 * page, static_cast<std::size_t>(random.below(1600))});
    if (random.below(64) == 0)
      ::madvise(memory, 8 * page, MADV_DONTNEED);
  }
}

TEST_F(Hostile, StormsOfRequests) {
  std::vector<pid_t> children;
  for (std::uint64_t child = 0; child < 2; ++child) {
    auto first = open_device(O_NONBLOCK), second = open_device(O_NONBLOCK);
    children.push_back(fork());
    if (children.back() != 0)
      continue;
    if (setgid(65534) != 0 || setuid(65534) != 0)
      _exit(2);
    for (const int signal : {SIGIO, SIGURG})
      ::signal(signal, SIG_IGN);
    auto* const memory = map(32 * page);
    std::vector<std::thread> threads;
    const std::uint64_t until_ns = first->now_ns() + 6'000'000'000u;
    for (std::uint64_t n = 0; n < 4; ++n)
      threads.emplace_back(
          [&, n] { storm(n % 2 == 0 ? *first : *second, 10 * child + n, until_ns, memory); });
    for (auto& thread : threads)
      thread.join();
    _exit(0);
  }
  std::atomic<bool> stop{false};
  std::thread coming_and_going([&] {
    while (!stop)
      TapInterface("storm0");
  });
  for (int round = 0; round < 40; ++round) {
    send(20);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    tap.sent();
  }
  for (const pid_t child : children) {
    int status = -1;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  stop = true;
  coming_and_going.join();
}

/// A descriptor that was handed over gives no other right, and the limit on locked memory holds.
TEST_F(Hostile, UnprivilegedUsersMayNotOpenNorLockMore) {
  auto within = open_device(), beyond = open_device();
  const pid_t child = fork();
  if (child == 0) {
    const rlimit limit{8 * page, 8 * page};
    setrlimit(RLIMIT_MEMLOCK, &limit);
    int failed = setgid(65534) != 0 || setuid(65534) != 0;
    int error = 0;
    failed |= NativeDevice::open(O_RDWR, error) != nullptr || (error != 13 && error != ZB_EPERM) ? 2 : 0;
    auto* const memory = map(20 * page);
    failed |= lend(*beyond, memory, memory + 5 * page, 5 * page) != ZB_ENOMEM ? 4 : 0;
    failed |= lend(*within, memory, memory + 4 * page, 4 * page) != 0 ? 8 : 0;
    zb_bpf_zbuf more{reinterpret_cast<std::uintptr_t>(memory + 8 * page),
                     reinterpret_cast<std::uintptr_t>(memory + 9 * page), page};
    failed |= beyond->control(ZB_BIOCSETZBUF, &more) != ZB_ENOMEM ? 16 : 0;
    failed |= set_interface_of(*within, "host0") != 0 ? 32 : 0;
    // Nor does another process of that user get more, nor another program.
    if (const pid_t grandchild = fork(); grandchild == 0)
      _exit(lend(*beyond, memory + 8 * page, memory + 9 * page, page));
    int answer = 0;
    wait(&answer);
    failed |= WEXITSTATUS(answer) != ZB_ENOMEM ? 64 : 0;
    _exit(failed);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_F(Hostile, MisusesTheFile) {
  const auto device = open_device();
  EXPECT_EQ(::ioctl(device->descriptor(), 0x5401, nullptr), -1); // TCGETS: is it a terminal?
  EXPECT_EQ(errno, ENOTTY);
  EXPECT_EQ(device->control(ZB_BIOCSETIF, nullptr), ZB_EFAULT);
  EXPECT_EQ(device->control(ZB_BIOCGBLEN, nullptr), ZB_EFAULT);
  EXPECT_EQ(::lseek(device->descriptor(), 1, SEEK_SET), -1);
  EXPECT_EQ(::mmap(nullptr, page, PROT_READ, MAP_SHARED, device->descriptor(), 0), MAP_FAILED);
  int error = 0;
  const auto reading = NativeDevice::open(O_RDONLY, error), writing = NativeDevice::open(O_WRONLY, error);
  std::array<std::byte, 60> bytes{};
  EXPECT_EQ(reading->write(bytes).error, ZB_EBADF);
  EXPECT_EQ(writing->read(bytes).error, ZB_EBADF);
  // Written only, so far: gets no packets until it has a filter (spec 2.18).
  EXPECT_EQ(set_interface_of(*writing, "host0"), 0);
  send(1);
  EXPECT_EQ(statistics_of(*writing)->recv, 0u);
}

} // namespace
} // namespace zbuf

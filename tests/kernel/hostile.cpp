// Users who mean harm: whatever they write, map, unmap or call, the kernel stays whole, and others get their
// packets.
#include "core/base/random.h"
#include "core/device/records.h"
#include "tests/kernel/machine.h"

#include <atomic>
#include <cstring>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace zbuf {
namespace {

constexpr std::size_t page = ZB_PAGE_SIZE;

struct Hostile : testing::Test {
  ScopedSysctl enable{"net.bpf.zerocopy_enable", 1};
  Tap tap{"host0"};
  std::uint64_t pinned = pinned_pages();
  std::uint32_t sequence = 0;

  void send(std::uint32_t packets) {
    for (std::uint32_t n = 0; n < packets; ++n)
      tap.arrive(test_packet(200 + sequence % 1000, sequence)), ++sequence;
  }
  void TearDown() override { EXPECT_EQ(pinned_pages(), pinned); }
};

int lend(Device& device, const void* a, const void* b, std::size_t bytes) {
  EXPECT_EQ(control_u32(device, ZB_BIOCSETBUFMODE, ZB_BUFMODE_ZBUF), 0);
  zb_bpf_zbuf request{reinterpret_cast<std::uintptr_t>(a), reinterpret_cast<std::uintptr_t>(b), bytes};
  return device.control(ZB_BIOCSETZBUF, &request);
}

std::byte* map(std::size_t bytes, int flags = MAP_PRIVATE | MAP_ANONYMOUS, int file = -1) {
  void* const memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, flags, file, 0);
  EXPECT_NE(memory, MAP_FAILED) << std::strerror(errno);
  return static_cast<std::byte*>(memory);
}

const zb_shared_header* header_of(const std::byte* buffer) {
  return reinterpret_cast<const zb_shared_header*>(buffer);
}

/// An honest reader beside the hostile one: everything arrives, in order.
class Witness {
 public:
  explicit Witness(const std::string& interface) : device_(open_device(O_NONBLOCK)) {
    EXPECT_EQ(control_u32(*device_, ZB_BIOCSBLEN, 524288), 0);
    EXPECT_EQ(set_interface_of(*device_, interface), 0);
  }
  void expect(std::uint32_t from, std::uint32_t to) {
    std::vector<std::byte> into(524288);
    std::uint32_t next = from;
    for (;;) {
      const CallResult got = device_->read(into);
      if (got.error != 0)
        break;
      RecordCursor cursor(std::span<const std::byte>(into).first(got.value));
      while (const auto record = cursor.next()) {
        const auto expected = test_packet(200 + next % 1000, next);
        EXPECT_TRUE(std::equal(record->bytes.begin(), record->bytes.end(), expected.begin(), expected.end()))
            << "packet " << next;
        ++next;
      }
    }
    EXPECT_EQ(next, to);
  }

 private:
  std::unique_ptr<NativeDevice> device_;
};

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

TEST_F(Hostile, UnmapsWhatItLent) {
  Witness witness("host0");
  auto* const memory = map(4 * page);
  auto device = open_device();
  ASSERT_EQ(lend(*device, memory, memory + 2 * page, 2 * page), 0);
  ASSERT_EQ(set_interface_of(*device, "host0"), 0);
  send(5);
  ASSERT_EQ(::munmap(memory, 4 * page), 0);
  send(50);
  // Something else comes to lie there, and the kernel does not know it.
  auto* const other = static_cast<std::byte*>(
      ::mmap(memory, 4 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
  ASSERT_EQ(other, memory);
  send(50);
  zb_bpf_zbuf rotated{};
  EXPECT_EQ(device->control(ZB_BIOCROTZBUF, &rotated), 0);
  for (std::size_t i = 0; i < 4 * page; ++i)
    ASSERT_EQ(other[i], std::byte{0}) << i;
  EXPECT_GT(statistics_of(*device)->drop, 0u);
  witness.expect(0, sequence);
  device.reset();
  ::munmap(other, 4 * page);
}

/// The child gets copies of the pages; parent and kernel go on with the same ones.
TEST_F(Hostile, ForksWithEitherSideWriting) {
  auto loan = Loan::allocate(page);
  auto device = open_device();
  lend_and_attach(*device, *loan, "host0");
  send(60); // both are lent
  const std::uint32_t published = zb_user_kernel_gen(loan->header(ZB_A));
  ASSERT_EQ(published, 1u);
  int to_child[2], to_parent[2];
  ASSERT_EQ(::pipe(to_child) | ::pipe(to_parent), 0);
  const pid_t child = fork();
  char token = 0;
  if (child == 0) {
    // Acknowledges, and scribbles, in its own copy. The descriptor is the same.
    zb_user_acknowledge(loan->header(ZB_A), 1);
    std::memset(loan->address(ZB_B), 0xff, page);
    (void)!::write(to_parent[1], &token, 1);
    (void)!::read(to_child[0], &token, 1);
    zb_bpf_zbuf rotated{};
    _exit(device->control(ZB_BIOCROTZBUF, &rotated));
  }
  (void)!::read(to_parent[0], &token, 1);
  EXPECT_EQ(zb_user_user_gen(loan->header(ZB_A)), 0u) << "the child's store is not seen here";
  const auto dropped = statistics_of(*device)->drop;
  send(20);
  EXPECT_EQ(statistics_of(*device)->drop, dropped + 20) << "nor by the kernel";
  zb_user_acknowledge(loan->header(ZB_A), zb_user_kernel_gen(loan->header(ZB_A)));
  zb_user_acknowledge(loan->header(ZB_B), zb_user_kernel_gen(loan->header(ZB_B)));
  send(20);
  EXPECT_EQ(zb_user_kernel_gen(loan->header(ZB_A)), 2u) << "the parent's is";
  (void)!::write(to_child[1], &token, 1);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 0);
  for (const int end : {to_child[0], to_child[1], to_parent[0], to_parent[1]})
    ::close(end);
  device.reset();
}

TEST_F(Hostile, LendsTheSameMemoryTwice) {
  auto* const memory = map(2 * page);
  {
    auto device = open_device();
    EXPECT_EQ(lend(*device, memory, memory, page), ZB_EINVAL);
    EXPECT_EQ(lend(*device, memory, memory + page, page), 0) << "and then as it should";
  }
  const ScopedSysctl strict("net.bpf.strict", 1);
  auto alias = open_device(), other = open_device();
  ASSERT_EQ(lend(*alias, memory, memory, page), 0);
  ASSERT_EQ(lend(*other, memory, memory + page, page), 0);
  ASSERT_EQ(set_interface_of(*alias, "host0"), 0);
  ASSERT_EQ(set_interface_of(*other, "host0"), 0);
  Witness witness("host0");
  send(200);
  witness.expect(0, sequence);
  alias.reset();
  other.reset();
  ::munmap(memory, 2 * page);
}

TEST_F(Hostile, LendsHugePages) {
  const std::uint64_t free_before = counter_of("/proc/meminfo", "HugePages_Free");
  ASSERT_GE(free_before, 2u);
  auto* const memory = map(2 * ZB_ZMAX, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB);
  auto device = open_device();
  ASSERT_EQ(lend(*device, memory, memory + ZB_ZMAX, ZB_ZMAX), 0);
  ASSERT_EQ(set_interface_of(*device, "host0"), 0);
  send(100);
  zb_bpf_zbuf rotated{};
  EXPECT_EQ(device->control(ZB_BIOCROTZBUF, &rotated), 0);
  EXPECT_EQ(rotated.bufa, reinterpret_cast<std::uintptr_t>(memory));
  EXPECT_EQ(zb_user_kernel_len(header_of(memory)), rotated.buflen);
  ::munmap(memory, 2 * ZB_ZMAX);
  EXPECT_EQ(counter_of("/proc/meminfo", "HugePages_Free"), free_before - 2) << "kept by the loan";
  send(100);
  device.reset();
  EXPECT_EQ(counter_of("/proc/meminfo", "HugePages_Free"), free_before);
}

/// Shared memory may be lent, and truncated while it is; files of a file system may not.
TEST_F(Hostile, LendsFiles) {
  const int shared = ::memfd_create("lent", MFD_CLOEXEC);
  ASSERT_EQ(::ftruncate(shared, 4 * page), 0);
  auto* const memory = map(4 * page, MAP_SHARED, shared);
  auto device = open_device();
  ASSERT_EQ(lend(*device, memory, memory + 2 * page, 2 * page), 0);
  ASSERT_EQ(set_interface_of(*device, "host0"), 0);
  send(60);
  EXPECT_EQ(zb_user_kernel_gen(header_of(memory)), 1u);
  ASSERT_EQ(::ftruncate(shared, 0), 0);
  send(20);
  ASSERT_EQ(::ftruncate(shared, 4 * page), 0);
  send(20);
  EXPECT_EQ(memory[0], std::byte{0}) << "other pages";
  device.reset();
  ::munmap(memory, 4 * page);
  ::close(shared);

  const int file = ::open("/root/file", O_CREAT | O_RDWR | O_CLOEXEC, 0600); // ramfs
  ASSERT_EQ(::ftruncate(file, 4 * page), 0);
  for (const int flags : {MAP_SHARED, MAP_PRIVATE}) {
    auto* const of_file = map(4 * page, flags, file);
    auto second = open_device();
    // A private mapping is written to pages of its own.
    EXPECT_EQ(lend(*second, of_file, of_file + 2 * page, 2 * page), flags == MAP_SHARED ? ZB_EFAULT : 0);
    second.reset();
    ::munmap(of_file, 4 * page);
  }
  ::close(file);
}

/// Two addresses, one memory: nobody can see it in the addresses. It harms only him who does it.
TEST_F(Hostile, LendsOneMemoryUnderTwoAddresses) {
  const int shared = ::memfd_create("twice", MFD_CLOEXEC);
  ASSERT_EQ(::ftruncate(shared, page), 0);
  auto *const one = map(page, MAP_SHARED, shared), *const other = map(page, MAP_SHARED, shared);
  Witness witness("host0");
  for (const std::uint64_t revision : {0, 1}) {
    const ScopedSysctl strict("net.bpf.strict", revision);
    const std::uint32_t from = sequence;
    auto device = open_device();
    ASSERT_EQ(lend(*device, one, other, page), 0);
    ASSERT_EQ(set_interface_of(*device, "host0"), 0);
    for (std::uint32_t round = 0; round < 20; ++round) {
      send(10);
      zb_user_acknowledge(reinterpret_cast<zb_shared_header*>(one), round % 4);
      device->poll(ZB_POLLIN, 0);
    }
    EXPECT_EQ(statistics_of(*device)->recv, sequence - from);
    witness.expect(from, sequence);
  }
  ::munmap(one, page);
  ::munmap(other, page);
  ::close(shared);
}

TEST_F(Hostile, LendsWhatItMayNotWrite) {
  auto* const good = map(2 * page);
  auto* const bad = map(8 * page);
  ASSERT_EQ(::mprotect(bad, page, PROT_READ), 0);
  ASSERT_EQ(::mprotect(bad + page, page, PROT_NONE), 0);
  ASSERT_EQ(::munmap(bad + 3 * page, page), 0); // a hole after the first page of two
  const auto top_of_memory = reinterpret_cast<void*>(~std::uintptr_t{page - 1});
  const auto kernel_memory = reinterpret_cast<void*>(0xffff888000000000u);
  const auto text =
      reinterpret_cast<void*>(reinterpret_cast<std::uintptr_t>(&lend) & ~std::uintptr_t{page - 1});
  auto device = open_device();
  for (const void* memory :
       {static_cast<void*>(bad), static_cast<void*>(bad + page), top_of_memory, kernel_memory}) {
    EXPECT_EQ(lend(*device, memory, good, page), ZB_EFAULT) << memory;
    EXPECT_EQ(lend(*device, good, memory, page), ZB_EFAULT) << memory;
  }
  EXPECT_EQ(lend(*device, text, good, page), ZB_EFAULT);
  EXPECT_EQ(lend(*device, good, bad + 2 * page, 2 * page), ZB_EFAULT);
  EXPECT_EQ(pinned_pages(), pinned);
  EXPECT_EQ(lend(*device, good, good + page, page), 0) << "and then as it should";
  device.reset();
  ::munmap(good, 2 * page);
  ::munmap(bad, 8 * page);
}

/// The kernel keeps the pages, wherever their owner has them.
TEST_F(Hostile, MovesAndDiscardsWhatItLent) {
  auto* memory = map(4 * page);
  auto device = open_device();
  ASSERT_EQ(lend(*device, memory, memory + 2 * page, 2 * page), 0);
  ASSERT_EQ(set_interface_of(*device, "host0"), 0);
  memory = static_cast<std::byte*>(
      ::mremap(memory, 4 * page, 4 * page, MREMAP_MAYMOVE | MREMAP_FIXED, map(4 * page)));
  ASSERT_NE(memory, MAP_FAILED);
  send(80);
  EXPECT_EQ(zb_user_kernel_gen(header_of(memory)), 1u) << "the same pages";
  ASSERT_EQ(::mprotect(memory, 4 * page, PROT_READ), 0);
  ASSERT_EQ(::madvise(memory, 2 * page, MADV_DONTNEED), 0);
  EXPECT_EQ(zb_user_kernel_gen(header_of(memory)), 0u) << "another page";
  EXPECT_EQ(zb_user_kernel_gen(header_of(memory + 2 * page)), 1u);
  const auto dropped = statistics_of(*device)->drop;
  send(20);
  EXPECT_EQ(statistics_of(*device)->drop, dropped + 20) << "A cannot be returned any more";
  device.reset();
  ::munmap(memory, 4 * page);
}

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
  Tap elsewhere("host1");
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
      Tap("storm0");
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

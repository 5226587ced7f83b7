// SPDX-License-Identifier: BSD-2-Clause
// Memory that is lent, and everything that its owner can do with it: the kernel goes on with the pages that
// it was given, and nobody else is harmed.
#include "tests/kernel/hostile.h"

#include <sys/wait.h>
#include <unistd.h>

namespace zbuf {
namespace {

struct Lending : Hostile {};

TEST_F(Lending, UnmapsWhatItLent) {
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
TEST_F(Lending, ForksWithEitherSideWriting) {
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

TEST_F(Lending, LendsTheSameMemoryTwice) {
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

TEST_F(Lending, LendsHugePages) {
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

/// The huge page is split under the loan: its owner gives most of it back, and protects a part.
TEST_F(Lending, PartsOfATransparentHugePage) {
  constexpr std::size_t huge = ZB_ZMAX;
  auto* const memory = map(3 * huge);
  auto* const aligned =
      reinterpret_cast<std::byte*>((reinterpret_cast<std::uintptr_t>(memory) + huge - 1) & ~(huge - 1));
  ASSERT_EQ(::madvise(aligned, huge, MADV_HUGEPAGE), 0);
  std::memset(aligned, 1, huge);
  auto device = open_device();
  ASSERT_EQ(lend(*device, aligned + 4 * page, aligned + 8 * page, 2 * page), 0);
  ASSERT_EQ(set_interface_of(*device, "host0"), 0);
  send(10);
  ASSERT_EQ(::munmap(aligned + 16 * page, huge - 16 * page), 0);
  ASSERT_EQ(::mprotect(aligned + 5 * page, page, PROT_READ), 0);
  ASSERT_EQ(::madvise(aligned, 4 * page, MADV_DONTNEED), 0);
  send(80);
  EXPECT_EQ(zb_user_kernel_gen(header_of(aligned + 4 * page)), 1u);
  EXPECT_EQ(zb_user_kernel_gen(header_of(aligned + 8 * page)), 1u);
  EXPECT_EQ(aligned[7 * page], std::byte{1}) << "between the two";
  device.reset();
  ::munmap(memory, 3 * huge);
}

/// Shared memory may be lent, and truncated while it is; files of a file system may not.
TEST_F(Lending, LendsFiles) {
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
TEST_F(Lending, LendsOneMemoryUnderTwoAddresses) {
  const int shared = ::memfd_create("twice", MFD_CLOEXEC);
  ASSERT_EQ(::ftruncate(shared, page), 0);
  auto *const one = map(page, MAP_SHARED, shared), *const other = map(page, MAP_SHARED, shared);
  Witness witness("host0");
  for (const std::uint64_t revision : {0u, 1u}) {
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

TEST_F(Lending, LendsWhatItMayNotWrite) {
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
TEST_F(Lending, MovesAndDiscardsWhatItLent) {
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

} // namespace
} // namespace zbuf

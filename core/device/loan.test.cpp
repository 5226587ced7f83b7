// SPDX-License-Identifier: BSD-2-Clause
// The memory that is lent, and how the emulated kernel finds out whether memory is there.
#include "core/device/loan.h"

#include "core/emulated/user_memory.h"

#include <cstring>
#include <gtest/gtest.h>
#include <vector>

namespace zbuf {
namespace {

std::uint64_t address(const Loan& loan, zb_which which) {
  return reinterpret_cast<std::uintptr_t>(loan.address(which));
}

TEST(Loan, IsTwoZeroedBuffersOfWholePages) {
  const auto loan = Loan::allocate(5000);
  ASSERT_TRUE(loan);
  EXPECT_EQ(loan->size(), 8192u);
  for (const zb_which which : {ZB_A, ZB_B}) {
    EXPECT_EQ(address(*loan, which) % 4096, 0u);
    EXPECT_EQ(loan->records(which).size(), 8192u - 32);
    for (const std::byte b : loan->records(which))
      ASSERT_EQ(b, std::byte{0});
    EXPECT_TRUE(memory_is_writable(address(*loan, which), loan->size()));
    EXPECT_FALSE(memory_is_writable(address(*loan, which), loan->size() + 1)) << "an unmapped page follows";
  }
}

TEST(Loan, ImpossibleSizesAreRefused) {
  for (const std::size_t bytes : {std::size_t{0}, (std::size_t{1} << 30) + 1, ~std::size_t{0}}) {
    const auto loan = Loan::allocate(bytes);
    ASSERT_FALSE(loan);
    EXPECT_NE(loan.error().message.find(std::to_string(bytes)), std::string::npos);
  }
}

TEST(Loan, MovesWithItsMemory) {
  auto loan = Loan::allocate(4096);
  ASSERT_TRUE(loan);
  const std::byte* const a = loan->address(ZB_A);
  Loan other = std::move(*loan);
  EXPECT_EQ(other.address(ZB_A), a);
  EXPECT_FALSE(other.empty());
  EXPECT_TRUE(Loan().empty());
}

TEST(Loan, CanBeMadeUnfitForUse) {
  auto loan = Loan::allocate(4096);
  ASSERT_TRUE(loan);
  loan->make_read_only();
  EXPECT_FALSE(memory_is_writable(address(*loan, ZB_A), 4096));
  std::byte one{};
  EXPECT_TRUE(copy_from_user(address(*loan, ZB_A), &one, 1));
  loan->unmap(ZB_B);
  EXPECT_FALSE(copy_from_user(address(*loan, ZB_B), &one, 1));
}

TEST(UserMemory, AskingChangesNothing) {
  auto loan = Loan::allocate(4096);
  ASSERT_TRUE(loan);
  std::memset(loan->address(ZB_A), 0x5a, 4096);
  EXPECT_TRUE(memory_is_writable(address(*loan, ZB_A), 4096));
  for (std::size_t i = 0; i < 4096; ++i)
    ASSERT_EQ(loan->address(ZB_A)[i], std::byte{0x5a});
}

TEST(UserMemory, NoAddressEndsUs) {
  std::byte byte{};
  for (const std::uint64_t bad : {std::uint64_t{0}, std::uint64_t{4096}, ~std::uint64_t{0} - 4095})
    for (const std::size_t length : {std::size_t{1}, std::size_t{8192}}) {
      EXPECT_FALSE(memory_is_writable(bad, length));
      std::vector<std::byte> into(length);
      EXPECT_FALSE(copy_from_user(bad, into.data(), length));
    }
  EXPECT_TRUE(memory_is_writable(0, 0));
  EXPECT_TRUE(copy_from_user(0, &byte, 0));
}

TEST(UserMemory, ACopyThatReachesPastTheEndFailsWhole) {
  const auto loan = Loan::allocate(8192);
  ASSERT_TRUE(loan);
  std::vector<std::byte> into(12288);
  EXPECT_TRUE(copy_from_user(address(*loan, ZB_A), into.data(), 8192));
  EXPECT_TRUE(copy_from_user(address(*loan, ZB_A) + 1, into.data(), 8191));
  EXPECT_FALSE(copy_from_user(address(*loan, ZB_A) + 1, into.data(), 8192));
  EXPECT_TRUE(copy_from_user(address(*loan, ZB_A), into.data(), 8192)) << "and the next one is whole again";
}

} // namespace
} // namespace zbuf

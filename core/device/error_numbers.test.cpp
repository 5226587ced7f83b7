// SPDX-License-Identifier: BSD-2-Clause
// Errors by FreeBSD's numbers and by this system's.
#include "core/device/error_numbers.h"

#include <cerrno>
#include <gtest/gtest.h>
#include <utility>

namespace zbuf::testing {
namespace {

/// As errno.h of FreeBSD has them, and of this system.
constexpr std::pair<int, int> numbers[] = {
    {1, EPERM},     {4, EINTR},    {6, ENXIO},   {9, EBADF},        {12, ENOMEM},   {14, EFAULT},
    {16, EBUSY},    {22, EINVAL},  {35, EAGAIN}, {35, EWOULDBLOCK}, {40, EMSGSIZE}, {45, EOPNOTSUPP},
    {50, ENETDOWN}, {55, ENOBUFS}, {13, EACCES}, {2, ENOENT}};

TEST(ErrorNumbers, AreTranslatedBothWays) {
  for (const auto& [freebsd, system] : numbers) {
    EXPECT_EQ(freebsd_error(system), freebsd);
    EXPECT_EQ(system_error(freebsd), system);
  }
}

TEST(ErrorNumbers, HaveNames) {
  EXPECT_EQ(error_name(22), "EINVAL");
  EXPECT_EQ(error_name(35), "EWOULDBLOCK");
  EXPECT_EQ(error_name(99), "an unexpected error");
}

} // namespace
} // namespace zbuf::testing

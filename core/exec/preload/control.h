// SPDX-License-Identifier: BSD-2-Clause
// ioctl(2) on an emulated descriptor.
#pragma once

#include <cstdint>

namespace zbuf::exec {

/// O_NONBLOCK, for the kernel.
void set_nonblocking(std::uint64_t inode, bool on);

} // namespace zbuf::exec

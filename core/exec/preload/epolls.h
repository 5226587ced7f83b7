// SPDX-License-Identifier: BSD-2-Clause
// Emulated descriptors in sets of epoll(7): the system's own epoll does not know them, so a list here does.
#pragma once

namespace zbuf::exec {

extern int epoll_entry_count;

/// The number is no longer an emulated descriptor.
void forget_in_epolls(int fd);
/// The number is closed: if it was an epoll, its entries go.
void forget_epoll_slowly(int fd);
inline void forget_epoll(int fd) {
  if (__builtin_expect(__atomic_load_n(&epoll_entry_count, __ATOMIC_RELAXED) != 0, 0))
    forget_epoll_slowly(fd);
}

} // namespace zbuf::exec

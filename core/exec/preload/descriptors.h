// SPDX-License-Identifier: BSD-2-Clause
// Which of the program's descriptors are ours.
//
// An emulated descriptor is a socket to the kernel in `zbuf exec`: dup(2), fork(2), exec(3) and SCM_RIGHTS
// treat it as they treat any descriptor, and the kernel sees its last close, even that of a process that was
// killed. The inode number of the socket names it. Here is a bit for each number, so that calls on other
// files lose no time.
#pragma once

#include <cstddef>
#include <cstdint>

namespace zbuf::exec {

inline constexpr int most_descriptors = 1 << 16;
extern std::uint64_t emulated_bits[most_descriptors / 64];
extern int emulated_count; ///< how many bits are set; never less than there are

/// Whether it may be ours: a look at a bit. is_ours() is sure.
inline bool may_be_ours(int fd) {
  return static_cast<unsigned>(fd) < static_cast<unsigned>(most_descriptors) &&
         (__atomic_load_n(&emulated_bits[static_cast<unsigned>(fd) / 64], __ATOMIC_RELAXED) >>
              (static_cast<unsigned>(fd) % 64) &
          1) != 0;
}

/// The name of an emulated descriptor for the kernel; 0: it is not ours (any more), and its bit is clear now.
std::uint64_t inode_of(int fd);

/// Of a descriptor that came by another way than open(2): 0 if it is not ours.
std::uint64_t adopt(int fd);

void clear_ours(int fd);
/// `to` is a new number for the open file of `from`.
void copy_ours(int from, int to);
/// The flags that it was opened with.
int flags_of(int fd);
/// Another number of the same open file, in this process; -1: there is none.
int other_number(int fd, std::uint64_t inode);

/// Opens a descriptor: open(2) with these flags, of /dev/bpf (0) or /dev/bpfN (N + 1). -1 and errno.
int open_emulated(int flags, std::uint64_t unit);

/// "/dev/bpf": 0; "/dev/bpf7": 8; anything else: -1.
std::int64_t unit_of(const char* path);

/// Descriptors of this library's own, which the program did not open and must not close.
int move_away(int fd); ///< to a high number; returns the new one
bool is_hidden(int fd);
void unhide(int fd);

/// There is a kernel: we run under `zbuf exec`.
bool has_kernel();

/// Connects to it; -1 and errno.
int connect_to_kernel();

} // namespace zbuf::exec

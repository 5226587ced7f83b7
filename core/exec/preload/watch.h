// SPDX-License-Identifier: BSD-2-Clause
// The guard of loaned memory: it sees a program touch a buffer that is the kernel's.
//
// While the kernel owns a buffer, all of its pages but the first (which holds the header) are closed to the
// program. Who owns it only shared memory knows, so the guard looks when a closed page is touched:
// generations that differ make the buffer the program's, and it is opened as far as its records reach; equal
// ones are a mistake, which is noted, and the program goes on. While a buffer is open its first page cannot
// be written: so the acknowledgement is seen as it happens, and closes the buffer. When the program comes
// back to the kernel after it, the first page is closed, too: what is touched first then should be a
// generation. This costs three faults a fill, some microseconds.
//
// Not seen: what happens within the first 4096 bytes once they are open. A lent stack is not guarded: a fault
// would have nowhere to be handled.
#pragma once

#include "core/exec/mistake_kinds.h"
#include "kernel/engine/abi.h"

#include <cstddef>
#include <cstdint>

namespace zbuf::exec {

extern int watched_count;

/// A slot for the notes of a new loan.
unsigned reserve_watch();
/// The loan was made; guarding begins with arm_watch(), when packets can arrive.
void begin_watch(unsigned slot, std::uint64_t inode, const zb_bpf_zbuf& buffers, std::uint64_t loan_flags);
void arm_watch(std::uint64_t inode);
void end_watch(std::uint64_t inode);

/// The memory is the program's again, or no more: unmapped, put under another mapping, freed.
void note_lost(MistakeKind kind, const void* at, std::size_t length);

/// The program calls the kernel: whatever it gave back is closed.
void close_headers();
inline void before_call() {
  if (__builtin_expect(__atomic_load_n(&watched_count, __ATOMIC_RELAXED) != 0, 0))
    close_headers();
}

/// A system call is about to read memory, where a touch would not be seen but fail.
void touch_watched(const void* at, std::size_t length);
inline void before_kernel_reads(const void* at, std::size_t length) {
  if (__builtin_expect(__atomic_load_n(&watched_count, __ATOMIC_RELAXED) != 0, 0))
    touch_watched(at, length);
}

} // namespace zbuf::exec

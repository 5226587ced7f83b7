// SPDX-License-Identifier: BSD-2-Clause
// Memory that the program lends: shared memory is put under its pages, which keep address and contents.
#pragma once

extern "C" {
#include "kernel/engine/abi.h"
}

#include "core/exec/protocol.h"

#include <cstdint>

namespace zbuf::exec {

/// What BIOCSETZBUF is told of the two buffers.
struct Loan {
  std::uint64_t flags = 0; ///< LoanFlags: which of them are there
  int file = -1;           ///< the file with the program's memory; not the caller's to close
};

/// Buffers that are not there, not writable, or not whole pages are left alone.
Loan share(const zb_bpf_zbuf& buffers);

/// Notes of the guard in this process's file, by slot. Pre: share() made one.
LoanNotes* notes_of(unsigned slot);

} // namespace zbuf::exec

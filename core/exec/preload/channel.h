// SPDX-License-Identifier: BSD-2-Clause
// Calls into the emulated kernel: one socket for each thread, a request and a reply.
#pragma once

#include "core/exec/protocol.h"

#include <cstddef>
#include <poll.h>
#include <sys/uio.h>

namespace zbuf::exec {

/// What goes along with a request, and where the payload of its reply is put.
struct Parcel {
  const void* payload = nullptr; ///< Request::length bytes
  int file = -1;                 ///< a descriptor to pass on
  iovec* into = nullptr;         ///< changed on the way
  int into_count = 0;
};

/// One call. Returns false and sets errno where the kernel cannot be reached (ENXIO); EFAULT: what came back
/// does not fit into the program's memory. Otherwise the reply, whose error the caller looks at. A signal
/// whose handler does not restart calls ends it (the reply says EINTR then, unless it was just done).
bool call(const Request& request, const Parcel& parcel, Reply& reply);

/// The same, while descriptors of other files are waited for as well: it ends as soon as one of `others` is
/// ready, or at a signal let in by the mask (may be null). `others` has room for one more, which is used.
/// Returns what ppoll(2) said of them: how many are ready, or -1 for EINTR.
int call_beside(const Request& request, const Parcel& parcel, Reply& reply, pollfd* others, nfds_t count,
                const void* mask, bool& reached);

/// The first reply of the kernel told it, of interface n from 0; null: there are not so many.
const InterfaceEntry* interface_at(unsigned n);
const InterfaceEntry* interface_named(const char* name);

} // namespace zbuf::exec

// SPDX-License-Identifier: BSD-2-Clause
// /dev/bpf of this machine. Where its kernel does not tell what it does, what its slots hold is deduced from
// what the reader sees (spec 6.4), and events say so as if they had been recorded.
#pragma once

#include "core/live/live_kernel.h"

namespace zbuf {

/// With this project's Linux module, and if nobody else records these descriptors, events are those of the
/// kernel itself (module_kernel.h). Otherwise they are deduced, and mean: records of a fill were stored when
/// their time stamps say, and the buffer rotated and published when the reader found it; it was reclaimed
/// when the next one was found. Drops come from BIOCGSTATS, once a second, and have no reason. System calls
/// are exact. Packets that the filter refused are not seen. The metadata has "slots": "deduced".
///
/// Opens `descriptors` of /dev/bpf: nothing later takes a privilege. Errors: of open_native().
///
/// With `dtrace` (FreeBSD), drops of zero-copy descriptors and the read timer are exact (dtrace.h); the rest
/// stays deduced. Errors: those of Dtrace::start() as well.
Result<std::unique_ptr<LiveKernel>> open_native_kernel(const std::string& interface, std::size_t descriptors,
                                                       bool dtrace);

/// From now on the descriptor accepts no packet; those that it has stay.
void refuse_packets(Device& device);

} // namespace zbuf

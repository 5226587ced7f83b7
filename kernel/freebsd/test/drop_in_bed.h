// SPDX-License-Identifier: BSD-2-Clause
// A machine whose /dev/bpf is the drop-in buffer models under the stand-in for bpf.c: operations and
// recorded observations reach it as they reach any other (core/observation/operation.h).
#pragma once

#include "core/observation/conform.h"

#include <functional>
#include <string>
#include <vector>

namespace zbuf {

/// Buffer models as net.bpf.zerocopy_strict = 1 or 0 makes them.
[[nodiscard]] MakeBed drop_in_beds(bool strict);

/// The probes that fired since it was last asked, as "function:name".
[[nodiscard]] std::vector<std::string> take_probes();

/// Where the page at an address lies in physical memory; by default, each somewhere else.
void set_frames(std::function<std::uint64_t(std::uint64_t)> frame_of);

} // namespace zbuf

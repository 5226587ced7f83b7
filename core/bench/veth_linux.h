// SPDX-License-Identifier: BSD-2-Clause
// A pair of virtual interfaces in a network of their own, for measuring what Linux has: nothing outside can
// see them, and they go with the last socket on them.
#pragma once

#include "core/base/result.h"

#include <cstdint>

namespace zbuf {

/// Two packet sockets, each bound to one end. The caller closes them.
struct VethPair {
  int sender = -1;
  int receiver = -1;
};

/// Makes both, up, with that MTU, in a new network namespace. Needs CAP_SYS_ADMIN and CAP_NET_RAW.
/// Errors: unsupported, with the call that was refused and what to do.
Result<VethPair> make_veth_pair(std::uint32_t mtu);

} // namespace zbuf

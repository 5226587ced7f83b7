// SPDX-License-Identifier: BSD-2-Clause
// Between the conformance program, which makes system calls, and the test around it, which has the kernel:
// what a machine's owner does to it (packets, sysctl, the interface), as messages through a socket.
#pragma once

#include <cstddef>
#include <cstdint>

namespace zbuf {

inline constexpr int machine_link = 200; ///< the program's end
inline constexpr std::size_t max_test_packet = 65536;

struct MachineOrder {
  enum What : std::uint32_t { fresh, packet, zerocopy, destroy, stats } what = fresh;
  std::uint32_t value = 0; ///< zerocopy: 0 or 1; packet: bytes that follow
};
// Each is answered: stats by how many there are (u32) and the first zb_xbpf_d, the others by a u32.

} // namespace zbuf

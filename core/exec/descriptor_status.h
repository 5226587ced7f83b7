// SPDX-License-Identifier: BSD-2-Clause
// What a running `zbuf exec` tells about its descriptors, and how to ask it.
#pragma once

#include "core/base/result.h"

extern "C" {
#include "kernel/engine/abi.h"
}

#include <cstdint>
#include <string>
#include <vector>

namespace zbuf::exec {

/// One open descriptor: what net.bpf.stats has of it, and what that has not.
struct DescriptorStatus {
  zb_xbpf_d bpf{}; ///< `pid`: the process that opened it. Attached nowhere: `ifname` is empty
  char command[16]{};
  std::uint32_t number = 0; ///< in the trace
  std::uint32_t unused = 0;
  /// [buffer] Of a loan, as its headers say now; zeros in read(2) mode.
  std::uint32_t kernel_gen[2]{};
  std::uint32_t user_gen[2]{};
  std::uint32_t kernel_len[2]{};
};

/// One running `zbuf exec` of this user.
struct Running {
  std::int32_t pid = 0; ///< of `zbuf exec`
  std::string socket{};
  std::vector<DescriptorStatus> descriptors{};
};

/// Where the sockets of this user's `zbuf exec` lie, one PID.sock each: a folder of $XDG_RUNTIME_DIR, or of
/// the folder for temporary files. Not created.
[[nodiscard]] std::string socket_folder();

/// Asks all that run. Those that do not answer are left out.
[[nodiscard]] std::vector<Running> running();

} // namespace zbuf::exec

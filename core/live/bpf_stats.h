// SPDX-License-Identifier: BSD-2-Clause
// The bpf descriptors of the whole machine, as its kernel tells of them: what netstat -B prints.
#pragma once

#include "core/base/result.h"

extern "C" {
#include "kernel/engine/abi.h"
}

#include <string>
#include <string_view>
#include <vector>

namespace zbuf {

struct SystemDescriptor {
  zb_xbpf_d bpf{};
  std::string command{}; ///< of the process that used it last; empty: it is gone, or not ours to know
};

/// FreeBSD: the sysctl net.bpf.stats. Linux: /proc/net/bpf of this project's module, of this network
/// namespace. Errors: unsupported, where the machine has no such kernel; io, in its words (as a rule: no
/// permission).
Result<std::vector<SystemDescriptor>> system_descriptors();

/// What the module's /proc/net/bpf says, line by line. Errors: bad_input, with the line.
Result<std::vector<SystemDescriptor>> parse_proc_net_bpf(std::string_view text);

/// "pif--l-": the seven flags of netstat -B (spec 6.2).
[[nodiscard]] std::string flags_of(const zb_xbpf_d& bpf);

} // namespace zbuf

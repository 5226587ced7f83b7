// SPDX-License-Identifier: BSD-2-Clause
// FreeBSD's error numbers, which bpf(4) answers with on every system: their names, and what this system calls
// them. All are made from ZB_ERRORS (kernel/engine/abi.h). Any thread.
#pragma once

#include <string_view>

namespace zbuf {

/// "EINVAL"; "an unexpected error" for what bpf never returns.
[[nodiscard]] std::string_view error_name(int error);

/// FreeBSD's number for an error of this system, and this system's for one of FreeBSD's. Others stay as they
/// are: up to 34 the numbers are alike everywhere.
[[nodiscard]] int freebsd_error(int error);
[[nodiscard]] int system_error(int error);

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
// Costs that can be measured one by one, without a run.
#pragma once

#include "core/sim/costs.h"

namespace zbuf {

/// filter_ns, syscall_ns, look_ns, handle_ns, wakeup_ns, latency_ns and switch_ns of this machine; the others
/// keep their defaults. Takes about a second.
[[nodiscard]] Costs measure_single_costs();

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
// What the model of virtual time says about a case of the benchmark: the same packets, buffers and policy, at
// given costs, with packets that arrive faster than anybody could take them. Nothing here is measured.
#pragma once

#include "core/bench/plan.h"
#include "core/sim/costs.h"

extern "C" {
#include "kernel/engine/abi.h"
}

#include <optional>
#include <span>

namespace zbuf {

/// The figures of a Measurement, modelled.
struct Modelled {
  double packets_per_second = 0;
  double kernel_ns_per_packet = 0;
  double reader_ns_per_packet = 0;
  double copied_bytes_per_packet = 0;
  double user_copied_bytes_per_packet = 0;
  double system_calls_per_packet = 0; ///< of reading: those that prepare a descriptor are left out
  double wakeups_per_packet = 0;
};

/// The same costs give the same figures. Nothing for what the model does not have: the other ways, and
/// packets of a capture, whose sizes are not known before they are read. `filter`: compiled; empty:
/// everything. Errors: those of the simulation.
Result<std::optional<Modelled>> model_case(const Costs& costs, const PacketChoice& packets,
                                           const BenchCase& one, std::span<const zb_bpf_insn> filter = {});

} // namespace zbuf

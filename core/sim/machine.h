// SPDX-License-Identifier: BSD-2-Clause
// The machine of a run: a clock, a kernel with what it costs, and the way packets take to it. Processes run
// on it (process.h); the simulation sets both up and has them run (simulation.h).
#pragma once

#include "core/sim/cost_meter.h"
#include "core/sim/packet_path.h"

namespace zbuf {

struct SimMachine {
  /// All outlive it.
  SimMachine(const SimConfig& config, Recorder& trace_recorder, RunListener& listener)
      : costs(config.costs), recorder(trace_recorder), meter(clock, costs),
        kernel(clock, config.kernel, recorder.trace(), &meter),
        path(clock, kernel, recorder, costs, meter, listener) {
    clock.set_wake_latency_ns(costs.latency_ns);
  }

  const Costs& costs;
  Recorder& recorder;
  VirtualClock clock{};
  CostMeter meter;
  EmulatedKernel kernel;
  PacketPath path;
};

} // namespace zbuf

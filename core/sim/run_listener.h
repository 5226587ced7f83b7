// SPDX-License-Identifier: BSD-2-Clause
// What the parts of a run, packets and processes, tell of themselves. They know nothing else of it.
#pragma once

#include "core/base/result.h"
#include "core/trace/event.h"

namespace zbuf {

class RunListener {
 public:
  virtual ~RunListener() = default;
  /// After a packet, or a step of a process: conditions are looked at, and the run may be stopped.
  virtual void stepped() = 0;
  /// An idle reader would repeat its last round: `idle` is the event that would say so.
  /// How many of its rounds it may skip, so that a condition that waits for a count holds when it should.
  virtual std::uint64_t rounds_to_skip(const Event& idle) = 0;
  /// A source has no more packets, or a script no more steps.
  virtual void ended() = 0;
  /// A source or a reader failed.
  virtual void failed(Error error) = 0;
};

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
// What the parts of a run, packets and processes, tell of themselves. They know nothing else of it.
#pragma once

#include "core/base/result.h"

namespace zbuf {

class RunListener {
 public:
  virtual ~RunListener() = default;
  /// After a packet, or a step of a process: conditions are looked at, and the run may be stopped.
  virtual void stepped() = 0;
  /// A source has no more packets, or a script no more steps.
  virtual void ended() = 0;
  /// A source or a reader failed.
  virtual void failed(Error error) = 0;
};

} // namespace zbuf

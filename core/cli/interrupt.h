// SPDX-License-Identifier: BSD-2-Clause
// Ctrl-C, as a call.
#pragma once

#include <functional>

namespace zbuf {

/// While it lives, SIGINT and SIGTERM call `what`, which must be fit for a signal handler; the second of them
/// ends the program as usual. One at a time.
class InterruptScope {
 public:
  explicit InterruptScope(std::function<void()> what);
  ~InterruptScope();
  InterruptScope(const InterruptScope&) = delete;
  InterruptScope& operator=(const InterruptScope&) = delete;
};

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
// Sleeping in the kernel on behalf of a thread of the program, which may cancel its call.
#pragma once

#include "core/clock/sleeper.h"

#include <atomic>
#include <functional>

namespace zbuf::exec {

/// A sleep ends early when something arrives on `channel`: the program cancels the call, or is no more.
class SocketSleeper final : public Sleeper {
 public:
  /// The channel is a descriptor that outlives the sleeper.
  explicit SocketSleeper(int channel);
  ~SocketSleeper() override;
  SocketSleeper(const SocketSleeper&) = delete;
  SocketSleeper& operator=(const SocketSleeper&) = delete;

  Outcome sleep(std::int64_t timeout_ns) override;
  void clear() override;
  void wake() override;
  void on_cancelled() override { cancel(); }

  /// What to do when the call is cancelled; called with the giant held.
  std::function<void()> cancel{};

 private:
  int event_;
  int channel_;
  std::atomic<bool> woken_ = false;
};

} // namespace zbuf::exec

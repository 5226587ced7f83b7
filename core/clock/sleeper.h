// SPDX-License-Identifier: BSD-2-Clause
// How a thread sleeps in a kernel that has one lock for everything (giant_clock.h).
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace zbuf {

/// One thread that may sleep. Its sleep lasts until wake() has been called since clear(), or shorter.
class Sleeper {
 public:
  enum class Outcome { woken, late, cancelled };

  virtual ~Sleeper() = default;
  /// The giant is not held. Timeout in nanoseconds, negative: for ever.
  virtual Outcome sleep(std::int64_t timeout_ns) = 0;

  // With the giant held:
  virtual void clear() = 0;
  virtual void wake() = 0; ///< from any thread; once is as good as many times
  /// The sleep at a device's wait point was cancelled.
  virtual void on_cancelled() {}
};

/// Sleeps on a condition variable. Nothing cancels that.
class PlainSleeper final : public Sleeper {
 public:
  Outcome sleep(std::int64_t timeout_ns) override;
  void clear() override;
  void wake() override;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool woken_ = false;
};

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
// Real time: threads, mutexes, and one thread that serves timers.
#pragma once

#include "core/clock/clock.h"

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

namespace zbuf {

/// Any thread may call anything. Timers started must have run or be cancelled before it is destroyed.
class RealClock final : public Clock {
 public:
  RealClock();
  ~RealClock() override;
  RealClock(const RealClock&) = delete;
  RealClock& operator=(const RealClock&) = delete;

  [[nodiscard]] std::uint64_t now_ns() const override;
  [[nodiscard]] bool threaded() const override { return true; }
  [[nodiscard]] std::unique_ptr<WaitPoint> make_wait_point() override;
  TimerId call_at(std::uint64_t time_ns, std::function<void()> callback) override;
  void cancel(TimerId id) override;
  void spend_ns(std::uint64_t) override {}
  std::uint64_t spin(std::uint64_t, std::uint64_t) override;

 private:
  class Point;
  using Key = std::pair<std::uint64_t, TimerId>; ///< when, and in which order

  void serve_timers();

  const std::chrono::steady_clock::time_point start_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<Key, std::function<void()>> timers_;
  TimerId next_timer_ = 1;
  bool ending_ = false;
  std::thread server_;
};

} // namespace zbuf

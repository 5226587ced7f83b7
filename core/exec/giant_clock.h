// SPDX-License-Identifier: BSD-2-Clause
// Real time for a kernel that is traced: everything in it happens under one lock, the giant.
//
// The engine's trace has no lock of its own, so a kernel that writes one must be entered by one thread at a
// time. To the engine this clock looks like that of a single thread; threads that sleep give the giant up
// meanwhile. (Kernels were once built so, and for the same reason.)
#pragma once

#include "core/clock/real_clock.h"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace zbuf::exec {

/// A lock that tells whether others wait for it, so that a busy thread can let them pass.
class Giant {
 public:
  void lock() {
    waiting_.fetch_add(1, std::memory_order_relaxed);
    mutex_.lock();
    waiting_.fetch_sub(1, std::memory_order_relaxed);
  }
  void unlock() { mutex_.unlock(); }
  [[nodiscard]] bool wanted() const { return waiting_.load(std::memory_order_relaxed) != 0; }

 private:
  std::mutex mutex_;
  std::atomic<unsigned> waiting_ = 0;
};

/// A thread that may sleep in the kernel, on behalf of the program's thread that called. Sleeping ends early
/// when something arrives on `channel`: the program cancels the call, or is no more.
class Sleeper {
 public:
  /// The channel is a descriptor, or -1; it outlives the sleeper.
  explicit Sleeper(int channel);
  ~Sleeper();
  Sleeper(const Sleeper&) = delete;
  Sleeper& operator=(const Sleeper&) = delete;

  enum class Outcome { woken, late, cancelled };
  /// Pre: the giant is not held. Timeout in nanoseconds, negative: for ever.
  Outcome sleep(std::int64_t timeout_ns);
  void wake(); ///< from any thread; once is as good as many times
  void clear();

  /// What to do when the call is cancelled; called with the giant held.
  std::function<void()> on_cancel{};

 private:
  int event_;
  int channel_;
  std::atomic<bool> woken_ = false;
};

class GiantClock final : public Clock {
 public:
  GiantClock();
  ~GiantClock() override;

  [[nodiscard]] Giant& giant() { return giant_; }

  /// Who sleeps when the calling thread does. Null: it must not.
  static void set_sleeper(Sleeper* sleeper);

  /// Places to sleep that a thread waits at, all at a time.
  class Point;
  /// The one that was made last: right after EmulatedKernel::open(), that descriptor's.
  [[nodiscard]] Point& newest_point() { return *newest_; }
  /// Pre: the giant is held; it is given up meanwhile.
  Sleeper::Outcome sleep_at(const std::vector<Point*>& points, Sleeper& sleeper, std::int64_t timeout_ns);

  // All below, but now_ns(): the giant is held.
  [[nodiscard]] std::uint64_t now_ns() const override { return real_.now_ns(); }
  [[nodiscard]] bool threaded() const override { return false; }
  [[nodiscard]] std::unique_ptr<WaitPoint> make_wait_point() override;
  TimerId call_at(std::uint64_t time_ns, std::function<void()> callback) override;
  void cancel(TimerId id) override { real_.cancel(id); }
  void spend_ns(std::uint64_t) override {}
  std::uint64_t spin(std::uint64_t step_ns, std::uint64_t deadline_ns) override {
    return real_.spin(step_ns, deadline_ns);
  }

  /// CLOCK_MONOTONIC at time 0.
  [[nodiscard]] std::uint64_t start_ns() const { return start_ns_; }

 private:
  Giant giant_;
  RealClock real_;
  std::uint64_t start_ns_;
  Point* newest_ = nullptr;
};

} // namespace zbuf::exec

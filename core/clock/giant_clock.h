// SPDX-License-Identifier: BSD-2-Clause
// Real time for a kernel that is traced: everything in it happens under one lock, the giant.
//
// The engine's trace has no lock of its own, so a kernel that writes one must be entered by one thread at a
// time. To the engine this clock looks like that of a single thread; threads that sleep give the giant up
// meanwhile. (Kernels were once built so, and for the same reason.)
#pragma once

#include "core/clock/real_clock.h"
#include "core/clock/sleeper.h"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <span>

namespace zbuf {

/// A lock that tells whether others wait for it, so that a busy thread can let them pass. Not recursive.
class Giant {
 public:
  void lock() {
    if (mutex_.try_lock())
      return;
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

/// The giant is held in every function but hold(), wanted(), real_ns(), start_ns() and epoch_ns(). So it is
/// in the kernel, its devices and the recorder of what they do.
class GiantClock final : public Clock {
 public:
  GiantClock();

  using Hold = std::unique_lock<Giant>;
  /// Takes the giant.
  [[nodiscard]] Hold hold() { return Hold(giant_); }
  /// Other threads wait for the giant: a busy one lets them pass. Any thread.
  [[nodiscard]] bool wanted() const { return giant_.wanted(); }

  /// How the calling thread sleeps from now on; it outlives that. Null: on a condition variable, as a thread
  /// does that has not said anything.
  static void set_sleeper(Sleeper* sleeper);

  /// Sleeps at several of this clock's wait points at a time. Timeout in nanoseconds, negative: for ever.
  Sleeper::Outcome sleep_at(std::span<WaitPoint* const> points, std::int64_t timeout_ns);

  /// Nanoseconds since the clock began, whatever set_arrival() says. Any thread.
  [[nodiscard]] std::uint64_t real_ns() const { return real_.now_ns(); }
  /// CLOCK_MONOTONIC when the clock began, in nanoseconds. Any thread.
  [[nodiscard]] std::uint64_t start_ns() const { return start_ns_; }
  /// When the clock began, in nanoseconds since 1970. Any thread.
  [[nodiscard]] std::uint64_t epoch_ns() const { return epoch_ns_; }

  /// Until the next call it is that time, which a packet under way was stamped with; 0: it is now.
  void set_arrival(std::uint64_t time_ns) { arrival_ns_ = time_ns; }

  [[nodiscard]] std::uint64_t now_ns() const override {
    return arrival_ns_ != 0 ? arrival_ns_ : real_.now_ns();
  }
  [[nodiscard]] bool threaded() const override { return false; }
  [[nodiscard]] std::unique_ptr<WaitPoint> make_wait_point() override;
  /// The callback runs with the giant held.
  TimerId call_at(std::uint64_t time_ns, std::function<void()> callback) override;
  void cancel(TimerId id) override { real_.cancel(id); }
  void spend_ns(std::uint64_t) override {}
  /// Any thread, with or without the giant.
  std::uint64_t spin(std::uint64_t step_ns, std::uint64_t deadline_ns) override {
    return real_.spin(step_ns, deadline_ns);
  }

 private:
  class Point;

  Giant giant_;
  std::uint64_t arrival_ns_ = 0;
  RealClock real_; ///< after the giant, which its thread takes
  std::uint64_t start_ns_;
  std::uint64_t epoch_ns_;
};

} // namespace zbuf

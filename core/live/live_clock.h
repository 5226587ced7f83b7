// SPDX-License-Identifier: BSD-2-Clause
// Real time for a kernel that is traced: one lock for all that is in it.
//
// The engine's trace has no lock, so a kernel that writes one is entered by one thread at a time. To it this
// clock is that of a single thread; who sleeps in it gives the lock up meanwhile.
#pragma once

#include "core/clock/real_clock.h"

#include <atomic>
#include <mutex>

namespace zbuf {

class LiveClock final : public Clock {
 public:
  LiveClock();

  using Hold = std::unique_lock<std::mutex>;
  /// The lock. Every function below but real_ns() and epoch_ns() needs it, and so do the kernel, its devices
  /// and the recorder. Not recursive.
  [[nodiscard]] Hold hold() {
    waiting_.fetch_add(1, std::memory_order_relaxed);
    Hold held(mutex_);
    waiting_.fetch_sub(1, std::memory_order_relaxed);
    return held;
  }
  /// Others wait for the lock: who is busy lets them pass.
  [[nodiscard]] bool wanted() const { return waiting_.load(std::memory_order_relaxed) != 0; }

  /// Nanoseconds since the clock began, whatever set_arrival() says. Any thread.
  [[nodiscard]] std::uint64_t real_ns() const { return real_.now_ns(); }
  /// When the clock began, in nanoseconds since 1970.
  [[nodiscard]] std::uint64_t epoch_ns() const { return epoch_ns_; }

  /// Until the next call it is that time, which a packet under way was stamped with; 0: it is now.
  void set_arrival(std::uint64_t time_ns) { arrival_ns_ = time_ns; }

  [[nodiscard]] std::uint64_t now_ns() const override {
    return arrival_ns_ != 0 ? arrival_ns_ : real_.now_ns();
  }
  [[nodiscard]] bool threaded() const override { return false; }
  [[nodiscard]] std::unique_ptr<WaitPoint> make_wait_point() override;
  /// The callback runs with the lock held.
  TimerId call_at(std::uint64_t time_ns, std::function<void()> callback) override;
  void cancel(TimerId id) override { real_.cancel(id); }
  void spend_ns(std::uint64_t) override {}
  std::uint64_t spin(std::uint64_t step_ns, std::uint64_t deadline_ns) override {
    return real_.spin(step_ns, deadline_ns);
  }

 private:
  class Point;

  std::mutex mutex_;
  std::atomic<unsigned> waiting_ = 0;
  std::uint64_t arrival_ns_ = 0;
  std::uint64_t epoch_ns_ = 0;
  RealClock real_; ///< last: its thread ends before the lock goes
};

} // namespace zbuf

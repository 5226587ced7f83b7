// SPDX-License-Identifier: BSD-2-Clause
#include "core/clock/real_clock.h"

#include "core/clock/pause.h"

#include <algorithm>
#include <atomic>

namespace zbuf {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

namespace {

/// Later than this is never: a time point would overflow, and nobody waits for a hundred years.
constexpr std::uint64_t latest_ns = 3'155'760'000'000'000'000u;

steady_clock::time_point instant(steady_clock::time_point start, std::uint64_t time_ns) {
  return start + nanoseconds(std::min(time_ns, latest_ns));
}

/// A lock as kernels have it for what is held for microseconds: who finds it taken looks again for a while
/// before it sleeps, because to sleep and be woken takes longer than that; and who has just given it up lets
/// those go first who wait for it.
class AdaptiveMutex {
 public:
  void lock() {
    for (int i = 0; i < let_others_go && waiting_.load(std::memory_order_relaxed) > 0; ++i)
      pause_core();
    if (!mutex_.try_lock())
      wait_for_it();
  }
  void unlock() { mutex_.unlock(); }

 private:
  static constexpr int let_others_go = 200; ///< looks: a few microseconds
  static constexpr int look_for_it = 1000;  ///< likewise, about twenty

  void wait_for_it() {
    static const bool others_run = std::thread::hardware_concurrency() > 1;
    waiting_.fetch_add(1, std::memory_order_relaxed);
    bool taken = false;
    for (int i = 0; others_run && i < look_for_it && !taken; ++i) {
      pause_core();
      taken = mutex_.try_lock();
    }
    waiting_.fetch_sub(1, std::memory_order_relaxed);
    if (!taken)
      mutex_.lock();
  }

  std::mutex mutex_;
  std::atomic<int> waiting_ = 0;
};

} // namespace

class RealClock::Point final : public WaitPoint {
 public:
  explicit Point(steady_clock::time_point start) : start_(start) {}
  void lock() override { mutex_.lock(); }
  void unlock() override { mutex_.unlock(); }

  bool wait_until(std::uint64_t deadline_ns) override {
    bool woken = true;
    {
      // Falling asleep has a lock of its own, so that who wakes up does not run into the one that its waker
      // holds.
      std::unique_lock<std::mutex> held(sleep_);
      const std::uint64_t wakes = wakes_;
      mutex_.unlock();
      const auto was_woken = [&] { return wakes_ != wakes; };
      if (deadline_ns == never_ns)
        changed_.wait(held, was_woken);
      else
        woken = changed_.wait_until(held, instant(start_, deadline_ns), was_woken);
    }
    mutex_.lock();
    return woken;
  }

  void wake_all() override {
    {
      const std::lock_guard<std::mutex> held(sleep_);
      ++wakes_;
    }
    changed_.notify_all();
  }

 private:
  const steady_clock::time_point start_;
  AdaptiveMutex mutex_;
  std::mutex sleep_; ///< taken under mutex_, never the other way round
  std::uint64_t wakes_ = 0;
  std::condition_variable changed_;
};

RealClock::RealClock() : start_(steady_clock::now()), server_([this] { serve_timers(); }) {}

RealClock::~RealClock() {
  {
    const std::lock_guard<std::mutex> held(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  server_.join();
}

std::uint64_t RealClock::now_ns() const {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<nanoseconds>(steady_clock::now() - start_).count());
}

std::unique_ptr<WaitPoint> RealClock::make_wait_point() {
  return std::make_unique<Point>(start_);
}

Clock::TimerId RealClock::call_at(std::uint64_t time_ns, std::function<void()> callback) {
  const std::lock_guard<std::mutex> held(mutex_);
  const TimerId id = next_timer_++;
  timers_.emplace(Key{time_ns, id}, std::move(callback));
  changed_.notify_all();
  return id;
}

void RealClock::cancel(TimerId id) {
  const std::lock_guard<std::mutex> held(mutex_);
  std::erase_if(timers_, [id](const auto& timer) { return timer.first.second == id; });
}

std::uint64_t RealClock::spin(std::uint64_t, std::uint64_t) {
  pause_core();
  return 1;
}

void RealClock::serve_timers() {
  std::unique_lock<std::mutex> held(mutex_);
  while (!ending_) {
    if (timers_.empty()) {
      changed_.wait(held);
      continue;
    }
    const auto first = timers_.begin();
    const auto when = instant(start_, first->first.first);
    if (steady_clock::now() < when) {
      changed_.wait_until(held, when);
      continue;
    }
    const std::function<void()> callback = std::move(first->second);
    timers_.erase(first);
    held.unlock();
    callback();
    held.lock();
  }
}

} // namespace zbuf

#include "core/clock/real_clock.h"

#include <algorithm>

#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>
#endif

namespace zbuf {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

namespace {

/// Later than this is never: a time point would overflow, and nobody waits for a hundred years.
constexpr std::uint64_t latest_ns = 3'155'760'000'000'000'000u;

steady_clock::time_point instant(steady_clock::time_point start, std::uint64_t time_ns) {
  return start + nanoseconds(std::min(time_ns, latest_ns));
}

} // namespace

class RealClock::Point final : public WaitPoint {
 public:
  explicit Point(steady_clock::time_point start) : start_(start) {}
  void lock() override { mutex_.lock(); }
  void unlock() override { mutex_.unlock(); }

  bool wait_until(std::uint64_t deadline_ns) override {
    std::unique_lock<std::mutex> held(mutex_, std::adopt_lock);
    bool woken = true;
    if (deadline_ns == never_ns)
      changed_.wait(held);
    else
      woken = changed_.wait_until(held, instant(start_, deadline_ns)) == std::cv_status::no_timeout;
    held.release();
    return woken;
  }

  void wake_all() override { changed_.notify_all(); }

 private:
  const steady_clock::time_point start_;
  std::mutex mutex_;
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
#if defined(__x86_64__) || defined(__i386__)
  _mm_pause();
#elif defined(__aarch64__)
  __asm__ __volatile__("yield");
#else
  std::this_thread::yield();
#endif
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

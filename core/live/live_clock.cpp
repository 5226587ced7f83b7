// SPDX-License-Identifier: BSD-2-Clause
#include "core/live/live_clock.h"

#include <chrono>

namespace zbuf {

namespace {

std::uint64_t since_1970_ns() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

} // namespace

class LiveClock::Point final : public WaitPoint {
 public:
  explicit Point(LiveClock& clock) : clock_(clock) {}
  void lock() override {} // held already, by whoever entered the kernel
  void unlock() override {}

  bool wait_until(std::uint64_t deadline_ns) override {
    Hold held(clock_.mutex_, std::adopt_lock);
    bool woken = true;
    if (deadline_ns == never_ns) {
      changed_.wait(held);
    } else {
      const std::uint64_t now_ns = clock_.real_ns();
      const std::chrono::nanoseconds left(deadline_ns > now_ns ? deadline_ns - now_ns : 0);
      woken = changed_.wait_for(held, left) == std::cv_status::no_timeout;
    }
    held.release();
    return woken;
  }
  void wake_all() override { changed_.notify_all(); }

 private:
  LiveClock& clock_;
  std::condition_variable changed_;
};

LiveClock::LiveClock() : epoch_ns_(since_1970_ns()) {
  epoch_ns_ -= real_.now_ns();
}

std::unique_ptr<WaitPoint> LiveClock::make_wait_point() {
  return std::make_unique<Point>(*this);
}

Clock::TimerId LiveClock::call_at(std::uint64_t time_ns, std::function<void()> callback) {
  return real_.call_at(time_ns, [this, callback = std::move(callback)] {
    const Hold held = hold();
    callback();
  });
}

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
#include "core/clock/giant_clock.h"

#include <algorithm>
#include <chrono>
#include <vector>

namespace zbuf {

namespace {

using std::chrono::duration_cast;
using std::chrono::nanoseconds;

/// More than this is for ever: a time point would overflow, and nobody waits for a hundred years.
constexpr std::int64_t longest_ns = 3'155'760'000'000'000'000;

thread_local PlainSleeper plain_sleeper;
thread_local Sleeper* chosen_sleeper = nullptr;

Sleeper& sleeper_of_thread() {
  return chosen_sleeper != nullptr ? *chosen_sleeper : plain_sleeper;
}

template <typename C>
std::uint64_t reading_ns() {
  return static_cast<std::uint64_t>(duration_cast<nanoseconds>(C::now().time_since_epoch()).count());
}

} // namespace

// ---- Sleeping on a condition variable ----

Sleeper::Outcome PlainSleeper::sleep(std::int64_t timeout_ns) {
  std::unique_lock<std::mutex> held(mutex_);
  const auto was_woken = [this] { return woken_; };
  if (timeout_ns < 0 || timeout_ns > longest_ns)
    changed_.wait(held, was_woken);
  else if (!changed_.wait_for(held, nanoseconds(timeout_ns), was_woken))
    return Outcome::late;
  return Outcome::woken;
}

void PlainSleeper::clear() {
  const std::lock_guard<std::mutex> held(mutex_);
  woken_ = false;
}

void PlainSleeper::wake() {
  {
    const std::lock_guard<std::mutex> held(mutex_);
    woken_ = true;
  }
  changed_.notify_one();
}

// ---- Places to sleep ----

class GiantClock::Point final : public WaitPoint {
 public:
  explicit Point(GiantClock& clock) : clock_(clock) {}
  void lock() override {} // the giant is held already, by whoever entered the kernel
  void unlock() override {}

  bool wait_until(std::uint64_t deadline_ns) override {
    std::int64_t timeout_ns = -1;
    if (deadline_ns != never_ns) {
      const std::uint64_t now_ns = clock_.real_ns();
      timeout_ns = deadline_ns > now_ns ? static_cast<std::int64_t>(deadline_ns - now_ns) : 0;
    }
    WaitPoint* const here = this;
    const Sleeper::Outcome outcome = clock_.sleep_at({&here, 1}, timeout_ns);
    if (outcome == Sleeper::Outcome::cancelled)
      sleeper_of_thread().on_cancelled();
    return outcome != Sleeper::Outcome::late;
  }

  void wake_all() override {
    for (Sleeper* const sleeper : sleepers_)
      sleeper->wake();
  }

  void add(Sleeper& sleeper) { sleepers_.push_back(&sleeper); }
  void remove(Sleeper& sleeper) { std::erase(sleepers_, &sleeper); }

 private:
  GiantClock& clock_;
  std::vector<Sleeper*> sleepers_;
};

// ---- The clock ----

GiantClock::GiantClock()
    : start_ns_(reading_ns<std::chrono::steady_clock>() - real_.now_ns()),
      epoch_ns_(reading_ns<std::chrono::system_clock>() - real_.now_ns()) {}

void GiantClock::set_sleeper(Sleeper* sleeper) {
  chosen_sleeper = sleeper;
}

Sleeper::Outcome GiantClock::sleep_at(std::span<WaitPoint* const> points, std::int64_t timeout_ns) {
  Sleeper& sleeper = sleeper_of_thread();
  sleeper.clear();
  for (WaitPoint* const point : points)
    static_cast<Point*>(point)->add(sleeper);
  giant_.unlock();
  const Sleeper::Outcome outcome = sleeper.sleep(timeout_ns);
  giant_.lock();
  for (WaitPoint* const point : points)
    static_cast<Point*>(point)->remove(sleeper);
  return outcome;
}

std::unique_ptr<WaitPoint> GiantClock::make_wait_point() {
  return std::make_unique<Point>(*this);
}

Clock::TimerId GiantClock::call_at(std::uint64_t time_ns, std::function<void()> callback) {
  return real_.call_at(time_ns, [this, callback = std::move(callback)] {
    const Hold held = hold();
    callback();
  });
}

} // namespace zbuf

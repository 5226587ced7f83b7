// SPDX-License-Identifier: BSD-2-Clause
#include "core/exec/giant_clock.h"

#include "core/base/assert.h"

#include <algorithm>
#include <chrono>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace zbuf::exec {

namespace {

thread_local Sleeper* current_sleeper = nullptr;

std::uint64_t monotonic_ns() {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                        std::chrono::steady_clock::now().time_since_epoch())
                                        .count());
}

} // namespace

// ---- Sleeper ----

Sleeper::Sleeper(int channel) : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), channel_(channel) {}

Sleeper::~Sleeper() {
  ::close(event_);
}

Sleeper::Outcome Sleeper::sleep(std::int64_t timeout_ns) {
  pollfd watched[2] = {{event_, POLLIN, 0}, {channel_, POLLIN, 0}};
  const timespec limit{timeout_ns / 1'000'000'000, timeout_ns % 1'000'000'000};
  const int n = ::ppoll(watched, 2, timeout_ns < 0 ? nullptr : &limit, nullptr);
  if (n > 0 && watched[1].revents != 0)
    return Outcome::cancelled;
  return n == 0 ? Outcome::late : Outcome::woken;
}

void Sleeper::wake() {
  if (woken_.exchange(true))
    return;
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t n = ::write(event_, &one, sizeof(one));
}

void Sleeper::clear() {
  if (!woken_.load())
    return;
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t n = ::read(event_, &count, sizeof(count));
  woken_ = false;
}

// ---- Places to sleep ----

class GiantClock::Point final : public WaitPoint {
 public:
  explicit Point(GiantClock& clock) : clock_(clock) {}
  void lock() override {}
  void unlock() override {}

  bool wait_until(std::uint64_t deadline_ns) override {
    Sleeper* const sleeper = current_sleeper;
    ZBUF_ASSERT(sleeper != nullptr);
    std::int64_t timeout_ns = -1;
    if (deadline_ns != never_ns) {
      const std::uint64_t now_ns = clock_.now_ns();
      timeout_ns = deadline_ns > now_ns ? static_cast<std::int64_t>(deadline_ns - now_ns) : 0;
    }
    const Sleeper::Outcome outcome = clock_.sleep_at({this}, *sleeper, timeout_ns);
    if (outcome == Sleeper::Outcome::cancelled)
      sleeper->on_cancel();
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

GiantClock::GiantClock() : start_ns_(monotonic_ns() - real_.now_ns()) {}

GiantClock::~GiantClock() = default;

void GiantClock::set_sleeper(Sleeper* sleeper) {
  current_sleeper = sleeper;
}

Sleeper::Outcome GiantClock::sleep_at(const std::vector<Point*>& points, Sleeper& sleeper,
                                      std::int64_t timeout_ns) {
  sleeper.clear();
  for (Point* const point : points)
    point->add(sleeper);
  giant_.unlock();
  const Sleeper::Outcome outcome = sleeper.sleep(timeout_ns);
  giant_.lock();
  for (Point* const point : points)
    point->remove(sleeper);
  return outcome;
}

std::unique_ptr<WaitPoint> GiantClock::make_wait_point() {
  auto point = std::make_unique<Point>(*this);
  newest_ = point.get();
  return point;
}

Clock::TimerId GiantClock::call_at(std::uint64_t time_ns, std::function<void()> callback) {
  return real_.call_at(time_ns, [this, callback = std::move(callback)] {
    const std::lock_guard<Giant> held(giant_);
    callback();
  });
}

} // namespace zbuf::exec

// SPDX-License-Identifier: BSD-2-Clause
// Two clocks: the emulated kernel and its readers run unchanged on either (virtual_clock.h, real_clock.h).
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>

namespace zbuf {

inline constexpr std::uint64_t never_ns = std::numeric_limits<std::uint64_t>::max();

/// Where processes sleep until something wakes them, and the lock that belongs to it.
///
/// On the real clock it is a mutex and a condition variable; in virtual time there is one thread, so the
/// lock does nothing.
class WaitPoint {
 public:
  virtual ~WaitPoint() = default;
  virtual void lock() = 0;
  virtual void unlock() = 0;

  /// Sleeps until wake_all() or the deadline. Pre: locked; the lock is given up meanwhile.
  /// Returns false if the deadline passed first. A wake-up without cause is possible.
  virtual bool wait_until(std::uint64_t deadline_ns) = 0;

  /// Pre: locked.
  virtual void wake_all() = 0;
};

/// Nanoseconds since the clock began, timers, and places to sleep. The clock outlives what it gave out.
class Clock {
 public:
  using TimerId = std::uint64_t;

  virtual ~Clock() = default;
  [[nodiscard]] virtual std::uint64_t now_ns() const = 0;
  /// More than one thread may be about: locks must lock.
  [[nodiscard]] virtual bool threaded() const = 0;
  [[nodiscard]] virtual std::unique_ptr<WaitPoint> make_wait_point() = 0;

  /// Runs the callback once at that time, with no WaitPoint locked: on the real clock from a thread of the
  /// clock's, in virtual time between two steps of whatever runs.
  virtual TimerId call_at(std::uint64_t time_ns, std::function<void()> callback) = 0;

  /// The callback will not start after this returns; it may be running now. Unknown ids do nothing.
  virtual void cancel(TimerId id) = 0;

  /// The calling process uses the processor for so long. In real time that has happened by itself.
  virtual void spend_ns(std::uint64_t duration_ns) = 0;

  /// The calling process spins: on the real clock a pause instruction; in virtual time nothing can change
  /// before the next event, so the clock goes there, but not past the deadline. `step_ns` is what one look of
  /// the spin costs. Returns how many looks that stood for (at least 1).
  virtual std::uint64_t spin(std::uint64_t step_ns, std::uint64_t deadline_ns) = 0;
};

} // namespace zbuf

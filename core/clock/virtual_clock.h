// SPDX-License-Identifier: BSD-2-Clause
// Virtual time: one thread, one order of events, the same on every machine.
//
// Processes are fibers: they run plain blocking code, and give way only where they spend time or sleep.
// Everything else (arrivals, timers) is a callback at an instant. Two things at one instant happen in the
// order in which they were asked for.
#pragma once

#include "core/clock/clock.h"

#include <cstddef>
#include <vector>

namespace zbuf {

/// Thrown through a process that is killed, out of the call in which it slept. Catch it only to clean up.
struct ProcessKilled {};

class VirtualClock final : public Clock {
 public:
  using ProcessId = std::size_t;
  using Callback = void (*)(void* context);

  VirtualClock();
  ~VirtualClock() override;
  VirtualClock(const VirtualClock&) = delete;
  VirtualClock& operator=(const VirtualClock&) = delete;

  [[nodiscard]] std::uint64_t now_ns() const override { return now_ns_; }
  [[nodiscard]] bool threaded() const override { return false; }
  [[nodiscard]] std::unique_ptr<WaitPoint> make_wait_point() override;
  TimerId call_at(std::uint64_t time_ns, std::function<void()> callback) override;
  void cancel(TimerId id) override;
  void spend_ns(std::uint64_t duration_ns) override {
    // The usual case, kept short: nothing else is due before the time is spent.
    const std::uint64_t target_ns = now_ns_ + duration_ns;
    if (next_due_ns_ > target_ns)
      now_ns_ = target_ns;
    else
      spend_among_events(target_ns);
  }
  std::uint64_t spin(std::uint64_t step_ns, std::uint64_t deadline_ns) override;

  /// The cheap form of call_at, for what happens once per packet: no allocation, cannot be cancelled.
  /// `time_ns` not before now.
  void at(std::uint64_t time_ns, Callback callback, void* context);

  /// How long a sleeper takes from wake-up to running.
  void set_wake_latency_ns(std::uint64_t latency_ns) { wake_latency_ns_ = latency_ns; }

  /// A new process; its body starts at the current instant, once run() runs. The body may return; it should
  /// let ProcessKilled pass.
  ProcessId spawn(std::function<void()> body);

  /// Whose code runs, or on whose stack a callback does; no_process outside of all of them, and while a
  /// killed one unwinds.
  static constexpr ProcessId no_process = ~ProcessId{0};
  [[nodiscard]] ProcessId current() const;

  /// How long it has used its processor: from its start until now or its end, less what it slept.
  [[nodiscard]] std::uint64_t busy_ns(ProcessId id) const;
  [[nodiscard]] bool finished(ProcessId id) const;

  // Silences. While nothing but the processes themselves moves time, what one of them does again and again
  // can be skipped: each minds its own business, and only a disturbance can change what it finds.

  /// How often something has happened that was no process's own doing: an arrival, somebody else's timer. A
  /// timer that a process starts is its own.
  [[nodiscard]] std::uint64_t disturbances() const { return disturbances_; }
  /// A process does something that others may notice.
  void disturb() { ++disturbances_; }
  /// Until the next disturbance the calling process only repeats itself.
  void be_quiet();
  /// When the next thing is due that may change what the calling process finds: all but the doings of other
  /// processes that are quiet. never_ns: nothing.
  [[nodiscard]] std::uint64_t next_disturbance_ns() const;
  /// The calling process does nothing until then, and is taken to have slept for so much of that time.
  /// Pre: nothing wakes it meanwhile.
  void skip_until(std::uint64_t time_ns, std::uint64_t slept_ns);
  /// How long it has slept.
  [[nodiscard]] std::uint64_t slept_ns(ProcessId id) const;

  /// Ends the process: ProcessKilled is thrown in it, at the current instant. Not by its own code.
  void kill(ProcessId id);

  /// Runs until nothing is left to happen, or stop(). Processes that sleep for ever do not keep it running.
  void run();

  /// run() returns before the next event; the process that calls this goes on until it next gives way.
  void stop() {
    stopped_ = true;
    next_due_ns_ = 0;
  }
  [[nodiscard]] bool stopped() const { return stopped_; }

  /// Ends all processes, in order. Called by the destructor; call it earlier where what the processes use is
  /// destroyed before the clock.
  void kill_all();

 private:
  class Point;
  struct Process;
  struct Due {
    std::uint64_t time_ns;
    std::uint64_t order;
    Callback callback;
    void* context;
  };
  struct Timer {
    VirtualClock* clock;
    TimerId id;
    std::function<void()> callback;
    const Process* owner; ///< the process that started it; null: nobody
  };

  void happen(const Due& due);
  [[nodiscard]] const Process* owner_of(const Due& due) const;
  void push(std::uint64_t time_ns, Callback callback, void* context);
  Due pop();
  void refresh_next_due();
  void spend_among_events(std::uint64_t target_ns);
  void schedule_resume(Process& process, std::uint64_t time_ns);
  void end_sleep(Process& process);
  bool sleep_current(std::uint64_t deadline_ns, std::vector<Process*>& sleepers);
  bool sleep_without_process(std::uint64_t deadline_ns, const bool& woken);
  void withdraw(Callback callback, const void* context);
  void give_way();
  [[noreturn]] static void unwind(Process& process);
  void resume(Process& process);
  static void resume_callback(void* process);
  static void timer_callback(void* timer);

  std::uint64_t now_ns_ = 0;
  std::uint64_t next_due_ns_ = never_ns; ///< of the earliest event; 0 once stopped
  std::uint64_t order_ = 0;
  std::uint64_t wake_latency_ns_ = 0;
  std::uint64_t next_timer_ = 1;
  std::uint64_t disturbances_ = 0;
  unsigned callbacks_ = 0; ///< that run now
  bool stopped_ = false;
  std::vector<Due> due_; ///< a heap, earliest first
  std::vector<std::unique_ptr<Process>> processes_;
  std::vector<std::unique_ptr<Timer>> timers_;
  Process* current_ = nullptr; ///< whose fiber runs; null: the caller of run()
};

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
#include "core/clock/virtual_clock.h"

#include "core/base/assert.h"
#include "core/clock/fiber.h"

#include <algorithm>

namespace zbuf {

struct VirtualClock::Process {
  VirtualClock* clock = nullptr;
  std::function<void()> body;
  std::unique_ptr<Fiber> fiber;
  bool woken = false;
  bool killed = false;
  bool unwinding = false; ///< ProcessKilled is on its way: what is destroyed now spends nothing
  bool finished = false;
  std::uint64_t quiet_since = never_ns; ///< which disturbance it has been quiet since
  std::uint64_t start_ns = 0;
  std::uint64_t end_ns = 0;
  std::uint64_t slept_ns = 0;
  std::uint64_t asleep_since_ns = never_ns; ///< never_ns: awake
};

/// A place to sleep in virtual time.
class VirtualClock::Point final : public WaitPoint {
 public:
  explicit Point(VirtualClock& clock) : clock_(clock) {}
  void lock() override {}
  void unlock() override {}

  bool wait_until(std::uint64_t deadline_ns) override {
    if (clock_.current_ != nullptr)
      return clock_.sleep_current(deadline_ns, sleepers_);
    woken_ = false;
    return clock_.sleep_without_process(deadline_ns, woken_);
  }

  void wake_all() override {
    woken_ = true;
    for (Process* process : sleepers_) {
      process->woken = true;
      clock_.schedule_resume(*process, clock_.now_ns_ + clock_.wake_latency_ns_);
    }
    sleepers_.clear();
  }

 private:
  VirtualClock& clock_;
  std::vector<Process*> sleepers_;
  bool woken_ = false;
};

VirtualClock::VirtualClock() = default;
VirtualClock::~VirtualClock() {
  kill_all();
}

std::unique_ptr<WaitPoint> VirtualClock::make_wait_point() {
  return std::make_unique<Point>(*this);
}

// ---- The heap of what is due ----

namespace {
constexpr auto later = [](const auto& a, const auto& b) {
  return a.time_ns != b.time_ns ? a.time_ns > b.time_ns : a.order > b.order;
};
} // namespace

void VirtualClock::refresh_next_due() {
  if (stopped_ || (current_ != nullptr && current_->killed))
    next_due_ns_ = 0;
  else
    next_due_ns_ = due_.empty() ? never_ns : due_.front().time_ns;
}

void VirtualClock::push(std::uint64_t time_ns, Callback callback, void* context) {
  ZBUF_ASSERT(time_ns >= now_ns_);
  due_.push_back({time_ns, ++order_, callback, context});
  std::push_heap(due_.begin(), due_.end(), later);
  refresh_next_due();
}

VirtualClock::Due VirtualClock::pop() {
  std::pop_heap(due_.begin(), due_.end(), later);
  const Due due = due_.back();
  due_.pop_back();
  refresh_next_due();
  return due;
}

void VirtualClock::at(std::uint64_t time_ns, Callback callback, void* context) {
  push(time_ns, callback, context);
}

void VirtualClock::withdraw(Callback callback, const void* context) {
  // Few things are ever due at once: one arrival, and a deadline per sleeper.
  const auto found = std::find_if(due_.begin(), due_.end(), [&](const Due& due) {
    return due.callback == callback && due.context == context;
  });
  if (found == due_.end())
    return;
  due_.erase(found);
  std::make_heap(due_.begin(), due_.end(), later);
  refresh_next_due();
}

// ---- Timers that can be cancelled ----

Clock::TimerId VirtualClock::call_at(std::uint64_t time_ns, std::function<void()> callback) {
  auto timer = std::make_unique<Timer>(
      Timer{this, next_timer_++, std::move(callback), callbacks_ == 0 ? current_ : nullptr});
  push(std::max(time_ns, now_ns_), &VirtualClock::timer_callback, timer.get());
  timers_.push_back(std::move(timer));
  return timers_.back()->id;
}

void VirtualClock::timer_callback(void* context) {
  auto* timer = static_cast<Timer*>(context);
  const std::function<void()> callback = std::move(timer->callback);
  std::erase_if(timer->clock->timers_, [&](const auto& other) { return other.get() == timer; });
  callback();
}

void VirtualClock::cancel(TimerId id) {
  const auto found =
      std::find_if(timers_.begin(), timers_.end(), [&](const auto& timer) { return timer->id == id; });
  if (found == timers_.end())
    return;
  withdraw(&VirtualClock::timer_callback, found->get());
  timers_.erase(found);
}

// ---- Processes ----

VirtualClock::ProcessId VirtualClock::spawn(std::function<void()> body) {
  auto process = std::make_unique<Process>();
  process->clock = this;
  process->body = std::move(body);
  process->start_ns = now_ns_;
  Process* raw = process.get();
  process->fiber = std::make_unique<Fiber>([raw] {
    try {
      if (!raw->killed)
        raw->body();
    } catch (const ProcessKilled&) {
      // Its stack is unwound: descriptors are closed, memory is returned.
    }
    raw->finished = true;
    raw->end_ns = raw->clock->now_ns_;
  });
  processes_.push_back(std::move(process));
  schedule_resume(*raw, now_ns_);
  return processes_.size() - 1;
}

VirtualClock::ProcessId VirtualClock::current() const {
  if (current_ != nullptr && current_->unwinding)
    return no_process;
  for (ProcessId id = 0; current_ != nullptr && id < processes_.size(); ++id)
    if (processes_[id].get() == current_)
      return id;
  return no_process;
}

std::uint64_t VirtualClock::busy_ns(ProcessId id) const {
  const Process& process = *processes_.at(id);
  const std::uint64_t end_ns = process.finished ? process.end_ns : now_ns_;
  std::uint64_t slept_ns = process.slept_ns;
  if (process.asleep_since_ns != never_ns)
    slept_ns += end_ns - process.asleep_since_ns;
  return end_ns - process.start_ns - slept_ns;
}

bool VirtualClock::finished(ProcessId id) const {
  return processes_.at(id)->finished;
}

void VirtualClock::schedule_resume(Process& process, std::uint64_t time_ns) {
  withdraw(&VirtualClock::resume_callback, &process);
  push(time_ns, &VirtualClock::resume_callback, &process);
}

void VirtualClock::resume_callback(void* context) {
  auto* process = static_cast<Process*>(context);
  process->clock->resume(*process);
}

void VirtualClock::resume(Process& process) {
  if (process.finished)
    return;
  Process* const before = current_;
  current_ = &process;
  process.fiber->resume();
  current_ = before;
  refresh_next_due();
}

void VirtualClock::unwind(Process& process) {
  process.unwinding = true;
  throw ProcessKilled{};
}

/// Gives way to the caller of resume(). Throws if the process was killed meanwhile.
void VirtualClock::give_way() {
  Process* const me = current_;
  me->fiber->yield();
  if (me->killed)
    unwind(*me);
}

void VirtualClock::kill(ProcessId id) {
  Process& process = *processes_.at(id);
  if (process.finished || process.killed)
    return;
  process.killed = true;
  if (&process == current_) {
    next_due_ns_ = 0; // its own doing, or a callback's on its stack: the next time it spends is its last
    return;
  }
  withdraw(&VirtualClock::resume_callback, &process);
  // On its own stack, so that what it owned is destroyed by its own code.
  resume(process);
}

void VirtualClock::kill_all() {
  for (ProcessId id = 0; id < processes_.size(); ++id)
    kill(id);
}

// ---- Silences ----

/// Whose own business it is: that of a process which runs again, or whose timer it is.
const VirtualClock::Process* VirtualClock::owner_of(const Due& due) const {
  if (due.callback == &VirtualClock::resume_callback)
    return static_cast<const Process*>(due.context);
  return due.callback == &VirtualClock::timer_callback ? static_cast<const Timer*>(due.context)->owner
                                                       : nullptr;
}

void VirtualClock::happen(const Due& due) {
  if (due.callback == &VirtualClock::resume_callback) {
    due.callback(due.context);
    return;
  }
  if (owner_of(due) == nullptr)
    ++disturbances_;
  struct Running { // also when a process is killed in it
    unsigned& callbacks;
    explicit Running(unsigned& n) : callbacks(n) { ++callbacks; }
    ~Running() { --callbacks; }
  } const running(callbacks_);
  due.callback(due.context);
}

void VirtualClock::be_quiet() {
  current_->quiet_since = disturbances_;
}

std::uint64_t VirtualClock::next_disturbance_ns() const {
  std::uint64_t next_ns = never_ns;
  for (const Due& due : due_) {
    const Process* const owner = owner_of(due);
    if (owner == nullptr || owner == current_ || owner->quiet_since != disturbances_)
      next_ns = std::min(next_ns, due.time_ns);
  }
  return next_ns;
}

void VirtualClock::skip_until(std::uint64_t time_ns, std::uint64_t slept_ns) {
  Process& me = *current_;
  schedule_resume(me, time_ns);
  give_way();
  me.slept_ns += slept_ns;
}

std::uint64_t VirtualClock::slept_ns(ProcessId id) const {
  return processes_.at(id)->slept_ns;
}

// ---- Time passes ----

void VirtualClock::run() {
  while (!stopped_ && !due_.empty()) {
    const Due due = pop();
    now_ns_ = due.time_ns;
    happen(due);
  }
}

void VirtualClock::spend_among_events(std::uint64_t target_ns) {
  if (current_ != nullptr && current_->killed) {
    if (!current_->unwinding)
      unwind(*current_);
    return; // a destructor: the dead spend nothing
  }
  if (current_ != nullptr && stopped_) {
    // Never resumed; kill_all() unwinds it.
    give_way();
    return;
  }
  while (!stopped_ && !due_.empty() && due_.front().time_ns <= target_ns) {
    if (current_ != nullptr && due_.front().callback == &VirtualClock::resume_callback) {
      // Another process is due first: let the scheduler sort it out.
      schedule_resume(*current_, target_ns);
      give_way();
      return;
    }
    const Due due = pop();
    now_ns_ = due.time_ns;
    happen(due);
    if (current_ != nullptr && current_->killed)
      unwind(*current_);
  }
  if (stopped_ && current_ != nullptr) {
    give_way();
    return;
  }
  now_ns_ = std::max(now_ns_, target_ns);
}

std::uint64_t VirtualClock::spin(std::uint64_t step_ns, std::uint64_t deadline_ns) {
  const std::uint64_t step = std::max<std::uint64_t>(step_ns, 1);
  const std::uint64_t until_ns = std::min(next_disturbance_ns(), deadline_ns);
  std::uint64_t looks = 1;
  if (until_ns != never_ns && until_ns > now_ns_)
    looks = (until_ns - now_ns_ - 1) / step + 1;
  spend_ns(looks * step);
  return looks;
}

bool VirtualClock::sleep_current(std::uint64_t deadline_ns, std::vector<Process*>& sleepers) {
  Process& me = *current_;
  me.woken = false;
  sleepers.push_back(&me);
  if (deadline_ns != never_ns)
    schedule_resume(me, std::max(deadline_ns, now_ns_));
  me.asleep_since_ns = now_ns_;
  // Killed while asleep, it must not be woken later.
  struct Leave {
    VirtualClock& clock;
    std::vector<Process*>& sleepers;
    Process& me;
    ~Leave() {
      std::erase(sleepers, &me);
      clock.end_sleep(me);
    }
  } leave{*this, sleepers, me};
  give_way();
  return me.woken;
}

void VirtualClock::end_sleep(Process& process) {
  process.slept_ns += now_ns_ - process.asleep_since_ns;
  process.asleep_since_ns = never_ns;
}

/// The caller of run() itself sleeps (a test, a replay): what is due happens meanwhile, on its stack.
bool VirtualClock::sleep_without_process(std::uint64_t deadline_ns, const bool& woken) {
  while (!woken && !due_.empty() && due_.front().time_ns <= deadline_ns) {
    const Due due = pop();
    now_ns_ = due.time_ns;
    happen(due);
  }
  if (!woken && deadline_ns != never_ns)
    now_ns_ = std::max(now_ns_, deadline_ns);
  return woken;
}

} // namespace zbuf

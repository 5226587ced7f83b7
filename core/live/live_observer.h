// SPDX-License-Identifier: BSD-2-Clause
// What a reader does, as events of a live recording.
#pragma once

#include "core/clock/giant_clock.h"
#include "core/device/event_observer.h"

#include <cstddef>
#include <vector>

namespace zbuf {

/// One for each reader, used by its thread. Handled records are gathered, and written down a few at a time:
/// the lock, which is over the trace as well, is taken once for them. Clock and trace outlive it.
class LiveObserver final : public EventObserver {
 public:
  LiveObserver(GiantClock& clock, zb_trace* trace, std::uint16_t descriptor)
      : clock_(clock), trace_(trace), descriptor_(descriptor) {
    handled_.reserve(most_handled);
  }

  /// From now on what the reader says of a new fill waits for release_fill(): until the kernel has been told
  /// of it (LiveKernel::filled()).
  void hold_fills() { holds_fills_ = true; }
  void release_fill() {
    if (held_.empty())
      return;
    const GiantClock::Hold held = clock_.hold();
    for (const Event& event : held_)
      *zb_trace_claim(trace_) = event;
    held_.clear();
  }

  /// Writes down what was gathered: before the fill is given back.
  void flush() {
    if (handled_.empty())
      return;
    const GiantClock::Hold held = clock_.hold();
    write_handled();
  }

 private:
  static constexpr std::size_t most_handled = 128;

  void note(Event event) override {
    event.time_ns = clock_.real_ns();
    event.descriptor = descriptor_;
    if (event.kind == ZB_EV_HANDLED) {
      handled_.push_back(event);
      if (handled_.size() == most_handled)
        flush();
    } else if (holds_fills_ && begins_fill(event)) {
      held_.push_back(event);
    } else {
      const GiantClock::Hold held = clock_.hold();
      write_handled();
      *zb_trace_claim(trace_) = event;
    }
  }
  /// A look that found one, or its taking.
  [[nodiscard]] static bool begins_fill(const Event& event) {
    return event.kind == ZB_EV_TOOK || (event.kind == ZB_EV_LOOKED && event.a != event.b);
  }
  void write_handled() {
    for (const Event& event : handled_)
      *zb_trace_claim(trace_) = event;
    handled_.clear();
  }

  GiantClock& clock_;
  zb_trace* const trace_;
  const std::uint16_t descriptor_;
  std::vector<Event> handled_;
  std::vector<Event> held_;
  bool holds_fills_ = false;
};

} // namespace zbuf

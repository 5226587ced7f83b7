// SPDX-License-Identifier: BSD-2-Clause
// What a reader does, as events of a live recording.
#pragma once

#include "core/clock/giant_clock.h"
#include "core/device/process_observer.h"
#include "core/trace/event.h"

#include <cstddef>
#include <vector>

namespace zbuf {

/// One for each reader, used by its thread. Handled records are gathered, and written down a few at a time:
/// the lock, which is over the trace as well, is taken once for them. Clock and trace outlive it.
class LiveObserver final : public ProcessObserver {
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

  /// The process began, or ended.
  void announce(zb_reader_state state) { now(event(ZB_EV_READER, ZB_NO_BUFFER, state)); }

  void looked(zb_which buffer, std::uint32_t kernel_gen, std::uint32_t user_gen,
              std::uint64_t looks) override {
    const Event look = event(ZB_EV_LOOKED, buffer, kernel_gen, user_gen, static_cast<std::uint32_t>(looks));
    if (holds_fills_ && kernel_gen != user_gen)
      held_.push_back(look);
    else
      now(look);
  }
  void took(zb_which buffer, std::uint32_t length, std::uint32_t generation) override {
    const Event taking = event(ZB_EV_TOOK, buffer, length, generation);
    if (holds_fills_)
      held_.push_back(taking);
    else
      now(taking);
  }
  void handled(zb_which buffer, std::uint32_t offset, std::uint32_t caplen, std::uint32_t datalen) override {
    handled_.push_back(event(ZB_EV_HANDLED, buffer, offset, caplen, 0, datalen));
    if (handled_.size() == most_handled)
      flush();
  }
  void acknowledged(zb_which buffer, std::uint32_t user_gen, std::uint32_t kernel_gen) override {
    now(event(ZB_EV_ACKNOWLEDGED, buffer, user_gen, kernel_gen));
  }
  void scribbled(zb_which buffer, std::uint32_t word, std::uint32_t value, std::uint32_t before) override {
    now(event(ZB_EV_SCRIBBLED, buffer, word, value, before));
  }
  void bad_record(zb_which buffer, std::uint32_t offset, std::uint32_t why) override {
    now(event(ZB_EV_BAD_RECORD, buffer, offset, why));
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

  [[nodiscard]] Event event(zb_event_kind kind, zb_which buffer, std::uint32_t a = 0, std::uint32_t b = 0,
                            std::uint32_t c = 0, std::uint32_t d = 0) const {
    return {clock_.real_ns(),
            ZB_NO_PACKET,
            a,
            b,
            c,
            d,
            descriptor_,
            static_cast<std::uint8_t>(kind),
            static_cast<std::uint8_t>(buffer)};
  }
  void now(const Event& event) {
    const GiantClock::Hold held = clock_.hold();
    write_handled();
    *zb_trace_claim(trace_) = event;
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

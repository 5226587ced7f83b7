// SPDX-License-Identifier: BSD-2-Clause
// What a process does, as events: which step is which event is said here and nowhere else.
#pragma once

#include "core/device/process_observer.h"
#include "core/trace/event.h"

namespace zbuf {

class EventObserver : public ProcessObserver {
 public:
  /// The state of the process: it began, stalled, ended.
  void announce(zb_reader_state state) { step(ZB_EV_READER, ZB_NO_BUFFER, state); }

  void looked(zb_which buffer, std::uint32_t kernel_gen, std::uint32_t user_gen,
              std::uint64_t looks) override {
    step(ZB_EV_LOOKED, buffer, kernel_gen, user_gen, static_cast<std::uint32_t>(looks),
         static_cast<std::uint32_t>(looks >> 32));
  }
  void took(zb_which buffer, std::uint32_t length, std::uint32_t generation) override {
    step(ZB_EV_TOOK, buffer, length, generation);
  }
  void handled(zb_which buffer, std::uint32_t offset, std::uint32_t caplen, std::uint32_t datalen) override {
    step(ZB_EV_HANDLED, buffer, offset, caplen, 0, datalen);
  }
  void acknowledged(zb_which buffer, std::uint32_t user_gen, std::uint32_t kernel_gen) override {
    step(ZB_EV_ACKNOWLEDGED, buffer, user_gen, kernel_gen);
  }
  void scribbled(zb_which buffer, std::uint32_t word, std::uint32_t value, std::uint32_t before) override {
    step(ZB_EV_SCRIBBLED, buffer, word, value, before);
  }
  void bad_record(zb_which buffer, std::uint32_t offset, std::uint32_t why) override {
    step(ZB_EV_BAD_RECORD, buffer, offset, why);
  }

 protected:
  /// Called for each step, whose time and descriptor are not filled in.
  virtual void note(Event event) = 0;

 private:
  void step(zb_event_kind kind, zb_which buffer, std::uint32_t a, std::uint32_t b = 0, std::uint32_t c = 0,
            std::uint32_t d = 0) {
    Event event = blank_event(kind);
    event.buffer = static_cast<std::uint8_t>(buffer);
    event.a = a;
    event.b = b;
    event.c = c;
    event.d = d;
    note(event);
  }
};

} // namespace zbuf

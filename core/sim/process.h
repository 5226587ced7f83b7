// SPDX-License-Identifier: BSD-2-Clause
// A simulated process: a reader that runs the code of core/reader, or a script, at the price of its time.
#pragma once

#include "core/device/event_observer.h"
#include "core/reader/reader.h"
#include "core/sim/machine.h"

#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace zbuf {

class Process final : public EventObserver {
 public:
  /// All outlive it.
  Process(SimMachine& machine, const SimReader& config, RunListener& listener)
      : machine_(machine), config_(config), listener_(listener) {}

  /// The body of its fiber.
  void run();

  /// Has it do something at its next step; wakes it if it sleeps in a call.
  void ask(const SimFault& fault);

  [[nodiscard]] const SimReader& config() const { return config_; }
  [[nodiscard]] std::uint16_t descriptor() const { return descriptor_; }

 private:
  class ScriptBed;

  /// Whether the time between two moments is always the same.
  struct Rhythm {
    std::uint64_t last_ns = never_ns;
    std::uint64_t period_ns = 0;
    std::uint64_t same = 0;     ///< periods in a row
    bool shown = false;         ///< the trace shows the round that has begun, to be repeated
    std::uint64_t slept_ns = 0; ///< until it began
    void beat(std::uint64_t now_ns);
  };
  void idled();
  void skip(Rhythm& rhythm, std::uint64_t limit_ns);

  void read_for_ever();
  void read_out_of_order();
  void run_script();
  bool next(Next& next);
  void handle(const Fill& fill);
  void do_pending();
  void obey(const SimFault& fault);
  void scribble(const SimFault& fault);
  void set_zbuf_again();
  void stall(std::uint64_t duration_ns);
  void sleep_until(std::uint64_t time_ns);
  [[nodiscard]] const Loan* loan() const;
  [[nodiscard]] Device* device();

  // What it does goes into the trace, and some of it costs.
  void note(Event event) override;
  void looked(zb_which buffer, std::uint32_t kernel_gen, std::uint32_t user_gen,
              std::uint64_t looks) override;
  void handled(zb_which buffer, std::uint32_t offset, std::uint32_t caplen, std::uint32_t datalen) override;

  SimMachine& machine_;
  const SimReader& config_;
  RunListener& listener_;
  std::unique_ptr<WaitPoint> point_{};
  std::unique_ptr<Reader> reader_{};
  std::unique_ptr<Operator> operator_{};
  Device* opened_ = nullptr; ///< reader_'s or operator_'s
  std::uint16_t descriptor_ = ZB_NO_DESCRIPTOR;
  std::uint64_t disturbances_ = 0; ///< of the clock, when the rhythms began
  std::uint64_t deadline_ns_ = 0;  ///< of the reader, when it last found nothing
  Rhythm asking_{};                ///< of a reader that polls until its time is up
  Rhythm waiting_{};               ///< ... and of all others: from one time-out to the next
  std::deque<SimFault> pending_{};
  std::uint64_t handle_carry_ps_ = 0; ///< of a nanosecond, so that nothing is rounded away
};

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
// Charges what a process does in the kernel to that process, and counts what it makes the kernel do.
#pragma once

#include "core/clock/virtual_clock.h"
#include "core/emulated/kernel.h"
#include "core/sim/costs.h"

namespace zbuf {

/// Clock and costs outlive it.
class CostMeter final : public Meter {
 public:
  CostMeter(VirtualClock& clock, const Costs& costs) : clock_(clock), costs_(costs) {}

  void call(zb_call) override { spend(costs_.syscall_ns); }
  void copied_to_user(std::size_t bytes) override {
    const std::uint64_t ps = carry_ps_ + costs_.copy_out_ps * bytes;
    carry_ps_ = ps % 1000;
    spend(ps / 1000);
  }
  void woke_up() override { ++wakeups_; }
  void resumed() override { spend(costs_.switch_ns); }
  [[nodiscard]] std::uint64_t look_ns() const override { return costs_.look_ns; }

  /// How often the kernel has woken a sleeper: the packet that did so pays (PacketPath).
  [[nodiscard]] std::uint64_t wakeups() const { return wakeups_; }

 private:
  void spend(std::uint64_t ns) {
    if (clock_.current() != VirtualClock::no_process)
      clock_.spend_ns(ns);
  }

  VirtualClock& clock_;
  const Costs& costs_;
  std::uint64_t carry_ps_ = 0; ///< of a nanosecond, so that nothing is rounded away
  std::uint64_t wakeups_ = 0;
};

} // namespace zbuf

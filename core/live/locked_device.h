// SPDX-License-Identifier: BSD-2-Clause
// A device of a kernel that has one lock for everything (giant_clock.h): every call takes it.
#pragma once

#include "core/clock/giant_clock.h"
#include "core/device/device.h"

#include <memory>
#include <utility>

namespace zbuf {

class LockedDevice final : public Device {
 public:
  /// The clock outlives the device.
  LockedDevice(GiantClock& clock, std::unique_ptr<Device> device)
      : clock_(clock), device_(std::move(device)) {}
  ~LockedDevice() override {
    const GiantClock::Hold held = clock_.hold();
    device_.reset();
  }
  LockedDevice(const LockedDevice&) = delete;
  LockedDevice& operator=(const LockedDevice&) = delete;

  int control(std::uint32_t request, void* argument) override {
    const GiantClock::Hold held = clock_.hold();
    return device_->control(request, argument);
  }
  CallResult read(std::span<std::byte> into) override {
    const GiantClock::Hold held = clock_.hold();
    return device_->read(into);
  }
  CallResult write(std::span<const std::byte> packet) override {
    const GiantClock::Hold held = clock_.hold();
    return device_->write(packet);
  }
  CallResult poll(int events, std::int64_t timeout_ns) override {
    const GiantClock::Hold held = clock_.hold();
    return device_->poll(events, timeout_ns);
  }
  std::uint64_t spin(std::uint64_t deadline_ns) override { return clock_.spin(0, deadline_ns); }
  [[nodiscard]] std::uint64_t now_ns() const override { return clock_.real_ns(); }
  [[nodiscard]] std::uint16_t number() const override { return device_->number(); }
  void interrupt() override {
    const GiantClock::Hold held = clock_.hold();
    device_->interrupt();
  }

 private:
  GiantClock& clock_;
  std::unique_ptr<Device> device_;
};

} // namespace zbuf

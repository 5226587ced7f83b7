// SPDX-License-Identifier: BSD-2-Clause
// A device that counts its system calls, for measurements.
#pragma once

#include "core/device/device.h"

#include <atomic>
#include <memory>

namespace zbuf {

class CountingDevice final : public Device {
 public:
  explicit CountingDevice(std::unique_ptr<Device> device) : device_(std::move(device)) {}

  int control(std::uint32_t request, void* argument) override {
    return count(), device_->control(request, argument);
  }
  CallResult read(std::span<std::byte> into) override { return count(), device_->read(into); }
  CallResult write(std::span<const std::byte> packet) override { return count(), device_->write(packet); }
  CallResult poll(int events, std::int64_t timeout_ns) override {
    return count(), device_->poll(events, timeout_ns);
  }
  std::uint64_t spin(std::uint64_t deadline_ns) override { return device_->spin(deadline_ns); }
  [[nodiscard]] std::uint64_t now_ns() const override { return device_->now_ns(); }
  [[nodiscard]] std::uint16_t number() const override { return device_->number(); }
  void interrupt() override { device_->interrupt(); }

  /// So far; any thread may look. One thread at a time makes the calls.
  [[nodiscard]] std::uint64_t calls() const { return calls_.load(std::memory_order_relaxed); }

 private:
  void count() { calls_.store(calls() + 1, std::memory_order_relaxed); }

  std::atomic<std::uint64_t> calls_{0};
  const std::unique_ptr<Device> device_;
};

} // namespace zbuf

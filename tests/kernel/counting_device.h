// A device that counts its system calls.
#pragma once

#include "core/device/device.h"

#include <memory>

namespace zbuf {

class CountingDevice final : public Device {
 public:
  explicit CountingDevice(std::unique_ptr<Device> device) : device_(std::move(device)) {}

  int control(std::uint32_t request, void* argument) override {
    return ++calls, device_->control(request, argument);
  }
  CallResult read(std::span<std::byte> into) override { return ++calls, device_->read(into); }
  CallResult write(std::span<const std::byte> packet) override { return ++calls, device_->write(packet); }
  CallResult poll(int events, std::int64_t timeout_ns) override {
    return ++calls, device_->poll(events, timeout_ns);
  }
  std::uint64_t spin(std::uint64_t deadline_ns) override { return device_->spin(deadline_ns); }
  [[nodiscard]] std::uint64_t now_ns() const override { return device_->now_ns(); }
  [[nodiscard]] std::uint16_t number() const override { return device_->number(); }
  void interrupt() override { device_->interrupt(); }

  std::uint64_t calls = 0; ///< one thread's

 private:
  const std::unique_ptr<Device> device_;
};

} // namespace zbuf

// bpf(4) by real system calls on /dev/bpf: the other kind of Device (core/device/device.h).
//
// The numbers and layouts are the same on FreeBSD and on Linux with this project's module; what differs is
// the numbers of errors, which come back as FreeBSD's.
#pragma once

#include "core/base/result.h"
#include "core/device/device.h"

#include <atomic>
#include <memory>
#include <pthread.h>

namespace zbuf {

class NativeDevice final : public Device {
 public:
  /// open(2) of /dev/bpf. `flags`: O_RDWR and the like. On failure null, and `error` has FreeBSD's number.
  static std::unique_ptr<NativeDevice> open(int flags, int& error);

  ~NativeDevice() override;
  NativeDevice(const NativeDevice&) = delete;
  NativeDevice& operator=(const NativeDevice&) = delete;

  int control(std::uint32_t request, void* argument) override;
  CallResult read(std::span<std::byte> into) override;
  CallResult write(std::span<const std::byte> packet) override;
  CallResult poll(int events, std::int64_t timeout_ns) override;
  std::uint64_t spin(std::uint64_t deadline_ns) override;
  [[nodiscard]] std::uint64_t now_ns() const override;
  /// On Linux, of /proc/net/bpf and of /dev/bpf_trace.
  [[nodiscard]] std::uint16_t number() const override { return number_; }
  /// Uses SIGURG, which the first open() gives a handler.
  void interrupt() override;

  /// The descriptor itself; it stays the device's.
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  NativeDevice(int descriptor, int event);

  template <typename Call>
  CallResult interruptible(Call&& call);

  const int descriptor_;
  const int event_; ///< readable once interrupted, so that poll() returns
  std::uint16_t number_;
  std::atomic<bool> interrupted_{false};
  std::atomic<bool> calling_{false};
  pthread_t caller_{};
};

/// FreeBSD's number for an error of this system.
[[nodiscard]] int freebsd_error(int error);

} // namespace zbuf

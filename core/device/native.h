// SPDX-License-Identifier: BSD-2-Clause
// bpf(4) by real system calls: the other kind of Device. FreeBSD's /dev/bpf, and that of this project's Linux
// module.
//
// Numbers and layouts are the same on both, and the same as the engine's (native_abi.cpp has the compiler
// check them); what differs is the numbers of errors, which come back as FreeBSD's.
#pragma once

#include "core/base/result.h"
#include "core/device/device.h"

#include <atomic>
#include <memory>
#include <pthread.h>
#include <vector>

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
  /// poll(2), and not kqueue(2), which says nothing when the interface departs (spec 2.13).
  CallResult poll(int events, std::int64_t timeout_ns) override;
  std::uint64_t spin(std::uint64_t deadline_ns) override;
  [[nodiscard]] std::uint64_t now_ns() const override;
  /// With the Linux module, of /proc/net/bpf and of /dev/bpf_trace; elsewhere how many this process opened
  /// before.
  [[nodiscard]] std::uint16_t number() const override { return number_; }
  /// Uses SIGURG, which the first open() gives a handler.
  void interrupt() override;

  /// FreeBSD: the descriptor can do from now on what readers do, and no more (capsicum(4)). Elsewhere
  /// nothing.
  Result<void> limit_rights();

  /// The descriptor itself; it stays the device's.
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  NativeDevice(int descriptor, int wake_read, int wake_write);

  template <typename Call>
  CallResult interruptible(Call&& call);

  const int descriptor_;
  const int wake_read_, wake_write_; ///< a pipe: readable once interrupted, so that poll() returns
  std::uint16_t number_;
  std::atomic<bool> interrupted_{false};
  std::atomic<bool> calling_{false};
  pthread_t caller_{};
};

/// A new descriptor, to read and write. Where /dev/bpf does not clone, the first of /dev/bpf0, /dev/bpf1, ...
/// that nobody has. Errors, with what to do: not_found (no such device), io (no permission, all in use,
/// anything else).
Result<std::unique_ptr<NativeDevice>> open_native();

/// All that limit_rights() leaves of ioctl(2): ZB_CAPTURE in the table of requests.
[[nodiscard]] std::vector<unsigned long> requests_of_a_capture();

} // namespace zbuf

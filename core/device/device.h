// SPDX-License-Identifier: BSD-2-Clause
// bpf(4) as a process sees it: one open descriptor, and the system calls on it.
//
// Two kinds exist: emulated (kernel.h), the engine in this process; and native, real system calls. What
// stands above this interface does not know which it has.
#pragma once

#include "core/device/error_numbers.h"

extern "C" {
#include "kernel/engine/abi.h"
}

#include <cstddef>
#include <cstdint>
#include <span>

namespace zbuf {

/// What a system call came to. `error` is 0 or FreeBSD's number (abi.h), whatever system this runs on.
struct CallResult {
  int error = 0;
  std::size_t value = 0; ///< read, write: bytes; poll: the events that are ready, 0 if the time is up
};

/// One open descriptor. Destroying it is close(2): the kernel lets go of loaned memory, which must live until
/// then. Any thread may call; close only when no other call is under way.
class Device {
 public:
  virtual ~Device() = default;

  /// ioctl(2). `argument` points to what the request takes: ZB_IOC_LENGTH(request) bytes. Returns the error;
  /// the argument is written only where that is 0 (spec 1.2).
  virtual int control(std::uint32_t request, void* argument) = 0;

  /// read(2): one whole hold buffer; the size must be what BIOCGBLEN says (spec 2.10). May sleep.
  virtual CallResult read(std::span<std::byte> into) = 0;

  /// write(2): sends one packet (spec 4.16).
  virtual CallResult write(std::span<const std::byte> packet) = 0;

  /// poll(2), and what select(2) and kqueue(2) ask: waits for ZB_POLLIN and the like. Timeout in nanoseconds;
  /// 0 asks only, negative waits for ever.
  virtual CallResult poll(int events, std::int64_t timeout_ns) = 0;

  /// The process spins on shared memory: no system call. In virtual time until something may have changed, or
  /// the deadline (of now_ns()). Returns how many looks that stood for.
  virtual std::uint64_t spin(std::uint64_t deadline_ns = ~std::uint64_t{0}) = 0;

  /// The process's monotonic clock, in nanoseconds.
  [[nodiscard]] virtual std::uint64_t now_ns() const = 0;

  /// Which descriptor it is in a trace: from 0, in order of open.
  [[nodiscard]] virtual std::uint16_t number() const = 0;

  /// From any thread: makes a sleeping call of this descriptor return ZB_EINTR, as a signal does; the next
  /// one if none sleeps.
  virtual void interrupt() = 0;
};

} // namespace zbuf

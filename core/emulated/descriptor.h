// SPDX-License-Identifier: BSD-2-Clause
// One emulated descriptor: it gives the engine what a kernel gives it, and the process its system calls.
#pragma once

#include "core/emulated/kernel.h"

#include <array>
#include <atomic>
#include <functional>
#include <memory>

namespace zbuf {

class EmulatedDescriptor : public std::enable_shared_from_this<EmulatedDescriptor> {
 public:
  EmulatedDescriptor(EmulatedKernel& kernel, const EmulatedKernel::Open& how, std::uint16_t number);

  // ---- The process's side: system calls ----

  int control(std::uint32_t request, void* argument);
  CallResult read(std::span<std::byte> into);
  CallResult write(std::span<const std::byte> packet);
  CallResult poll(int events, std::int64_t timeout_ns);
  std::uint64_t spin(std::uint64_t deadline_ns);
  void interrupt();
  void end_polls();
  void close();
  [[nodiscard]] std::uint16_t number() const { return engine_.number; }
  [[nodiscard]] std::uint64_t now_ns() const { return kernel_.clock().now_ns(); }

  // ---- The kernel's side ----

  /// A packet passes; `work` is added to.
  void tap(const zb_packet& packet, TapWork& work) {
    if (threaded_)
      point_->lock();
    const std::uint64_t received = engine_.count.received;
    work.stored_bytes += zb_tap_locked(&engine_, &packet);
    ++work.taps;
    // Not if it was turned away before the filter: the other direction, or a descriptor that only writes.
    work.filters += engine_.read_filter != nullptr && engine_.count.received != received;
    if (threaded_)
      point_->unlock();
  }
  /// Several packets pass, under one lock. The first has that number.
  void tap(std::span<const Arrival> burst, std::uint32_t number, std::uint64_t time_ns, TapWork& work);
  void used_by(std::int32_t pid) { zb_used_by(&engine_, pid); }
  void owner_ended(std::int32_t process);
  void stop_tracing() { engine_.trace = nullptr; }
  void departed(EmulatedKernel::InterfaceId interface) { zb_departed(&engine_, interface); }
  [[nodiscard]] zb_xbpf_d stats();
  void zero_stats();
  [[nodiscard]] bool is_writer();
  [[nodiscard]] bool is_attached();
  [[nodiscard]] WaitPoint& wait_point() { return *point_; }

 private:
  friend struct EngineHost;

  void enter(zb_call call, std::uint32_t request, std::uint32_t argument);
  void leave(zb_call call, std::uint32_t request, int error, std::uint32_t value);
  bool sleep_until(std::uint64_t deadline_ns, zb_call call);
  void arm_timer(std::uint32_t ticks);

  EmulatedKernel& kernel_;
  const bool threaded_;
  const EmulatedKernel::Access access_;
  const std::unique_ptr<WaitPoint> point_;
  zb_descriptor engine_{};

  // Under the lock of point_:
  /// Counts wake-ups of each channel, and news, so that none is missed between asking and sleeping.
  std::array<std::uint64_t, 2> wakes_{};
  std::uint64_t news_ = 0;
  std::int32_t owner_ = 0;
  unsigned sleepers_ = 0;
  bool interrupted_ = false;
  bool polls_ended_ = false;
  Clock::TimerId timer_ = 0;
  std::uint64_t timer_generation_ = 0; ///< a timer that was cancelled too late does nothing
};

} // namespace zbuf

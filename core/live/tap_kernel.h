// SPDX-License-Identifier: BSD-2-Clause
// The emulated kernel, with a live interface in it: a thread gives it what libpcap's tap sees.
#pragma once

#include "core/emulated/kernel.h"
#include "core/live/live_kernel.h"

#include <atomic>
#include <mutex>
#include <thread>

namespace zbuf {

class TapKernel final : public LiveKernel {
 public:
  /// The interface has the name that it has on this machine.
  TapKernel(std::unique_ptr<Tap> tap, std::string interface, const zb_revision& revision)
      : tap_(std::move(tap)), interface_(std::move(interface)), revision_(revision) {}
  ~TapKernel() override;

  [[nodiscard]] std::uint32_t link_type() const override { return tap_->link_type(); }
  [[nodiscard]] std::string slots() const override { return "exact"; }
  [[nodiscard]] std::string revision() const override { return revision_.name; }
  void begin(GiantClock& clock, Recorder& recorder) override;
  Result<std::unique_ptr<Device>> open() override;
  zb_trace* reader_trace(std::uint16_t) override { return recorder_->trace(); }
  void attached(std::uint16_t, Reader&, BufferMode) override {}
  void filled(std::uint16_t, const Fill&) override {}
  [[nodiscard]] bool needs_fills() const override { return false; }
  void start() override;
  void stop() override;
  void tick() override {}
  void settle() override {}
  std::optional<Tap::Counts> counts() override;
  [[nodiscard]] bool gone() const override { return gone_; }
  [[nodiscard]] std::optional<Error> error() const override;
  void end() override;

 private:
  void run();
  void arrive(const Packet& packet, GiantClock::Hold& held);
  void note_counts();

  const std::unique_ptr<Tap> tap_;
  const std::string interface_;
  const zb_revision& revision_;
  GiantClock* clock_ = nullptr;
  Recorder* recorder_ = nullptr;
  std::unique_ptr<EmulatedKernel> kernel_;
  EmulatedKernel::InterfaceId id_ = 0;
  unsigned in_a_row_ = 0; ///< packets under one hold of the lock

  std::thread thread_;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> gone_ = false;
  mutable std::mutex mutex_; ///< over what follows
  Tap::Counts counts_{};
  std::optional<Error> error_;
};

} // namespace zbuf

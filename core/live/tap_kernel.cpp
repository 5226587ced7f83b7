// SPDX-License-Identifier: BSD-2-Clause
#include "core/live/tap_kernel.h"

#include "core/live/locked_device.h"

#include <unistd.h>

namespace zbuf {

namespace {

constexpr int wait_ms = 20;
constexpr unsigned most_in_a_row = 64;

} // namespace

TapKernel::~TapKernel() {
  stop();
}

void TapKernel::begin(GiantClock& clock, Recorder& recorder) {
  clock_ = &clock;
  recorder_ = &recorder;
  EmulatedKernel::Config config;
  config.revision = &revision_;
  config.tunables.zerocopy_enable = true;
  config.tunables.maxbufsize = ZB_ZMAX; // read(2) may have as much as zero-copy
  config.boot_time_ns = clock.epoch_ns();
  const GiantClock::Hold held = clock.hold();
  kernel_ = std::make_unique<EmulatedKernel>(clock, config, recorder.trace());
  InterfaceConfig interface;
  interface.name = interface_;
  interface.link_type = tap_->link_type();
  id_ = kernel_->add_interface(interface).value(); // open_tap() has checked what could be wrong
}

Result<std::unique_ptr<Device>> TapKernel::open() {
  const GiantClock::Hold held = clock_->hold();
  std::unique_ptr<Device> device =
      kernel_->open({EmulatedKernel::Access::read_only, false, static_cast<std::int32_t>(::getpid())});
  return std::make_unique<LockedDevice>(*clock_, std::move(device));
}

void TapKernel::start() {
  thread_ = std::thread([this] { run(); });
}

void TapKernel::stop() {
  stopping_ = true;
  if (thread_.joinable())
    thread_.join();
}

void TapKernel::run() {
  while (!stopping_ && !gone_) {
    GiantClock::Hold held;
    const auto status = tap_->take(wait_ms, [&](const Packet& packet) { arrive(packet, held); });
    if (held.owns_lock()) {
      clock_->set_arrival(0);
      held.unlock();
    }
    note_counts();
    if (status && *status == Tap::State::open)
      continue;
    if (!status) {
      const std::lock_guard<std::mutex> lock(mutex_);
      error_ = status.error();
    }
    held = clock_->hold();
    kernel_->destroy_interface(id_); // readers get what was published, and the end
    gone_ = true;
  }
}

void TapKernel::arrive(const Packet& packet, GiantClock::Hold& held) {
  if (held.owns_lock() && (++in_a_row_ == most_in_a_row || clock_->wanted())) {
    clock_->set_arrival(0);
    held.unlock();
    if (clock_->wanted())
      std::this_thread::yield();
  }
  if (!held.owns_lock()) {
    held = clock_->hold();
    in_a_row_ = 0;
  }
  // What waited in the ring since before the clock began arrives at its begin.
  const std::uint64_t begin_ns = clock_->epoch_ns();
  const std::uint64_t time_ns = packet.time_ns > begin_ns ? packet.time_ns - begin_ns : 1;
  clock_->set_arrival(time_ns);
  const TapWork work = kernel_->arrive(id_, {packet.bytes, packet.wire_length, packet.outgoing});
  if (work.packet != ZB_NO_PACKET)
    recorder_->note_packet(work.packet, packet.bytes, packet.wire_length, time_ns, packet.outgoing);
}

/// What the tap could not take is what an interface with a full queue misses.
void TapKernel::note_counts() {
  const Tap::Counts now = tap_->counts();
  const std::uint64_t lost = now.lost + now.hardware_lost;
  const std::uint64_t before = counts_.lost + counts_.hardware_lost; // written by this thread alone
  if (lost != before) {
    const GiantClock::Hold held = clock_->hold();
    for (std::uint64_t i = before; i < lost; ++i)
      kernel_->missed(id_, {});
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  counts_ = now;
}

std::optional<Tap::Counts> TapKernel::counts() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return counts_;
}

std::optional<Error> TapKernel::error() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return error_;
}

void TapKernel::end() {
  stop();
  const GiantClock::Hold held = clock_->hold();
  kernel_->stop_tracing();
}

} // namespace zbuf

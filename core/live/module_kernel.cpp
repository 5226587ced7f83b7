// SPDX-License-Identifier: BSD-2-Clause
#include "core/live/module_kernel.h"

#include "core/device/requests.h"
#include "core/live/event_merge.h"
#include "core/live/native_kernel.h"

extern "C" {
#include "kernel/engine/revision.h"
}

#include <chrono>

namespace zbuf {

namespace {

constexpr std::uint32_t ring_events = 1u << 18; // a tenth of a second of a million packets, and some

std::uint64_t steady_ns() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

/// When the clock began, of the steady clock, as exactly as can be found out. Rather too late than too early:
/// what the kernel did must not seem to come after what a reader saw of it.
std::uint64_t beginning_of(const GiantClock& clock) {
  std::uint64_t best_ns = ~std::uint64_t{0}, found = 0;
  for (int attempt = 0; attempt < 16; ++attempt) {
    const std::uint64_t before_ns = steady_ns();
    const std::uint64_t since_ns = clock.real_ns();
    const std::uint64_t after_ns = steady_ns();
    if (after_ns - before_ns >= best_ns)
      continue;
    best_ns = after_ns - before_ns;
    found = after_ns - since_ns;
  }
  return found;
}

class ModuleKernel final : public LiveKernel {
 public:
  ModuleKernel(std::uint32_t link_type, std::vector<std::unique_ptr<NativeDevice>> devices,
               std::vector<KernelRing> rings)
      : link_type_(link_type), devices_(std::move(devices)), rings_(std::move(rings)), merge_(rings_.size()),
        fresh_(rings_.size()) {
    for (std::size_t i = 0; i < rings_.size(); ++i) // how the descriptors were found
      rings_[i].read(fresh_[i], steady_ns());
  }

  [[nodiscard]] std::uint32_t link_type() const override { return link_type_; }
  [[nodiscard]] std::string slots() const override { return "exact"; }
  [[nodiscard]] bool needs_fills() const override { return true; }
  [[nodiscard]] std::string revision() const override {
    for (const Event& event : fresh_.front())
      if (event.kind == ZB_EV_OPENED && event.a < std::size(zb_revisions))
        return zb_revisions[event.a].name;
    return "zbuf";
  }

  void begin(GiantClock& clock, Recorder& recorder) override {
    clock_ = &clock;
    recorder_ = &recorder;
    began_ns_ = beginning_of(clock);
  }
  zb_trace* reader_trace(std::uint16_t descriptor) override { return merge_.reader(descriptor); }

  Result<std::unique_ptr<Device>> open() override {
    std::unique_ptr<NativeDevice> device = std::move(devices_.at(opened_.size()));
    opened_.push_back(device.get());
    return device;
  }

  void attached(std::uint16_t, Reader&, BufferMode) override {}
  void filled(std::uint16_t descriptor, const Fill& fill) override {
    if (descriptor != 0)
      return;
    const GiantClock::Hold held = clock_->hold();
    merge_.note_fill(fill.records, recorder_->packet_snap());
  }
  void start() override {}
  void stop() override {
    for (NativeDevice* const device : opened_)
      refuse_packets(*device);
  }

  void tick() override {
    const std::uint64_t now_ns = clock_->real_ns();
    take_in(now_ns);
    const GiantClock::Hold held = clock_->hold();
    merge_.emit(*recorder_, now_ns);
  }
  void settle() override { tick(); }
  void end() override {
    take_in(clock_->real_ns()); // the descriptors are closed
    const GiantClock::Hold held = clock_->hold();
    merge_.emit_all(*recorder_);
  }

  std::optional<Tap::Counts> counts() override { return std::nullopt; }
  [[nodiscard]] bool gone() const override { return false; } // readers find out
  [[nodiscard]] std::optional<Error> error() const override { return std::nullopt; }

 private:
  /// What the kernel has done until the instant.
  void take_in(std::uint64_t until_ns) {
    for (std::size_t i = 0; i < rings_.size(); ++i)
      rings_[i].read(fresh_[i], until_ns + began_ns_);
    const GiantClock::Hold held = clock_->hold();
    for (std::size_t i = 0; i < rings_.size(); ++i) {
      for (Event& event : fresh_[i])
        event.time_ns -= std::min(event.time_ns, began_ns_);
      merge_.kernel(i, fresh_[i]);
      fresh_[i].clear();
    }
  }

  const std::uint32_t link_type_;
  std::vector<std::unique_ptr<NativeDevice>> devices_; ///< not given to a reader yet
  std::vector<KernelRing> rings_;
  EventMerge merge_;                      ///< under the clock's lock
  std::vector<std::vector<Event>> fresh_; ///< of the keeper's thread
  std::vector<NativeDevice*> opened_;     ///< their readers own them
  GiantClock* clock_ = nullptr;
  Recorder* recorder_ = nullptr;
  std::uint64_t began_ns_ = 0;
};

} // namespace

Result<std::vector<KernelRing>> open_rings(const std::vector<std::unique_ptr<NativeDevice>>& devices) {
  std::vector<KernelRing> rings;
  for (const auto& device : devices) {
    auto ring = KernelRing::open(device->number(), ring_events);
    if (!ring)
      return fail(ring.error());
    rings.push_back(std::move(*ring));
  }
  return rings;
}

std::unique_ptr<LiveKernel> make_module_kernel(std::uint32_t link_type,
                                               std::vector<std::unique_ptr<NativeDevice>> devices,
                                               std::vector<KernelRing> rings) {
  return std::make_unique<ModuleKernel>(link_type, std::move(devices), std::move(rings));
}

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/freebsd/test/drop_in_bed.h"

#include "core/emulated/user_memory.h"
#include "core/filter/prepared_filter.h"

extern "C" {
#include "kernel/freebsd/test/stand_in.h"
}

#include <algorithm>
#include <cstring>
#include <utility>

namespace zbuf {

namespace {

std::vector<std::string> probes;
std::function<std::uint64_t(std::uint64_t)> frame_of;

class DropInDevice;

class DropInBed final : public TestBed {
 public:
  explicit DropInBed(bool strict) {
    stand_in_set_strict(strict);
    stand_in_set_enable(true);
  }
  std::unique_ptr<Device> open(bool nonblocking, int& error) override;
  void enable_zerocopy(bool on) override { stand_in_set_enable(on); }
  [[nodiscard]] std::string interface_name() const override { return "em0"; }
  void inject(std::span<const std::byte> packet) override {
    for (stand_in* descriptor : descriptors)
      stand_in_tap(descriptor, reinterpret_cast<const std::uint8_t*>(packet.data()),
                   static_cast<std::uint32_t>(packet.size()));
  }
  void destroy_interface() override {
    for (stand_in* descriptor : descriptors)
      stand_in_departed(descriptor);
  }
  std::optional<zb_xbpf_d> stats(const Device& device) override;

  std::vector<stand_in*> descriptors{};
};

class DropInDevice final : public Device {
 public:
  DropInDevice(DropInBed& bed, stand_in* descriptor) : bed_(bed), descriptor_(descriptor) {
    bed_.descriptors.push_back(descriptor_);
  }
  ~DropInDevice() override {
    std::erase(bed_.descriptors, descriptor_);
    stand_in_close(descriptor_);
  }
  DropInDevice(const DropInDevice&) = delete;
  DropInDevice& operator=(const DropInDevice&) = delete;

  int control(std::uint32_t request, void* argument) override {
    // As the generic layer does: a copy, and back only on success (spec 1.2).
    std::vector<std::uint64_t> copy(ZB_IOC_LENGTH(request) / 8 + 1);
    if ((request & ZB_IOC_IN) != 0)
      std::memcpy(copy.data(), argument, ZB_IOC_LENGTH(request));
    const int error = stand_in_ioctl(descriptor_, request, copy.data());
    if (error == 0 && (request & ZB_IOC_OUT) != 0)
      std::memcpy(argument, copy.data(), ZB_IOC_LENGTH(request));
    return error;
  }
  CallResult read(std::span<std::byte> into) override {
    CallResult result;
    result.error = stand_in_read(descriptor_, into.data(), into.size(), &result.value);
    return result;
  }
  CallResult write(std::span<const std::byte> packet) override {
    const int error = stand_in_write(descriptor_, packet.size());
    return {error, error == 0 ? packet.size() : 0};
  }
  CallResult poll(int events, std::int64_t timeout_ns) override {
    const int ready =
        stand_in_poll(descriptor_, static_cast<std::uint64_t>(std::max<std::int64_t>(timeout_ns, 0)));
    return {0, ready != 0 ? static_cast<std::size_t>(events) : 0};
  }
  std::uint64_t spin(std::uint64_t) override { return 1; }
  [[nodiscard]] std::uint64_t now_ns() const override { return 0; }
  [[nodiscard]] std::uint16_t number() const override { return 0; }
  void interrupt() override {}

  [[nodiscard]] stand_in* descriptor() const { return descriptor_; }

 private:
  DropInBed& bed_;
  stand_in* descriptor_;
};

std::unique_ptr<Device> DropInBed::open(bool nonblocking, int& error) {
  error = 0;
  return std::make_unique<DropInDevice>(*this, stand_in_open(nonblocking));
}

std::optional<zb_xbpf_d> DropInBed::stats(const Device& device) {
  zb_xbpf_d stats{};
  if (!stand_in_stats(static_cast<const DropInDevice&>(device).descriptor(), &stats))
    return std::nullopt;
  return stats;
}

} // namespace

MakeBed drop_in_beds(bool strict) {
  return [strict] { return std::make_shared<DropInBed>(strict); };
}

std::vector<std::string> take_probes() {
  return std::exchange(probes, {});
}

void set_frames(std::function<std::uint64_t(std::uint64_t)> frames) {
  frame_of = std::move(frames);
}

} // namespace zbuf

extern "C" {

bool stand_in_memory_is_writable(std::uint64_t address, std::size_t length) {
  return zbuf::memory_is_writable(address, length);
}

std::uint64_t stand_in_frame_of(std::uint64_t page_address) {
  return zbuf::frame_of ? zbuf::frame_of(page_address) : page_address;
}

std::uint32_t stand_in_run_filter(const zb_bpf_insn* program, std::uint32_t count, const std::uint8_t* packet,
                                  std::uint32_t length) {
  return zbuf::PreparedFilter::prepare({program, count})->run({packet, length}, length);
}

void stand_in_probe(const char* name) {
  zbuf::probes.emplace_back(name);
}
}

// SPDX-License-Identifier: BSD-2-Clause
// The machine that recorded the observations, emulated: one kernel at hz 100, one idle interface.
#pragma once

#include "core/emulated/kernel.h"
#include "core/observation/operation.h"

namespace zbuf {

/// Operations reach an interface of an emulated kernel. The kernel outlives it.
class EmulatedBed final : public TestBed {
 public:
  EmulatedBed(EmulatedKernel& kernel, std::string interface)
      : kernel_(kernel), interface_(std::move(interface)) {}

  std::unique_ptr<Device> open(bool nonblocking, int& error) override {
    error = 0;
    return kernel_.open({EmulatedKernel::Access::read_write, nonblocking, 0});
  }
  void enable_zerocopy(bool on) override { (void)kernel_.set_sysctl("net.bpf.zerocopy_enable", on ? 1 : 0); }
  [[nodiscard]] std::string interface_name() const override { return interface_; }
  void inject(std::span<const std::byte> packet) override {
    if (const auto id = kernel_.find_interface(interface_))
      kernel_.arrive(*id, {packet, static_cast<std::uint32_t>(packet.size()), false});
  }
  void destroy_interface() override {
    if (const auto id = kernel_.find_interface(interface_))
      kernel_.destroy_interface(*id);
  }
  std::optional<zb_xbpf_d> stats(const Device&) override {
    const auto all = kernel_.stats();
    return all.empty() ? std::nullopt : std::optional(all.front());
  }

 private:
  EmulatedKernel& kernel_;
  std::string interface_;
};

} // namespace zbuf

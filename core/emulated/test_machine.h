// SPDX-License-Identifier: BSD-2-Clause
// For tests: an emulated machine in virtual time with one Ethernet interface, and descriptors on it.
#pragma once

#include "core/clock/virtual_clock.h"
#include "core/device/loan.h"
#include "core/device/requests.h"
#include "core/emulated/kernel.h"
#include "core/observation/operation.h"

#include <gtest/gtest.h>
#include <utility>

namespace zbuf::testing {

constexpr std::uint64_t ms = 1'000'000; // nanoseconds

struct Machine {
  explicit Machine(zb_revision_number revision = ZB_FREEBSD, std::uint32_t hz = 1000)
      : kernel(clock, config(revision, hz)), em0(*kernel.add_interface({.name = "em0"})) {}

  static EmulatedKernel::Config config(zb_revision_number revision, std::uint32_t hz) {
    EmulatedKernel::Config config;
    config.revision = &zb_revisions[revision];
    config.tunables.hz = hz;
    config.tunables.zerocopy_enable = true;
    return config;
  }

  /// One test packet (operation.h), numbered from 0.
  TapWork arrive(std::size_t length = 60, bool outgoing = false) {
    std::vector<std::byte> packet(length);
    fill_test_packet(packet, sequence++);
    return kernel.arrive(em0, {packet, static_cast<std::uint32_t>(length), outgoing});
  }
  void arrive_at(std::uint64_t time_ns, int count = 1, std::size_t length = 60) {
    clock.call_at(time_ns, [this, count, length] {
      for (int i = 0; i < count; ++i)
        arrive(length);
    });
  }

  /// A read(2) descriptor on em0.
  std::unique_ptr<Device> open(const EmulatedKernel::Open& how = {}) {
    auto device = kernel.open(how);
    EXPECT_TRUE(set_interface(*device, "em0"));
    return device;
  }

  struct Lent { // closed before the memory goes
    Loan loan{};
    std::unique_ptr<Device> device{};
    Device* operator->() const { return device.get(); }
    Device& operator*() const { return *device; }
  };
  /// A zero-copy descriptor on em0.
  Lent lend(std::size_t bytes = 4096) {
    Lent lent{*Loan::allocate(bytes), kernel.open()};
    EXPECT_TRUE(set_buffer_mode(*lent, BufferMode::zbuf));
    EXPECT_TRUE(set_zbuf(*lent, lent.loan.address(ZB_A), lent.loan.address(ZB_B), lent.loan.size()));
    EXPECT_TRUE(set_interface(*lent, "em0"));
    return lent;
  }

  VirtualClock clock;
  EmulatedKernel kernel;
  EmulatedKernel::InterfaceId em0;
  std::uint32_t sequence = 0;
};

/// A request that takes or gives one number.
inline int set(Device& device, std::uint32_t request, std::uint32_t value) {
  return device.control(request, &value);
}
inline std::uint32_t get(Device& device, std::uint32_t request) {
  std::uint32_t value = 0;
  EXPECT_EQ(device.control(request, &value), 0);
  return value;
}

} // namespace zbuf::testing

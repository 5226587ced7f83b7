// SPDX-License-Identifier: BSD-2-Clause
// What the tests of hostile users share: memory to lend, and an honest reader beside them.
#pragma once

#include "core/device/records.h"
#include "tests/kernel/machine.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

namespace zbuf {

constexpr std::size_t page = ZB_PAGE_SIZE;

struct Hostile : testing::Test {
  ScopedSysctl enable{"net.bpf.zerocopy_enable", 1};
  TapInterface tap{"host0"};
  std::uint64_t pinned = pinned_pages();
  std::uint32_t sequence = 0;

  void send(std::uint32_t packets) {
    for (std::uint32_t n = 0; n < packets; ++n)
      tap.arrive(test_packet(200 + sequence % 1000, sequence)), ++sequence;
  }
  void TearDown() override { EXPECT_EQ(pinned_pages(), pinned); }
};

inline int lend(Device& device, const void* a, const void* b, std::size_t bytes) {
  EXPECT_EQ(control_u32(device, ZB_BIOCSETBUFMODE, ZB_BUFMODE_ZBUF), 0);
  zb_bpf_zbuf request{reinterpret_cast<std::uintptr_t>(a), reinterpret_cast<std::uintptr_t>(b), bytes};
  return device.control(ZB_BIOCSETZBUF, &request);
}

inline std::byte* map(std::size_t bytes, int flags = MAP_PRIVATE | MAP_ANONYMOUS, int file = -1) {
  void* const memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, flags, file, 0);
  EXPECT_NE(memory, MAP_FAILED) << std::strerror(errno);
  return static_cast<std::byte*>(memory);
}

inline const zb_shared_header* header_of(const std::byte* buffer) {
  return reinterpret_cast<const zb_shared_header*>(buffer);
}

/// An honest reader beside the hostile one: everything arrives, in order.
class Witness {
 public:
  explicit Witness(const std::string& interface) : device_(open_device(O_NONBLOCK)) {
    EXPECT_EQ(control_u32(*device_, ZB_BIOCSBLEN, 524288), 0);
    EXPECT_EQ(set_interface_of(*device_, interface), 0);
  }
  void expect(std::uint32_t from, std::uint32_t to) {
    std::vector<std::byte> into(524288);
    std::uint32_t next = from;
    for (;;) {
      const CallResult got = device_->read(into);
      if (got.error != 0)
        break;
      RecordCursor cursor(std::span<const std::byte>(into).first(got.value));
      while (const auto record = cursor.next()) {
        const auto expected = test_packet(200 + next % 1000, next);
        EXPECT_TRUE(std::equal(record->bytes.begin(), record->bytes.end(), expected.begin(), expected.end()))
            << "packet " << next;
        ++next;
      }
    }
    EXPECT_EQ(next, to);
  }

 private:
  std::unique_ptr<NativeDevice> device_;
};

} // namespace zbuf

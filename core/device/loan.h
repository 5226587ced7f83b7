// SPDX-License-Identifier: BSD-2-Clause
// The memory that a process lends: two buffers of whole pages, each with its shared header.
#pragma once

#include "core/base/result.h"

extern "C" {
#include "kernel/engine/event.h"
#include "kernel/engine/shared_header.h"
}

#include <array>
#include <cstddef>
#include <span>

namespace zbuf {

/// Two page-aligned buffers of fresh, zeroed memory, with an unmapped page after each. The distance between
/// them depends on their size alone. Freed on destruction: not before the device they are lent to is closed.
class Loan {
 public:
  /// `bytes` per buffer, any number above 0; rounded up to whole pages, of which `size()` tells.
  static Result<Loan> allocate(std::size_t bytes);

  Loan() = default;
  ~Loan();
  Loan(Loan&& other) noexcept;
  Loan& operator=(Loan&& other) noexcept;
  Loan(const Loan&) = delete;
  Loan& operator=(const Loan&) = delete;

  [[nodiscard]] bool empty() const { return memory_ == nullptr; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::byte* address(zb_which which) const { return address_[which]; }
  [[nodiscard]] zb_shared_header* header(zb_which which) const {
    return reinterpret_cast<zb_shared_header*>(address_[which]);
  }
  /// What follows the header: at most size() - 32 bytes of records.
  [[nodiscard]] std::span<const std::byte> records(zb_which which) const {
    return {address_[which] + ZB_HEADER_SIZE, size_ - ZB_HEADER_SIZE};
  }

  /// B becomes the same memory as A.
  void alias() { address_[ZB_B] = address_[ZB_A]; }
  void make_read_only();
  void unmap(zb_which which);

 private:
  std::byte* memory_ = nullptr;
  std::size_t mapped_ = 0;
  std::size_t size_ = 0;
  std::array<std::byte*, 2> address_{};
};

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
// The exact steps of a descriptor of this project's Linux module (kernel/include/net/zbuf_ring.h).
#pragma once

#include "core/base/result.h"
#include "core/trace/event.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace zbuf {

class KernelRing {
 public:
  /// Has the kernel record the descriptor of that number (NativeDevice::number()). `events`: room for so many
  /// until they are read, 64 to 1048576. Errors: unsupported (no /dev/bpf_trace), io (no permission, or
  /// somebody records it already).
  static Result<KernelRing> open(std::uint16_t number, std::uint32_t events);

  ~KernelRing();
  KernelRing(KernelRing&& other) noexcept;
  KernelRing& operator=(KernelRing&&) = delete;

  /// Appends what the kernel has written down. All that it did before `until_ns` (of the steady clock, which
  /// is that of the events) is there afterwards. Does not wait.
  void read(std::vector<Event>& into, std::uint64_t until_ns);

 private:
  explicit KernelRing(int file) : file_(file) {}

  int file_;
};

} // namespace zbuf

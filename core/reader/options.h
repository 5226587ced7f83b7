// SPDX-License-Identifier: BSD-2-Clause
// How a reader prepares its descriptor, and how it waits.
#pragma once

#include "core/device/requests.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace zbuf {

/// What to do while there is nothing to read.
enum class Waiting {
  sleep, ///< select(2) with the time-out
  poll,  ///< ask poll(2) again and again, without sleeping
  spin,  ///< look at the generations again and again, without a system call (zero-copy only)
};

struct ReaderOptions {
  BufferMode mode = BufferMode::zbuf;
  /// Bytes of each of the two buffers. Zero-copy: with the 32-byte header, whole pages, at most BIOCGETZMAX
  /// (2 MiB). read(2): at most net.bpf.maxbufsize; the kernel may give less.
  std::size_t buffer_bytes = 524288;
  std::vector<zb_bpf_insn> filter{}; ///< empty: every packet
  bool immediate = false;            ///< BIOCIMMEDIATE
  Waiting waiting = Waiting::sleep;
  /// How long to wait before taking what is there, full or not. Zero-copy: of select(2), then BIOCROTZBUF.
  /// read(2): BIOCSRTIMEOUT. 0: wait for a full buffer, for ever.
  std::uint64_t timeout_ns = 100'000'000;
  /// BIOCSRTIMEOUT in zero-copy mode too, which libpcap leaves alone (spec 3.9): the kernel's timer then ends
  /// a select(2) that waits.
  std::optional<std::uint64_t> kernel_timeout_ns{};
};

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
// What a process does between its system calls, for whoever watches: a trace, a cost model, a test.
#pragma once

extern "C" {
#include "kernel/engine/event.h"
}

#include <cstdint>

namespace zbuf {

/// One for each process. Every function is called right after the step it names, on the process's own thread.
class ProcessObserver {
 public:
  virtual ~ProcessObserver() = default;
  /// The headers of a buffer were read; equal generations: nothing there. `looks`: a spin counts its looks.
  virtual void looked(zb_which buffer, std::uint32_t kernel_gen, std::uint32_t user_gen,
                      std::uint64_t looks) = 0;
  /// A fill was begun.
  virtual void took(zb_which buffer, std::uint32_t length, std::uint32_t generation) = 0;
  /// One record was handled.
  virtual void handled(zb_which buffer, std::uint32_t offset, std::uint32_t caplen,
                       std::uint32_t datalen) = 0;
  /// user_gen was stored.
  virtual void acknowledged(zb_which buffer, std::uint32_t user_gen, std::uint32_t kernel_gen) = 0;
  /// A header field was written that is not the process's to write, or not yet. `word`: of the header, 0
  /// to 2.
  virtual void scribbled(zb_which buffer, std::uint32_t word, std::uint32_t value, std::uint32_t before) = 0;
  /// A record that cannot be. `why`: enum RecordFault (records.h).
  virtual void bad_record(zb_which buffer, std::uint32_t offset, std::uint32_t why) = 0;
};

} // namespace zbuf

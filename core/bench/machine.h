// SPDX-License-Identifier: BSD-2-Clause
// The machine that is measured: what it is, where its threads run, and what they used of it.
#pragma once

#include <cstdint>
#include <ctime>
#include <pthread.h>
#include <string>

namespace zbuf {

struct Machine {
  std::string system{};    ///< "Linux 6.1.0 x86_64"
  std::string processor{}; ///< as it calls itself; may be empty
  unsigned cores = 1;      ///< that this process may use
};

[[nodiscard]] Machine this_machine();

/// Keeps the calling thread on the nth of the cores that this process may use, counted round. Where the
/// system has no such call, or refuses, nothing happens: figures are then only noisier.
void stay_on_core(unsigned n);

/// Nanoseconds since some instant, never backwards.
[[nodiscard]] std::uint64_t monotonic_ns();

/// Processor time of one thread, in user and kernel mode, from any thread while that one lives.
class ThreadTime {
 public:
  /// Of the calling thread.
  ThreadTime();
  [[nodiscard]] std::uint64_t used_ns() const;

 private:
  clockid_t clock_{};
};

/// How often the calling thread had to leave its core to others, since it began.
[[nodiscard]] std::uint64_t times_pushed_out();

} // namespace zbuf

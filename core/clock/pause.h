// SPDX-License-Identifier: BSD-2-Clause
// Spinning politely.
#pragma once

#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>
#elif !defined(__aarch64__)
#include <thread>
#endif

namespace zbuf {

/// Between two looks of a spin: leaves the core's other thread its share for a moment.
inline void pause_core() {
#if defined(__x86_64__) || defined(__i386__)
  _mm_pause();
#elif defined(__aarch64__)
  __asm__ __volatile__("yield");
#else
  std::this_thread::yield();
#endif
}

} // namespace zbuf

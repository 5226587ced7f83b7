// SPDX-License-Identifier: BSD-2-Clause
// Assertions that stay on in release builds: a programming error ends the program with its place.
#pragma once

namespace zbuf {
[[noreturn]] void assertion_failed(const char* what, const char* file, int line);
}

#define ZBUF_ASSERT(condition)                                                                               \
  ((condition) ? static_cast<void>(0) : ::zbuf::assertion_failed(#condition, __FILE__, __LINE__))

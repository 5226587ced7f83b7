// SPDX-License-Identifier: BSD-2-Clause
#include "core/base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace zbuf {

void assertion_failed(const char* what, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: this must hold and does not: %s\n", file, line, what);
  std::abort();
}

} // namespace zbuf

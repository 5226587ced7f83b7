// SPDX-License-Identifier: BSD-2-Clause
// The ioctl requests of bpf(4), by name (spec 1.1).
#include "core/trace/event.h"

extern "C" {
#include "kernel/engine/abi.h"
}

namespace zbuf {

const char* request_name(std::uint32_t request) {
  switch (request) {
#define NAME(name, number, handler, rules)                                                                   \
  case ZB_##name:                                                                                            \
    return #name;
    ZB_REQUESTS(NAME)
#undef NAME
  default:
    return nullptr;
  }
}

} // namespace zbuf

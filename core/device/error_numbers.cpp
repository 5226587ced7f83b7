// SPDX-License-Identifier: BSD-2-Clause
#include "core/device/error_numbers.h"

#include <cerrno>

extern "C" {
#include "kernel/engine/abi.h"
}

namespace zbuf {

std::string_view error_name(int error) {
  switch (error) {
#define NAME(name, number)                                                                                   \
  case number:                                                                                               \
    return #name;
    ZB_ERRORS(NAME)
#undef NAME
  default:
    return "an unexpected error";
  }
}

// Below, `name` is what <cerrno> defines it as.

int freebsd_error(int error) {
  switch (error) {
#define FREEBSD(name, number)                                                                                \
  case name:                                                                                                 \
    return number;
    ZB_ERRORS(FREEBSD)
#undef FREEBSD
  default:
    return error;
  }
}

int system_error(int error) {
  switch (error) {
#define SYSTEM(name, number)                                                                                 \
  case number:                                                                                               \
    return name;
    ZB_ERRORS(SYSTEM)
#undef SYSTEM
  default:
    return error;
  }
}

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
// The emulated interfaces, as programs look them up.
#pragma once

namespace zbuf::exec {

/// SIOCGIFFLAGS and its kin.
inline bool is_interface_request(unsigned long request) {
  return request >= 0x8910 && request <= 0x8948;
}

/// Answers for an emulated interface; false: it is none, or not this request.
bool look_up_interface(int fd, unsigned long request, void* argument, int& result);

} // namespace zbuf::exec

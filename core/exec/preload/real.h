// SPDX-License-Identifier: BSD-2-Clause
// The functions that this library stands in front of.
//
// REAL(read)(...) calls the next one of that name: the C library's, or that of another library in between.
#pragma once

#include <dlfcn.h>

namespace zbuf::exec {

/// Finds a function once; any thread may be first, all find the same.
template <typename Function>
class Real {
 public:
  explicit constexpr Real(const char* name) : name_(name) {}
  Function* get() {
    Function* found = __atomic_load_n(&function_, __ATOMIC_RELAXED);
    if (__builtin_expect(found == nullptr, 0)) {
      found = reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name_));
      __atomic_store_n(&function_, found, __ATOMIC_RELAXED);
    }
    return found;
  }

 private:
  const char* name_;
  Function* function_ = nullptr;
};

} // namespace zbuf::exec

/// Once for each function, in the file that needs it.
#define ZBUF_REAL(function, type) static constinit zbuf::exec::Real<type> real_##function(#function)
#define REAL(function) real_##function.get()

/// What the program sees.
#define ZBUF_EXPORT extern "C" __attribute__((visibility("default")))

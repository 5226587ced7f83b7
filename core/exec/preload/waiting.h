// SPDX-License-Identifier: BSD-2-Clause
// Waiting for emulated descriptors and for others at the same time.
#pragma once

#include "core/exec/protocol.h"

#include <cstdint>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>

namespace zbuf::exec {

/// Room on the stack for most, and from the system for the rest: poll(2) may be called where malloc may not.
template <typename T, std::size_t Few = 64>
class Room {
 public:
  explicit Room(std::size_t count) : bytes_(count * sizeof(T)) {
    if (count > Few) {
      void* const more = ::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      at_ = more == MAP_FAILED ? nullptr : static_cast<T*>(more);
    }
  }
  ~Room() {
    if (at_ != few_ && at_ != nullptr)
      ::munmap(at_, bytes_);
  }
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;

  explicit operator bool() const { return at_ != nullptr; }
  T& operator[](std::size_t i) { return at_[i]; }
  [[nodiscard]] T* data() { return at_; }

 private:
  std::size_t bytes_;
  T few_[Few]{};
  T* at_ = few_;
};

/// What is waited for. `others` has room for one more than it holds.
struct Waited {
  PollEntry* emulated = nullptr;
  std::uint32_t emulated_count = 0;
  pollfd* others = nullptr;
  nfds_t other_count = 0;
};

/// Until at least one is ready, the time is up (0; negative: never) or a signal comes (-1, EINTR). Returns
/// how many are ready; the entries say which.
int wait_for(Waited& waited, std::int64_t timeout_ns, const sigset_t* mask);

/// Nanoseconds of a timespec, at most some hundred years; negative where it is not a time.
std::int64_t nanoseconds(const timespec& time);

} // namespace zbuf::exec

// SPDX-License-Identifier: BSD-2-Clause
#include "core/exec/socket_sleeper.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace zbuf::exec {

SocketSleeper::SocketSleeper(int channel)
    : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), channel_(channel) {}

SocketSleeper::~SocketSleeper() {
  ::close(event_);
}

Sleeper::Outcome SocketSleeper::sleep(std::int64_t timeout_ns) {
  pollfd watched[2] = {{event_, POLLIN, 0}, {channel_, POLLIN, 0}};
  const timespec limit{timeout_ns / 1'000'000'000, timeout_ns % 1'000'000'000};
  const int n = ::ppoll(watched, 2, timeout_ns < 0 ? nullptr : &limit, nullptr);
  if (n > 0 && watched[1].revents != 0)
    return Outcome::cancelled;
  return n == 0 ? Outcome::late : Outcome::woken;
}

void SocketSleeper::wake() {
  if (woken_.exchange(true))
    return;
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t n = ::write(event_, &one, sizeof(one));
}

void SocketSleeper::clear() {
  if (!woken_.load())
    return;
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t n = ::read(event_, &count, sizeof(count));
  woken_ = false;
}

} // namespace zbuf::exec

// SPDX-License-Identifier: BSD-2-Clause
// poll(2) and select(2). Sets without an emulated descriptor go straight through.
#include "core/exec/preload/waiting.h"

#include "core/exec/preload/channel.h"
#include "core/exec/preload/descriptors.h"
#include "core/exec/preload/real.h"

#include <cerrno>
#include <cstring>
#include <sys/select.h>
#include <time.h>

using namespace zbuf::exec;

ZBUF_REAL(poll, int(pollfd*, nfds_t, int));
ZBUF_REAL(__poll_chk, int(pollfd*, nfds_t, int, std::size_t));
ZBUF_REAL(ppoll, int(pollfd*, nfds_t, const timespec*, const sigset_t*));
ZBUF_REAL(__ppoll_chk, int(pollfd*, nfds_t, const timespec*, const sigset_t*, std::size_t));
ZBUF_REAL(select, int(int, fd_set*, fd_set*, fd_set*, timeval*));
ZBUF_REAL(pselect, int(int, fd_set*, fd_set*, fd_set*, const timespec*, const sigset_t*));

namespace zbuf::exec {

std::int64_t nanoseconds(const timespec& time) {
  constexpr std::int64_t most_seconds = 3'000'000'000;
  if (time.tv_sec < 0 || time.tv_nsec < 0 || time.tv_nsec > 999'999'999)
    return -1;
  return (time.tv_sec < most_seconds ? time.tv_sec : most_seconds) * 1'000'000'000 + time.tv_nsec;
}

int wait_for(Waited& waited, std::int64_t timeout_ns, const sigset_t* mask) {
  Request request;
  request.call = Call::poll;
  request.value = static_cast<std::uint64_t>(timeout_ns);
  request.length = waited.emulated_count * static_cast<std::uint32_t>(sizeof(PollEntry));
  iovec into{waited.emulated, request.length};
  Room<PollEntry> asked(waited.emulated_count); // the reply comes to where the request lies
  if (!asked)
    return -1;
  std::memcpy(asked.data(), waited.emulated, request.length);
  const Parcel parcel{asked.data(), -1, &into, 1};
  Reply reply;
  if (timeout_ns == 0) {
    if (!call(request, parcel, reply))
      return -1;
    const timespec now{0, 0};
    const int others =
        waited.other_count == 0 ? 0 : REAL(ppoll)(waited.others, waited.other_count, &now, mask);
    return others < 0 ? -1 : static_cast<int>(reply.value) + others;
  }
  bool reached = false;
  const int others = call_beside(request, parcel, reply, waited.others, waited.other_count, mask, reached);
  const int error = errno;
  if (!reached) {
    errno = ENXIO;
    return -1;
  }
  if (reply.value == 0 && others < 0) {
    errno = error;
    return -1;
  }
  return static_cast<int>(reply.value) + (others > 0 ? others : 0);
}

} // namespace zbuf::exec

// ---- poll ----

namespace {

bool any_ours(const pollfd* all, nfds_t count) {
  if (__builtin_expect(emulated_count == 0, 1))
    return false;
  for (nfds_t i = 0; i < count; ++i)
    if (may_be_ours(all[i].fd) && inode_of(all[i].fd) != 0)
      return true;
  return false;
}

int poll_mixed(pollfd* all, nfds_t count, std::int64_t timeout_ns, const sigset_t* mask) {
  Room<PollEntry> emulated(count);
  Room<pollfd> others(count + 1);
  Room<nfds_t> place(2 * count); // of the emulated ones, and behind them of the others
  if (!emulated || !others || !place)
    return -1;
  Waited waited{emulated.data(), 0, others.data(), 0};
  for (nfds_t i = 0; i < count; ++i) {
    all[i].revents = 0;
    const std::uint64_t inode = may_be_ours(all[i].fd) ? inode_of(all[i].fd) : 0;
    if (inode != 0 && waited.emulated_count < max_poll_entries) {
      place[waited.emulated_count] = i;
      emulated[waited.emulated_count++] = {inode, all[i].events, 0, 0};
    } else {
      place[count + waited.other_count] = i;
      others[waited.other_count++] = all[i];
    }
  }
  const int ready = wait_for(waited, timeout_ns, mask);
  if (ready < 0)
    return -1;
  for (std::uint32_t i = 0; i < waited.emulated_count; ++i)
    all[place[i]].revents = emulated[i].ready;
  for (nfds_t i = 0; i < waited.other_count; ++i)
    all[place[count + i]].revents = others[i].revents;
  return ready;
}

std::int64_t poll_timeout(int timeout_ms) {
  return timeout_ms < 0 ? -1 : std::int64_t{timeout_ms} * 1'000'000;
}

int ppoll_mixed(pollfd* all, nfds_t count, const timespec* timeout, const sigset_t* mask) {
  const std::int64_t timeout_ns = timeout == nullptr ? -1 : nanoseconds(*timeout);
  if (timeout != nullptr && timeout_ns < 0) {
    errno = EINVAL;
    return -1;
  }
  return poll_mixed(all, count, timeout_ns, mask);
}

} // namespace

ZBUF_EXPORT int poll(pollfd* all, nfds_t count, int timeout_ms) {
  return any_ours(all, count) ? poll_mixed(all, count, poll_timeout(timeout_ms), nullptr)
                              : REAL(poll)(all, count, timeout_ms);
}

ZBUF_EXPORT int __poll_chk(pollfd* all, nfds_t count, int timeout_ms, std::size_t room) {
  return count <= room / sizeof(pollfd) && any_ours(all, count)
             ? poll_mixed(all, count, poll_timeout(timeout_ms), nullptr)
             : REAL(__poll_chk)(all, count, timeout_ms, room);
}

ZBUF_EXPORT int ppoll(pollfd* all, nfds_t count, const timespec* timeout, const sigset_t* mask) {
  return any_ours(all, count) ? ppoll_mixed(all, count, timeout, mask)
                              : REAL(ppoll)(all, count, timeout, mask);
}

ZBUF_EXPORT int __ppoll_chk(pollfd* all, nfds_t count, const timespec* timeout, const sigset_t* mask,
                            std::size_t room) {
  return count <= room / sizeof(pollfd) && any_ours(all, count)
             ? ppoll_mixed(all, count, timeout, mask)
             : REAL(__ppoll_chk)(all, count, timeout, mask, room);
}

// ---- select ----

namespace {

/// The sets of a select, a word at a time.
struct Sets {
  fd_set* set[3]; ///< read, write, exceptional; null: none

  [[nodiscard]] std::uint64_t word(int i) const {
    std::uint64_t bits = 0;
    for (const fd_set* one : set)
      if (one != nullptr)
        bits |= static_cast<std::uint64_t>(__FDS_BITS(one)[i]);
    return bits;
  }
  [[nodiscard]] short events(int fd) const {
    constexpr short kinds[3] = {POLLIN, POLLOUT, POLLPRI};
    int events = 0;
    for (int i = 0; i < 3; ++i)
      if (set[i] != nullptr && FD_ISSET(fd, set[i]))
        events |= kinds[i];
    return static_cast<short>(events);
  }
  void clear(int count) const {
    for (fd_set* const one : set)
      if (one != nullptr)
        std::memset(one, 0, static_cast<std::size_t>((count + 63) / 64) * 8);
  }
  /// Returns how many bits it sets.
  int mark(int fd, short events, short ready) const {
    constexpr short means[3] = {POLLIN | POLLRDNORM | POLLHUP | POLLERR, POLLOUT | POLLWRNORM | POLLERR,
                                POLLPRI};
    constexpr short kinds[3] = {POLLIN, POLLOUT, POLLPRI};
    int bits = 0;
    for (int i = 0; i < 3; ++i) {
      if ((events & kinds[i]) == 0 || (ready & means[i]) == 0)
        continue;
      FD_SET(fd, set[i]);
      ++bits;
    }
    return bits;
  }
};

bool any_ours(const Sets& sets, int count) {
  if (__builtin_expect(emulated_count == 0, 1) || count < 0 || count > most_descriptors)
    return false;
  for (int i = 0; i < (count + 63) / 64; ++i)
    if ((sets.word(i) & __atomic_load_n(&emulated_bits[i], __ATOMIC_RELAXED)) != 0)
      return true;
  return false;
}

int select_mixed(int count, const Sets& sets, std::int64_t timeout_ns, const sigset_t* mask) {
  const auto most = static_cast<std::size_t>(count);
  Room<PollEntry> emulated(most);
  Room<pollfd> others(most + 1);
  Room<int> numbers(most);
  if (!emulated || !others || !numbers)
    return -1;
  Waited waited{emulated.data(), 0, others.data(), 0};
  for (int fd = 0; fd < count; ++fd) {
    const short events = sets.events(fd);
    const std::uint64_t inode = events != 0 && may_be_ours(fd) ? inode_of(fd) : 0;
    if (inode != 0 && waited.emulated_count < max_poll_entries) {
      numbers[waited.emulated_count] = fd;
      emulated[waited.emulated_count++] = {inode, events, 0, 0};
    } else if (events != 0) {
      others[waited.other_count++] = {fd, events, 0};
    }
  }
  if (wait_for(waited, timeout_ns, mask) < 0)
    return -1;
  int closed = 0;
  for (std::uint32_t i = 0; i < waited.emulated_count; ++i)
    closed |= emulated[i].ready & POLLNVAL;
  for (nfds_t i = 0; i < waited.other_count; ++i)
    closed |= others[i].revents & POLLNVAL;
  if (closed != 0) {
    errno = EBADF;
    return -1;
  }
  sets.clear(count);
  int bits = 0;
  for (std::uint32_t i = 0; i < waited.emulated_count; ++i)
    bits += sets.mark(numbers[i], emulated[i].events, emulated[i].ready);
  for (nfds_t i = 0; i < waited.other_count; ++i)
    bits += sets.mark(others[i].fd, others[i].events, others[i].revents);
  return bits;
}

std::int64_t monotonic_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

int wrong_time() {
  errno = EINVAL;
  return -1;
}

} // namespace

ZBUF_EXPORT int select(int count, fd_set* in, fd_set* out, fd_set* exceptional, timeval* timeout) {
  const Sets sets{{in, out, exceptional}};
  if (!any_ours(sets, count))
    return REAL(select)(count, in, out, exceptional, timeout);
  if (timeout == nullptr)
    return select_mixed(count, sets, -1, nullptr);
  const timespec limit{timeout->tv_sec + timeout->tv_usec / 1'000'000, timeout->tv_usec % 1'000'000 * 1000};
  const std::int64_t timeout_ns = nanoseconds(limit);
  if (timeout_ns < 0)
    return wrong_time();
  const std::int64_t from_ns = monotonic_ns();
  const int ready = select_mixed(count, sets, timeout_ns, nullptr);
  const std::int64_t spent_ns = monotonic_ns() - from_ns; // this system tells what is left
  const std::int64_t left_us = spent_ns < timeout_ns ? (timeout_ns - spent_ns) / 1000 : 0;
  timeout->tv_sec = left_us / 1'000'000;
  timeout->tv_usec = left_us % 1'000'000;
  return ready;
}

ZBUF_EXPORT int pselect(int count, fd_set* in, fd_set* out, fd_set* exceptional, const timespec* timeout,
                        const sigset_t* mask) {
  const Sets sets{{in, out, exceptional}};
  if (!any_ours(sets, count))
    return REAL(pselect)(count, in, out, exceptional, timeout, mask);
  const std::int64_t timeout_ns = timeout == nullptr ? -1 : nanoseconds(*timeout);
  if (timeout != nullptr && timeout_ns < 0)
    return wrong_time();
  return select_mixed(count, sets, timeout_ns, mask);
}

// SPDX-License-Identifier: BSD-2-Clause
#include "core/exec/preload/epolls.h"

#include "core/exec/preload/descriptors.h"
#include "core/exec/preload/real.h"
#include "core/exec/preload/waiting.h"

#include <cerrno>
#include <pthread.h>
#include <sys/epoll.h>

using namespace zbuf::exec;

ZBUF_REAL(epoll_ctl, int(int, int, int, epoll_event*));
ZBUF_REAL(epoll_wait, int(int, epoll_event*, int, int));
ZBUF_REAL(epoll_pwait, int(int, epoll_event*, int, int, const sigset_t*));
ZBUF_REAL(epoll_pwait2, int(int, epoll_event*, int, const timespec*, const sigset_t*));

namespace zbuf::exec {

int epoll_entry_count = 0;

namespace {

/// An emulated descriptor in an epoll. Edge-triggered ones are told of as if they were level-triggered: more
/// often than they must be, never less.
struct Entry {
  int epoll;
  int fd;
  std::uint64_t inode;
  epoll_event event;
  bool spent; ///< EPOLLONESHOT, and it was told
};
constexpr int most_entries = 256;
Entry entries[most_entries];
pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

class Held {
 public:
  Held() { pthread_mutex_lock(&lock); }
  ~Held() { pthread_mutex_unlock(&lock); }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
};

void remove(int i) {
  entries[i] = entries[epoll_entry_count - 1];
  __atomic_fetch_sub(&epoll_entry_count, 1, __ATOMIC_RELEASE);
}

int find(int epoll, int fd) {
  for (int i = 0; i < epoll_entry_count; ++i)
    if (entries[i].epoll == epoll && entries[i].fd == fd)
      return i;
  return -1;
}

int change(int epoll, int operation, int fd, std::uint64_t inode, const epoll_event* event) {
  const Held held;
  const int i = find(epoll, fd);
  int error = 0;
  if (operation == EPOLL_CTL_ADD) {
    error = i >= 0 ? EEXIST : epoll_entry_count == most_entries ? ENOSPC : 0;
    if (error == 0)
      entries[__atomic_fetch_add(&epoll_entry_count, 1, __ATOMIC_RELEASE)] = {epoll, fd, inode, *event,
                                                                              false};
  } else if (i < 0) {
    error = ENOENT;
  } else if (operation == EPOLL_CTL_MOD) {
    entries[i] = {epoll, fd, inode, *event, false};
  } else {
    remove(i);
  }
  errno = error;
  return error == 0 ? 0 : -1;
}

bool has_entries(int epoll) {
  if (__builtin_expect(__atomic_load_n(&epoll_entry_count, __ATOMIC_RELAXED) == 0, 1))
    return false;
  const Held held;
  for (int i = 0; i < epoll_entry_count; ++i)
    if (entries[i].epoll == epoll)
      return true;
  return false;
}

std::uint32_t collect(int epoll, PollEntry* polled, Entry* copies) {
  const Held held;
  std::uint32_t count = 0;
  for (int i = 0; i < epoll_entry_count; ++i) {
    if (entries[i].epoll != epoll || entries[i].spent)
      continue;
    copies[count] = entries[i];
    polled[count++] = {entries[i].inode, static_cast<std::int16_t>(entries[i].event.events & 0xffff), 0, 0};
  }
  return count;
}

void note_told(const Entry& entry) {
  if ((entry.event.events & EPOLLONESHOT) == 0)
    return;
  const Held held;
  if (const int i = find(entry.epoll, entry.fd); i >= 0)
    entries[i].spent = true;
}

/// The epoll itself is one of the others to wait for: it is readable when one of its own is ready.
int wait_mixed(int epoll, epoll_event* events, int most, std::int64_t timeout_ns, const sigset_t* mask) {
  if (most <= 0) {
    errno = EINVAL;
    return -1;
  }
  Room<PollEntry> polled(most_entries);
  Room<Entry> copies(most_entries);
  if (!polled || !copies)
    return -1;
  pollfd others[2] = {{epoll, POLLIN, 0}, {}};
  Waited waited{polled.data(), collect(epoll, polled.data(), copies.data()), others, 1};
  if (wait_for(waited, timeout_ns, mask) < 0)
    return -1;
  int told = 0;
  for (std::uint32_t i = 0; i < waited.emulated_count && told < most; ++i) {
    if (polled[i].ready == 0)
      continue;
    // Closed by another thread meanwhile: it has left the set, but the wait for it ends.
    events[told].events =
        polled[i].ready == POLLNVAL ? std::uint32_t{EPOLLHUP} : static_cast<std::uint32_t>(polled[i].ready);
    events[told++].data = copies[i].event.data;
    note_told(copies[i]);
  }
  if (others[0].revents != 0 && told < most) {
    const int more = REAL(epoll_wait)(epoll, events + told, most - told, 0);
    told += more > 0 ? more : 0;
  }
  return told;
}

std::int64_t timeout_of(int timeout_ms) {
  return timeout_ms < 0 ? -1 : std::int64_t{timeout_ms} * 1'000'000;
}

} // namespace

void forget_in_epolls(int fd) {
  const Held held;
  for (int i = epoll_entry_count - 1; i >= 0; --i)
    if (entries[i].fd == fd)
      remove(i);
}

void forget_epoll_slowly(int fd) {
  const Held held;
  for (int i = epoll_entry_count - 1; i >= 0; --i)
    if (entries[i].epoll == fd)
      remove(i);
}

} // namespace zbuf::exec

ZBUF_EXPORT int epoll_ctl(int epoll, int operation, int fd, epoll_event* event) {
  if (const std::uint64_t inode = __builtin_expect(may_be_ours(fd), 0) ? inode_of(fd) : 0)
    return change(epoll, operation, fd, inode, event);
  return REAL(epoll_ctl)(epoll, operation, fd, event);
}

ZBUF_EXPORT int epoll_wait(int epoll, epoll_event* events, int most, int timeout_ms) {
  return has_entries(epoll) ? wait_mixed(epoll, events, most, timeout_of(timeout_ms), nullptr)
                            : REAL(epoll_wait)(epoll, events, most, timeout_ms);
}

ZBUF_EXPORT int epoll_pwait(int epoll, epoll_event* events, int most, int timeout_ms, const sigset_t* mask) {
  return has_entries(epoll) ? wait_mixed(epoll, events, most, timeout_of(timeout_ms), mask)
                            : REAL(epoll_pwait)(epoll, events, most, timeout_ms, mask);
}

ZBUF_EXPORT int epoll_pwait2(int epoll, epoll_event* events, int most, const timespec* timeout,
                             const sigset_t* mask) {
  return has_entries(epoll)
             ? wait_mixed(epoll, events, most, timeout == nullptr ? -1 : nanoseconds(*timeout), mask)
             : REAL(epoll_pwait2)(epoll, events, most, timeout, mask);
}

// SPDX-License-Identifier: BSD-2-Clause
// open, close, dup and fcntl: how descriptors come to be ours, and cease to be.
#include "core/exec/preload/channel.h"
#include "core/exec/preload/control.h"
#include "core/exec/preload/descriptors.h"
#include "core/exec/preload/epolls.h"
#include "core/exec/preload/real.h"
#include "core/exec/preload/watch.h"

#include <cerrno>
#include <cstdarg>
#include <fcntl.h>
#include <unistd.h>

using namespace zbuf::exec;

ZBUF_REAL(open, int(const char*, int, ...));
ZBUF_REAL(open64, int(const char*, int, ...));
ZBUF_REAL(openat, int(int, const char*, int, ...));
ZBUF_REAL(openat64, int(int, const char*, int, ...));
ZBUF_REAL(__open_2, int(const char*, int));
ZBUF_REAL(__open64_2, int(const char*, int));
ZBUF_REAL(__openat_2, int(int, const char*, int));
ZBUF_REAL(__openat64_2, int(int, const char*, int));
ZBUF_REAL(creat, int(const char*, mode_t));
ZBUF_REAL(creat64, int(const char*, mode_t));
ZBUF_REAL(close, int(int));
ZBUF_REAL(dup, int(int));
ZBUF_REAL(dup2, int(int, int));
ZBUF_REAL(dup3, int(int, int, int));
ZBUF_REAL(fcntl, int(int, int, ...));
ZBUF_REAL(fcntl64, int(int, int, ...));
ZBUF_REAL(close_range, int(unsigned, unsigned, int));

// ---- open ----

namespace {

bool takes_mode(int flags) {
  return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
}

} // namespace

/// The mode, if there is one, is passed on; if not, what is in its place does no harm.
#define ZBUF_OPEN(function)                                                                                  \
  ZBUF_EXPORT int function(const char* path, int flags, ...) {                                               \
    const std::int64_t unit = unit_of(path);                                                                 \
    if (__builtin_expect(unit >= 0, 0))                                                                      \
      return open_emulated(flags, static_cast<std::uint64_t>(unit));                                         \
    va_list rest;                                                                                            \
    va_start(rest, flags);                                                                                   \
    const mode_t mode = takes_mode(flags) ? va_arg(rest, mode_t) : 0;                                        \
    va_end(rest);                                                                                            \
    return REAL(function)(path, flags, mode);                                                                \
  }
#define ZBUF_OPENAT(function)                                                                                \
  ZBUF_EXPORT int function(int folder, const char* path, int flags, ...) {                                   \
    const std::int64_t unit = unit_of(path);                                                                 \
    if (__builtin_expect(unit >= 0, 0))                                                                      \
      return open_emulated(flags, static_cast<std::uint64_t>(unit));                                         \
    va_list rest;                                                                                            \
    va_start(rest, flags);                                                                                   \
    const mode_t mode = takes_mode(flags) ? va_arg(rest, mode_t) : 0;                                        \
    va_end(rest);                                                                                            \
    return REAL(function)(folder, path, flags, mode);                                                        \
  }
#define ZBUF_OPEN_2(function)                                                                                \
  ZBUF_EXPORT int function(const char* path, int flags) {                                                    \
    const std::int64_t unit = unit_of(path);                                                                 \
    return __builtin_expect(unit >= 0, 0) ? open_emulated(flags, static_cast<std::uint64_t>(unit))           \
                                          : REAL(function)(path, flags);                                     \
  }
#define ZBUF_OPENAT_2(function)                                                                              \
  ZBUF_EXPORT int function(int folder, const char* path, int flags) {                                        \
    const std::int64_t unit = unit_of(path);                                                                 \
    return __builtin_expect(unit >= 0, 0) ? open_emulated(flags, static_cast<std::uint64_t>(unit))           \
                                          : REAL(function)(folder, path, flags);                             \
  }
#define ZBUF_CREAT(function)                                                                                 \
  ZBUF_EXPORT int function(const char* path, mode_t mode) {                                                  \
    const std::int64_t unit = unit_of(path);                                                                 \
    return __builtin_expect(unit >= 0, 0) ? open_emulated(O_WRONLY, static_cast<std::uint64_t>(unit))        \
                                          : REAL(function)(path, mode);                                      \
  }

ZBUF_OPEN(open)
ZBUF_OPEN(open64)
ZBUF_OPENAT(openat)
ZBUF_OPENAT(openat64)
ZBUF_OPEN_2(__open_2)
ZBUF_OPEN_2(__open64_2)
ZBUF_OPENAT_2(__openat_2)
ZBUF_OPENAT_2(__openat64_2)
ZBUF_CREAT(creat)
ZBUF_CREAT(creat64)

// ---- close ----

namespace {

/// What hangs on a number of that descriptor goes with it. Returns whether it was this process's last one.
bool forget(int fd, std::uint64_t inode) {
  clear_ours(fd);
  forget_in_epolls(fd);
  if (other_number(fd, inode) >= 0)
    return false;
  end_watch(inode);
  return true;
}

/// The number is closed. Once the kernel has answered it writes to nothing that the descriptor was lent.
void settle(std::uint64_t inode) {
  const int error = errno;
  Request request;
  request.call = Call::closed;
  request.descriptor = inode;
  Reply reply;
  call(request, {}, reply); // unreachable: nothing is written then, either
  errno = error;
}

} // namespace

ZBUF_EXPORT int close(int fd) {
  if (const std::uint64_t inode = __builtin_expect(may_be_ours(fd), 0) ? inode_of(fd) : 0) {
    const bool last = forget(fd, inode);
    const int result = REAL(close)(fd);
    if (last)
      settle(inode);
    return result;
  }
  if (__builtin_expect(is_hidden(fd), 0)) {
    errno = EBADF; // the program did not open it
    return -1;
  }
  forget_epoll(fd);
  return REAL(close)(fd);
}

/// Closes what is the program's in [first, last], and leaves ours alone.
ZBUF_EXPORT int close_range(unsigned first, unsigned last, int flags) {
  constexpr int close_on_exec = 4; // CLOSE_RANGE_CLOEXEC: nothing is closed now
  unsigned from = first;
  if ((flags & close_on_exec) == 0 && first <= last) {
    const unsigned end = last < most_descriptors ? last + 1 : most_descriptors;
    for (unsigned fd = first; fd < end; ++fd) {
      if (may_be_ours(static_cast<int>(fd)) && inode_of(static_cast<int>(fd)) != 0)
        close(static_cast<int>(fd));
      if (!is_hidden(static_cast<int>(fd)))
        continue;
      if (fd > from && REAL(close_range)(from, fd - 1, flags) != 0)
        return -1;
      from = fd + 1;
    }
  }
  return from > last && from > first ? 0 : REAL(close_range)(from, last, flags);
}

ZBUF_EXPORT void closefrom(int low) {
  close_range(static_cast<unsigned>(low < 0 ? 0 : low), ~0u, 0);
}

// ---- dup and fcntl ----

namespace {

int copied(int from, int to) {
  if (to >= 0 && from != to) {
    if (inode_of(from) != 0)
      copy_ours(from, to);
  }
  return to;
}

/// dup2 and dup3 close the number that they use, if it is open; where they fail, they leave it alone.
template <typename Duplicate>
int duplicate(int from, int to, const Duplicate& really) {
  if (is_hidden(to)) {
    errno = EBADF;
    return -1;
  }
  const std::uint64_t closed = from != to && may_be_ours(to) ? inode_of(to) : 0;
  const int result = really();
  if (result < 0 || from == to)
    return result;
  const bool last = closed != 0 && forget(to, closed);
  forget_epoll(to);
  if (may_be_ours(from))
    copied(from, to);
  if (last)
    settle(closed);
  return result;
}

int control_flags(int fd, std::uint64_t inode, int command, void* argument) {
  const int result = REAL(fcntl)(fd, command, argument);
  if (result < 0)
    return result;
  if (command == F_GETFL)
    return (result & ~O_ACCMODE) | (flags_of(fd) & O_ACCMODE);
  if (command == F_SETFL)
    set_nonblocking(inode, (reinterpret_cast<std::uintptr_t>(argument) & O_NONBLOCK) != 0);
  return result;
}

} // namespace

ZBUF_EXPORT int dup(int fd) {
  const int to = REAL(dup)(fd);
  return __builtin_expect(may_be_ours(fd), 0) ? copied(fd, to) : to;
}

ZBUF_EXPORT int dup2(int from, int to) {
  return duplicate(from, to, [&] { return REAL(dup2)(from, to); });
}

ZBUF_EXPORT int dup3(int from, int to, int flags) {
  return duplicate(from, to, [&] { return REAL(dup3)(from, to, flags); });
}

#define ZBUF_FCNTL(function)                                                                                 \
  ZBUF_EXPORT int function(int fd, int command, ...) {                                                       \
    va_list rest;                                                                                            \
    va_start(rest, command);                                                                                 \
    void* const argument = va_arg(rest, void*);                                                              \
    va_end(rest);                                                                                            \
    const std::uint64_t inode = __builtin_expect(may_be_ours(fd), 0) ? inode_of(fd) : 0;                     \
    if (inode == 0)                                                                                          \
      return REAL(function)(fd, command, argument);                                                          \
    if (command == F_DUPFD || command == F_DUPFD_CLOEXEC)                                                    \
      return copied(fd, REAL(function)(fd, command, argument));                                              \
    return control_flags(fd, inode, command, argument);                                                      \
  }
ZBUF_FCNTL(fcntl)
ZBUF_FCNTL(fcntl64)

/// The child of a vfork would use, and change, what we know of the parent's descriptors.
ZBUF_EXPORT pid_t vfork() {
  return ::fork();
}

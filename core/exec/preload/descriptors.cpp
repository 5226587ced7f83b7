// SPDX-License-Identifier: BSD-2-Clause
#include "core/exec/preload/descriptors.h"

#include "core/exec/preload/channel.h"
#include "core/exec/preload/real.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace zbuf::exec {

ZBUF_REAL(close, int(int));
ZBUF_REAL(fcntl, int(int, int, ...));
ZBUF_REAL(fstat, int(int, struct stat*));

std::uint64_t emulated_bits[most_descriptors / 64];
int emulated_count = 0;

namespace {

struct Ours {
  std::uint64_t inode;
  int flags;
};
Ours ours[most_descriptors]; // pages that nobody touches take no memory
std::uint64_t hidden_bits[most_descriptors / 64];
sockaddr_un kernel_address;

std::uint64_t bit_of(int fd) {
  return std::uint64_t{1} << (static_cast<unsigned>(fd) % 64);
}
std::size_t word_of(int fd) {
  return static_cast<unsigned>(fd) / 64;
}
bool in_range(int fd) {
  return fd >= 0 && fd < most_descriptors;
}

std::uint64_t socket_inode(int fd) {
  struct stat status;
  return REAL(fstat)(fd, &status) == 0 && S_ISSOCK(status.st_mode) ? status.st_ino : 0;
}

void set_ours(int fd, const Ours& what) {
  ours[fd] = what;
  if ((__atomic_fetch_or(&emulated_bits[word_of(fd)], bit_of(fd), __ATOMIC_RELEASE) & bit_of(fd)) == 0)
    __atomic_fetch_add(&emulated_count, 1, __ATOMIC_RELEASE);
}

/// Where the kernel is, and which descriptors of it the program was started with.
__attribute__((constructor)) void begin() {
  const char* const path = std::getenv(socket_variable);
  if (path == nullptr || std::strlen(path) >= sizeof(kernel_address.sun_path))
    return;
  std::strcpy(kernel_address.sun_path, path);
  kernel_address.sun_family = AF_UNIX;
  const int error = errno;
  if (DIR* const folder = ::opendir("/proc/self/fd")) {
    while (const dirent* const entry = ::readdir(folder))
      if (entry->d_name[0] != '.')
        adopt(std::atoi(entry->d_name));
    ::closedir(folder);
  }
  errno = error;
}

} // namespace

bool has_kernel() {
  return kernel_address.sun_family == AF_UNIX;
}

int connect_to_kernel() {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return -1;
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&kernel_address), sizeof(kernel_address)) == 0)
    return fd;
  REAL(close)(fd);
  errno = ENXIO;
  return -1;
}

std::int64_t unit_of(const char* path) {
  constexpr char device[] = "/dev/bpf";
  constexpr std::size_t length = sizeof(device) - 1;
  if (!has_kernel() || reinterpret_cast<std::uintptr_t>(path) == 0 || std::strncmp(path, device, length) != 0)
    return -1;
  if (path[length] == '\0')
    return 0;
  std::int64_t unit = 0;
  for (const char* digit = path + length; *digit != '\0'; ++digit) {
    if (*digit < '0' || *digit > '9' || unit > 255)
      return -1;
    unit = unit * 10 + (*digit - '0');
  }
  return unit > 255 ? -1 : unit + 1;
}

int open_emulated(int flags, std::uint64_t unit) {
  const int fd = connect_to_kernel();
  if (fd < 0)
    return -1;
  Request request;
  request.call = Call::open;
  request.descriptor = socket_inode(fd);
  request.value = static_cast<std::uint64_t>(flags);
  request.extra = unit;
  request.pid = ::getpid();
  Reply reply;
  const bool answered =
      in_range(fd) &&
      ::send(fd, &request, sizeof(request), MSG_NOSIGNAL) == static_cast<ssize_t>(sizeof(request)) &&
      ::recv(fd, &reply, sizeof(reply), MSG_WAITALL) == static_cast<ssize_t>(sizeof(reply));
  if (!answered || reply.error != 0) {
    REAL(close)(fd);
    errno = !in_range(fd) ? EMFILE : answered ? reply.error : ENXIO;
    return -1;
  }
  if ((flags & O_CLOEXEC) == 0)
    REAL(fcntl)(fd, F_SETFD, 0);
  if ((flags & O_NONBLOCK) != 0)
    REAL(fcntl)(fd, F_SETFL, O_NONBLOCK);
  set_ours(fd, {request.descriptor, flags});
  return fd;
}

std::uint64_t inode_of(int fd) {
  const std::uint64_t inode = socket_inode(fd);
  if (inode != 0 && inode == ours[fd].inode)
    return inode;
  clear_ours(fd); // it was closed behind our back, and the number is another file's now
  return 0;
}

std::uint64_t adopt(int fd) {
  if (!in_range(fd) || !has_kernel() || is_hidden(fd))
    return 0;
  const std::uint64_t inode = socket_inode(fd);
  sockaddr_un peer{};
  socklen_t length = sizeof(peer);
  if (inode == 0 || ::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &length) != 0 ||
      peer.sun_family != AF_UNIX || std::strcmp(peer.sun_path, kernel_address.sun_path) != 0)
    return 0;
  set_ours(fd, {inode, O_RDWR});
  return inode;
}

void clear_ours(int fd) {
  if ((__atomic_fetch_and(&emulated_bits[word_of(fd)], ~bit_of(fd), __ATOMIC_RELEASE) & bit_of(fd)) != 0)
    __atomic_fetch_sub(&emulated_count, 1, __ATOMIC_RELEASE);
}

void copy_ours(int from, int to) {
  if (in_range(to))
    set_ours(to, ours[from]);
}

int flags_of(int fd) {
  return ours[fd].flags;
}

int other_number(int fd, std::uint64_t inode) {
  for (int word = 0; word < most_descriptors / 64; ++word) {
    const std::uint64_t bits = __atomic_load_n(&emulated_bits[word], __ATOMIC_RELAXED);
    for (int bit = 0; bits != 0 && bit < 64; ++bit) {
      const int other = word * 64 + bit;
      if (other != fd && may_be_ours(other) && ours[other].inode == inode)
        return other;
    }
  }
  return -1;
}

int move_away(int fd) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const rlim_t numbers = limit.rlim_cur < most_descriptors ? limit.rlim_cur : most_descriptors;
  const int high = numbers < 128 ? -1 : REAL(fcntl)(fd, F_DUPFD_CLOEXEC, static_cast<int>(numbers) - 64);
  int own = fd;
  if (high >= 0) {
    REAL(close)(fd);
    own = high;
  }
  if (in_range(own))
    __atomic_fetch_or(&hidden_bits[word_of(own)], bit_of(own), __ATOMIC_RELEASE);
  return own;
}

bool is_hidden(int fd) {
  return in_range(fd) && (__atomic_load_n(&hidden_bits[word_of(fd)], __ATOMIC_RELAXED) & bit_of(fd)) != 0;
}

void unhide(int fd) {
  if (in_range(fd))
    __atomic_fetch_and(&hidden_bits[word_of(fd)], ~bit_of(fd), __ATOMIC_RELEASE);
}

} // namespace zbuf::exec

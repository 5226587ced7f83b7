// SPDX-License-Identifier: BSD-2-Clause
// stat(2) and access(2): /dev/bpf is there, and a descriptor of it is a character device.
#include "core/exec/preload/descriptors.h"
#include "core/exec/preload/real.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

using namespace zbuf::exec;

ZBUF_REAL(fstat, int(int, struct stat*));
ZBUF_REAL(fstat64, int(int, struct stat64*));
ZBUF_REAL(stat, int(const char*, struct stat*));
ZBUF_REAL(stat64, int(const char*, struct stat64*));
ZBUF_REAL(lstat, int(const char*, struct stat*));
ZBUF_REAL(lstat64, int(const char*, struct stat64*));
ZBUF_REAL(fstatat, int(int, const char*, struct stat*, int));
ZBUF_REAL(fstatat64, int(int, const char*, struct stat64*, int));
ZBUF_REAL(__fxstat, int(int, int, struct stat*));
ZBUF_REAL(__fxstat64, int(int, int, struct stat64*));
ZBUF_REAL(__xstat, int(int, const char*, struct stat*));
ZBUF_REAL(__xstat64, int(int, const char*, struct stat64*));
ZBUF_REAL(access, int(const char*, int));
ZBUF_REAL(faccessat, int(int, const char*, int, int));

namespace {

template <typename Stat>
int fill_stat(Stat* status, std::uint64_t unit) {
  *status = {};
  status->st_mode = S_IFCHR | 0600;
  status->st_nlink = 1;
  status->st_uid = ::getuid();
  status->st_gid = ::getgid();
  status->st_rdev = makedev(23, static_cast<unsigned>(unit)); // as FreeBSD once numbered it
  status->st_ino = 23 << 8 | unit;
  status->st_blksize = 4096;
  return 0;
}

/// By descriptor; false: not ours.
template <typename Stat>
bool fill_if_ours(int fd, Stat* status) {
  return __builtin_expect(may_be_ours(fd), 0) && inode_of(fd) != 0 && fill_stat(status, 0) == 0;
}

} // namespace

#define ZBUF_FSTAT(function, type)                                                                           \
  ZBUF_EXPORT int function(int fd, struct type* status) {                                                    \
    return fill_if_ours(fd, status) ? 0 : REAL(function)(fd, status);                                        \
  }
#define ZBUF_FXSTAT(function, type)                                                                          \
  ZBUF_EXPORT int function(int version, int fd, struct type* status) {                                       \
    return fill_if_ours(fd, status) ? 0 : REAL(function)(version, fd, status);                               \
  }
#define ZBUF_STAT(function, type)                                                                            \
  ZBUF_EXPORT int function(const char* path, struct type* status) {                                          \
    const std::int64_t unit = unit_of(path);                                                                 \
    return unit >= 0 ? fill_stat(status, static_cast<std::uint64_t>(unit)) : REAL(function)(path, status);   \
  }
#define ZBUF_XSTAT(function, type)                                                                           \
  ZBUF_EXPORT int function(int version, const char* path, struct type* status) {                             \
    const std::int64_t unit = unit_of(path);                                                                 \
    return unit >= 0 ? fill_stat(status, static_cast<std::uint64_t>(unit))                                   \
                     : REAL(function)(version, path, status);                                                \
  }
#define ZBUF_FSTATAT(function, type)                                                                         \
  ZBUF_EXPORT int function(int folder, const char* path, struct type* status, int flags) {                   \
    const std::int64_t unit = unit_of(path);                                                                 \
    if (unit >= 0)                                                                                           \
      return fill_stat(status, static_cast<std::uint64_t>(unit));                                            \
    if ((flags & AT_EMPTY_PATH) != 0 && path != nullptr && *path == '\0' && fill_if_ours(folder, status))    \
      return 0;                                                                                              \
    return REAL(function)(folder, path, status, flags);                                                      \
  }

ZBUF_FSTAT(fstat, stat)
ZBUF_FSTAT(fstat64, stat64)
ZBUF_FXSTAT(__fxstat, stat)
ZBUF_FXSTAT(__fxstat64, stat64)
ZBUF_STAT(stat, stat)
ZBUF_STAT(stat64, stat64)
ZBUF_STAT(lstat, stat)
ZBUF_STAT(lstat64, stat64)
ZBUF_XSTAT(__xstat, stat)
ZBUF_XSTAT(__xstat64, stat64)
ZBUF_FSTATAT(fstatat, stat)
ZBUF_FSTATAT(fstatat64, stat64)

ZBUF_EXPORT int access(const char* path, int mode) {
  return unit_of(path) >= 0 ? 0 : REAL(access)(path, mode);
}

ZBUF_EXPORT int faccessat(int folder, const char* path, int mode, int flags) {
  return unit_of(path) >= 0 ? 0 : REAL(faccessat)(folder, path, mode, flags);
}

// SPDX-License-Identifier: BSD-2-Clause
// read and write on an emulated descriptor; and calls that read memory which the guard may have closed.
#include "core/exec/preload/channel.h"
#include "core/exec/preload/descriptors.h"
#include "core/exec/preload/real.h"
#include "core/exec/preload/watch.h"

#include <cerrno>
#include <climits>
#include <cstdio>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

using namespace zbuf::exec;

ZBUF_REAL(read, ssize_t(int, void*, std::size_t));
ZBUF_REAL(__read_chk, ssize_t(int, void*, std::size_t, std::size_t));
ZBUF_REAL(readv, ssize_t(int, const iovec*, int));
ZBUF_REAL(write, ssize_t(int, const void*, std::size_t));
ZBUF_REAL(writev, ssize_t(int, const iovec*, int));
ZBUF_REAL(pwrite, ssize_t(int, const void*, std::size_t, off_t));
ZBUF_REAL(pwrite64, ssize_t(int, const void*, std::size_t, off64_t));
ZBUF_REAL(send, ssize_t(int, const void*, std::size_t, int));
ZBUF_REAL(sendto, ssize_t(int, const void*, std::size_t, int, const sockaddr*, socklen_t));
ZBUF_REAL(fwrite, std::size_t(const void*, std::size_t, std::size_t, FILE*));

namespace {

/// The name of the descriptor if it is ours; 0 otherwise, which is quick.
inline std::uint64_t ours(int fd) {
  return __builtin_expect(may_be_ours(fd), 0) ? inode_of(fd) : 0;
}

/// The sum of the lengths, or nothing (EINVAL) if it is too much for one call.
bool total_length(const iovec* pieces, int count, std::size_t& total) {
  total = 0;
  for (int i = 0; i < count; ++i) {
    if (pieces[i].iov_len > static_cast<std::size_t>(SSIZE_MAX) - total) {
      errno = EINVAL;
      return false;
    }
    total += pieces[i].iov_len;
  }
  if (count >= 0 && count <= IOV_MAX)
    return true;
  errno = EINVAL;
  return false;
}

ssize_t finish(bool reached, const Reply& reply) {
  if (!reached)
    return -1;
  if (reply.error == 0)
    return static_cast<ssize_t>(reply.value);
  errno = reply.error;
  return -1;
}

ssize_t read_ours(std::uint64_t inode, const iovec* pieces, int count) {
  Request request;
  request.call = Call::read;
  request.descriptor = inode;
  std::size_t total = 0;
  if (!total_length(pieces, count, total))
    return -1;
  request.value = total;
  iovec into[IOV_MAX];
  for (int i = 0; i < count; ++i)
    into[i] = pieces[i];
  Reply reply;
  const bool reached = call(request, {nullptr, -1, into, count}, reply);
  return finish(reached, reply);
}

/// The packet is put together in memory of ours first: a bad address is found before anything is sent.
ssize_t write_ours(std::uint64_t inode, const iovec* pieces, int count) {
  Request request;
  request.call = Call::write;
  request.descriptor = inode;
  std::size_t total = 0;
  if (!total_length(pieces, count, total))
    return -1;
  if (total > max_request_bytes) {
    errno = EMSGSIZE;
    return -1;
  }
  void* const room =
      ::mmap(nullptr, max_request_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (room == MAP_FAILED)
    return -1;
  const iovec here{room, total};
  ssize_t result = -1;
  if (total == 0 || ::process_vm_readv(::getpid(), &here, 1, pieces, static_cast<unsigned long>(count), 0) ==
                        static_cast<ssize_t>(total)) {
    request.length = static_cast<std::uint32_t>(total);
    Reply reply;
    const bool reached = call(request, {room}, reply);
    result = finish(reached, reply);
  } else {
    errno = EFAULT;
  }
  const int error = errno;
  ::munmap(room, max_request_bytes);
  errno = error;
  return result;
}

} // namespace

// ---- read ----

ZBUF_EXPORT ssize_t read(int fd, void* into, std::size_t length) {
  if (const std::uint64_t inode = ours(fd)) {
    const iovec piece{into, length};
    return read_ours(inode, &piece, 1);
  }
  return REAL(read)(fd, into, length);
}

ZBUF_EXPORT ssize_t __read_chk(int fd, void* into, std::size_t length, std::size_t room) {
  if (const std::uint64_t inode = ours(fd); inode != 0 && length <= room) {
    const iovec piece{into, length};
    return read_ours(inode, &piece, 1);
  }
  return REAL(__read_chk)(fd, into, length, room);
}

ZBUF_EXPORT ssize_t readv(int fd, const iovec* pieces, int count) {
  if (const std::uint64_t inode = ours(fd))
    return read_ours(inode, pieces, count);
  return REAL(readv)(fd, pieces, count);
}

// ---- write ----

ZBUF_EXPORT ssize_t write(int fd, const void* from, std::size_t length) {
  before_kernel_reads(from, length);
  if (const std::uint64_t inode = ours(fd)) {
    const iovec piece{const_cast<void*>(from), length};
    return write_ours(inode, &piece, 1);
  }
  return REAL(write)(fd, from, length);
}

ZBUF_EXPORT ssize_t writev(int fd, const iovec* pieces, int count) {
  if (__builtin_expect(watched_count != 0, 0))
    for (int i = 0; i < count; ++i)
      before_kernel_reads(pieces[i].iov_base, pieces[i].iov_len);
  if (const std::uint64_t inode = ours(fd))
    return write_ours(inode, pieces, count);
  return REAL(writev)(fd, pieces, count);
}

ZBUF_EXPORT ssize_t pwrite(int fd, const void* from, std::size_t length, off_t offset) {
  before_kernel_reads(from, length);
  return REAL(pwrite)(fd, from, length, offset);
}

ZBUF_EXPORT ssize_t pwrite64(int fd, const void* from, std::size_t length, off64_t offset) {
  before_kernel_reads(from, length);
  return REAL(pwrite64)(fd, from, length, offset);
}

ZBUF_EXPORT ssize_t send(int fd, const void* from, std::size_t length, int flags) {
  before_kernel_reads(from, length);
  return REAL(send)(fd, from, length, flags);
}

ZBUF_EXPORT ssize_t sendto(int fd, const void* from, std::size_t length, int flags, const sockaddr* to,
                           socklen_t to_length) {
  before_kernel_reads(from, length);
  return REAL(sendto)(fd, from, length, flags, to, to_length);
}

ZBUF_EXPORT std::size_t fwrite(const void* from, std::size_t size, std::size_t count, FILE* file) {
  before_kernel_reads(from, size * count);
  return REAL(fwrite)(from, size, count, file);
}

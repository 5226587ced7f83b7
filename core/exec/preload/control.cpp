// SPDX-License-Identifier: BSD-2-Clause
// ioctl(2): bpf's requests, and those that look up an emulated interface.
#include "core/exec/preload/control.h"

#include "core/exec/preload/channel.h"
#include "core/exec/preload/descriptors.h"
#include "core/exec/preload/interfaces.h"
#include "core/exec/preload/loan.h"
#include "core/exec/preload/real.h"
#include "core/exec/preload/watch.h"

extern "C" {
#include "kernel/engine/abi.h"
}

#include <cerrno>
#include <cstdarg>
#include <cstring>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

using namespace zbuf::exec;

ZBUF_REAL(ioctl, int(int, unsigned long, ...));
ZBUF_REAL(fcntl, int(int, int, ...));

namespace {

/// This system's numbers for requests that bpf has, too.
std::uint32_t bpf_request(unsigned long request) {
  switch (static_cast<std::uint32_t>(request)) {
  case FIONREAD:
    return ZB_FIONREAD;
  case FIONBIO:
    return ZB_FIONBIO;
  case FIOASYNC:
    return ZB_FIOASYNC;
  case TIOCSPGRP:
    return ZB_TIOCSPGRP;
  case TIOCGPGRP:
    return ZB_TIOCGPGRP;
  default:
    return static_cast<std::uint32_t>(request);
  }
}

/// Memory of the program that may not be there.
bool copy_in(void* into, const void* from, std::size_t length) {
  const iovec here{into, length};
  const iovec there{const_cast<void*>(from), length};
  return length == 0 ||
         ::process_vm_readv(::getpid(), &here, 1, &there, 1, 0) == static_cast<ssize_t>(length);
}
bool copy_out(void* into, const void* from, std::size_t length) {
  const iovec here{const_cast<void*>(from), length};
  const iovec there{into, length};
  return length == 0 ||
         ::process_vm_writev(::getpid(), &here, 1, &there, 1, 0) == static_cast<ssize_t>(length);
}

int finish(bool reached, const Reply& reply) {
  if (reached && reply.error == 0)
    return 0;
  if (reached)
    errno = reply.error;
  return -1;
}

/// The instructions go along; if they cannot be read, they do not, and the kernel refuses.
int set_filter(Request& request) {
  constexpr std::uint32_t most = max_request_bytes / sizeof(zb_bpf_insn);
  zb_bpf_program program;
  std::memcpy(&program, request.argument, sizeof(program));
  Reply reply;
  const std::size_t bytes = program.len > most ? 0 : program.len * sizeof(zb_bpf_insn);
  if (bytes == 0)
    return finish(call(request, {}, reply), reply);
  void* const room = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (room == MAP_FAILED)
    return -1;
  if (copy_in(room, reinterpret_cast<const void*>(program.insns), bytes))
    request.length = static_cast<std::uint32_t>(bytes);
  const bool reached = call(request, {room}, reply);
  const int error = errno;
  ::munmap(room, bytes);
  errno = error;
  return finish(reached, reply);
}

int list_types(Request& request, void* argument) {
  zb_bpf_dltlist list;
  std::memcpy(&list, request.argument, sizeof(list));
  iovec into{reinterpret_cast<void*>(list.list), list.len * sizeof(std::uint32_t)};
  Reply reply;
  if (!call(request, {nullptr, -1, &into, 1}, reply) || reply.error != 0)
    return finish(reply.error != 0, reply);
  zb_bpf_dltlist answer;
  std::memcpy(&answer, reply.argument, sizeof(answer));
  list.len = answer.len;
  return copy_out(argument, &list, sizeof(list)) ? 0 : (errno = EFAULT, -1);
}

int set_zbuf(Request& request) {
  zb_bpf_zbuf zbuf;
  std::memcpy(&zbuf, request.argument, sizeof(zbuf));
  end_watch(request.descriptor); // all of the memory is to be reached while it is looked at
  const Loan loan = share(zbuf);
  const unsigned slot = reserve_watch();
  request.extra = loan.flags | std::uint64_t{slot} << loan_slot_shift;
  Reply reply;
  const bool reached = call(request, {nullptr, loan.file}, reply);
  if (reached && reply.error == 0)
    begin_watch(slot, request.descriptor, zbuf, loan.flags);
  return finish(reached, reply);
}

int control(int fd, std::uint64_t inode, unsigned long number, void* argument) {
  Request request;
  request.call = Call::control;
  request.request = bpf_request(number);
  request.descriptor = inode;
  const std::size_t length = ZB_IOC_LENGTH(request.request);
  // A length that no request of bpf has: the kernel refuses it without the argument.
  const bool has_argument = length <= argument_bytes;
  if (has_argument && (request.request & ZB_IOC_IN) != 0 && !copy_in(request.argument, argument, length)) {
    errno = EFAULT;
    return -1;
  }
  switch (request.request) {
  case ZB_BIOCSETF:
  case ZB_BIOCSETFNR:
  case ZB_BIOCSETWF:
    return set_filter(request);
  case ZB_BIOCGDLTLIST:
    return list_types(request, argument);
  case ZB_BIOCSETZBUF:
    return set_zbuf(request);
  case ZB_FIONBIO: { // the flag is the open file's, too
    int on = 0;
    std::memcpy(&on, request.argument, sizeof(on));
    const int flags = REAL(fcntl)(fd, F_GETFL);
    REAL(fcntl)(fd, F_SETFL, on != 0 ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
    break;
  }
  default:
    break;
  }
  Reply reply;
  if (!call(request, {}, reply) || reply.error != 0)
    return finish(reply.error != 0, reply);
  if (has_argument && (request.request & ZB_IOC_OUT) != 0 && !copy_out(argument, reply.argument, length)) {
    errno = EFAULT;
    return -1;
  }
  if (request.request == ZB_BIOCSETIF)
    arm_watch(inode);
  return 0;
}

bool is_group_b(unsigned long request) {
  return (request >> 8 & 0xff) == 'B' && (request & 0xe0000000u) != 0;
}

} // namespace

namespace zbuf::exec {

void set_nonblocking(std::uint64_t inode, bool on) {
  Request request;
  request.call = Call::control;
  request.request = ZB_FIONBIO;
  request.descriptor = inode;
  const int value = on ? 1 : 0;
  std::memcpy(request.argument, &value, sizeof(value));
  Reply reply;
  call(request, {}, reply);
}

} // namespace zbuf::exec

ZBUF_EXPORT int ioctl(int fd, unsigned long request, ...) {
  va_list rest;
  va_start(rest, request);
  void* const argument = va_arg(rest, void*);
  va_end(rest);
  if (__builtin_expect(may_be_ours(fd), 0)) {
    if (const std::uint64_t inode = inode_of(fd))
      return control(fd, inode, request, argument);
  } else if (__builtin_expect(is_group_b(request), 0)) {
    if (const std::uint64_t inode = adopt(fd))
      return control(fd, inode, request, argument);
  } else if (__builtin_expect(is_interface_request(request), 0)) {
    int result = 0;
    if (look_up_interface(fd, request, argument, result))
      return result;
  }
  return REAL(ioctl)(fd, request, argument);
}

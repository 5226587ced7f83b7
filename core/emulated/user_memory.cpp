// SPDX-License-Identifier: BSD-2-Clause
#include "core/emulated/user_memory.h"

#include <cstring>
#include <unistd.h>

#ifdef __linux__
#include <sys/uio.h>
#endif

namespace zbuf {

namespace {

constexpr std::size_t page_bytes = 4096;

/// A pipe of this thread's own. read(2) and write(2) on it answer EFAULT where a plain access would end us.
class ThreadPipe {
 public:
  ThreadPipe() { open_ = ::pipe(ends_) == 0; }
  ~ThreadPipe() {
    if (open_) {
      ::close(ends_[0]);
      ::close(ends_[1]);
    }
  }
  ThreadPipe(const ThreadPipe&) = delete;
  ThreadPipe& operator=(const ThreadPipe&) = delete;

  bool take(const void* from, std::size_t length) {
    return open_ && ::write(ends_[1], from, length) == static_cast<ssize_t>(length);
  }
  bool put(void* into, std::size_t length) {
    if (::read(ends_[0], into, length) == static_cast<ssize_t>(length))
      return true;
    std::byte rest[page_bytes]; // a refused read leaves the bytes in the pipe
    while (length > 0) {
      const ssize_t n = ::read(ends_[0], rest, length < sizeof(rest) ? length : sizeof(rest));
      if (n <= 0)
        break;
      length -= static_cast<std::size_t>(n);
    }
    return false;
  }

 private:
  int ends_[2] = {-1, -1};
  bool open_ = false;
};

} // namespace

bool memory_is_writable(std::uint64_t address, std::size_t length) {
  ThreadPipe pipe;
  for (std::size_t done = 0; done < length; done += page_bytes) {
    void* const page = reinterpret_cast<void*>(static_cast<std::uintptr_t>(address + done));
    if (!pipe.take(page, 1) || !pipe.put(page, 1))
      return false;
  }
  return true;
}

bool copy_from_user(std::uint64_t address, void* into, std::size_t length) {
  ThreadPipe pipe;
  for (std::size_t done = 0; done < length;) {
    const std::size_t n = length - done < page_bytes ? length - done : page_bytes;
    if (!pipe.take(reinterpret_cast<const void*>(static_cast<std::uintptr_t>(address + done)), n) ||
        !pipe.put(static_cast<std::byte*>(into) + done, n))
      return false;
    done += n;
  }
  return true;
}

#ifdef __linux__

std::string_view kernel_copy_call() {
  return "process_vm_readv";
}

bool copy_through_kernel(const void* from, std::uint64_t address, std::size_t length) {
  static const pid_t self = ::getpid();
  const iovec into{reinterpret_cast<void*>(static_cast<std::uintptr_t>(address)), length};
  const iovec source{const_cast<void*>(from), length};
  return ::process_vm_readv(self, &into, 1, &source, 1, 0) == static_cast<ssize_t>(length);
}

#else

std::string_view kernel_copy_call() {
  return {};
}

bool copy_through_kernel(const void* from, std::uint64_t address, std::size_t length) {
  std::memcpy(reinterpret_cast<void*>(static_cast<std::uintptr_t>(address)), from, length);
  return true;
}

#endif

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
#include "core/live/kernel_ring.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <utility>

#if defined(__linux__)
#include "kernel/include/net/zbuf_ring.h"

#include <sys/ioctl.h>
#endif

namespace zbuf {

#if defined(__linux__)

namespace {

tl::unexpected<Error> refused(const char* what) {
  const char* const why = errno == EBUSY ? "somebody records this descriptor already" : std::strerror(errno);
  return fail(errno == ENOENT ? Error::Code::unsupported : Error::Code::io, fmt::format("{}: {}", what, why));
}

} // namespace

Result<KernelRing> KernelRing::open(std::uint16_t number, std::uint32_t events) {
  KernelRing ring(::open("/dev/bpf_trace", O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (ring.file_ < 0)
    return refused("/dev/bpf_trace");
  zbuf_ring_attach to{};
  to.descriptor = number;
  to.events = events;
  if (::ioctl(ring.file_, ZBUF_RING_ATTACH, &to) != 0)
    return refused("/dev/bpf_trace, ZBUF_RING_ATTACH");
  return ring;
}

#else

Result<KernelRing> KernelRing::open(std::uint16_t, std::uint32_t) {
  return fail(Error::Code::unsupported, "only this project's Linux module has /dev/bpf_trace");
}

#endif

KernelRing::~KernelRing() {
  if (file_ >= 0)
    ::close(file_);
}

KernelRing::KernelRing(KernelRing&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

void KernelRing::read(std::vector<Event>& into, std::uint64_t until_ns) {
  constexpr std::size_t at_once = 4096;
  for (;;) {
    const std::size_t before = into.size();
    into.resize(before + at_once);
    const ssize_t bytes = ::read(file_, into.data() + before, at_once * sizeof(Event));
    into.resize(before + (bytes > 0 ? static_cast<std::size_t>(bytes) / sizeof(Event) : 0));
    // What is later than the instant can wait: a busy kernel would never let us go.
    if (into.size() == before ? bytes == 0 || errno != EINTR : into.back().time_ns >= until_ns)
      return;
  }
}

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
#include "core/device/native.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <poll.h>
#include <string>
#include <sys/ioctl.h>
#include <thread>
#include <unistd.h>

#if defined(__FreeBSD__)
#include <sys/capsicum.h>
#endif

namespace zbuf {

namespace {

constexpr int most_units = 256; ///< of the older /dev/bpfN

#if defined(__linux__)

/// What stands behind "bpf-number:" in /proc/self/fdinfo.
std::uint16_t number_of(int descriptor) {
  std::ifstream info("/proc/self/fdinfo/" + std::to_string(descriptor));
  std::string word;
  unsigned number = 0;
  while (info >> word)
    if (word == "bpf-number:" && info >> number)
      break;
  return static_cast<std::uint16_t>(number);
}

constexpr const char* no_device =
    "there is no /dev/bpf here: FreeBSD has it, and Linux with this project's module (./lab --module). "
    "Without it there is the emulated kernel (zbuf attach --via tap; zbuf bench without native)";
constexpr const char* no_permission = "no permission to open /dev/bpf: it takes CAP_NET_RAW. Run it with "
                                      "sudo, or setcap cap_net_raw+ep on the program";

#else

std::uint16_t number_of(int) {
  static std::atomic<std::uint16_t> next = 0;
  return next.fetch_add(1);
}

constexpr const char* no_device = "there is no /dev/bpf: in a jail, devfs(8) must show it (a rule \"path "
                                  "'bpf*' unhide\"); otherwise the kernel was "
                                  "built without \"device bpf\"";
constexpr const char* no_permission = "no permission to open /dev/bpf. Run it as root, or let a group have "
                                      "it: \"own bpf root:network\" and \"perm bpf "
                                      "0660\" in /etc/devfs.conf, then service devfs restart";

#endif

/// A signal that only ends a sleep.
void prepare_signal() {
  struct sigaction action {};
  action.sa_handler = [](int) {};
  sigaction(SIGURG, &action, nullptr); // no SA_RESTART: a sleeping call returns
}

int open_path(const std::string& path, int flags) {
  return ::open(path.c_str(), flags | O_CLOEXEC);
}

/// Returns -1 with errno set where there is none to be had.
int open_any(int flags) {
  const int cloned = open_path("/dev/bpf", flags);
  if (cloned >= 0 || errno != ENOENT)
    return cloned;
  bool busy = false;
  for (int unit = 0; unit < most_units; ++unit) {
    const int one = open_path("/dev/bpf" + std::to_string(unit), flags);
    if (one >= 0)
      return one;
    if (errno != EBUSY) {
      errno = busy && errno == ENOENT ? EBUSY : errno; // there are no more, and all are taken
      return -1;
    }
    busy = true;
  }
  return -1;
}

} // namespace

std::unique_ptr<NativeDevice> NativeDevice::open(int flags, int& error) {
  static const bool prepared = (prepare_signal(), true);
  (void)prepared;
  const int descriptor = open_any(flags);
  int wake[2] = {-1, -1};
  if (descriptor < 0 || ::pipe2(wake, O_NONBLOCK | O_CLOEXEC) != 0) {
    error = freebsd_error(errno);
    if (descriptor >= 0)
      ::close(descriptor);
    return nullptr;
  }
  error = 0;
  return std::unique_ptr<NativeDevice>(new NativeDevice(descriptor, wake[0], wake[1]));
}

NativeDevice::NativeDevice(int descriptor, int wake_read, int wake_write)
    : descriptor_(descriptor), wake_read_(wake_read), wake_write_(wake_write),
      number_(number_of(descriptor)) {}

NativeDevice::~NativeDevice() {
  ::close(wake_read_);
  ::close(wake_write_);
  ::close(descriptor_);
}

int NativeDevice::control(std::uint32_t request, void* argument) {
  return ::ioctl(descriptor_, request, argument) < 0 ? freebsd_error(errno) : 0;
}

/// A call in which interrupt() reaches the thread.
template <typename Call>
CallResult NativeDevice::interruptible(Call&& call) {
  CallResult result;
  caller_ = pthread_self();
  calling_ = true;
  const ssize_t done = interrupted_.exchange(false) ? (errno = EINTR, -1) : call();
  if (done < 0)
    result.error = freebsd_error(errno);
  else
    result.value = static_cast<std::size_t>(done);
  calling_ = false;
  if (result.error == ZB_EINTR) {
    interrupted_ = false;
    std::array<std::byte, 64> drained;
    while (::read(wake_read_, drained.data(), drained.size()) > 0) {
    }
  }
  return result;
}

CallResult NativeDevice::read(std::span<std::byte> into) {
  return interruptible([&] { return ::read(descriptor_, into.data(), into.size()); });
}

CallResult NativeDevice::write(std::span<const std::byte> packet) {
  return interruptible([&] { return ::write(descriptor_, packet.data(), packet.size()); });
}

CallResult NativeDevice::poll(int events, std::int64_t timeout_ns) {
  static_assert(POLLIN == ZB_POLLIN && POLLPRI == ZB_POLLPRI && POLLOUT == ZB_POLLOUT &&
                POLLHUP == ZB_POLLHUP && POLLRDNORM == ZB_POLLRDNORM);
  return interruptible([&]() -> ssize_t {
    pollfd asked[2] = {{descriptor_, static_cast<short>(events), 0}, {wake_read_, POLLIN, 0}};
    const timespec timeout{static_cast<time_t>(timeout_ns / 1'000'000'000),
                           static_cast<long>(timeout_ns % 1'000'000'000)};
    const int ready = ::ppoll(asked, 2, timeout_ns < 0 ? nullptr : &timeout, nullptr);
    if (ready > 0 && asked[0].revents == 0)
      return errno = EINTR, -1;
    return ready < 0 ? ready : asked[0].revents;
  });
}

std::uint64_t NativeDevice::spin(std::uint64_t) {
  std::this_thread::yield();
  return 1;
}

std::uint64_t NativeDevice::now_ns() const {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<std::uint64_t>(now.tv_nsec);
}

void NativeDevice::interrupt() {
  interrupted_ = true;
  const std::byte one{1};
  (void)!::write(wake_write_, &one, sizeof(one));
  // Between asking `interrupted_` and sleeping a signal is lost; another one follows.
  while (calling_ && interrupted_) {
    pthread_kill(caller_, SIGURG);
    std::this_thread::yield();
  }
}

std::vector<unsigned long> requests_of_a_capture() {
  std::vector<unsigned long> kept;
#define KEEP(name, number, handler, rules)                                                                   \
  if (((rules)&ZB_CAPTURE) != 0)                                                                             \
    kept.push_back(ZB_##name);
  ZB_REQUESTS(KEEP)
#undef KEEP
  return kept;
}

Result<void> NativeDevice::limit_rights() {
#if defined(__FreeBSD__)
  const std::vector<cap_ioctl_t> requests = requests_of_a_capture();
  cap_rights_t rights;
  cap_rights_init(&rights, CAP_READ, CAP_EVENT, CAP_IOCTL);
  const bool limited = ::cap_rights_limit(descriptor_, &rights) == 0 &&
                       ::cap_ioctls_limit(descriptor_, requests.data(), requests.size()) == 0;
  if (!limited && errno != ENOSYS) // a kernel built without it
    return fail(Error::Code::io,
                fmt::format("the rights of /dev/bpf cannot be limited: {}", std::strerror(errno)));
#endif
  return {};
}

Result<std::unique_ptr<NativeDevice>> open_native() {
  int error = 0;
  auto device = NativeDevice::open(O_RDWR, error);
  if (device != nullptr)
    return device;
  switch (error) {
  case ENOENT:
  case ZB_ENXIO:
    return fail(Error::Code::not_found, no_device);
  case EACCES:
  case EPERM:
    return fail(Error::Code::io, no_permission);
  case EBUSY:
    return fail(Error::Code::io,
                "every /dev/bpfN is in use. End a program that captures, or make more with mknod");
  default:
    return fail(Error::Code::io, fmt::format("/dev/bpf cannot be opened: error {}", error));
  }
}

} // namespace zbuf

#include "tests/kernel/native_device.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <string>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <thread>
#include <unistd.h>

namespace zbuf {

namespace {

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

/// A signal that only ends a sleep.
void prepare_signal() {
  struct sigaction action {};
  action.sa_handler = [](int) {};
  sigaction(SIGURG, &action, nullptr); // no SA_RESTART: a sleeping call returns
}

} // namespace

int freebsd_error(int error) {
  switch (error) {
  case EAGAIN:
    return ZB_EWOULDBLOCK;
  case EMSGSIZE:
    return ZB_EMSGSIZE;
  case EOPNOTSUPP:
    return ZB_EOPNOTSUPP;
  case ENETDOWN:
    return ZB_ENETDOWN;
  case ENOBUFS:
    return 55;
  default:
    return error; // alike up to 34
  }
}

std::unique_ptr<NativeDevice> NativeDevice::open(int flags, int& error) {
  static const bool prepared = (prepare_signal(), true);
  (void)prepared;
  const int descriptor = ::open("/dev/bpf", flags | O_CLOEXEC);
  error = descriptor < 0 ? freebsd_error(errno) : 0;
  if (descriptor < 0)
    return nullptr;
  const int event = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  return std::unique_ptr<NativeDevice>(new NativeDevice(descriptor, event));
}

NativeDevice::NativeDevice(int descriptor, int event)
    : descriptor_(descriptor), event_(event), number_(number_of(descriptor)) {}

NativeDevice::~NativeDevice() {
  ::close(event_);
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
    std::uint64_t drained = 0;
    (void)!::read(event_, &drained, sizeof(drained));
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
  static_assert(POLLIN == ZB_POLLIN && POLLOUT == ZB_POLLOUT && POLLHUP == ZB_POLLHUP &&
                POLLRDNORM == ZB_POLLRDNORM);
  return interruptible([&]() -> ssize_t {
    pollfd asked[2] = {{descriptor_, static_cast<short>(events), 0}, {event_, POLLIN, 0}};
    const timespec timeout{timeout_ns / 1'000'000'000, timeout_ns % 1'000'000'000};
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
  const std::uint64_t one = 1;
  (void)!::write(event_, &one, sizeof(one));
  // Between asking `interrupted_` and sleeping a signal is lost; another one follows.
  while (calling_ && interrupted_) {
    pthread_kill(caller_, SIGURG);
    std::this_thread::yield();
  }
}

} // namespace zbuf

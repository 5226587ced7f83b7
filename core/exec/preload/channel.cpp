// SPDX-License-Identifier: BSD-2-Clause
#include "core/exec/preload/channel.h"

#include "core/exec/preload/descriptors.h"
#include "core/exec/preload/real.h"
#include "core/exec/preload/watch.h"

#include <cerrno>
#include <cstring>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

namespace zbuf::exec {

ZBUF_REAL(close, int(int));
ZBUF_REAL(ppoll, int(pollfd*, nfds_t, const timespec*, const sigset_t*));

namespace {

constexpr unsigned most_interfaces = 16;
InterfaceEntry interfaces[most_interfaces];
unsigned interface_count = 0;

/// The socket of this thread. Nobody else's: it is closed when the thread ends, and in the child of a fork.
struct Channel {
  int socket = -1;
  bool busy = false; ///< a call is under way: a signal handler calls, or a call was left by a jump
};
thread_local Channel channel __attribute__((tls_model("initial-exec")));
pthread_key_t at_thread_end;
pthread_once_t prepared = PTHREAD_ONCE_INIT;

void close_own(int socket) {
  unhide(socket);
  REAL(close)(socket);
}

void thread_ends(void*) {
  if (channel.socket >= 0)
    close_own(channel.socket);
  channel.socket = -1;
}

void in_child_of_fork() {
  thread_ends(nullptr);
  channel.busy = false;
}

void prepare() {
  pthread_key_create(&at_thread_end, thread_ends);
  pthread_atfork(nullptr, nullptr, in_child_of_fork);
}

/// What sends, and what receives, everything; false: the kernel is gone.
bool send_all(int socket, const void* bytes, std::size_t length) {
  const char* at = static_cast<const char*>(bytes);
  while (length > 0) {
    const ssize_t n = ::send(socket, at, length, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return false;
    at += n;
    length -= static_cast<std::size_t>(n);
  }
  return true;
}

bool send_request(int socket, const Request& request, const Parcel& parcel) {
  if (parcel.file < 0)
    return send_all(socket, &request, sizeof(request)) && send_all(socket, parcel.payload, request.length);
  iovec piece{const_cast<Request*>(&request), sizeof(request)};
  alignas(cmsghdr) char room[CMSG_SPACE(sizeof(int))]{};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = room;
  message.msg_controllen = sizeof(room);
  cmsghdr* const extra = CMSG_FIRSTHDR(&message);
  extra->cmsg_level = SOL_SOCKET;
  extra->cmsg_type = SCM_RIGHTS;
  extra->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(extra), &parcel.file, sizeof(int));
  return ::sendmsg(socket, &message, MSG_NOSIGNAL) == static_cast<ssize_t>(sizeof(request)) &&
         send_all(socket, parcel.payload, request.length);
}

/// `cancel`: at the first interruption, the call is cancelled (and answered at once).
bool receive_all(int socket, void* bytes, std::size_t length, bool cancel) {
  char* at = static_cast<char*>(bytes);
  while (length > 0) {
    const ssize_t n = ::recv(socket, at, length, 0);
    if (n < 0 && errno == EINTR) {
      if (cancel) {
        Request request;
        request.call = Call::cancel;
        if (!send_all(socket, &request, sizeof(request)))
          return false;
      }
      cancel = false;
      continue;
    }
    if (n <= 0)
      return false;
    at += n;
    length -= static_cast<std::size_t>(n);
  }
  return true;
}

/// The payload of a reply into the program's memory. What does not fit, or cannot be written, is thrown away.
bool receive_payload(int socket, std::size_t length, const Parcel& parcel, bool& fault) {
  iovec* into = parcel.into;
  iovec* const end = into + parcel.into_count;
  while (length > 0) {
    while (into != end && into->iov_len == 0)
      ++into;
    char waste[4096];
    const bool wasted = into == end || fault;
    void* const to = wasted ? waste : into->iov_base;
    const std::size_t room = wasted ? sizeof(waste) : into->iov_len;
    const ssize_t n = ::recv(socket, to, length < room ? length : room, 0);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0 && errno == EFAULT && !wasted) {
      fault = true;
      continue;
    }
    if (n <= 0)
      return false;
    length -= static_cast<std::size_t>(n);
    if (!wasted) {
      into->iov_base = static_cast<char*>(into->iov_base) + n;
      into->iov_len -= static_cast<std::size_t>(n);
    }
  }
  return true;
}

int open_channel() {
  const int socket = connect_to_kernel();
  if (socket < 0)
    return -1;
  const int own = move_away(socket);
  if (interface_count == 0) {
    Request request;
    request.call = Call::hello;
    request.pid = ::getpid();
    Reply reply;
    InterfaceEntry all[most_interfaces];
    iovec into{all, sizeof(all)};
    bool fault = false;
    if (send_all(own, &request, sizeof(request)) && receive_all(own, &reply, sizeof(reply), false) &&
        receive_payload(own, reply.length, {nullptr, -1, &into, 1}, fault)) {
      std::memcpy(interfaces, all, sizeof(all));
      const auto n = static_cast<unsigned>(reply.value);
      __atomic_store_n(&interface_count, n < most_interfaces ? n : most_interfaces, __ATOMIC_RELEASE);
    }
  }
  return own;
}

/// The thread's socket, or for a call within a call one that lasts as long as that.
class Line {
 public:
  Line() : nested_(channel.busy) {
    if (nested_) {
      socket_ = open_channel();
      return;
    }
    channel.busy = true;
    if (channel.socket < 0) {
      channel.socket = open_channel();
      pthread_once(&prepared, prepare);
      pthread_setspecific(at_thread_end, &channel);
    }
    socket_ = channel.socket;
  }
  ~Line() {
    if (!nested_)
      channel.busy = false;
    else if (socket_ >= 0)
      close_own(socket_);
  }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  [[nodiscard]] int socket() const { return socket_; }
  /// Out of step, or the kernel is gone: not to be used again.
  bool broken() {
    if (!nested_ && socket_ >= 0) {
      close_own(socket_);
      channel.socket = -1;
    }
    errno = ENXIO;
    return false;
  }

 private:
  bool nested_;
  int socket_ = -1;
};

bool finish(Line& line, const Parcel& parcel, Reply& reply, bool cancel) {
  bool fault = false;
  if (!receive_all(line.socket(), &reply, sizeof(reply), cancel) ||
      !receive_payload(line.socket(), reply.length, parcel, fault))
    return line.broken();
  if (fault)
    reply.error = EFAULT;
  return true;
}

} // namespace

bool call(const Request& request, const Parcel& parcel, Reply& reply) {
  before_call();
  Line line;
  if (line.socket() < 0 || !send_request(line.socket(), request, parcel))
    return line.broken();
  return finish(line, parcel, reply, true);
}

int call_beside(const Request& request, const Parcel& parcel, Reply& reply, pollfd* others, nfds_t count,
                const void* mask, bool& reached) {
  before_call();
  Line line;
  reached = line.socket() >= 0 && send_request(line.socket(), request, parcel);
  if (!reached) {
    line.broken();
    return 0;
  }
  others[count] = {line.socket(), POLLIN, 0};
  int ready = REAL(ppoll)(others, count + 1, nullptr, static_cast<const sigset_t*>(mask));
  const int error = errno;
  if (ready > 0 && others[count].revents != 0) {
    --ready;
  } else {
    Request cancel;
    cancel.call = Call::cancel;
    send_all(line.socket(), &cancel, sizeof(cancel));
  }
  reached = finish(line, parcel, reply, false);
  errno = error;
  return ready;
}

const InterfaceEntry* interface_at(unsigned n) {
  if (__atomic_load_n(&interface_count, __ATOMIC_ACQUIRE) == 0 && has_kernel())
    const Line line; // its first use asks
  return n < __atomic_load_n(&interface_count, __ATOMIC_ACQUIRE) ? &interfaces[n] : nullptr;
}

const InterfaceEntry* interface_named(const char* name) {
  for (unsigned n = 0;; ++n) {
    const InterfaceEntry* const interface = interface_at(n);
    if (interface == nullptr || std::strncmp(interface->name, name, sizeof(interface->name)) == 0)
      return interface;
  }
}

} // namespace zbuf::exec

// SPDX-License-Identifier: BSD-2-Clause
#include "core/exec/connection.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace zbuf::exec {

namespace {

/// A call on that descriptor is under way: a cancellation interrupts it.
class UnderWay {
 public:
  UnderWay(SocketSleeper& sleeper, Opened& opened) : sleeper_(sleeper) {
    sleeper.cancel = [&opened] { opened.device().interrupt(); };
  }
  ~UnderWay() { sleeper_.cancel = {}; }
  UnderWay(const UnderWay&) = delete;
  UnderWay& operator=(const UnderWay&) = delete;

 private:
  SocketSleeper& sleeper_;
};

/// What poll(2) of this system calls POLLWRNORM is POLLOUT in bpf's.
int bpf_events(int events) {
  int asked = events & (ZB_POLLIN | ZB_POLLPRI | ZB_POLLOUT | ZB_POLLHUP | ZB_POLLRDNORM);
  if ((events & POLLWRNORM) != 0)
    asked |= ZB_POLLOUT;
  return asked;
}
std::int16_t system_events(int ready, int asked) {
  int events = ready & (POLLIN | POLLPRI | POLLHUP | POLLRDNORM);
  if ((ready & ZB_POLLOUT) != 0)
    events |= asked & (POLLOUT | POLLWRNORM);
  return static_cast<std::int16_t>(events);
}

} // namespace

Connection::Connection(KernelServer& server, int socket)
    : server_(server), socket_(socket), sleeper_(socket) {
  GiantClock::set_sleeper(&sleeper_);
}

Connection::~Connection() {
  GiantClock::set_sleeper(nullptr);
  if (file_ >= 0)
    ::close(file_);
}

// ---- Messages ----

/// The head of a request may bring a descriptor along. False: the other end is no more.
bool Connection::receive(Request& request) {
  iovec piece{&request, sizeof(request)};
  alignas(cmsghdr) char room[CMSG_SPACE(sizeof(int))];
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = room;
  message.msg_controllen = sizeof(room);
  if (::recvmsg(socket_, &message, MSG_WAITALL | MSG_CMSG_CLOEXEC) != static_cast<ssize_t>(sizeof(request)))
    return false;
  if (file_ >= 0)
    ::close(std::exchange(file_, -1));
  const cmsghdr* const extra = CMSG_FIRSTHDR(&message);
  if (extra != nullptr && extra->cmsg_type == SCM_RIGHTS)
    std::memcpy(&file_, CMSG_DATA(extra), sizeof(file_));
  if (request.length > max_request_bytes)
    return false;
  payload_.resize(request.length);
  return request.length == 0 || ::recv(socket_, payload_.data(), payload_.size(), MSG_WAITALL) ==
                                    static_cast<ssize_t>(payload_.size());
}

bool Connection::send(Reply& reply, std::span<const std::byte> payload) {
  reply.length = static_cast<std::uint32_t>(payload.size());
  iovec pieces[2] = {{&reply, sizeof(reply)}, {const_cast<std::byte*>(payload.data()), payload.size()}};
  msghdr message{};
  message.msg_iov = pieces;
  message.msg_iovlen = payload.empty() ? 1 : 2;
  std::size_t left = sizeof(reply) + payload.size();
  while (left > 0) {
    const ssize_t n = ::sendmsg(socket_, &message, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return false;
    left -= static_cast<std::size_t>(n);
    auto sent = static_cast<std::size_t>(n);
    while (message.msg_iovlen > 0 && sent >= message.msg_iov->iov_len) {
      sent -= message.msg_iov->iov_len;
      ++message.msg_iov;
      --message.msg_iovlen;
    }
    if (message.msg_iovlen > 0) {
      message.msg_iov->iov_base = static_cast<std::byte*>(message.msg_iov->iov_base) + sent;
      message.msg_iov->iov_len -= sent;
    }
  }
  return true;
}

void Connection::serve() {
  Request request;
  while (receive(request) && answer(request)) {
  }
}

bool Connection::answer(const Request& request) {
  switch (request.call) {
  case Call::hello:
    return hello();
  case Call::open:
    return open(request);
  case Call::control:
    return control(request);
  case Call::read:
    return read(request);
  case Call::write:
    return write(request);
  case Call::poll:
    return poll(request);
  case Call::closed:
    return closed(request);
  case Call::cancel:
    return true; // it came too late
  case Call::mistake:
    return mistake(request);
  case Call::status:
    return status();
  }
  return false;
}

bool Connection::hello() {
  std::vector<InterfaceEntry> all;
  for (const InterfaceConfig& config : server_.options_.interfaces) {
    InterfaceEntry interface;
    config.name.copy(interface.name, sizeof(interface.name) - 1);
    interface.link_type = config.link_type;
    interface.mtu = config.mtu;
    const auto n = static_cast<std::uint8_t>(all.size());
    interface.index = 1000u + n; // far from those of the machine
    std::copy(config.mac.begin(), config.mac.end(), interface.mac);
    const std::uint8_t address[4] = {192, 0, 2,
                                     static_cast<std::uint8_t>(n + 1)}; // for documentation: RFC 5737
    std::copy(std::begin(address), std::end(address), interface.address);
    all.push_back(interface);
  }
  Reply reply;
  reply.value = all.size();
  return send(reply, std::as_bytes(std::span(all)));
}

bool Connection::status() {
  std::vector<DescriptorStatus> all;
  {
    const GiantClock::Hold held = server_.clock_.hold();
    all = server_.statuses();
  }
  Reply reply;
  reply.value = all.size();
  return send(reply, std::as_bytes(std::span(all)));
}

/// The library has seen it. A descriptor that is gone has none any more.
bool Connection::mistake(const Request& request) {
  Reply reply;
  {
    const GiantClock::Hold held = server_.clock_.hold();
    const auto opened = server_.find(request.descriptor);
    if (opened != nullptr && request.value < mistake_kinds) {
      Mistake mistake{static_cast<MistakeKind>(request.value), static_cast<zb_which>(request.request),
                      server_.clock_.now_ns()};
      mistake.offset = request.extra;
      opened->note(mistake);
    }
  }
  return send(reply);
}

// ---- open and close ----

/// The life of a descriptor: it ends when nobody has the other end any more.
bool Connection::open(const Request& request) {
  const std::uint64_t inode = request.descriptor;
  const int flags = static_cast<int>(request.value);
  Reply reply;
  bool opened = false;
  {
    const GiantClock::Hold held = server_.clock_.hold();
    // Before the devices were cloned by open(2) each was there once (spec 4.17). /dev/bpf was not; but
    // programs of today open nothing else, and are to run on old kernels too.
    const bool once = server_.kernel().revision().units_open_once;
    opened = !once || request.extra == 0 || !server_.unit_is_taken(request.extra);
    if (!opened)
      reply.error = EBUSY;
    if (opened) {
      server_.entering();
      EmulatedKernel::Open how;
      how.access = (flags & O_ACCMODE) == O_RDONLY   ? EmulatedKernel::Access::read_only
                   : (flags & O_ACCMODE) == O_WRONLY ? EmulatedKernel::Access::write_only
                                                     : EmulatedKernel::Access::read_write;
      how.nonblocking = (flags & O_NONBLOCK) != 0;
      how.pid = request.pid;
      server_.open(inode, how, {request.pid, request.extra, flags, server_.clock_.now_ns(), socket_});
      server_.leaving();
    }
  }
  if (!opened)
    return send(reply);
  if (send(reply)) {
    char nothing = 0;
    while (::recv(socket_, &nothing, 1, 0) > 0) {
    }
  }
  const GiantClock::Hold held = server_.clock_.hold();
  server_.remove(inode, socket_);
  return false;
}

bool Connection::closed(const Request& request) {
  {
    GiantClock::Hold held = server_.clock_.hold();
    server_.settle(held, request.descriptor);
  }
  Reply reply;
  return send(reply);
}

/// A system call on the descriptor of a request, in the kernel. `body` returns one of bpf's errors.
template <typename Body>
void Connection::call(const Request& request, Reply& reply, const Body& body) {
  const GiantClock::Hold held = server_.clock_.hold();
  const auto opened = server_.find(request.descriptor);
  if (opened == nullptr) {
    reply.error = ENXIO;
    return;
  }
  const UnderWay call(sleeper_, *opened);
  server_.entering();
  opened->count_call();
  reply.error = system_error(body(*opened));
  server_.leaving();
}

// ---- ioctl ----

bool Connection::control(const Request& request) {
  Reply reply;
  answer_.clear();
  if (request.request == ZB_BIOCSETZBUF) {
    GiantClock::Hold held = server_.clock_.hold();
    server_.settle(held);
  }
  call(request, reply, [&](Opened& opened) {
    if (request.request == ZB_BIOCROTZBUF && opened.lends())
      opened.watch()->asked(Ask::rotzbuf);
    std::memcpy(reply.argument, request.argument, argument_bytes);
    const int error = control_opened(opened, request, reply);
    opened.note_call(request.request, request.argument, error, server_.clock_.now_ns(),
                     server_.options_.interfaces);
    if (error == 0 && request.request == ZB_BIOCSETIF)
      opened.note_attached(server_.clock_.now_ns());
    if (request.request == ZB_BIOCROTZBUF)
      server_.note_waiting(opened);
    reply.value = static_cast<std::uint64_t>(opened.origin().open_flags);
    return error;
  });
  return send(reply, answer_);
}

int Connection::control_opened(Opened& opened, const Request& request, Reply& reply) {
  switch (request.request) {
  case ZB_BIOCSETZBUF: {
    zb_bpf_zbuf argument;
    std::memcpy(&argument, reply.argument, sizeof(argument));
    const int error = opened.set_zbuf(
        argument, request.extra, std::exchange(file_, -1), server_.clock_.start_ns(), server_.clock_.now_ns(),
        [this_host = &server_](const zb_event& event) { this_host->emit(event); });
    server_.note_lenders();
    return error;
  }
  case ZB_BIOCROTZBUF: {
    zb_bpf_zbuf result{};
    const int error = opened.control(ZB_BIOCROTZBUF, &result);
    if (opened.pages() != nullptr)
      result.bufa = opened.pages()->user_address(result.bufa);
    std::memcpy(reply.argument, &result, sizeof(result));
    return error;
  }
  case ZB_BIOCSETF:
  case ZB_BIOCSETFNR:
  case ZB_BIOCSETWF:
    return set_filter(opened, request.request, reply.argument);
  case ZB_BIOCGDLTLIST:
    return list_types(opened, reply.argument);
  default:
    return opened.control(request.request, reply.argument);
  }
}

/// The instructions came along. What the program could not read it did not send: the engine is given an
/// address where nothing is.
int Connection::set_filter(Opened& opened, std::uint32_t request, std::byte* argument) {
  constexpr std::uint64_t nowhere = 1;
  zb_bpf_program program;
  std::memcpy(&program, argument, sizeof(program));
  if (program.insns != 0)
    program.insns = payload_.size() / sizeof(zb_bpf_insn) >= program.len
                        ? reinterpret_cast<std::uintptr_t>(payload_.data())
                        : nowhere;
  return opened.control(request, &program);
}

int Connection::list_types(Opened& opened, std::byte* argument) {
  zb_bpf_dltlist list;
  std::memcpy(&list, argument, sizeof(list));
  const bool wanted = list.list != 0;
  answer_.resize(sizeof(std::uint32_t) * std::min(list.len, 64u));
  if (wanted) {
    list.len = std::min(list.len, 64u);
    list.list = reinterpret_cast<std::uintptr_t>(answer_.data());
  }
  const int error = opened.control(ZB_BIOCGDLTLIST, &list);
  answer_.resize(wanted && error == 0 ? std::min(answer_.size(), sizeof(std::uint32_t) * list.len) : 0);
  std::memcpy(argument, &list, sizeof(list));
  return error;
}

// ---- read and write ----

bool Connection::read(const Request& request) {
  constexpr std::uint64_t most_bytes = std::uint64_t{1} << 30;
  Reply reply;
  answer_.resize(std::min(request.value, most_bytes));
  call(request, reply, [&](Opened& opened) {
    server_.note_waiting(opened);
    const Opened::Reading reading(opened);
    const CallResult result = opened.device().read(answer_);
    opened.count_read(result.value);
    reply.value = result.value;
    return result.error;
  });
  return send(reply, std::span(answer_).first(reply.value));
}

bool Connection::write(const Request& request) {
  Reply reply;
  call(request, reply, [&](Opened& opened) {
    const CallResult result = opened.device().write(payload_);
    reply.value = result.value;
    return result.error;
  });
  return send(reply);
}

// ---- poll ----

bool Connection::poll(const Request& request) {
  std::vector<PollEntry> entries(
      std::min<std::size_t>(payload_.size() / sizeof(PollEntry), max_poll_entries));
  std::copy_n(payload_.data(), entries.size() * sizeof(PollEntry),
              reinterpret_cast<std::byte*>(entries.data()));
  const auto timeout_ns = static_cast<std::int64_t>(request.value);
  Reply reply;
  {
    const GiantClock::Hold held = server_.clock_.hold();
    server_.entering();
    reply.error = entries.size() == 1 ? poll_one(entries[0], timeout_ns) : poll_many(entries, timeout_ns);
    server_.leaving();
  }
  for (const PollEntry& entry : entries)
    reply.value += entry.ready != 0;
  return send(reply, std::as_bytes(std::span(entries)));
}

/// The call sleeps in the device, so that the trace shows one call, and its sleep.
int Connection::poll_one(PollEntry& entry, std::int64_t timeout_ns) {
  const auto opened = server_.find(entry.descriptor);
  if (opened == nullptr) {
    entry.ready = POLLNVAL;
    return 0;
  }
  const UnderWay call(sleeper_, *opened);
  server_.note_waiting(*opened);
  opened->count_call();
  if (opened->lends())
    opened->watch()->asked(Ask::poll);
  const CallResult result = opened->device().poll(bpf_events(entry.events), timeout_ns);
  entry.ready = system_events(static_cast<int>(result.value), entry.events);
  if (result.error == ZB_EBADF) { // another thread has closed it meanwhile
    entry.ready = POLLNVAL;
    return 0;
  }
  return system_error(result.error);
}

/// Returns how many are ready. A device that is asked does not wait.
std::size_t Connection::ask(std::vector<PollEntry>& entries) {
  std::size_t ready = 0;
  for (PollEntry& entry : entries) {
    const auto opened = server_.find(entry.descriptor);
    if (opened == nullptr) {
      entry.ready = POLLNVAL;
    } else {
      server_.note_waiting(*opened);
      opened->count_call();
      if (opened->lends())
        opened->watch()->asked(Ask::poll);
      const CallResult result = opened->device().poll(bpf_events(entry.events), 0);
      entry.ready = system_events(static_cast<int>(result.value), entry.events);
    }
    ready += entry.ready != 0;
  }
  return ready;
}

int Connection::poll_many(std::vector<PollEntry>& entries, std::int64_t timeout_ns) {
  std::vector<std::shared_ptr<Opened>> all; // keeps the places to sleep
  std::vector<WaitPoint*> points;
  for (const PollEntry& entry : entries)
    if (auto opened = server_.find(entry.descriptor)) {
      points.push_back(&opened->device().wait_point());
      all.push_back(std::move(opened));
    }
  GiantClock& clock = server_.clock_;
  const std::uint64_t until_ns =
      clock.now_ns() + static_cast<std::uint64_t>(std::max<std::int64_t>(timeout_ns, 0));
  while (ask(entries) == 0 && timeout_ns != 0) {
    std::int64_t left_ns = -1;
    if (timeout_ns > 0) {
      const std::uint64_t now_ns = clock.now_ns();
      if (now_ns >= until_ns)
        return 0;
      left_ns = static_cast<std::int64_t>(until_ns - now_ns);
    }
    if (clock.sleep_at(points, left_ns) == Sleeper::Outcome::cancelled)
      return EINTR;
  }
  return 0;
}

} // namespace zbuf::exec

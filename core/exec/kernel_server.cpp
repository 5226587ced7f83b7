// SPDX-License-Identifier: BSD-2-Clause
#include "core/exec/kernel_server.h"

#include "core/exec/connection.h"
#include "core/exec/opened.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace zbuf::exec {

namespace {

/// Reports of descriptors that were closed: a program that opens for ever does not fill the memory.
constexpr std::size_t most_reports = 1000;

Error system_failure(const std::string& what) {
  return {Error::Code::io, fmt::format("{}: {}", what, std::strerror(errno))};
}

} // namespace

Result<std::unique_ptr<KernelServer>> KernelServer::create(Options options) {
  std::unique_ptr<KernelServer> server(new KernelServer(std::move(options)));
  for (const InterfaceConfig& interface : server->options_.interfaces)
    if (const auto added = server->kernel_->add_interface(interface); !added)
      return fail(added.error());
  if (auto done = server->listen(); !done)
    return fail(done.error());
  return server;
}

KernelServer::KernelServer(Options options) : options_(std::move(options)) {
  zb_trace* const trace = options_.recorder != nullptr ? options_.recorder->trace() : nullptr;
  kernel_ = std::make_unique<EmulatedKernel>(clock_, options_.kernel, trace);
}

Result<void> KernelServer::listen() {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (options_.socket.size() >= sizeof(address.sun_path))
    return fail(Error::Code::bad_input,
                fmt::format("{}: the path of the socket is {} characters long; at most {} "
                            "are possible. Set XDG_RUNTIME_DIR or TMPDIR to a shorter folder",
                            options_.socket, options_.socket.size(), sizeof(address.sun_path) - 1));
  options_.socket.copy(address.sun_path, sizeof(address.sun_path) - 1);
  ::unlink(options_.socket.c_str());
  listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (listener_ < 0 || ::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      ::listen(listener_, 128) != 0 || ::pipe2(stop_, O_CLOEXEC) != 0)
    return fail(system_failure(options_.socket));
  acceptor_ = std::thread([this] { accept_all(); });
  return {};
}

KernelServer::~KernelServer() {
  if (acceptor_.joinable()) {
    ::close(std::exchange(stop_[1], -1));
    acceptor_.join();
    {
      const std::lock_guard<std::mutex> held(peers_mutex_);
      for (const Peer& peer : peers_)
        if (!peer.ended)
          ::shutdown(peer.socket, SHUT_RDWR);
    }
    reap(true);
    ::unlink(options_.socket.c_str());
  }
  for (const int descriptor : {listener_, stop_[0], stop_[1]})
    if (descriptor >= 0)
      ::close(descriptor);
  const GiantClock::Hold held = clock_.hold();
  opened_.clear();
  kernel_.reset();
}

// ---- The door ----

void KernelServer::accept_all() {
  pollfd watched[2] = {{listener_, POLLIN, 0}, {stop_[0], POLLIN, 0}};
  for (;;) {
    ::poll(watched, 2, -1);
    if (watched[1].revents != 0)
      return;
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    reap(false);
    if (socket < 0)
      continue;
    const std::lock_guard<std::mutex> held(peers_mutex_);
    Peer& peer = peers_.emplace_back();
    peer.socket = socket;
    peer.thread = std::thread([this, &peer] { serve(peer); });
  }
}

void KernelServer::serve(Peer& peer) {
  {
    Connection connection(*this, peer.socket);
    connection.serve();
  }
  const std::lock_guard<std::mutex> held(peers_mutex_);
  ::close(peer.socket);
  peer.ended = true;
}

/// Joins the threads whose connection has ended, or all.
void KernelServer::reap(bool all) {
  std::list<Peer> ended;
  {
    const std::lock_guard<std::mutex> held(peers_mutex_);
    for (auto peer = peers_.begin(); peer != peers_.end();) {
      const auto next = std::next(peer);
      if (all || peer->ended)
        ended.splice(ended.end(), peers_, peer);
      peer = next;
    }
  }
  for (Peer& peer : ended)
    peer.thread.join();
}

// ---- Descriptors ----

void KernelServer::open(std::uint64_t inode, const EmulatedKernel::Open& how, const OpenOrigin& origin) {
  opened_[inode] = std::shared_ptr<Opened>(new Opened(kernel_->open(how), origin), [this](Opened* opened) {
    delete opened;
    released_.notify_all();
  });
}

void KernelServer::remove(std::uint64_t inode, int socket) {
  const auto found = opened_.find(inode);
  if (found == opened_.end() || found->second->origin().socket != socket)
    return;
  entering();
  found->second->device().end_polls();
  DescriptorReport report = found->second->report(clock_.now_ns());
  report.open = false;
  closed_.push_back(std::move(report));
  if (closed_.size() > most_reports)
    closed_.erase(closed_.begin());
  opened_.erase(found);
  note_lenders();
  leaving();
}

void KernelServer::settle(GiantClock::Hold& held, std::uint64_t inode) {
  std::vector<std::uint64_t> inodes;
  std::vector<pollfd> sockets;
  for (const auto& [name, opened] : opened_) {
    if (inode != 0 && name != inode)
      continue;
    inodes.push_back(name);
    sockets.push_back({opened->origin().socket, 0, 0});
  }
  ::poll(sockets.data(), sockets.size(), 0);
  for (std::size_t i = 0; i < sockets.size(); ++i) {
    if ((sockets[i].revents & POLLHUP) == 0)
      continue;
    const std::weak_ptr<Opened> opened = find(inodes[i]);
    remove(inodes[i], sockets[i].fd);
    released_.wait(held, [&] {
      const auto left = opened.lock();
      return left == nullptr || left->being_read();
    });
  }
}

std::shared_ptr<Opened> KernelServer::find(std::uint64_t inode) {
  const auto found = opened_.find(inode);
  return found == opened_.end() ? nullptr : found->second;
}

bool KernelServer::unit_is_taken(std::uint64_t unit) const {
  for (const auto& [inode, opened] : opened_)
    if (opened->origin().unit == unit)
      return true;
  return false;
}

void KernelServer::note_lenders() {
  lenders_.clear();
  for (const auto& [inode, opened] : opened_)
    if (opened->lends())
      lenders_.push_back(opened.get());
}

/// The program reads, or waits for packets.
void KernelServer::note_waiting(const Opened& opened) {
  if (ready_ || !opened.attached_ns())
    return;
  ready_ = true;
  ready_changed_.notify_all();
}

bool KernelServer::wait_until_ready(const std::function<bool()>& stop) {
  constexpr std::uint64_t a_while_ns = 50'000'000; // who only tries whether it can attach has closed by then
  GiantClock::Hold held = clock_.hold();
  while (!ready_ && !stop()) {
    ready_changed_.wait_for(held, std::chrono::milliseconds(5));
    for (const auto& [inode, opened] : opened_)
      ready_ = ready_ || (opened->attached_ns() && clock_.now_ns() - *opened->attached_ns() > a_while_ns);
  }
  return ready_;
}

std::size_t KernelServer::open_count() {
  const GiantClock::Hold held = clock_.hold();
  return opened_.size();
}

std::vector<DescriptorReport> KernelServer::reports() {
  const GiantClock::Hold held = clock_.hold();
  entering();
  std::vector<DescriptorReport> all = closed_;
  for (const auto& [inode, opened] : opened_)
    all.push_back(opened->report(clock_.now_ns()));
  std::sort(all.begin(), all.end(), [](const auto& x, const auto& y) { return x.number < y.number; });
  return all;
}

std::vector<DescriptorStatus> KernelServer::statuses() {
  std::vector<DescriptorStatus> all;
  for (const auto& [inode, opened] : opened_)
    all.push_back(opened->status());
  std::sort(all.begin(), all.end(), [](const auto& x, const auto& y) { return x.number < y.number; });
  return all;
}

// ---- Into the kernel and out ----

void KernelServer::entering() {
  for (Opened* const opened : lenders_)
    opened->watch()->before(clock_);
}

void KernelServer::leaving() {
  for (Opened* const opened : lenders_)
    opened->watch()->after(clock_);
}

void KernelServer::arrive(EmulatedKernel::InterfaceId interface, const Arrival& packet) {
  entering();
  const TapWork work = kernel_->arrive(interface, packet);
  leaving();
  if (options_.recorder != nullptr && work.packet != ZB_NO_PACKET)
    options_.recorder->note_packet(work.packet, packet.bytes, packet.wire_length, clock_.now_ns(),
                                   packet.outgoing);
}

void KernelServer::emit(const zb_event& event) {
  if (options_.recorder == nullptr)
    return;
  zb_trace* const trace = options_.recorder->trace();
  zb_event* const claimed = zb_trace_claim(trace);
  *claimed = event;
  claimed->time_ns = clock_.now_ns();
}

} // namespace zbuf::exec

// SPDX-License-Identifier: BSD-2-Clause
// bpf(4) of this very system, FreeBSD's own or the Linux module's: real ioctl(2), read(2) and poll(2). Its
// packets are datagrams that this process sends to itself over the loopback interface, through the whole
// network stack, so that how fast they come says nothing about bpf: the reader's side is what is compared.
#include "core/bench/contest.h"
#include "core/bench/machine.h"
#include "core/device/counting_device.h"
#include "core/device/native.h"
#include "core/filter/filter.h"
#include "core/reader/reader.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace zbuf {

namespace {

constexpr std::uint64_t patience_ns = 20'000'000;
#ifdef __linux__
constexpr const char* loopback = "lo";
constexpr std::size_t headers_bytes = 14 + 20 + 8; // Ethernet, IP, UDP
constexpr int loopback_link = 1;
#else
constexpr const char* loopback = "lo0";
constexpr std::size_t headers_bytes = 4 + 20 + 8; // the address family in place of Ethernet
constexpr int loopback_link = 0;
#endif

/// Two sockets of which one sends to the other, which never reads.
class Datagrams {
 public:
  Datagrams() = default;
  ~Datagrams() {
    for (const int socket : {sender_, receiver_})
      if (socket >= 0)
        ::close(socket);
  }
  Datagrams(const Datagrams&) = delete;
  Datagrams& operator=(const Datagrams&) = delete;

  Result<void> open() {
    sender_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    receiver_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    if (sender_ < 0 || receiver_ < 0 || ::bind(receiver_, any, size) != 0 ||
        ::getsockname(receiver_, any, &size) != 0 || ::connect(sender_, any, size) != 0)
      return fail(Error::Code::unsupported,
                  fmt::format("datagrams over the loopback interface: {}", std::strerror(errno)));
    port_ = ntohs(address.sin_port);
    return {};
  }

  [[nodiscard]] unsigned port() const { return port_; }

  /// How many were sent.
  std::uint64_t send(std::span<const Arrival> burst) {
    std::uint64_t sent = 0;
    for (const Arrival& packet : burst) {
      const std::size_t bytes = packet.bytes.size() - std::min(packet.bytes.size(), headers_bytes);
      sent += ::send(sender_, packet.bytes.data(), bytes, 0) >= 0;
    }
    return sent;
  }

 private:
  int sender_ = -1;
  int receiver_ = -1;
  unsigned port_ = 0;
};

/// How often the system took the processor from this thread because it waited.
long times_slept() {
  rusage usage{};
  ::getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_nvcsw;
}

class NativeContest final : public Contest {
 public:
  Result<void> set_up(const ContestSetting& setting) {
    if (auto done = datagrams_.open(); !done)
      return done;
    auto device = open_native();
    if (!device)
      return fail(Error::Code::unsupported, device.error().text());
    native_ = device->get();
    auto options = options_of(setting);
    if (!options)
      return fail(options.error());
#ifdef __linux__
    std::uint32_t incoming = ZB_D_IN; // on Linux's loopback interface a packet is seen when it leaves, too
    if (native_->control(ZB_BIOCSDIRECTION, &incoming) != 0)
      return fail(Error::Code::unsupported, "BIOCSDIRECTION: this /dev/bpf does not know it");
#endif
    copies_ = options->mode == BufferMode::buffer;
    sleeps_ = options->waiting == Waiting::sleep;
    auto counting = std::make_unique<CountingDevice>(std::move(*device));
    counting_ = counting.get();
    auto reader = make_reader(std::move(counting), loopback, *options);
    if (!reader)
      return fail(Error::Code::unsupported, reader.error().text());
    reader_ = std::move(*reader);
    prepared_calls_ = counting_->calls();
    return {};
  }

  void offer(std::span<const Arrival> burst) override {
    offered_.add(datagrams_.send(burst));
  }

  bool take(Seen& seen) override {
    const long slept = sleeps_ ? times_slept() : 0;
    const auto next = reader_->next();
    if (!next || next->kind == Next::Kind::gone) {
      failure_ = next ? Error{Error::Code::io, "the loopback interface has gone"} : next.error();
      return false;
    }
    if (next->kind != Next::Kind::fill)
      return true;
    if (sleeps_ && times_slept() != slept)
      wakeups_.add(1);
    const std::uint64_t before = seen.packets;
    look_through(next->fill.records, seen);
    stored_.add(seen.packets - before);
    filled_.add(next->fill.records.size());
    reader_->release();
    return true;
  }

  [[nodiscard]] Counts counts() const override {
    Counts counts;
    counts.offered = offered_.value();
    counts.stored = stored_.value();
    if (zb_bpf_stat now{}; native_->control(ZB_BIOCGSTATS, &now) == 0)
      counts.dropped = now.drop;
    counts.kernel_copied_bytes = filled_.value();
    counts.user_copied_bytes = copies_ ? filled_.value() : 0;
    counts.system_calls = counting_->calls() - prepared_calls_;
    counts.wakeups = wakeups_.value();
    return counts;
  }

  [[nodiscard]] Error failure() const override {
    return failure_;
  }

 private:
  [[nodiscard]] Result<ReaderOptions> options_of(const ContestSetting& setting) const {
    auto filter = compile_filter(fmt::format("udp dst port {} and dst host 127.0.0.1", datagrams_.port()),
                                 loopback_link, 262144);
    if (!filter)
      return fail(filter.error());
    const BenchCase& one = setting.one;
    ReaderOptions options;
    options.filter = std::move(*filter);
    options.mode = one.way == Way::native ? BufferMode::zbuf : BufferMode::buffer;
    options.buffer_bytes = one.buffer_bytes;
    options.waiting = one.policy == ReaderPolicy::sleep                                      ? Waiting::sleep
                      : one.policy == ReaderPolicy::busy && options.mode == BufferMode::zbuf ? Waiting::spin
                                                                                             : Waiting::poll;
    options.timeout_ns = patience_ns;
    return options;
  }

  Datagrams datagrams_;
  NativeDevice* native_ = nullptr;     ///< the reader's
  CountingDevice* counting_ = nullptr; ///< likewise
  std::uint64_t prepared_calls_ = 0;
  bool copies_ = false;
  bool sleeps_ = false;
  alignas(apart) Tally offered_; ///< the sending thread
  alignas(apart) Tally stored_;  ///< the reader's thread: what follows
  Tally filled_;
  Tally wakeups_;
  Error failure_{};
  std::unique_ptr<Reader> reader_;
};

} // namespace

Result<std::unique_ptr<Contest>> make_native_contest(const ContestSetting& setting) {
  return set_up_contest<NativeContest>(setting);
}

} // namespace zbuf

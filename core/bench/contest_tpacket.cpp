// SPDX-License-Identifier: BSD-2-Clause
// What Linux has: an AF_PACKET ring, TPACKET_V3, of two blocks, each as large as a buffer of bpf(4). Packets
// come over a veth pair, through Linux's whole network stack, so that how fast they come says nothing about
// the ring: the reader's side is what is compared. See packet_mmap.rst in the kernel's documentation.
#include "core/bench/contest.h"

#ifdef __linux__

#include "core/bench/machine.h"
#include "core/bench/veth_linux.h"
#include "core/clock/pause.h"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace zbuf {

namespace {

constexpr unsigned patience_ms = 20;
constexpr unsigned blocks = 2;
constexpr std::size_t link_header = 14;

class TpacketContest final : public Contest {
 public:
  TpacketContest() = default;
  ~TpacketContest() override {
    if (ring_ != nullptr)
      ::munmap(ring_, blocks * block_bytes_);
    for (const int socket : {veth_.sender, veth_.receiver})
      if (socket >= 0)
        ::close(socket);
  }
  TpacketContest(const TpacketContest&) = delete;
  TpacketContest& operator=(const TpacketContest&) = delete;

  Result<void> set_up(const ContestSetting& setting) {
    if (setting.ring->link_type() != 1)
      return fail(Error::Code::unsupported, "a veth carries Ethernet; expected packets of link type 1");
    block_bytes_ = setting.one.buffer_bytes;
    sleeps_ = setting.one.policy == ReaderPolicy::sleep;
    const auto pair =
        make_veth_pair(std::max(1500u, setting.ring->largest_bytes() - static_cast<unsigned>(link_header)));
    if (!pair)
      return fail(pair.error());
    veth_ = *pair;
    if (auto done = make_ring(setting.ring->largest_bytes()); !done)
      return done;
    if (auto done = set_filter(setting.filter); !done)
      return done;
    return begin();
  }

  void offer(std::span<const Arrival> burst) override {
    std::array<iovec, most> pieces;
    std::array<mmsghdr, most> messages{};
    for (std::size_t done = 0; done < burst.size();) {
      const std::size_t n = std::min(most, burst.size() - done);
      for (std::size_t i = 0; i < n; ++i) {
        pieces[i] = {const_cast<std::byte*>(burst[done + i].bytes.data()), burst[done + i].bytes.size()};
        messages[i].msg_hdr.msg_iov = &pieces[i];
        messages[i].msg_hdr.msg_iovlen = 1;
      }
      const int sent = ::sendmmsg(veth_.sender, messages.data(), static_cast<unsigned>(n), 0);
      if (sent <= 0)
        return;
      done += static_cast<std::size_t>(sent);
      offered_.add(static_cast<std::uint64_t>(sent));
    }
  }

  bool take(Seen& seen) override {
    auto* const block = reinterpret_cast<tpacket_block_desc*>(ring_ + next_ * block_bytes_);
    std::uint32_t& status = block->hdr.bh1.block_status;
    if ((__atomic_load_n(&status, __ATOMIC_ACQUIRE) & TP_STATUS_USER) == 0) {
      wait();
      return true;
    }
    walk(*block, seen);
    __atomic_store_n(&status, std::uint32_t{TP_STATUS_KERNEL}, __ATOMIC_RELEASE);
    next_ = (next_ + 1) % blocks;
    return true;
  }

  [[nodiscard]] Counts counts() const override {
    tpacket_stats_v3 now{};
    socklen_t size = sizeof(now);
    if (::getsockopt(veth_.receiver, SOL_PACKET, PACKET_STATISTICS, &now, &size) == 0) {
      stored_.add(now.tp_packets - now.tp_drops); // the kernel counts from 0 again each time
      dropped_.add(now.tp_drops);
    }
    Counts counts;
    counts.offered = offered_.value();
    counts.stored = stored_.value();
    counts.dropped = dropped_.value();
    counts.system_calls = calls_.value();
    counts.wakeups = wakeups_.value();
    return counts;
  }

 private:
  static constexpr std::size_t most = 64;

  static tl::unexpected<Error> refused(const char* what) {
    return fail(Error::Code::unsupported, fmt::format("{}: {}", what, std::strerror(errno)));
  }

  Result<void> make_ring(std::uint32_t largest_bytes) {
    const int version = TPACKET_V3;
    if (::setsockopt(veth_.receiver, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) != 0)
      return refused("PACKET_VERSION TPACKET_V3");
    tpacket_req3 request{};
    request.tp_block_size = static_cast<unsigned>(block_bytes_);
    request.tp_block_nr = blocks;
    // In version 3 packets lie as close as they fit; the frame size only has to divide a block.
    request.tp_frame_size = 2048;
    request.tp_frame_nr = request.tp_block_size / request.tp_frame_size * blocks;
    request.tp_retire_blk_tov = patience_ms;
    if (largest_bytes + 256 > block_bytes_)
      return fail(Error::Code::unsupported, "a block of that size holds no packet with its headers");
    if (::setsockopt(veth_.receiver, SOL_PACKET, PACKET_RX_RING, &request, sizeof(request)) != 0)
      return refused("PACKET_RX_RING");
    void* const memory = ::mmap(nullptr, blocks * block_bytes_, PROT_READ | PROT_WRITE,
                                MAP_SHARED | MAP_POPULATE, veth_.receiver, 0);
    if (memory == MAP_FAILED)
      return refused("mmap of the ring");
    ring_ = static_cast<std::byte*>(memory);
    return {};
  }

  Result<void> set_filter(std::span<const zb_bpf_insn> filter) {
    std::vector<sock_filter> program;
    for (const zb_bpf_insn& in : filter)
      program.push_back({in.code, in.jt, in.jf, in.k});
    const sock_fprog all{static_cast<unsigned short>(program.size()), program.data()};
    if (!program.empty() &&
        ::setsockopt(veth_.receiver, SOL_SOCKET, SO_ATTACH_FILTER, &all, sizeof(all)) != 0)
      return refused("SO_ATTACH_FILTER");
    return {};
  }

  /// From here on packets come.
  Result<void> begin() {
    const int on = 1;
    (void)::setsockopt(veth_.sender, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on));
    sockaddr_ll address{};
    socklen_t size = sizeof(address);
    if (::getsockname(veth_.receiver, reinterpret_cast<sockaddr*>(&address), &size) != 0)
      return refused("getsockname");
    address.sll_protocol = htons(ETH_P_ALL);
    if (::bind(veth_.receiver, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
      return refused("bind of the receiving socket");
    return {};
  }

  void wait() {
    if (!sleeps_) {
      pause_core();
      return;
    }
    pollfd descriptor{veth_.receiver, POLLIN | POLLERR, 0};
    calls_.add(1);
    if (::poll(&descriptor, 1, patience_ms) > 0)
      wakeups_.add(1);
  }

  static void walk(const tpacket_block_desc& block, Seen& seen) {
    const auto* at = reinterpret_cast<const std::byte*>(&block) + block.hdr.bh1.offset_to_first_pkt;
    std::uint64_t bytes = 0, touched = 0;
    for (std::uint32_t left = block.hdr.bh1.num_pkts; left > 0; --left) {
      const auto& packet = *reinterpret_cast<const tpacket3_hdr*>(at);
      bytes += packet.tp_snaplen;
      touched += static_cast<std::uint64_t>(at[packet.tp_mac]);
      at += packet.tp_next_offset;
    }
    seen.packets += block.hdr.bh1.num_pkts;
    seen.packet_bytes += bytes;
    seen.touched += touched;
    ++seen.fills;
  }

  VethPair veth_;
  std::byte* ring_ = nullptr;
  std::size_t block_bytes_ = 0;
  bool sleeps_ = false;
  alignas(apart) Tally offered_; ///< the kernel's thread
  mutable Tally stored_;
  mutable Tally dropped_;
  alignas(apart) std::size_t next_ = 0; ///< the reader's thread
  Tally calls_;
  Tally wakeups_;
};

} // namespace

Result<std::unique_ptr<Contest>> make_tpacket_contest(const ContestSetting& setting) {
  return set_up_contest<TpacketContest>(setting);
}

} // namespace zbuf

#else

namespace zbuf {

Result<std::unique_ptr<Contest>> make_tpacket_contest(const ContestSetting&) {
  return fail(Error::Code::unsupported, "TPACKET_V3 is Linux's; it is not to be had here");
}

} // namespace zbuf

#endif

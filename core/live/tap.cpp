// SPDX-License-Identifier: BSD-2-Clause
#include "core/live/tap.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <optional>
#include <pcap/pcap.h>
#include <poll.h>
#include <sys/types.h>
#include <vector>

#if defined(__linux__)
#include <netpacket/packet.h>
#elif defined(__FreeBSD__)
#include <net/if_dl.h>
#endif

namespace zbuf {

namespace {

constexpr int longest_packet = 262144; // what segmentation off-load builds has more than 64 KiB
constexpr int block_ms = 1;            // a block that is not full is handed over after so long
constexpr int burst_packets = 4096;    // taken in one go, so that whoever waits for us need not for long

using Mac = std::array<std::byte, 6>;

/// The Ethernet address of an interface; nothing if it has none, or all zeros (loopback).
std::optional<Mac> mac_of(const std::string& interface) {
  ifaddrs* all = nullptr;
  if (::getifaddrs(&all) != 0)
    return std::nullopt;
  std::optional<Mac> found;
  for (const ifaddrs* entry = all; entry != nullptr; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr || interface != entry->ifa_name)
      continue;
    Mac mac{};
#if defined(__linux__)
    if (entry->ifa_addr->sa_family != AF_PACKET)
      continue;
    sockaddr_ll link{};
    std::memcpy(&link, entry->ifa_addr, sizeof(link));
    if (link.sll_halen == mac.size())
      std::memcpy(mac.data(), link.sll_addr, mac.size());
#elif defined(__FreeBSD__)
    if (entry->ifa_addr->sa_family != AF_LINK)
      continue;
    const auto* const link = reinterpret_cast<const sockaddr_dl*>(entry->ifa_addr);
    if (link->sdl_alen == mac.size())
      std::memcpy(mac.data(), LLADDR(link), mac.size());
#endif
    if (mac != Mac{})
      found = mac;
  }
  ::freeifaddrs(all);
  return found;
}

std::string names_of_interfaces() {
  std::string names;
  struct if_nameindex* const all = ::if_nameindex();
  for (const struct if_nameindex* entry = all; entry != nullptr && entry->if_index != 0; ++entry)
    names += fmt::format("{}{}", names.empty() ? "" : ", ", entry->if_name);
  ::if_freenameindex(all);
  return names;
}

Error explain(int status, const std::string& interface, pcap_t* pcap) {
  const std::string words = pcap == nullptr ? "" : pcap_geterr(pcap);
  switch (status) {
  case PCAP_ERROR_NO_SUCH_DEVICE:
    return {Error::Code::not_found, fmt::format("interface {}: there is none of that name; there are {}",
                                                interface, names_of_interfaces())};
  case PCAP_ERROR_PERM_DENIED:
  case PCAP_ERROR_PROMISC_PERM_DENIED:
    return {Error::Code::io,
            fmt::format("interface {}: no permission to capture. Run it with sudo, or give the program the "
                        "capability once: setcap cap_net_raw+ep on the zbuf program{}",
                        interface, words.empty() ? "" : " (libpcap: " + words + ")")};
  case PCAP_ERROR_IFACE_NOT_UP:
    return {Error::Code::io,
            fmt::format("interface {} is down. Bring it up first: ip link set {} up", interface, interface)};
  default:
    return {Error::Code::io, fmt::format("interface {}: {}{}{}", interface, pcap_statustostr(status),
                                         words.empty() ? "" : ": ", words)};
  }
}

class PcapTap final : public Tap {
 public:
  struct Closer {
    void operator()(pcap_t* pcap) const { pcap_close(pcap); }
  };
  using Pcap = std::unique_ptr<pcap_t, Closer>;

  PcapTap(Pcap pcap, const std::string& interface)
      : pcap_(std::move(pcap)), interface_(interface), mac_(mac_of(interface)),
        link_type_(static_cast<std::uint32_t>(pcap_datalink(pcap_.get()))),
        nanoseconds_(pcap_get_tstamp_precision(pcap_.get()) == PCAP_TSTAMP_PRECISION_NANO) {}

  Result<State> take(int timeout_ms, const Handler& handler) override {
    pollfd ready{pcap_get_selectable_fd(pcap_.get()), POLLIN, 0};
    if (::poll(&ready, 1, timeout_ms) < 0 && errno != EINTR)
      return fail(Error::Code::io, fmt::format("interface {}: poll: {}", interface_, std::strerror(errno)));
    handler_ = &handler;
    const int done =
        pcap_dispatch(pcap_.get(), burst_packets, &PcapTap::handle, reinterpret_cast<u_char*>(this));
    if (done >= 0)
      return State::open;
    if (::if_nametoindex(interface_.c_str()) == 0 && interface_ != "any")
      return State::gone;
    return fail(explain(done, interface_, pcap_.get()));
  }

  Counts counts() override {
    pcap_stat stat{};
    if (pcap_stats(pcap_.get(), &stat) == 0) {
      // They are 32 bits wide, and may wrap.
      lost_ += static_cast<std::uint32_t>(stat.ps_drop - last_.ps_drop);
      hardware_lost_ += static_cast<std::uint32_t>(stat.ps_ifdrop - last_.ps_ifdrop);
      last_ = stat;
    }
    return {received_, lost_, hardware_lost_};
  }

  [[nodiscard]] std::uint32_t link_type() const override { return link_type_; }

 private:
  static void handle(u_char* user, const pcap_pkthdr* header, const u_char* bytes) {
    PcapTap& self = *reinterpret_cast<PcapTap*>(user);
    ++self.received_;
    const auto seconds = static_cast<std::uint64_t>(header->ts.tv_sec);
    const auto fraction = static_cast<std::uint64_t>(header->ts.tv_usec);
    Packet packet;
    packet.time_ns = seconds * 1'000'000'000 + fraction * (self.nanoseconds_ ? 1 : 1000);
    packet.bytes = std::as_bytes(std::span(bytes, header->caplen));
    packet.wire_length = header->len;
    packet.outgoing = self.is_outgoing(packet.bytes);
    (*self.handler_)(packet);
  }

  [[nodiscard]] bool is_outgoing(std::span<const std::byte> bytes) const {
    constexpr std::size_t source = 6;
    constexpr std::byte sent_by_us{4}; // PACKET_OUTGOING, in both cooked headers
    if (link_type_ == DLT_EN10MB)
      return mac_ && bytes.size() >= source + mac_->size() &&
             std::memcmp(bytes.data() + source, mac_->data(), mac_->size()) == 0;
    if (link_type_ == DLT_LINUX_SLL)
      return bytes.size() >= 2 && bytes[1] == sent_by_us;
    if (link_type_ == DLT_LINUX_SLL2)
      return bytes.size() >= 11 && bytes[10] == sent_by_us;
    return false;
  }

  Pcap pcap_;
  std::string interface_;
  std::optional<Mac> mac_;
  std::uint32_t link_type_;
  bool nanoseconds_;
  const Handler* handler_ = nullptr;
  std::uint64_t received_ = 0, lost_ = 0, hardware_lost_ = 0;
  pcap_stat last_{};
};

} // namespace

Result<std::unique_ptr<Tap>> open_tap(const std::string& interface, std::size_t ring_bytes) {
  std::array<char, PCAP_ERRBUF_SIZE> words{};
  PcapTap::Pcap pcap(pcap_create(interface.c_str(), words.data()));
  if (pcap == nullptr)
    return fail(Error::Code::io, fmt::format("interface {}: {}", interface, words.data()));
  pcap_set_snaplen(pcap.get(), longest_packet);
  pcap_set_promisc(pcap.get(), 1);
  pcap_set_timeout(pcap.get(), block_ms);
  pcap_set_buffer_size(pcap.get(), static_cast<int>(ring_bytes));
  pcap_set_tstamp_precision(pcap.get(), PCAP_TSTAMP_PRECISION_NANO); // else microseconds, and we ask which
  const int status = pcap_activate(pcap.get());
  if (status < 0)
    return fail(explain(status, interface, pcap.get()));
  if (pcap_setnonblock(pcap.get(), 1, words.data()) != 0)
    return fail(Error::Code::io, fmt::format("interface {}: {}", interface, words.data()));
  return std::make_unique<PcapTap>(std::move(pcap), interface);
}

std::optional<std::uint32_t> netmask_of(const std::string& interface) {
  std::array<char, PCAP_ERRBUF_SIZE> words{};
  bpf_u_int32 net = 0, mask = 0;
  if (pcap_lookupnet(interface.c_str(), &net, &mask, words.data()) != 0 || mask == 0)
    return std::nullopt;
  return mask;
}

} // namespace zbuf

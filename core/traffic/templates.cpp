// SPDX-License-Identifier: BSD-2-Clause
#include "core/traffic/templates.h"

#include "core/traffic/wire.h"

#include <algorithm>

namespace zbuf {

namespace {

constexpr std::size_t ethernet_bytes = 14;
constexpr std::size_t ipv4_bytes = 20;
constexpr std::size_t ipv6_bytes = 40;
constexpr std::uint32_t ethertype_ipv4 = 0x0800;
constexpr std::uint32_t ethertype_arp = 0x0806;
constexpr std::uint32_t ethertype_ipv6 = 0x86dd;
constexpr std::uint32_t ip_icmp = 1;
constexpr std::uint32_t ip_tcp = 6;
constexpr std::uint32_t ip_udp = 17;
constexpr std::uint32_t ip_icmp6 = 58;

/// One end of a conversation.
struct End {
  std::uint32_t mac; ///< below the prefix 02:00
  std::uint32_t ip4;
  std::uint32_t net6; ///< the third and fourth group below 2001:db8
  std::uint32_t host6;
  std::uint32_t port;
};

void put_mac(std::byte* to, std::uint32_t mac) {
  put16(to, 0x0200);
  put32(to + 2, mac);
}

void put_ip6(std::byte* to, const End& end) {
  put32(to, 0x20010db8);
  put32(to + 4, end.net6);
  put32(to + 8, 0);
  put32(to + 12, end.host6);
}

void put_ethernet(Frames::Side& side, const End& from, const End& to, std::uint32_t type) {
  put_mac(&side.header[0], to.mac);
  put_mac(&side.header[6], from.mac);
  put16(&side.header[12], type);
}

/// Network header, and the sums that go with it. Lengths and identification stay 0.
void put_ip(Frames::Side& side, const End& from, const End& to, bool version6, std::uint32_t protocol) {
  std::byte* const ip = &side.header[ethernet_bytes];
  put_ethernet(side, from, to, version6 ? ethertype_ipv6 : ethertype_ipv4);
  if (version6) {
    put8(ip, 0x60);
    put8(ip + 6, protocol);
    put8(ip + 7, 64); // hop limit
    put_ip6(ip + 8, from);
    put_ip6(ip + 24, to);
    side.sum = sum_of_words({ip + 8, 32}) + protocol;
  } else {
    put8(ip, 0x45);
    put16(ip + 6, 0x4000); // do not fragment
    put8(ip + 8, 64);      // time to live
    put8(ip + 9, protocol);
    put32(ip + 12, from.ip4);
    put32(ip + 16, to.ip4);
    side.ip_sum = sum_of_words({ip, ipv4_bytes});
    side.sum = sum_of_words({ip + 12, 8}) + protocol;
  }
}

std::byte* transport_of(Frames::Side& side, bool version6) {
  return &side.header[ethernet_bytes + (version6 ? ipv6_bytes : ipv4_bytes)];
}

void put_tcp(Frames::Side& side, const End& from, const End& to, bool version6) {
  put_ip(side, from, to, version6, ip_tcp);
  std::byte* const tcp = transport_of(side, version6);
  put16(tcp, from.port);
  put16(tcp + 2, to.port);
  put16(tcp + 12, 0x5010); // five words of header; ACK
  put16(tcp + 14, 64240);  // window
  side.sum += sum_of_words({tcp, 20});
}

void put_udp(Frames::Side& side, const End& from, const End& to, bool version6) {
  put_ip(side, from, to, version6, ip_udp);
  std::byte* const udp = transport_of(side, version6);
  put16(udp, from.port);
  put16(udp + 2, to.port);
  side.sum += sum_of_words({udp, 8});
}

void put_echo(Frames::Side& side, const End& from, const End& to, bool version6, bool request,
              std::uint32_t id) {
  put_ip(side, from, to, version6, version6 ? ip_icmp6 : ip_icmp);
  std::byte* const icmp = transport_of(side, version6);
  put8(icmp, version6 ? (request ? 128 : 129) : (request ? 8 : 0));
  put16(icmp + 4, id);
  if (!version6)
    side.sum = 0; // only ICMPv6 has a pseudo header
  side.sum += sum_of_words({icmp, 8});
}

void put_arp(Frames::Side& side, const End& from, const End& to, bool request) {
  put_ethernet(side, from, to, ethertype_arp);
  if (request)
    std::fill_n(side.header.begin(), 6, std::byte{0xff});
  std::byte* const arp = &side.header[ethernet_bytes];
  put16(arp, 1); // Ethernet
  put16(arp + 2, ethertype_ipv4);
  put16(arp + 4, 0x0604); // lengths of the addresses
  put16(arp + 6, request ? 1 : 2);
  put_mac(arp + 8, from.mac);
  put32(arp + 14, from.ip4);
  if (!request)
    put_mac(arp + 18, to.mac);
  put32(arp + 24, to.ip4);
}

/// This host: 02:00:00:00:00:01, 192.0.2.1, 2001:db8::1, a port of its own for each conversation.
End this_host(std::uint32_t flow) {
  return {1, 0xc0000201, 0, 1, 49152 + flow};
}

/// The others: servers in other networks, or for ARP neighbours in this one.
End other_host(Protocol protocol, std::uint32_t flow) {
  // Services whose payload is encrypted, because the payload is random: HTTPS, SSH, IMAPS, POP3S; and QUIC,
  // WireGuard, OpenVPN, SRTP.
  constexpr std::uint32_t tcp_services[] = {443, 22, 993, 995};
  constexpr std::uint32_t udp_services[] = {443, 51820, 1194, 5004};
  End end = {0x00010001 + flow, 0xc6336401 + flow % 254, 1, flow + 1, 53};
  if (protocol == Protocol::arp)
    end.ip4 = 0xc0000202 + flow % 253;
  if (protocol == Protocol::tcp4 || protocol == Protocol::tcp6)
    end.port = tcp_services[flow % 4];
  if (protocol == Protocol::udp4 || protocol == Protocol::udp6)
    end.port = udp_services[flow % 4];
  return end;
}

void put_side(Frames::Side& side, Protocol protocol, const End& from, const End& to, bool outward) {
  const std::uint32_t echo_id = (outward ? from : to).port;
  switch (protocol) {
  case Protocol::tcp4:
  case Protocol::tcp6:
    return put_tcp(side, from, to, protocol == Protocol::tcp6);
  case Protocol::udp4:
  case Protocol::udp6:
  case Protocol::dns:
    return put_udp(side, from, to, protocol == Protocol::udp6);
  case Protocol::icmp:
  case Protocol::icmp6:
    return put_echo(side, from, to, protocol == Protocol::icmp6, outward, echo_id);
  case Protocol::arp:
    return put_arp(side, from, to, outward);
  }
}

} // namespace

Frames::Conversation make_conversation(Protocol protocol, std::uint32_t flow, Random& random) {
  const End here = this_host(flow);
  const End there = other_host(protocol, flow);
  Frames::Conversation conversation;
  put_side(conversation.outward, protocol, here, there, true);
  put_side(conversation.inward, protocol, there, here, false);
  if (protocol == Protocol::tcp4 || protocol == Protocol::tcp6) {
    conversation.outward.number = static_cast<std::uint32_t>(random.next());
    conversation.inward.number = static_cast<std::uint32_t>(random.next());
  }
  return conversation;
}

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
// Names packets. Every look at the bytes goes through View, which knows where they end.
#include "core/traffic/applications.h"
#include "core/traffic/flow.h"
#include "core/traffic/layers.h"
#include "core/traffic/view.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <fmt/format.h>
#include <pcap/pcap.h>
#include <string_view>
#include <sys/socket.h>

namespace zbuf {

namespace {

// ---- Addresses ----------------------------------------------------------------------------------

std::string hardware_text(View view, std::size_t offset) {
  std::string text;
  for (std::size_t i = 0; i < 6; ++i)
    text += fmt::format("{}{:02x}", i == 0 ? "" : ":", view.u8(offset + i));
  return text;
}

std::string ip4_text(View view, std::size_t offset) {
  return fmt::format("{}.{}.{}.{}", view.u8(offset), view.u8(offset + 1), view.u8(offset + 2),
                     view.u8(offset + 3));
}

std::string ip6_text(View view, std::size_t offset) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (!view.has(offset, 16) ||
      ::inet_ntop(AF_INET6, view.at(offset), text.data(), static_cast<socklen_t>(text.size())) == nullptr)
    return {};
  return text.data();
}

Naming name_tcp(View tcp, const Layers& layers) {
  constexpr std::array<std::string_view, 8> flags = {"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"};
  if (!tcp.has(0, 20))
    return {"TCP", "cut short"};
  std::string set;
  for (std::size_t i = 0; i < flags.size(); ++i)
    if ((tcp.u8(13) >> i & 1) != 0)
      set += fmt::format("{}{}", set.empty() ? "" : " ", flags[i]);
  const std::size_t header_bytes = std::max<std::size_t>((tcp.u8(12) >> 4) * std::size_t{4}, 20);
  Naming naming = name_stream(tcp.from(header_bytes), layers.source_port, layers.destination_port);
  naming.details = fmt::format("[{}]{}{}", set, naming.details.empty() ? "" : " ", naming.details);
  return naming;
}

Naming name_udp(View udp, const Layers& layers) {
  if (!udp.has(0, 8))
    return {"UDP", "cut short"};
  return name_datagram(udp.from(8), layers.source_port, layers.destination_port);
}

// ---- What lies on top of the link and of IP ---------------------------------------------------------------

Naming name_icmp(View icmp) {
  constexpr std::array<std::string_view, 13> types = {"echo reply",
                                                      "",
                                                      "",
                                                      "unreachable",
                                                      "",
                                                      "redirect",
                                                      "",
                                                      "",
                                                      "echo request",
                                                      "",
                                                      "",
                                                      "time exceeded",
                                                      "parameter problem"};
  if (!icmp.has(0, 8))
    return {"ICMP", "cut short"};
  const unsigned type = icmp.u8(0);
  std::string details = name_or_number(types, type, "type");
  if (type == 0 || type == 8)
    details += fmt::format(" id {} seq {}", icmp.u16(4), icmp.u16(6));
  return {"ICMP", details};
}

Naming name_icmp6(View icmp) {
  constexpr std::array<std::string_view, 5> errors = {"", "unreachable", "packet too big", "time exceeded",
                                                      "parameter problem"};
  constexpr std::array<std::string_view, 10> informations = {
      "echo request",           "echo reply",
      "listener query",         "listener report",
      "listener done",          "router solicitation",
      "router advertisement",   "neighbor solicitation",
      "neighbor advertisement", "redirect"};
  if (!icmp.has(0, 8))
    return {"ICMPv6", "cut short"};
  const unsigned type = icmp.u8(0);
  if (type < 128 || type - 128 >= informations.size())
    return {"ICMPv6", name_or_number(errors, type, "type")};
  std::string details(informations[type - 128]);
  if (type == 128 || type == 129)
    details += fmt::format(" id {} seq {}", icmp.u16(4), icmp.u16(6));
  if ((type == 135 || type == 136) && icmp.has(8, 16))
    details += " of " + ip6_text(icmp, 8);
  return {"ICMPv6", details};
}

std::string_view ip_protocol_name(unsigned protocol) {
  switch (protocol) {
  case 2:
    return "IGMP";
  case 47:
    return "GRE";
  case 50:
    return "ESP";
  case 89:
    return "OSPF";
  case 132:
    return "SCTP";
  default:
    return {};
  }
}

Naming name_ip(View packet, const Layers& layers) {
  const std::string ip = layers.network == Layers::Network::ip6 ? "IPv6" : "IPv4";
  if (!layers.has_addresses)
    return {ip, "cut short or corrupt"};
  if (layers.fragment)
    return {ip, fmt::format("fragment of protocol {}", layers.protocol)};
  const View transport =
      layers.transport_offset != 0 ? packet.from(layers.transport_offset) : packet.from(packet.size());
  switch (layers.protocol) {
  case 1:
    return name_icmp(transport);
  case 6:
    return name_tcp(transport, layers);
  case 17:
    return name_udp(transport, layers);
  case 58:
    return name_icmp6(transport);
  default:
    break;
  }
  const std::string_view name = ip_protocol_name(layers.protocol);
  if (!name.empty())
    return {std::string(name), ""};
  return {ip, fmt::format("protocol {}", layers.protocol)};
}

Naming name_arp(View arp) {
  if (!arp.has(0, 28) || arp.u16(2) != 0x0800 || arp.u16(4) != 0x0604)
    return {"ARP", "cut short, or not of IPv4 on Ethernet"};
  const unsigned operation = arp.u16(6);
  if (operation == 1)
    return {"ARP", fmt::format("who has {}? tell {}", ip4_text(arp, 24), ip4_text(arp, 14))};
  if (operation == 2)
    return {"ARP", fmt::format("{} is at {}", ip4_text(arp, 14), hardware_text(arp, 8))};
  return {"ARP", fmt::format("operation {}", operation)};
}

/// Who carries what is not understood: libpcap has a name for each link type.
Naming name_link(const Layers& layers, int link_type) {
  const char* const name = pcap_datalink_val_to_name(link_type);
  const std::string link = link_type == link_ethernet ? "Ethernet"
                           : name != nullptr          ? name
                                                      : fmt::format("link type {}", link_type);
  if (layers.ether_type == 0x88b5)
    return {link, "local experiment"};
  if (layers.ether_type != 0)
    return {link, fmt::format("type 0x{:04x}", layers.ether_type)};
  if (link_type == link_ethernet)
    return {link, layers.complete_link ? "802.3" : "cut short"};
  return {link, ""};
}

Naming name_packet(View packet, const Layers& layers, int link_type) {
  switch (layers.network) {
  case Layers::Network::ip4:
  case Layers::Network::ip6:
    return name_ip(packet, layers);
  case Layers::Network::arp:
    return name_arp(packet.from(layers.network_offset));
  case Layers::Network::unknown:
    break;
  }
  return name_link(layers, link_type);
}

std::string end_text(View packet, const Layers& layers, std::size_t offset, std::uint16_t port) {
  const bool version6 = layers.network == Layers::Network::ip6;
  const std::string address = version6 ? ip6_text(packet, offset) : ip4_text(packet, offset);
  if (!layers.has_ports)
    return address;
  return version6 ? fmt::format("[{}]:{}", address, port) : fmt::format("{}:{}", address, port);
}

} // namespace

PacketSummary summarize_packet(std::span<const std::byte> bytes, std::uint32_t wire_length, int link_type) {
  const Layers layers = find_layers(bytes, link_type);
  const View packet(layers.has_addresses ? bytes.first(layers.end_offset) : bytes);
  Naming naming = name_packet(packet, layers, link_type);

  PacketSummary summary;
  summary.protocol = std::move(naming.protocol);
  if (layers.has_addresses) {
    summary.source = end_text(packet, layers, layers.source_offset, layers.source_port);
    summary.destination = end_text(packet, layers, layers.destination_offset, layers.destination_port);
  } else if (link_type == link_ethernet && layers.complete_link) {
    summary.source = hardware_text(packet, 6);
    summary.destination = hardware_text(packet, 0);
  }
  if (!summary.source.empty())
    summary.info = fmt::format("{} > {} ", summary.source, summary.destination);
  summary.info += fmt::format("{} {}{}{}", summary.protocol, wire_length, naming.details.empty() ? "" : " ",
                              naming.details);
  return summary;
}

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
#include "core/traffic/layers.h"

#include "core/traffic/wire.h"

#include <algorithm>

namespace zbuf {

namespace {

constexpr std::uint16_t ethertype_ip4 = 0x0800;
constexpr std::uint16_t ethertype_arp = 0x0806;
constexpr std::uint16_t ethertype_ip6 = 0x86dd;

using Bytes = std::span<const std::byte>;

unsigned get8(Bytes bytes, std::size_t offset) {
  return std::to_integer<unsigned>(bytes[offset]);
}

void set_ether_type(Layers& layers, std::uint16_t type, std::size_t network_offset) {
  layers.complete_link = true;
  layers.ether_type = type >= 0x600 ? type : std::uint16_t{0};
  layers.network_offset = network_offset;
  if (type == ethertype_ip4)
    layers.network = Layers::Network::ip4;
  else if (type == ethertype_ip6)
    layers.network = Layers::Network::ip6;
  else if (type == ethertype_arp)
    layers.network = Layers::Network::arp;
}

void find_ethernet(Layers& layers, Bytes bytes) {
  std::size_t at = 12;
  for (int tags = 0; tags <= 2 && bytes.size() >= at + 2; ++tags, at += 4) {
    const std::uint16_t type = get16(&bytes[at]);
    const bool vlan_tag = type == 0x8100 || type == 0x88a8;
    if (!vlan_tag || tags == 2)
      return set_ether_type(layers, type, at + 2);
  }
}

/// BSD's loopback: the address family of the host that recorded it, in the byte order of that host (NULL) or
/// most significant byte first (LOOP). Only IPv6 differs between systems.
void find_loopback(Layers& layers, Bytes bytes) {
  if (bytes.size() < 4)
    return;
  std::uint32_t family = get32(bytes.data());
  if (family > 0xffff)
    family = (family & 0xff) << 24 | (family & 0xff00) << 8 | (family >> 8 & 0xff00) | family >> 24;
  std::uint16_t type = 0;
  if (family == 2)
    type = ethertype_ip4;
  else if (family == 10 || family == 24 || family == 28 || family == 30)
    type = ethertype_ip6;
  set_ether_type(layers, type, 4);
}

void find_raw(Layers& layers, Bytes bytes, std::size_t at) {
  if (bytes.size() <= at)
    return;
  const unsigned version = get8(bytes, at) >> 4;
  set_ether_type(layers, version == 4 ? ethertype_ip4 : version == 6 ? ethertype_ip6 : std::uint16_t{0}, at);
}

/// LLC and SNAP, which carry the type of Ethernet; other protocols of LLC have none.
void find_llc(Layers& layers, Bytes bytes, std::size_t at) {
  if (bytes.size() < at + 8)
    return;
  const bool snap = get32(&bytes[at]) == 0xaaaa0300 && get16(&bytes[at + 4]) == 0;
  set_ether_type(layers, snap ? get16(&bytes[at + 6]) : std::uint16_t{0}, at + (snap ? 8 : 3));
}

/// The protocol field of PPP, which may have been compressed to one byte.
void find_ppp(Layers& layers, Bytes bytes, std::size_t at) {
  if (bytes.size() < at + 2)
    return;
  const bool compressed = (get8(bytes, at) & 1) != 0;
  const unsigned protocol = compressed ? get8(bytes, at) : get16(&bytes[at]);
  set_ether_type(layers,
                 protocol == 0x21   ? ethertype_ip4
                 : protocol == 0x57 ? ethertype_ip6
                                    : std::uint16_t{0},
                 at + (compressed ? 1 : 2));
}

/// Address and control field as in HDLC, which PPP may leave out. Cisco's have a type of Ethernet.
void find_hdlc(Layers& layers, Bytes bytes, std::size_t at) {
  if (bytes.size() < at + 4)
    return;
  const unsigned address = get16(&bytes[at]);
  if (address == 0x0f00 || address == 0x8f00)
    set_ether_type(layers, get16(&bytes[at + 2]), at + 4);
  else
    find_ppp(layers, bytes, at + (address == 0xff03 ? 2 : 0));
}

/// Data frames of IEEE 802.11 that are not encrypted.
void find_wireless(Layers& layers, Bytes bytes, std::size_t at) {
  if (bytes.size() < at + 24)
    return;
  const unsigned type = get8(bytes, at) & 0x0c, subtype = get8(bytes, at) >> 4, flags = get8(bytes, at + 1);
  constexpr unsigned data = 8, no_data = 4, quality = 8, both_ways = 3, encrypted = 0x40, order = 0x80;
  if (type != data || (subtype & no_data) != 0 || (flags & encrypted) != 0)
    return;
  std::size_t header = (flags & both_ways) == both_ways ? 30 : 24;
  if ((subtype & quality) != 0)
    header += (flags & order) != 0 ? 6 : 2;
  find_llc(layers, bytes, at + header);
}

void find_frame_relay(Layers& layers, Bytes bytes) {
  if (bytes.size() < 4 || get8(bytes, 2) != 3)
    return;
  const unsigned protocol = get8(bytes, 3);
  set_ether_type(layers,
                 protocol == 0xcc   ? ethertype_ip4
                 : protocol == 0x8e ? ethertype_ip6
                                    : std::uint16_t{0},
                 4);
}

void find_link(Layers& layers, Bytes bytes, int link_type) {
  switch (link_type) {
  case link_ethernet:
    return find_ethernet(layers, bytes);
  case link_null:
  case link_loop:
    return find_loopback(layers, bytes);
  case link_raw:
  case link_raw_openbsd:
  case link_raw_in_file:
  case link_ip4:
  case link_ip6:
    return find_raw(layers, bytes, 0);
  case link_slip:
    return find_raw(layers, bytes, 16); // what libpcap puts before it: direction, compressed header
  case link_linux_sll:
    if (bytes.size() >= 16)
      set_ether_type(layers, get16(&bytes[14]), 16);
    return;
  case link_linux_sll2:
    if (bytes.size() >= 20)
      set_ether_type(layers, get16(&bytes[0]), 20);
    return;
  case link_ppp:
  case link_ppp_serial:
  case link_c_hdlc:
    return find_hdlc(layers, bytes, 0);
  case link_ppp_pppd:
    return find_hdlc(layers, bytes, 1); // after the direction
  case link_ppp_ether:
    return find_ppp(layers, bytes, 6);
  case link_frelay:
    return find_frame_relay(layers, bytes);
  case link_token_ring:
    return find_llc(layers, bytes,
                    bytes.size() > 14 && (get8(bytes, 8) & 0x80) != 0
                        ? 14 + (get8(bytes, 14) & 0x1f) // a route
                        : 14);
  case link_fddi:
    return find_llc(layers, bytes, 13);
  case link_atm_rfc1483:
    return find_llc(layers, bytes, 0);
  case link_ip_over_fc:
    return find_llc(layers, bytes, 16);
  case link_ieee802_11:
    return find_wireless(layers, bytes, 0);
  case link_ieee802_11_radio:
    if (bytes.size() >= 4)
      find_wireless(layers, bytes, get8(bytes, 2) | get8(bytes, 3) << 8);
    return;
  default:
    return;
  }
}

void find_ip4(Layers& layers, Bytes bytes) {
  const std::size_t ip = layers.network_offset;
  if (bytes.size() < ip + 20 || get8(bytes, ip) >> 4 != 4)
    return;
  const std::size_t header_bytes = (get8(bytes, ip) & 15) * 4;
  if (header_bytes < 20)
    return;
  const std::uint16_t fragment = get16(&bytes[ip + 6]);
  layers.has_addresses = true;
  layers.source_offset = ip + 12;
  layers.destination_offset = ip + 16;
  layers.protocol = static_cast<std::uint8_t>(get8(bytes, ip + 9));
  layers.fragment = (fragment & 0x3fff) != 0;
  // A length of 0: left to the interface, which was to cut the packet up (segmentation offload).
  const std::size_t total = get16(&bytes[ip + 2]);
  layers.end_offset = total == 0 ? bytes.size() : std::clamp<std::size_t>(ip + total, ip + 20, bytes.size());
  if ((fragment & 0x1fff) == 0 && ip + header_bytes < layers.end_offset)
    layers.transport_offset = ip + header_bytes;
}

void find_ip6(Layers& layers, Bytes bytes) {
  constexpr unsigned hop_by_hop = 0, routing = 43, fragment = 44, destination_options = 60;
  const std::size_t ip = layers.network_offset;
  if (bytes.size() < ip + 40 || get8(bytes, ip) >> 4 != 6)
    return;
  layers.has_addresses = true;
  layers.source_offset = ip + 8;
  layers.destination_offset = ip + 24;
  const std::size_t payload = get16(&bytes[ip + 4]); // 0: a jumbogram, or left to the interface
  layers.end_offset = payload == 0 ? bytes.size() : std::min<std::size_t>(ip + 40 + payload, bytes.size());
  unsigned protocol = get8(bytes, ip + 6);
  std::size_t at = ip + 40;
  bool later_fragment = false;
  for (int headers = 0; headers < 8 && at + 8 <= layers.end_offset && !later_fragment; ++headers) {
    std::size_t header_bytes = 8;
    if (protocol == fragment) {
      const std::uint16_t word = get16(&bytes[at + 2]);
      layers.fragment = layers.fragment || (word & 0xfff9) != 0;
      later_fragment = (word & 0xfff8) != 0;
    } else if (protocol == hop_by_hop || protocol == routing || protocol == destination_options) {
      header_bytes = 8 * (get8(bytes, at + 1) + std::size_t{1});
    } else {
      break;
    }
    protocol = get8(bytes, at);
    at += header_bytes;
  }
  layers.protocol = static_cast<std::uint8_t>(protocol);
  if (!later_fragment && at < layers.end_offset)
    layers.transport_offset = at;
}

void find_ports(Layers& layers, Bytes bytes) {
  constexpr unsigned tcp = 6, udp = 17, sctp = 132, udp_lite = 136;
  const unsigned protocol = layers.protocol;
  if (protocol != tcp && protocol != udp && protocol != sctp && protocol != udp_lite)
    return;
  if (layers.fragment || layers.transport_offset == 0 || layers.transport_offset + 4 > layers.end_offset)
    return;
  layers.has_ports = true;
  layers.source_port = get16(&bytes[layers.transport_offset]);
  layers.destination_port = get16(&bytes[layers.transport_offset + 2]);
}

} // namespace

Layers find_layers(std::span<const std::byte> bytes, int link_type) {
  Layers layers;
  find_link(layers, bytes, link_type);
  if (layers.network == Layers::Network::ip4)
    find_ip4(layers, bytes);
  else if (layers.network == Layers::Network::ip6)
    find_ip6(layers, bytes);
  find_ports(layers, bytes);
  return layers;
}

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
// Where the headers of a packet lie: the part that naming a packet and naming its flow have in common.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace zbuf {

/// What is at hand of a packet's headers. Offsets are bytes from its start, and never beyond its end.
struct Layers {
  enum class Network : std::uint8_t { unknown, ip4, ip6, arp };

  bool complete_link = false; ///< the link header is there, and of a link type that is known
  Network network = Network::unknown;
  std::uint16_t ether_type = 0;   ///< 0 where the link header has none, or it is a length (802.3)
  std::size_t network_offset = 0; ///< where the link header ends

  // Of IPv4 and IPv6, where their header is complete.
  bool has_addresses = false;
  bool fragment = false;         ///< of several: without ports, as only the first would have them
  std::uint8_t protocol = 0;     ///< IANA number of what follows the last header understood
  std::size_t source_offset = 0; ///< of the address: 4 or 16 bytes
  std::size_t destination_offset = 0;
  std::size_t transport_offset = 0; ///< 0 where what follows IP is not at hand, or is a later fragment
  std::size_t end_offset = 0;       ///< where the IP packet ends: what follows is padding

  bool has_ports = false; ///< TCP, UDP, UDP-Lite or SCTP
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
};

/// Looks for the headers in any bytes: up to two VLAN tags and eight IPv6 extension headers.
/// Link types: the DLT_ numbers below. Of others nothing is known.
Layers find_layers(std::span<const std::byte> bytes, int link_type);

/// Link types as pcap-linktype(7) and pcap_datalink() number them.
inline constexpr int link_null = 0;
inline constexpr int link_ethernet = 1;
inline constexpr int link_token_ring = 6;
inline constexpr int link_slip = 8;
inline constexpr int link_ppp = 9;
inline constexpr int link_fddi = 10;
inline constexpr int link_atm_rfc1483 = 11;
inline constexpr int link_raw = 12;
inline constexpr int link_raw_openbsd = 14;
inline constexpr int link_ppp_serial = 50;
inline constexpr int link_ppp_ether = 51;
inline constexpr int link_raw_in_file = 101;
inline constexpr int link_c_hdlc = 104;
inline constexpr int link_ieee802_11 = 105;
inline constexpr int link_frelay = 107;
inline constexpr int link_loop = 108;
inline constexpr int link_linux_sll = 113;
inline constexpr int link_ip_over_fc = 122;
inline constexpr int link_ieee802_11_radio = 127;
inline constexpr int link_ppp_pppd = 166;
inline constexpr int link_ip4 = 228;
inline constexpr int link_ip6 = 229;
inline constexpr int link_linux_sll2 = 276;

} // namespace zbuf

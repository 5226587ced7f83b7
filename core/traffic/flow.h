// SPDX-License-Identifier: BSD-2-Clause
// What a packet is, in words for a person, and which conversation it belongs to, as a number for a colour.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace zbuf {

/// A packet in words: printable ASCII, whatever the bytes were.
struct PacketSummary {
  std::string protocol; ///< the highest one understood: "TCP", "DNS", "ICMPv6", "ARP", "IPv4", "Ethernet" ...
  std::string source;   ///< "192.0.2.1:443", "[2001:db8::1]:443", "192.0.2.1", "02:00:00:00:00:01", or empty
  std::string destination;
  std::string info; ///< one line: "192.0.2.1:443 > 198.51.100.7:52110 TCP 60 [SYN]"
};

/// Describes the bytes at hand of a packet of `wire_length` bytes. Any bytes will do, and any link type (a
/// DLT_ number, pcap-linktype(7)): what is not understood is named by what carries it. Never fails.
PacketSummary summarize_packet(std::span<const std::byte> bytes, std::uint32_t wire_length, int link_type);

/// The conversation of a packet: the same number for both of its directions, on every machine. Made of the
/// addresses, the protocol and its ports; for ARP, of the two IP addresses; for all else on Ethernet, of the
/// two hardware addresses and the type. Fragments count without ports. Different conversations may meet in
/// one number; 0 is what has no addresses at all.
std::uint32_t flow_hash(std::span<const std::byte> bytes, int link_type);

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
// Packets made up from a seed: when they come, how long they are, and what is in them.
#pragma once

#include "core/base/result.h"
#include "core/traffic/source.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace zbuf {

/// When packets come. The times are integer nanoseconds; rounding never adds up.
enum class ArrivalProcess {
  constant, ///< packet n at n / rate seconds, rounded down, exactly, however large n is
  poisson, ///< independent, exponentially distributed gaps with mean 1 / rate; the first packet after one gap
  bursts,  ///< constant at the rate for burst_on_ns, silent for burst_off_ns, and so on. Every burst begins
           ///< with a packet at its first nanosecond
};

/// How long packets are. All sizes are bytes of an Ethernet frame without its FCS.
enum class SizeModel {
  fixed,    ///< size_bytes
  uniform,  ///< min_size_bytes .. max_size_bytes, each as likely
  imix,     ///< 60, 590 and 1514 with weights 7, 4 and 1: the simple IMIX of 64, 594 and 1518 less the FCS
  weighted, ///< drawn from listed_sizes, by their weights
  repeated, ///< listed_sizes in order, over and over; weights mean nothing
};

/// What is in the packets.
enum class Content {
  protocols, ///< conversations in the protocols below
  pattern,   ///< the test packet, cheapest to make and to check: ff:ff:ff:ff:ff:ff, 02:00:00:00:00:01, 88b5,
           ///< from 18 bytes on its number (from 0, little-endian u32) at byte 14, then byte k = (number + k)
           ///< mod 256
};

/// A protocol of Content::protocols, and the least bytes of its frames. A shorter size is raised to it.
/// Longer frames are filled with payload; ARP and DNS, which have none, with zeros behind the packet.
enum class Protocol : std::uint8_t {
  tcp4,  ///< 54. Both directions of an established connection; sequence numbers advance
  udp4,  ///< 42
  tcp6,  ///< 74
  udp6,  ///< 62
  icmp,  ///< 42. Echo requests, and replies that repeat the last request's number
  icmp6, ///< 62. The same in ICMPv6
  arp,   ///< 42. Requests and replies
  dns,   ///< 69 to 105 by what is asked. Over UDP and IPv4: A and AAAA look-ups, some without a result
};
inline constexpr std::size_t protocol_count = 8;
inline constexpr std::array<std::string_view, protocol_count> protocol_names = {
    "tcp4", "udp4", "tcp6", "udp6", "icmp", "icmp6", "arp", "dns"};

struct ListedSize {
  std::uint32_t bytes = 60;
  std::uint32_t weight = 1;
};

inline constexpr std::uint32_t min_frame_bytes = 14;   ///< an Ethernet header
inline constexpr std::uint32_t max_frame_bytes = 9216; ///< a jumbo frame

/// The recipe. Fields that the chosen models do not use are not looked at.
struct SyntheticConfig {
  ArrivalProcess arrivals = ArrivalProcess::constant;
  double packets_per_second = 1000;       ///< 0.001 .. 1e9, to a millionth. For bursts: while one lasts
  std::uint64_t burst_on_ns = 1'000'000;  ///< 1 .. one day
  std::uint64_t burst_off_ns = 9'000'000; ///< 0 .. one day

  SizeModel sizes = SizeModel::fixed;
  std::uint32_t size_bytes = 60;     ///< min_frame_bytes .. max_frame_bytes, as are the two below
  std::uint32_t min_size_bytes = 60; ///< at most max_size_bytes
  std::uint32_t max_size_bytes = 1514;
  std::vector<ListedSize> listed_sizes{}; ///< 1 .. 4096 of them; weights 0 .. 1e6, not all 0

  Content content = Content::protocols;
  /// By Protocol: how often each is drawn. 0 .. 1e6, not all 0.
  std::array<std::uint32_t, protocol_count> protocol_weights = {1, 0, 0, 0, 0, 0, 0, 0};
  std::uint32_t flow_count =
      4; ///< conversations of each protocol, 1 .. 16384; each packet takes one at random

  /// The share of packets that this host sends, 0 .. 1: it is one end of every conversation, and what it
  /// sends is outgoing. Without it the host only watches: half of each conversation either way, none
  /// outgoing.
  std::optional<double> outgoing_fraction{};

  std::uint64_t limit_packets = 0; ///< the stream ends after so many; 0: no limit
  std::uint64_t duration_ns = 0;   ///< only packets before start_ns + duration_ns; 0: no limit. At most 2^62
  std::uint64_t start_ns = 0;      ///< where time begins, at most 2^62
  std::uint64_t seed = 1;          ///< any number. Times, sizes and contents each have a stream of their own
};

/// A source of the packets that the recipe describes: Ethernet, complete (bytes.size() == wire_length), with
/// right checksums, without end unless limited. next() never fails and never allocates. Addresses are locally
/// administered (02:00:...) and from the documentation ranges 192.0.2.0/24, 198.51.100.0/24 and
/// 2001:db8::/32. Errors: bad_input where a field is out of its range; the message names field, value and
/// range.
Result<std::unique_ptr<Source>> make_synthetic(const SyntheticConfig& config);

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
// The frames of synthetic conversations: templates made once, of which each packet changes a few words.
#pragma once

#include "core/base/random.h"
#include "core/traffic/dns_messages.h"
#include "core/traffic/synthetic.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace zbuf {

/// Random payload with running sums, so that the checksum of any stretch of it costs one subtraction.
class Payload {
 public:
  explicit Payload(std::uint64_t seed);

  /// Copies `length` bytes (at most max_frame_bytes) to `to`, and returns the sum of their words. The copy is
  /// rounded up to 64 bytes: `to` must have room for that. Any `place` will do; it selects the bytes.
  std::uint32_t copy(std::byte* to, std::size_t length, std::uint64_t place) const;

 private:
  static constexpr std::size_t places = 4096;
  std::array<std::byte, places + max_frame_bytes + 64> bytes_;
  std::array<std::uint32_t, (places + max_frame_bytes) / 2 + 1> sums_; ///< of the words before each
};

/// One frame after the other of conversations between this host and others. (RFC 9293, 768, 792, 4443, 826,
/// 1035)
///
/// A frame is its template, copied, with length, numbers and checksums put in: the sum of the words that
/// never change is part of the template (RFC 1624), so no checksum is ever computed over a packet.
class Frames {
 public:
  Frames(const std::array<std::uint32_t, protocol_count>& weights, std::uint32_t flow_count,
         std::uint64_t seed);

  /// The frame of `length_bytes`, or of what the protocol needs, of the conversation with this number (below
  /// flow_count); from this host (outward) or to it. `random` selects the payload. Valid until the next call.
  std::span<const std::byte> build(Protocol protocol, std::uint32_t flow, bool outward,
                                   std::size_t length_bytes, std::uint64_t random);

  /// How one direction of a conversation looks, and how far it is.
  struct Side {
    std::array<std::byte, 80> header{}; ///< Ethernet, IP and transport
    std::uint32_t ip_sum = 0;           ///< of the words of the IPv4 header that never change
    std::uint32_t sum = 0;              ///< of those of pseudo header and transport header
    std::uint32_t number = 0;           ///< TCP: next sequence number; else: of the last request
    std::uint32_t ip_id = 0;
  };
  struct Conversation {
    Side inward;
    Side outward;
  };

 private:
  struct Shape;
  std::size_t finish_tcp(const Shape& shape, Side& from, const Side& to, std::size_t length,
                         std::uint64_t random);
  std::size_t finish_udp(const Shape& shape, Side& from, std::size_t length, std::uint64_t random);
  std::size_t finish_echo(const Shape& shape, Conversation& both, bool outward, std::size_t length);
  std::size_t finish_dns(const Shape& shape, Conversation& both, bool outward, std::size_t length);
  std::size_t pad(std::size_t from, std::size_t length);
  void finish_ip(const Shape& shape, Side& from, std::size_t length);

  std::array<std::vector<Conversation>, protocol_count> conversations_; ///< empty for weight 0
  std::vector<DnsLookup> lookups_;
  Payload payload_;
  std::array<std::byte, max_frame_bytes + 64> frame_{};
};

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
#include "core/traffic/frames.h"

#include "core/traffic/templates.h"
#include "core/traffic/wire.h"

#include <algorithm>
#include <cstring>

namespace zbuf {

/// Where the parts of a protocol's frames lie, in bytes.
struct Frames::Shape {
  std::size_t transport; ///< where the transport header begins
  std::size_t payload;   ///< where it ends: the shortest frame
  bool ip4;              ///< has an IPv4 header
};

namespace {
constexpr std::size_t network = 14; // where the network header begins
constexpr std::size_t over_ip4 = network + 20;
constexpr std::size_t over_ip6 = network + 40;
} // namespace

Payload::Payload(std::uint64_t seed) {
  Random random(seed);
  for (std::byte& byte : bytes_)
    byte = static_cast<std::byte>(random.next());
  sums_[0] = 0;
  for (std::size_t i = 1; i < sums_.size(); ++i)
    sums_[i] = sums_[i - 1] + get16(&bytes_[2 * (i - 1)]);
}

std::uint32_t Payload::copy(std::byte* to, std::size_t length, std::uint64_t place) const {
  const std::size_t begin = place % places & ~std::size_t{1};
  // 64 bytes at a time: the lengths vary, and a loop over the rest would be mispredicted for each packet.
  for (std::size_t done = 0; done < length; done += 64)
    std::memcpy(to + done, &bytes_[begin + done], 64);
  const std::uint32_t whole_words = sums_[(begin + length) / 2] - sums_[begin / 2];
  const std::uint32_t odd_byte = length % 2 != 0 ? std::to_integer<std::uint32_t>(to[length - 1]) << 8 : 0;
  return whole_words + odd_byte;
}

Frames::Frames(const std::array<std::uint32_t, protocol_count>& weights, std::uint32_t flow_count,
               std::uint64_t seed)
    : lookups_(dns_lookups()), payload_(seed) {
  Random random(seed);
  for (std::size_t protocol = 0; protocol < protocol_count; ++protocol)
    for (std::uint32_t flow = 0; weights[protocol] != 0 && flow < flow_count; ++flow)
      conversations_[protocol].push_back(make_conversation(static_cast<Protocol>(protocol), flow, random));
}

std::span<const std::byte> Frames::build(Protocol protocol, std::uint32_t flow, bool outward,
                                         std::size_t length_bytes, std::uint64_t random) {
  constexpr Shape tcp4 = {over_ip4, over_ip4 + 20, true};
  constexpr Shape tcp6 = {over_ip6, over_ip6 + 20, false};
  constexpr Shape udp4 = {over_ip4, over_ip4 + 8, true}; // and ICMP, which is as long
  constexpr Shape udp6 = {over_ip6, over_ip6 + 8, false};
  constexpr std::size_t arp_end = network + 28;

  Conversation& both = conversations_[static_cast<std::size_t>(protocol)][flow];
  Side& from = outward ? both.outward : both.inward;
  const Side& to = outward ? both.inward : both.outward;
  std::memcpy(frame_.data(), from.header.data(), from.header.size());
  switch (protocol) {
  case Protocol::tcp4:
    return {frame_.data(), finish_tcp(tcp4, from, to, length_bytes, random)};
  case Protocol::tcp6:
    return {frame_.data(), finish_tcp(tcp6, from, to, length_bytes, random)};
  case Protocol::udp4:
    return {frame_.data(), finish_udp(udp4, from, length_bytes, random)};
  case Protocol::udp6:
    return {frame_.data(), finish_udp(udp6, from, length_bytes, random)};
  case Protocol::icmp:
    return {frame_.data(), finish_echo(udp4, both, outward, length_bytes)};
  case Protocol::icmp6:
    return {frame_.data(), finish_echo(udp6, both, outward, length_bytes)};
  case Protocol::dns:
    return {frame_.data(), finish_dns(udp4, both, outward, length_bytes)};
  case Protocol::arp:
    break; // complete as it is
  }
  return {frame_.data(), pad(arp_end, length_bytes)};
}

/// Length, identification and header checksum, of a packet that ends at `length`.
void Frames::finish_ip(const Shape& shape, Side& from, std::size_t length) {
  std::byte* const ip = &frame_[network];
  if (!shape.ip4) {
    put16(ip + 4, static_cast<std::uint32_t>(length - shape.transport));
    return;
  }
  const auto total = static_cast<std::uint32_t>(length - network);
  const std::uint32_t id = from.ip_id++ & 0xffff;
  put16(ip + 2, total);
  put16(ip + 4, id);
  put16(ip + 10, checksum(from.ip_sum + total + id));
}

std::size_t Frames::finish_tcp(const Shape& shape, Side& from, const Side& to, std::size_t length,
                               std::uint64_t random) {
  length = std::max(length, shape.payload);
  const std::size_t payload_length = length - shape.payload;
  finish_ip(shape, from, length);

  constexpr std::uint32_t push = 0x08;
  std::byte* const tcp = &frame_[shape.transport];
  std::uint32_t sum = from.sum + payload_.copy(&frame_[shape.payload], payload_length, random);
  if (payload_length != 0) {
    put8(tcp + 13, 0x10 | push);
    sum += push;
  }
  put32(tcp + 4, from.number);
  put32(tcp + 8, to.number);
  sum += (from.number >> 16) + (from.number & 0xffff) + (to.number >> 16) + (to.number & 0xffff);
  sum += static_cast<std::uint32_t>(length - shape.transport); // of the pseudo header
  put16(tcp + 16, checksum(sum));
  from.number += static_cast<std::uint32_t>(payload_length);
  return length;
}

namespace {
/// UDP's length and checksum. `sum`: of everything but these two and the pseudo header's length.
void put_udp_end(std::byte* udp, std::size_t udp_length, std::uint32_t sum) {
  const auto length = static_cast<std::uint32_t>(udp_length);
  const std::uint32_t check = checksum(sum + 2 * length); // once in the header, once in the pseudo header
  put16(udp + 4, length);
  put16(udp + 6, check == 0 ? 0xffff : check); // 0 would say that there is none (RFC 768)
}
} // namespace

std::size_t Frames::finish_udp(const Shape& shape, Side& from, std::size_t length, std::uint64_t random) {
  length = std::max(length, shape.payload);
  finish_ip(shape, from, length);
  const std::uint32_t sum = payload_.copy(&frame_[shape.payload], length - shape.payload, random);
  put_udp_end(&frame_[shape.transport], length - shape.transport, from.sum + sum);
  return length;
}

std::size_t Frames::finish_echo(const Shape& shape, Conversation& both, bool outward, std::size_t length) {
  length = std::max(length, shape.payload);
  Side& from = outward ? both.outward : both.inward;
  finish_ip(shape, from, length);
  if (outward)
    ++both.outward.number;
  // The place depends on the number alone, so that a reply carries what its request did.
  const std::uint32_t number = both.outward.number & 0xffff;
  std::uint32_t sum = from.sum + number;
  sum += payload_.copy(&frame_[shape.payload], length - shape.payload, number * 62);
  if (!shape.ip4)
    sum += static_cast<std::uint32_t>(length - shape.transport); // of the pseudo header
  std::byte* const icmp = &frame_[shape.transport];
  put16(icmp + 6, number);
  put16(icmp + 2, checksum(sum));
  return length;
}

std::size_t Frames::finish_dns(const Shape& shape, Conversation& both, bool outward, std::size_t length) {
  Side& from = outward ? both.outward : both.inward;
  if (outward)
    ++both.outward.number;
  // An odd multiplier, so that consecutive numbers give other transactions, in no visible order.
  const std::uint32_t number = both.outward.number;
  const std::uint32_t transaction = (number * 40503u ^ get16(&both.outward.header[shape.transport])) & 0xffff;
  const DnsLookup& lookup = lookups_[number % lookups_.size()];
  const DnsMessage& message = outward ? lookup.query : lookup.answer;

  const std::size_t end = shape.payload + message.bytes.size();
  std::memcpy(&frame_[shape.payload], message.bytes.data(), message.bytes.size());
  put16(&frame_[shape.payload], transaction);
  finish_ip(shape, from, end);
  put_udp_end(&frame_[shape.transport], end - shape.transport, from.sum + message.sum + transaction);
  return pad(end, length);
}

/// Zeros from where the packet ends to where the frame ends.
std::size_t Frames::pad(std::size_t from, std::size_t length) {
  if (length <= from)
    return from;
  std::memset(&frame_[from], 0, length - from);
  return length;
}

} // namespace zbuf

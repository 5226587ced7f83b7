// SPDX-License-Identifier: BSD-2-Clause
// The frames of synthetic traffic, taken apart by code that has nothing in common with what made them.
#include "core/traffic/frames.h"
#include "core/base/random.h"

#include <gtest/gtest.h>
#include <map>
#include <set>
#include <string>

namespace zbuf {
namespace {

using Bytes = std::span<const std::byte>;

unsigned u8(Bytes bytes, std::size_t at) {
  return std::to_integer<unsigned>(bytes[at]);
}
unsigned u16(Bytes bytes, std::size_t at) {
  return u8(bytes, at) * 256 + u8(bytes, at + 1);
}
unsigned u32(Bytes bytes, std::size_t at) {
  return u16(bytes, at) * 65536 + u16(bytes, at + 2);
}

/// RFC 1071 as it is written: add, end around, complement. Right where the field is included and it gives 0.
unsigned ones_complement(const std::vector<unsigned>& words) {
  unsigned sum = 0;
  for (const unsigned word : words) {
    sum += word;
    if (sum > 0xffff)
      sum -= 0xffff;
  }
  return 0xffff - sum;
}

std::vector<unsigned> words_of(Bytes bytes) {
  std::vector<unsigned> words;
  for (std::size_t i = 0; i < bytes.size(); i += 2)
    words.push_back(u8(bytes, i) * 256 + (i + 1 < bytes.size() ? u8(bytes, i + 1) : 0));
  return words;
}

/// What a receiver would check of an IP packet, and the transport part of it.
struct Checked {
  Bytes transport;
  unsigned protocol;
  std::string source;
  std::string destination;
};

std::string text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Checked check_ip(Bytes frame) {
  const Bytes ip = frame.subspan(14);
  const bool version6 = u16(frame, 12) == 0x86dd;
  EXPECT_EQ(u8(ip, 0) >> 4, version6 ? 6u : 4u);
  const std::size_t header = version6 ? 40 : 20;
  const std::size_t end = version6 ? 40 + u16(ip, 4) : u16(ip, 2);
  const std::size_t at = version6 ? 8 : 12;
  const std::size_t size = version6 ? 16 : 4;
  EXPECT_LE(end, ip.size());
  if (!version6) {
    EXPECT_EQ(ones_complement(words_of(ip.first(20))), 0u) << "IPv4 header checksum";
  }
  const Checked checked = {ip.subspan(header, end - header), u8(ip, version6 ? 6 : 9),
                           text_of(ip.subspan(at, size)), text_of(ip.subspan(at + size, size))};
  std::vector<unsigned> words = words_of(checked.transport);
  if (checked.protocol != 1) { // all but ICMPv4 include the pseudo header
    for (const unsigned word : words_of(ip.subspan(at, 2 * size)))
      words.push_back(word);
    words.push_back(checked.protocol);
    words.push_back(static_cast<unsigned>(checked.transport.size()));
  }
  EXPECT_EQ(ones_complement(words), 0u) << "transport checksum, protocol " << checked.protocol;
  for (std::size_t i = 14 + end; i < frame.size(); ++i)
    EXPECT_EQ(u8(frame, i), 0u) << "padding at " << i;
  return checked;
}

std::array<std::uint32_t, protocol_count> all_of_them() {
  std::array<std::uint32_t, protocol_count> weights;
  weights.fill(1);
  return weights;
}

TEST(Frames, ChecksumsOfEveryProtocolAndLengthAreRight) {
  Frames frames(all_of_them(), 300, 1);
  Random random(99);
  for (const Protocol protocol : {Protocol::tcp4, Protocol::udp4, Protocol::tcp6, Protocol::udp6,
                                  Protocol::icmp, Protocol::icmp6, Protocol::dns}) {
    for (std::size_t i = 0; i < 3000; ++i) {
      const std::size_t length = i < 200 ? 14 + i : 14 + random.below(9216 - 13);
      const auto frame = frames.build(protocol, static_cast<std::uint32_t>(random.below(300)),
                                      random.below(2) == 0, length, random.next());
      ASSERT_GE(frame.size(), length);
      check_ip(frame);
      ASSERT_FALSE(HasFailure()) << protocol_names[static_cast<std::size_t>(protocol)] << " of " << length;
    }
  }
}

TEST(Frames, ShortestFramesAreWhatTheHeaderSays) {
  Frames frames(all_of_them(), 1, 1);
  const std::map<Protocol, std::size_t> least = {
      {Protocol::tcp4, 54}, {Protocol::udp4, 42},  {Protocol::tcp6, 74}, {Protocol::udp6, 62},
      {Protocol::icmp, 42}, {Protocol::icmp6, 62}, {Protocol::arp, 42}};
  for (const auto& [protocol, bytes] : least) {
    EXPECT_EQ(frames.build(protocol, 0, true, 14, 0).size(), bytes);
    EXPECT_EQ(frames.build(protocol, 0, false, bytes, 0).size(), bytes);
    EXPECT_EQ(frames.build(protocol, 0, false, bytes + 1, 0).size(), bytes + 1);
  }
  std::set<std::size_t> dns;
  for (int i = 0; i < 200; ++i)
    dns.insert(frames.build(Protocol::dns, 0, i % 2 == 0, 14, 0).size());
  EXPECT_EQ(*dns.begin(), 69u);
  EXPECT_EQ(*dns.rbegin(), 105u);
}

TEST(Frames, UdpChecksumIsNeverZeroBecauseThatMeansNone) {
  Frames frames(all_of_them(), 256, 1);
  Random random(4);
  int all_ones = 0;
  for (std::uint32_t i = 0; i < 300'000; ++i) {
    const auto frame = frames.build(Protocol::udp4, i % 256u, true, 60 + random.below(200), random.next());
    ASSERT_NE(u16(frame, 40), 0u);
    all_ones += u16(frame, 40) == 0xffff ? 1 : 0;
  }
  EXPECT_GT(all_ones, 0) << "the case did not come up";
}

TEST(Frames, TcpNumbersAdvanceInBothDirections) {
  Frames frames(all_of_them(), 2, 5);
  Random random(3);
  for (const Protocol protocol : {Protocol::tcp4, Protocol::tcp6}) {
    std::map<std::pair<std::uint32_t, bool>, unsigned> next; // by flow and direction
    const std::size_t headers = protocol == Protocol::tcp4 ? 54 : 74;
    for (int i = 0; i < 2000; ++i) {
      const auto flow = static_cast<std::uint32_t>(random.below(2));
      const bool outward = random.below(2) == 0;
      const auto frame = frames.build(protocol, flow, outward, headers + random.below(1460), random.next());
      const Bytes tcp = check_ip(frame).transport;
      const auto key = std::pair(flow, outward);
      if (next.contains(key)) {
        ASSERT_EQ(u32(tcp, 4), next[key]) << "sequence number";
      }
      if (next.contains({flow, !outward})) {
        ASSERT_EQ(u32(tcp, 8), (next[{flow, !outward}])) << "acknowledgement";
      }
      const auto payload = static_cast<unsigned>(tcp.size() - 20);
      ASSERT_EQ(u8(tcp, 13), payload == 0 ? 0x10u : 0x18u) << "flags";
      next[key] = u32(tcp, 4) + payload;
    }
  }
}

TEST(Frames, BothDirectionsAreOneConversationAndFlowsDiffer) {
  Frames frames(all_of_them(), 16384, 5);
  for (const Protocol protocol :
       {Protocol::tcp4, Protocol::udp4, Protocol::tcp6, Protocol::udp6, Protocol::dns}) {
    std::set<std::string> seen;
    for (std::uint32_t flow = 0; flow < 16384; ++flow) {
      const auto frame = frames.build(protocol, flow, true, 14, 0);
      const std::string to_mac = text_of(frame.first(6));
      const std::string from_mac = text_of(frame.subspan(6, 6));
      const Checked out = check_ip(frame);
      const std::string from_port = text_of(out.transport.first(2));
      const std::string to_port = text_of(out.transport.subspan(2, 2));
      ASSERT_TRUE(seen.insert(out.destination + from_port + to_port).second) << "flow " << flow << " again";

      const auto reply = frames.build(protocol, flow, false, 14, 0);
      const Checked in = check_ip(reply);
      ASSERT_EQ(text_of(reply.first(12)), from_mac + to_mac);
      ASSERT_EQ(in.source + in.destination, out.destination + out.source);
      ASSERT_EQ(text_of(in.transport.first(4)), to_port + from_port);
    }
  }
}

TEST(Frames, AddressesAreLocalAndFromTheDocumentationRanges) {
  Frames frames(all_of_them(), 1000, 5);
  for (std::uint32_t flow = 0; flow < 1000; ++flow) {
    for (const Protocol protocol : {Protocol::tcp4, Protocol::tcp6}) {
      const auto frame = frames.build(protocol, flow, true, 14, 0);
      ASSERT_EQ(u16(frame, 0), 0x0200u);
      ASSERT_EQ(u16(frame, 6), 0x0200u);
      const Checked ip = check_ip(frame);
      if (protocol == Protocol::tcp4) {
        ASSERT_EQ(ip.source.substr(0, 3), std::string("\xc0\x00\x02", 3));
        ASSERT_EQ(ip.destination.substr(0, 3), "\xc6\x33\x64");
      } else {
        ASSERT_EQ(ip.source.substr(0, 4), "\x20\x01\x0d\xb8");
        ASSERT_EQ(ip.destination.substr(0, 4), "\x20\x01\x0d\xb8");
      }
    }
  }
}

TEST(Frames, EchoRepliesRepeatTheRequest) {
  Frames frames(all_of_them(), 1, 5);
  for (const Protocol protocol : {Protocol::icmp, Protocol::icmp6}) {
    const bool version6 = protocol == Protocol::icmp6;
    for (unsigned i = 1; i <= 100; ++i) {
      const auto request = frames.build(protocol, 0, true, 98, i);
      const Bytes sent = check_ip(request).transport;
      ASSERT_EQ(u8(sent, 0), version6 ? 128u : 8u);
      ASSERT_EQ(u16(sent, 6), i);
      const std::string content = text_of(sent.subspan(4));
      const auto reply = frames.build(protocol, 0, false, 98, 7 * i);
      const Bytes came = check_ip(reply).transport;
      ASSERT_EQ(u8(came, 0), version6 ? 129u : 0u);
      ASSERT_EQ(text_of(came.subspan(4)), content);
    }
  }
}

TEST(Frames, ArpAsksEverybodyAndAnswersOne) {
  Frames frames(all_of_them(), 3, 5);
  const auto request = frames.build(Protocol::arp, 2, true, 60, 0);
  ASSERT_EQ(request.size(), 60u);
  EXPECT_EQ(text_of(request.first(6)), "\xff\xff\xff\xff\xff\xff");
  EXPECT_EQ(u16(request, 12), 0x0806u);
  EXPECT_EQ(u16(request, 20), 1u);
  EXPECT_EQ(u32(request, 28), 0xc0000201u);
  EXPECT_EQ(u32(request, 38), 0xc0000204u);
  for (std::size_t i = 42; i < 60; ++i)
    EXPECT_EQ(u8(request, i), 0u);
  const auto reply = frames.build(Protocol::arp, 2, false, 60, 0);
  EXPECT_EQ(u16(reply, 20), 2u);
  EXPECT_EQ(u32(reply, 28), 0xc0000204u);
  EXPECT_EQ(u32(reply, 38), 0xc0000201u);
  EXPECT_EQ(text_of(reply.first(6)), text_of(reply.subspan(32, 6)));
}

/// The name at byte 12 of a message, and what follows it.
std::pair<std::string, std::size_t> name_of(Bytes message) {
  std::string name;
  std::size_t at = 12;
  while (u8(message, at) != 0) {
    name += text_of(message.subspan(at + 1, u8(message, at))) + ".";
    at += 1 + u8(message, at);
  }
  return {name, at + 1};
}

TEST(Frames, DnsAnswersWhatWasAsked) {
  Frames frames(all_of_them(), 1, 5);
  std::set<std::string> names;
  std::set<unsigned> transactions;
  int without_result = 0;
  for (int i = 0; i < 180; ++i) {
    const auto query_frame = frames.build(Protocol::dns, 0, true, 14, 0);
    const std::string query_bytes = text_of(check_ip(query_frame).transport.subspan(8));
    const Bytes query = std::as_bytes(std::span(query_bytes));
    const auto [name, end] = name_of(query);
    names.insert(name);
    transactions.insert(u16(query, 0));
    const unsigned type = u16(query, end);
    ASSERT_EQ(query.size(), end + 4);
    ASSERT_TRUE(type == 1 || type == 28);

    const auto answer_frame = frames.build(Protocol::dns, 0, false, 14, 0);
    const Bytes answer = check_ip(answer_frame).transport.subspan(8);
    ASSERT_EQ(u16(answer, 0), u16(query, 0));
    ASSERT_EQ(name_of(answer).first, name);
    ASSERT_EQ(u8(answer, 2) & 0x80, 0x80u);
    if (u16(answer, 6) == 0) {
      ASSERT_EQ(u8(answer, 3) & 15, 3u);
      ++without_result;
    } else {
      ASSERT_EQ(u16(answer, end + 4), 0xc00cu);
      ASSERT_EQ(u16(answer, end + 6), type);
      ASSERT_EQ(u16(answer, end + 14), type == 1 ? 4u : 16u);
      ASSERT_EQ(answer.size(), end + 16 + u16(answer, end + 14));
    }
  }
  EXPECT_EQ(names.size(), 10u);
  EXPECT_EQ(transactions.size(), 180u);
  EXPECT_EQ(without_result, 20);
}

TEST(Payload, SumsAreThoseOfTheCopiedBytes) {
  const auto payload = std::make_unique<Payload>(11);
  std::vector<std::byte> to(max_frame_bytes + 64);
  Random random(12);
  for (int i = 0; i < 2000; ++i) {
    const std::size_t length = i < 200 ? static_cast<std::size_t>(i) : random.below(max_frame_bytes + 1);
    const std::uint32_t sum = payload->copy(to.data(), length, random.next());
    std::uint32_t expected = 0;
    for (const unsigned word : words_of(Bytes(to).first(length)))
      expected += word;
    ASSERT_EQ(sum, expected) << length;
  }
}

} // namespace
} // namespace zbuf

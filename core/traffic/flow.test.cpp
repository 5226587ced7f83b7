// SPDX-License-Identifier: BSD-2-Clause
#include "core/traffic/flow.h"
#include "core/base/random.h"
#include "core/traffic/capture.h"
#include "core/traffic/capture_bytes.h"
#include "core/traffic/frames.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <set>

namespace zbuf {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using Bytes = std::vector<std::byte>;

std::array<std::uint32_t, protocol_count> all_of_them() {
  std::array<std::uint32_t, protocol_count> weights;
  weights.fill(1);
  return weights;
}

Bytes copy_of(std::span<const std::byte> bytes) {
  return {bytes.begin(), bytes.end()};
}

/// Bytes from hexadecimal digits; what is no digit is skipped.
Bytes hex(std::string_view digits) {
  Bytes bytes;
  int half = -1;
  for (const char c : digits) {
    const std::size_t digit = std::string_view("0123456789abcdef").find(c);
    if (digit == std::string_view::npos)
      continue;
    if (half >= 0)
      bytes.push_back(static_cast<std::byte>(half * 16 + static_cast<int>(digit)));
    half = half >= 0 ? -1 : static_cast<int>(digit);
  }
  return bytes;
}

std::string info(const Bytes& bytes, int link_type = 1) {
  return summarize_packet(bytes, static_cast<std::uint32_t>(bytes.size()), link_type).info;
}

const std::string ethernet = "020000000001 020000000002 ";
/// Behind an Ethernet header: TCP 192.0.2.1:443 > 198.51.100.7:52110, SYN.
const std::string syn = "4500 0028 0000 4000 4006 0000 c0000201 c6336407 "
                        "01bb cb8e 00000001 00000000 5002 ffff 0000 0000 ";

TEST(FlowHash, IsTheSameInBothDirectionsAndDiffersBetweenFlows) {
  Frames frames(all_of_them(), 1000, 3);
  for (std::size_t i = 0; i < protocol_count; ++i) {
    std::set<std::uint32_t> hashes;
    const auto protocol = static_cast<Protocol>(i);
    for (std::uint32_t flow = 0; flow < 200; ++flow) {
      const std::uint32_t there = flow_hash(frames.build(protocol, flow, true, 100, flow), 1);
      const std::uint32_t back = flow_hash(frames.build(protocol, flow, false, 1000, ~flow), 1);
      ASSERT_EQ(there, back) << protocol_names[i];
      ASSERT_NE(there, 0u);
      hashes.insert(there);
    }
    EXPECT_EQ(hashes.size(), 200u) << protocol_names[i];
  }
}

TEST(FlowHash, IsPinned) {
  EXPECT_EQ(flow_hash(hex(ethernet + "0800" + syn), 1), 3746213841u);
  EXPECT_EQ(flow_hash(hex(ethernet + "88b5"), 1), 1094158128u);
}

TEST(FlowHash, DoesNotDependOnTheLink) {
  const std::uint32_t plain = flow_hash(hex(ethernet + "0800" + syn), 1);
  EXPECT_EQ(flow_hash(hex(ethernet + "8100 0005 0800" + syn), 1), plain) << "VLAN tag";
  EXPECT_EQ(flow_hash(hex(ethernet + "88a8 0005 8100 0006 0800" + syn), 1), plain) << "two VLAN tags";
  EXPECT_EQ(flow_hash(hex(syn), 12), plain) << "raw";
  EXPECT_EQ(flow_hash(hex(syn), 101), plain) << "raw, by its number in files";
  EXPECT_EQ(flow_hash(hex("02000000" + syn), 0), plain) << "NULL, little-endian";
  EXPECT_EQ(flow_hash(hex("00000002" + syn), 0), plain) << "NULL, big-endian";
  EXPECT_EQ(flow_hash(hex("00000002" + syn), 108), plain) << "LOOP";
  EXPECT_EQ(flow_hash(hex("0000 0001 0006 020000000001 0000 0800" + syn), 113), plain) << "SLL";
  EXPECT_EQ(flow_hash(hex("0800 0000 00000001 0001 00 06 0200000000010000" + syn), 276), plain) << "SLL2";
  const std::string snap = "aaaa03 000000 0800", four = "00000000";
  EXPECT_EQ(flow_hash(hex(syn), 228), plain) << "IPv4";
  EXPECT_EQ(flow_hash(hex("ff03 0021" + syn), 9), plain) << "PPP";
  EXPECT_EQ(flow_hash(hex("21" + syn), 9), plain) << "PPP, compressed";
  EXPECT_EQ(flow_hash(hex("01 ff03 0021" + syn), 166), plain) << "PPP with its direction";
  EXPECT_EQ(flow_hash(hex("1100 0001 0030 0021" + syn), 51), plain) << "PPPoE";
  EXPECT_EQ(flow_hash(hex("0f00 0800" + syn), 104), plain) << "Cisco's HDLC";
  EXPECT_EQ(flow_hash(hex("1841 03cc" + syn), 107), plain) << "Frame Relay";
  EXPECT_EQ(flow_hash(hex(snap + syn), 11), plain) << "ATM, RFC 1483";
  EXPECT_EQ(flow_hash(hex("1040" + four + "0000" + four + "0000" + snap + syn), 6), plain) << "token ring";
  const std::string data = four + four + four + four + four + "0000"; // 802.11, behind its first two bytes
  EXPECT_EQ(flow_hash(hex("0801" + data + snap + syn), 105), plain) << "802.11";
  EXPECT_EQ(flow_hash(hex("8801" + data + "0000" + snap + syn), 105), plain)
      << "802.11 with quality of service";
  EXPECT_EQ(flow_hash(hex("0000 0800" + four + "0801" + data + snap + syn), 127), plain) << "radiotap";
  EXPECT_EQ(flow_hash(hex("0841" + data + snap + syn), 105), 0u) << "encrypted";
}

TEST(FlowHash, FragmentsOfAPacketAreOneFlow) {
  std::string first = syn;
  first.replace(first.find("4000 4006"), 4, "2000");
  std::string second = syn;
  second.replace(second.find("4000 4006"), 4, "0005");
  second.replace(second.find("01bb"), 4, "1234");
  EXPECT_EQ(flow_hash(hex(first), 12), flow_hash(hex(second), 12));
  EXPECT_THAT(info(hex(second), 12), HasSubstr("fragment of protocol 6"));
}

TEST(FlowHash, NothingKnownIsZero) {
  EXPECT_EQ(flow_hash({}, 1), 0u);
  EXPECT_EQ(flow_hash(hex("0102"), 1), 0u);
  EXPECT_EQ(flow_hash(hex(ethernet + "0800" + syn), 187), 0u) << "a link type that is not known";
  EXPECT_THAT(info(hex("0102"), 187), HasSubstr("BLUETOOTH_HCI_H4"));
  EXPECT_THAT(info(hex("0102"), 999), HasSubstr("link type 999"));
}

TEST(DescribePacket, NamesEndsLengthAndFlags) {
  const PacketSummary summary = summarize_packet(hex(ethernet + "0800" + syn), 60, 1);
  EXPECT_EQ(summary.protocol, "TCP");
  EXPECT_EQ(summary.source, "192.0.2.1:443");
  EXPECT_EQ(summary.destination, "198.51.100.7:52110");
  EXPECT_EQ(summary.info, "192.0.2.1:443 > 198.51.100.7:52110 TCP 60 [SYN]");
}

TEST(DescribePacket, SyntheticTraffic) {
  Frames frames(all_of_them(), 4, 3);
  const auto said = [&](Protocol protocol, bool outward) {
    return info(copy_of(frames.build(protocol, 3, outward, 60, 8)));
  };
  EXPECT_EQ(said(Protocol::tcp4, true), "192.0.2.1:49155 > 198.51.100.4:995 TCP 60 [PSH ACK]");
  EXPECT_EQ(said(Protocol::udp6, false), "[2001:db8:0:1::4]:5004 > [2001:db8::1]:49155 UDP 62");
  EXPECT_EQ(said(Protocol::icmp, true), "192.0.2.1 > 198.51.100.4 ICMP 60 echo request id 49155 seq 1");
  EXPECT_EQ(said(Protocol::icmp6, false),
            "2001:db8:0:1::4 > 2001:db8::1 ICMPv6 62 echo reply id 49155 seq 0");
  EXPECT_EQ(said(Protocol::arp, true),
            "02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff ARP 60 who has 192.0.2.5? tell 192.0.2.1");
  EXPECT_EQ(said(Protocol::arp, false),
            "02:00:00:01:00:04 > 02:00:00:00:00:01 ARP 60 192.0.2.5 is at 02:00:00:01:00:04");
  EXPECT_EQ(said(Protocol::dns, true), "192.0.2.1:49155 > 198.51.100.4:53 DNS 75 query AAAA www.example.com");
  EXPECT_EQ(said(Protocol::dns, false),
            "198.51.100.4:53 > 192.0.2.1:49155 DNS 103 answer AAAA www.example.com: 1 record");
}

TEST(DescribePacket, TheTestPattern) {
  EXPECT_EQ(info(hex(ethernet + "88b5 00000000")),
            "02:00:00:00:00:02 > 02:00:00:00:00:01 Ethernet 18 local experiment");
}

/// A TCP segment between these ports with a payload.
Bytes segment(const std::string& ports, std::string_view payload) {
  std::string header = syn;
  header.replace(header.find("01bb cb8e"), 9, ports);
  header.replace(header.find("0028"), 4, "0000"); // length left to the interface: all of it
  Bytes bytes = hex(header);
  for (const char c : payload)
    bytes.push_back(static_cast<std::byte>(c));
  return bytes;
}

TEST(DescribePacket, TextIsPrintableWhateverComes) {
  EXPECT_THAT(info(segment("1000 2000", "GET /\xff\x1b[31m\\ HTTP/1.1\r\nHost: x\r\n"), 12),
              ::testing::EndsWith("HTTP 72 [SYN] GET /\\xff\\x1b[31m\\x5c HTTP/1.1"));
  EXPECT_THAT(info(segment("0016 2000", "SSH-2.0-OpenSSH_9.2\r\n"), 12),
              HasSubstr("SSH 61 [SYN] SSH-2.0-OpenSSH_9.2"));
  EXPECT_THAT(info(segment("1000 2000", "something"), 12), HasSubstr(" TCP 49 [SYN]"));
  EXPECT_THAT(info(segment("01bb 2000", std::string_view("\x16\x03\x01\x00\x05\x01", 6)), 12),
              HasSubstr(" TLS 46 [SYN] client hello"));
}

TEST(DescribePacket, DnsNamesThatLoopOrLeadOutsideEnd) {
  const std::string udp = "4500 0000 0000 4000 4011 0000 c0000201 c6336407 0035 cb8e 0000 0000 ";
  const std::string header = "1234 0100 0001 0000 0000 0000 ";
  EXPECT_THAT(info(hex(udp + header + "c00c 0001 0001"), 12), HasSubstr("query A ."));
  EXPECT_THAT(info(hex(udp + header + "0161 c00c 0001 0001"), 12), HasSubstr("query A a.a.a."));
  EXPECT_THAT(info(hex(udp + header + "ffff 001c 0001"), 12), HasSubstr("query AAAA ."));
  EXPECT_THAT(info(hex(udp + header + "3f61"), 12), HasSubstr("query type 0 a"));
  EXPECT_THAT(info(hex(udp + "1234"), 12), HasSubstr("DNS 30 cut short"));
}

TEST(DescribePacket, CutShortIsSaid) {
  const Bytes whole = hex(ethernet + "0800" + syn);
  const auto at = [&](std::size_t size) {
    return info(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)));
  };
  EXPECT_EQ(at(0), "Ethernet 0 cut short");
  EXPECT_EQ(at(13), "Ethernet 13 cut short");
  EXPECT_THAT(at(33), HasSubstr("IPv4 33 cut short or corrupt"));
  EXPECT_EQ(at(34), "192.0.2.1 > 198.51.100.7 TCP 34 cut short");
  EXPECT_EQ(at(50), "192.0.2.1:443 > 198.51.100.7:52110 TCP 50 cut short");
}

TEST(DescribePacket, Ipv6ExtensionHeadersAndNeighbours) {
  const std::string addresses = "20010db8000000000000000000000001 20010db8000000000000000000000002 ";
  EXPECT_EQ(
      info(hex("60000000 0018 00 40" + addresses + "2b00000000000000 1100000000000000 0035 1000 0008 0000"),
           12),
      "[2001:db8::1]:53 > [2001:db8::2]:4096 DNS 64 cut short");
  EXPECT_EQ(info(hex("60000000 0018 3a 40" + addresses + "8700 0000 00000000" + addresses.substr(0, 32)), 12),
            "2001:db8::1 > 2001:db8::2 ICMPv6 64 neighbor solicitation of 2001:db8::1");
  // Extension headers without end.
  std::string endless = "60000000 0000 00 40" + addresses;
  for (int i = 0; i < 100; ++i)
    endless += "0000000000000000";
  EXPECT_THAT(info(hex(endless), 12), HasSubstr("IPv6"));
}

/// Every prefix of real and damaged packets, on every link type: nothing may fail, and all text is printable.
RC_GTEST_PROP(DescribePacket, AnyBytesWillDo, ()) {
  Frames frames(all_of_them(), 2, 3);
  const auto protocol = static_cast<Protocol>(*rc::gen::inRange(0, 8));
  Bytes bytes = copy_of(frames.build(protocol, 1, *rc::gen::arbitrary<bool>(), 100, 0));
  const auto damage = *rc::gen::container<std::vector<std::pair<std::uint8_t, std::uint8_t>>>(
      rc::gen::arbitrary<std::pair<std::uint8_t, std::uint8_t>>());
  for (const auto& [place, value] : damage)
    bytes[place % bytes.size()] = static_cast<std::byte>(value);
  for (const int link_type : {0, 1, 12, 14, 101, 108, 113, 276, 105, -1}) {
    for (std::size_t size = 0; size <= bytes.size(); ++size) {
      const Bytes prefix(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
      flow_hash(prefix, link_type);
      for (const char c : info(prefix, link_type))
        RC_ASSERT(c >= ' ' && c <= '~');
    }
  }
}

/// The protocols that occur in a capture of scenarios/captures, in order, without repetitions.
std::vector<std::string> protocols_of(const std::string& name) {
  auto source = open_capture(ZBUF_SOURCE_DIR "/scenarios/captures/" + name, {});
  EXPECT_TRUE(source.has_value()) << source.error().text();
  std::vector<std::string> protocols;
  while (source) {
    const auto packet = (*source)->next();
    EXPECT_TRUE(packet.has_value()) << packet.error().text();
    if (!packet || !*packet)
      break;
    std::string protocol =
        summarize_packet((*packet)->bytes, (*packet)->wire_length, (*source)->link_type()).protocol;
    if (std::find(protocols.begin(), protocols.end(), protocol) == protocols.end())
      protocols.push_back(std::move(protocol));
  }
  return protocols;
}

TEST(DescribePacket, ShippedCapturesAreWhatTheyAreCalled) {
  using ::testing::UnorderedElementsAre;
  EXPECT_THAT(protocols_of("http-download.pcap"), UnorderedElementsAre("ARP", "TCP", "HTTP"));
  EXPECT_THAT(protocols_of("dns-and-ping.pcapng"),
              UnorderedElementsAre("ARP", "DNS", "ICMPv6", "TCP", "ICMP", "IPv4"));
  EXPECT_THAT(protocols_of("tls-session.pcap"), UnorderedElementsAre("ARP", "TCP", "TLS"));
}

} // namespace
} // namespace zbuf

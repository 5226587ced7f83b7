// SPDX-License-Identifier: BSD-2-Clause
#include "core/traffic/synthetic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>
#include <map>
#include <rapidcheck/gtest.h>

namespace zbuf {
namespace {

using ::testing::HasSubstr;

/// A source of a recipe that must be right.
std::unique_ptr<Source> made(const SyntheticConfig& config) {
  auto source = make_synthetic(config);
  EXPECT_TRUE(source.has_value()) << source.error().message;
  return source ? std::move(*source) : nullptr;
}

/// The next packet, which must exist.
Packet take(Source& source) {
  const auto packet = source.next();
  EXPECT_TRUE(packet.has_value() && packet->has_value());
  return packet && *packet ? **packet : Packet{};
}

/// FNV-1a over everything that the first packets are.
std::uint64_t fingerprint(const SyntheticConfig& config, int count = 100'000) {
  const auto source = made(config);
  std::uint64_t hash = 0xcbf29ce484222325u;
  const auto add = [&](std::uint64_t value) { hash = (hash ^ value) * 0x100000001b3u; };
  for (int i = 0; i < count; ++i) {
    const Packet packet = take(*source);
    add(packet.time_ns);
    add(packet.wire_length);
    add(packet.outgoing ? 1 : 0);
    for (const std::byte byte : packet.bytes)
      add(std::to_integer<std::uint64_t>(byte));
  }
  return hash;
}

SyntheticConfig everything() {
  SyntheticConfig config;
  config.arrivals = ArrivalProcess::poisson;
  config.packets_per_second = 812'000;
  config.sizes = SizeModel::imix;
  config.protocol_weights = {8, 7, 6, 5, 4, 3, 2, 1};
  config.flow_count = 10;
  config.outgoing_fraction = 0.3;
  config.seed = 2007;
  return config;
}

// These pin the packets themselves: a change here changes every recorded trace.
TEST(SyntheticGolden, SamePacketsOnEveryCompiler) {
  SyntheticConfig pattern;
  pattern.content = Content::pattern;
  EXPECT_EQ(fingerprint(pattern), 15933317162425513221u);

  EXPECT_EQ(fingerprint(everything()), 7696104993397525400u);

  SyntheticConfig bursts = everything();
  bursts.arrivals = ArrivalProcess::bursts;
  bursts.sizes = SizeModel::uniform;
  EXPECT_EQ(fingerprint(bursts), 10896153684578765149u);

  SyntheticConfig weighted = everything();
  weighted.arrivals = ArrivalProcess::constant;
  weighted.sizes = SizeModel::weighted;
  weighted.listed_sizes = {{64, 5}, {9000, 1}, {128, 0}};
  EXPECT_EQ(fingerprint(weighted), 10146305295451809073u);
}

TEST(Synthetic, SeedsMatterAndNothingElseDoes) {
  SyntheticConfig config = everything();
  const std::uint64_t first = fingerprint(config, 1000);
  EXPECT_EQ(fingerprint(config, 1000), first);
  config.seed = 2008;
  EXPECT_NE(fingerprint(config, 1000), first);
}

TEST(Synthetic, OtherSizesDoNotChangeTimesNorDirections) {
  SyntheticConfig config = everything();
  const auto imix = made(config);
  config.sizes = SizeModel::uniform;
  const auto uniform = made(config);
  for (int i = 0; i < 1000; ++i) {
    const Packet a = take(*imix);
    const Packet b = take(*uniform);
    ASSERT_EQ(a.time_ns, b.time_ns);
    ASSERT_EQ(a.outgoing, b.outgoing);
  }
}

TEST(Synthetic, ConstantRateGivesItsCountEverySecond) {
  SyntheticConfig config;
  config.content = Content::pattern;
  config.packets_per_second = 99'991;
  config.start_ns = 123;
  config.duration_ns = 3'000'000'000;
  const auto source = made(config);
  std::uint64_t count = 0;
  std::uint64_t last = 0;
  while (const auto packet = *source->next()) {
    last = packet->time_ns;
    ++count;
  }
  EXPECT_EQ(count, 3u * 99'991);
  EXPECT_LT(last, 3'000'000'123u);
  EXPECT_FALSE(source->next()->has_value()) << "the end stays the end";
}

TEST(Synthetic, LimitIsExact) {
  SyntheticConfig config;
  config.limit_packets = 17;
  const auto source = made(config);
  for (int i = 0; i < 17; ++i)
    take(*source);
  EXPECT_FALSE(source->next()->has_value());
  EXPECT_FALSE(source->next()->has_value());
}

TEST(Synthetic, BurstsHaveTheirDutyCycle) {
  SyntheticConfig config;
  config.arrivals = ArrivalProcess::bursts;
  config.packets_per_second = 1'000'000;
  config.burst_on_ns = 2'000'000;
  config.burst_off_ns = 8'000'000;
  config.duration_ns = 1'000'000'000;
  const auto source = made(config);
  std::uint64_t count = 0;
  while (const auto packet = *source->next()) {
    ASSERT_LT(packet->time_ns % 10'000'000, 2'000'000u);
    ++count;
  }
  EXPECT_EQ(count, 200'000u); // a fifth of the rate
}

TEST(Synthetic, PatternIsTheRecordedTestPacket) {
  SyntheticConfig config;
  config.content = Content::pattern;
  config.sizes = SizeModel::uniform;
  config.min_size_bytes = min_frame_bytes;
  config.max_size_bytes = max_frame_bytes;
  const auto source = made(config);
  for (std::uint32_t number = 0; number < 5000; ++number) {
    const Packet packet = take(*source);
    ASSERT_EQ(packet.bytes.size(), packet.wire_length);
    const unsigned header[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 0x88, 0xb5};
    for (std::uint32_t k = 0; k < packet.wire_length; ++k) {
      unsigned expected = (number + k) % 256;
      if (k < 14)
        expected = header[k];
      else if (k < 18 && packet.wire_length >= 18)
        expected = number >> (8 * (k - 14)) & 0xff;
      ASSERT_EQ(std::to_integer<unsigned>(packet.bytes[k]), expected)
          << "byte " << k << " of packet " << number << ", " << packet.wire_length << " bytes";
    }
  }
}

std::map<std::uint32_t, int> sizes_of(const SyntheticConfig& config, int count) {
  const auto source = made(config);
  std::map<std::uint32_t, int> sizes;
  for (int i = 0; i < count; ++i)
    ++sizes[take(*source).wire_length];
  return sizes;
}

TEST(SyntheticSizes, FixedUniformImixAndListed) {
  SyntheticConfig config;
  config.content = Content::pattern;
  config.size_bytes = 77;
  EXPECT_EQ(sizes_of(config, 100), (std::map<std::uint32_t, int>{{77, 100}}));

  config.sizes = SizeModel::uniform;
  config.min_size_bytes = 100;
  config.max_size_bytes = 109;
  const auto uniform = sizes_of(config, 100'000);
  EXPECT_EQ(uniform.size(), 10u);
  for (const auto& [size, count] : uniform)
    EXPECT_NEAR(count, 10'000, 500) << size;

  config.sizes = SizeModel::imix;
  auto imix = sizes_of(config, 120'000);
  EXPECT_EQ(imix.size(), 3u);
  EXPECT_NEAR(imix[60], 70'000, 900);
  EXPECT_NEAR(imix[590], 40'000, 900);
  EXPECT_NEAR(imix[1514], 10'000, 500);

  config.sizes = SizeModel::weighted;
  config.listed_sizes = {{64, 1}, {9216, 3}, {14, 0}};
  auto weighted = sizes_of(config, 40'000);
  EXPECT_EQ(weighted.size(), 2u);
  EXPECT_NEAR(weighted[64], 10'000, 450);
}

TEST(SyntheticSizes, RepeatedComeInOrder) {
  SyntheticConfig config;
  config.sizes = SizeModel::repeated;
  config.listed_sizes = {{60, 0}, {1514, 0}, {200, 0}};
  const auto source = made(config);
  for (int round = 0; round < 5; ++round)
    for (const std::uint32_t size : {60u, 1514u, 200u})
      ASSERT_EQ(take(*source).wire_length, size);
}

TEST(Synthetic, ProtocolsHaveTheirShares) {
  SyntheticConfig config = everything();
  config.protocol_weights = {0, 3, 0, 0, 0, 0, 1, 0};
  const auto source = made(config);
  int arp = 0;
  for (int i = 0; i < 40'000; ++i) {
    const Packet packet = take(*source);
    const bool is_arp = packet.bytes[13] == std::byte{6};
    ASSERT_TRUE(is_arp || packet.bytes[23] == std::byte{17});
    arp += is_arp ? 1 : 0;
  }
  EXPECT_NEAR(arp, 10'000, 450);
}

TEST(Synthetic, OutgoingIsWhatThisHostSends) {
  SyntheticConfig config;
  config.outgoing_fraction = 0.25;
  auto source = made(config);
  int outgoing = 0;
  for (int i = 0; i < 40'000; ++i) {
    const Packet packet = take(*source);
    outgoing += packet.outgoing ? 1 : 0;
    ASSERT_EQ(packet.outgoing, packet.bytes[26] == std::byte{192}) << "this host is 192.0.2.1";
  }
  EXPECT_NEAR(outgoing, 10'000, 450);

  for (const double all_or_none : {0.0, 1.0}) {
    config.outgoing_fraction = all_or_none;
    source = made(config);
    for (int i = 0; i < 1000; ++i)
      ASSERT_EQ(take(*source).outgoing, all_or_none == 1.0);
  }

  config.outgoing_fraction.reset();
  source = made(config);
  int from_local_side = 0;
  for (int i = 0; i < 40'000; ++i) {
    const Packet packet = take(*source);
    ASSERT_FALSE(packet.outgoing);
    from_local_side += packet.bytes[26] == std::byte{192} ? 1 : 0;
  }
  EXPECT_NEAR(from_local_side, 20'000, 500);
}

TEST(Synthetic, DescribesItself) {
  EXPECT_EQ(made(everything())->description(),
            "Poisson, 812000 packets/s, IMIX, tcp4+udp4+tcp6+udp6+icmp+icmp6+arp+dns, 10 flows");
  SyntheticConfig config;
  config.content = Content::pattern;
  EXPECT_EQ(made(config)->description(), "constant, 1000 packets/s, 60 bytes, test pattern");
  EXPECT_EQ(made(config)->link_type(), 1);
}

/// The message with which a recipe is refused.
template <typename Change>
std::string refusal(Change change) {
  SyntheticConfig config = everything();
  change(config);
  const auto source = make_synthetic(config);
  if (source)
    return "accepted";
  EXPECT_EQ(source.error().code, Error::Code::bad_input);
  return source.error().message;
}

TEST(SyntheticRefusals, NameFieldValueAndRange) {
  using C = SyntheticConfig;
  EXPECT_EQ(refusal([](C& c) { c.packets_per_second = 0; }),
            "packets_per_second is 0: it must be 0.001 to 1000000000 packets/s");
  EXPECT_THAT(refusal([](C& c) { c.packets_per_second = std::numeric_limits<double>::quiet_NaN(); }),
              HasSubstr("packets_per_second is nan"));
  EXPECT_THAT(refusal([](C& c) { c.packets_per_second = -5; }), HasSubstr("packets_per_second is -5"));
  EXPECT_THAT(refusal([](C& c) { c.arrivals = ArrivalProcess::bursts, c.burst_on_ns = 0; }),
              HasSubstr("burst_on_ns is 0: it must be 1 to 86400000000000 ns"));
  EXPECT_THAT(refusal([](C& c) { c.arrivals = ArrivalProcess::bursts, c.burst_off_ns = UINT64_MAX; }),
              HasSubstr("burst_off_ns is 18446744073709551615"));
  EXPECT_EQ(refusal([](C& c) { c.sizes = SizeModel::fixed, c.size_bytes = 13; }),
            "size_bytes is 13: it must be 14 to 9216 bytes (a frame without its FCS)");
  EXPECT_THAT(refusal([](C& c) { c.sizes = SizeModel::uniform, c.max_size_bytes = 9217; }),
              HasSubstr("max_size_bytes is 9217"));
  EXPECT_EQ(
      refusal([](C& c) { c.sizes = SizeModel::uniform, c.min_size_bytes = 200, c.max_size_bytes = 100; }),
      "min_size_bytes is 200: it must be at most max_size_bytes, which is 100");
  EXPECT_EQ(refusal([](C& c) { c.sizes = SizeModel::weighted; }),
            "the number of listed_sizes is 0: it must be 1 to 4096");
  EXPECT_THAT(refusal([](C& c) { c.sizes = SizeModel::repeated, c.listed_sizes.resize(4097); }),
              HasSubstr("listed_sizes is 4097"));
  EXPECT_THAT(refusal([](C& c) {
                c.sizes = SizeModel::weighted, c.listed_sizes = {{60, 1}, {60, 1'000'001}};
              }),
              HasSubstr("listed_sizes[1].weight is 1000001"));
  EXPECT_THAT(refusal([](C& c) {
                c.sizes = SizeModel::weighted, c.listed_sizes = {{60, 0}};
              }),
              HasSubstr("listed_sizes has weights of 0 only"));
  EXPECT_EQ(refusal([](C& c) { c.flow_count = 0; }),
            "flow_count is 0: it must be 1 to 16384 conversations of each protocol");
  EXPECT_THAT(refusal([](C& c) { c.protocol_weights[7] = 2'000'000; }),
              HasSubstr("the weight of dns is 2000000"));
  EXPECT_THAT(refusal([](C& c) { c.protocol_weights = {}; }), HasSubstr("at least one protocol"));
  EXPECT_EQ(refusal([](C& c) { c.outgoing_fraction = 1.5; }), "outgoing_fraction is 1.5: it must be 0 to 1");
  EXPECT_THAT(refusal([](C& c) { c.start_ns = UINT64_MAX; }), HasSubstr("start_ns is 18446744073709551615"));
  EXPECT_THAT(refusal([](C& c) { c.duration_ns = UINT64_MAX; }), HasSubstr("duration_ns is"));
}

TEST(SyntheticRefusals, FieldsThatAreNotUsedAreNotLookedAt) {
  EXPECT_EQ(refusal([](SyntheticConfig& c) { c.size_bytes = 0, c.burst_on_ns = 0; }), "accepted");
  EXPECT_EQ(refusal([](SyntheticConfig& c) { c.content = Content::pattern, c.flow_count = 0; }), "accepted");
}

RC_GTEST_PROP(Synthetic, AnyRecipeGivesPacketsInOrderOfTime, ()) {
  SyntheticConfig config;
  config.arrivals =
      *rc::gen::element(ArrivalProcess::constant, ArrivalProcess::poisson, ArrivalProcess::bursts);
  config.packets_per_second = *rc::gen::element(0.001, 0.5, 1234.5, 1e6, 1e9);
  config.burst_on_ns = *rc::gen::inRange<std::uint64_t>(1, 10'000'000);
  config.burst_off_ns = *rc::gen::inRange<std::uint64_t>(0, 10'000'000);
  config.sizes = *rc::gen::element(SizeModel::fixed, SizeModel::uniform, SizeModel::imix);
  config.size_bytes = *rc::gen::inRange(min_frame_bytes, max_frame_bytes + 1);
  config.min_size_bytes = *rc::gen::inRange(min_frame_bytes, max_frame_bytes + 1);
  config.max_size_bytes = *rc::gen::inRange(config.min_size_bytes, max_frame_bytes + 1);
  for (std::uint32_t& weight : config.protocol_weights)
    weight = *rc::gen::inRange(1u, 5u);
  config.flow_count = *rc::gen::inRange(1u, 100u);
  config.seed = *rc::gen::arbitrary<std::uint64_t>();
  const auto source = made(config);
  std::uint64_t last = 0;
  for (int i = 0; i < 200; ++i) {
    const Packet packet = take(*source);
    RC_ASSERT(packet.time_ns >= last);
    RC_ASSERT(packet.bytes.size() == packet.wire_length);
    RC_ASSERT(packet.wire_length >= min_frame_bytes && packet.wire_length <= max_frame_bytes);
    last = packet.time_ns;
  }
}

} // namespace
} // namespace zbuf

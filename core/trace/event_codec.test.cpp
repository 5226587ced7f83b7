// SPDX-License-Identifier: BSD-2-Clause
#include "core/trace/event_codec.h"

#include "core/trace/synthetic.h"

#include <cstring>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace zbuf {
namespace {

std::vector<std::byte> encoded(std::span<const Event> events) {
  std::vector<std::byte> bytes(encoded_room(events.size()));
  bytes.resize(encode_events(events, bytes));
  return bytes;
}

bool same(std::span<const Event> x, std::span<const Event> y) {
  return x.size() == y.size() && (x.empty() || std::memcmp(x.data(), y.data(), x.size_bytes()) == 0);
}

/// Not even remotely like what an engine writes.
std::vector<Event> any_events(std::uint64_t seed, std::size_t count) {
  Random random(seed);
  std::vector<Event> events(count);
  for (Event& event : events) {
    std::uint64_t words[4];
    for (std::uint64_t& word : words)
      word = random.next() >> random.below(64);
    std::memcpy(&event, words, sizeof(event));
    event.kind %= event_kinds;
  }
  return events;
}

TEST(EventCodec, GivesBackARun) {
  const std::vector<Event> events = synthetic::run(1, 2000, 4064);
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < events.size(); i += 256) {
    const auto block = std::span(events).subspan(i, std::min<std::size_t>(256, events.size() - i));
    const std::vector<std::byte> coded = encoded(block);
    std::vector<Event> back(block.size());
    ASSERT_TRUE(decode_events(coded, back));
    ASSERT_TRUE(same(back, block));
    bytes += coded.size();
  }
  EXPECT_LT(bytes, events.size() * 8);
}

TEST(EventCodec, SteadyTrafficTakesLessThanATenth) {
  std::vector<Event> events;
  for (std::uint32_t i = 0; i < 64; ++i) {
    const std::uint64_t now = 1000 + 200ull * i;
    events.push_back({now, i, 60, 60, 0, 0, ZB_NO_DESCRIPTOR, ZB_EV_ARRIVED, ZB_NO_BUFFER});
    events.push_back({now, i, 0xffffffff, 0, 0, 0, 0, ZB_EV_ACCEPTED, ZB_NO_BUFFER});
    events.push_back({now, i, 88 * i, 60, 26, 60, 0, ZB_EV_STORED, ZB_A});
    events.push_back({now + 50, i, 88 * i, 60, 0, 60, 0, ZB_EV_HANDLED, ZB_A});
  }
  EXPECT_LT(encoded(events).size() * 10, events.size() * sizeof(Event));
}

TEST(EventCodec, NumbersWithoutEndAreRefused) {
  std::vector<std::byte> bytes(34, std::byte{0xff});
  bytes[0] = std::byte{ZB_EV_ARRIVED};
  bytes[1] = std::byte{1};
  std::vector<Event> into(1);
  EXPECT_FALSE(decode_events(bytes, into));
}

RC_GTEST_PROP(EventCodec, GivesBackAnything, (std::uint64_t seed, std::uint8_t count)) {
  const std::vector<Event> events = any_events(seed, count);
  const std::vector<std::byte> coded = encoded(events);
  RC_ASSERT(coded.size() <= encoded_room(count));
  std::vector<Event> back(count);
  RC_ASSERT(decode_events(coded, back));
  RC_ASSERT(same(back, events));
}

TEST(EventCodec, RefusesFewerAndMoreBytesAndEvents) {
  const std::vector<Event> events = any_events(3, 20);
  std::vector<std::byte> coded = encoded(events);
  std::vector<Event> back(events.size());
  for (std::size_t length = 0; length < coded.size(); ++length)
    EXPECT_FALSE(decode_events(std::span(coded).first(length), back)) << length;
  EXPECT_FALSE(decode_events(coded, std::span(back).first(19)));
  back.resize(21);
  EXPECT_FALSE(decode_events(coded, back));
  coded.push_back(std::byte{0});
  EXPECT_FALSE(decode_events(coded, std::span(back).first(20)));
  EXPECT_TRUE(decode_events({}, {}));
}

TEST(EventCodec, TakesAnyBytes) {
  Random random(5);
  std::vector<Event> events(256);
  for (int i = 0; i < 5000; ++i) {
    std::vector<std::byte> bytes(random.below(300)); // exactly so long: a sanitizer sees what lies beyond
    for (std::byte& byte : bytes)
      byte = static_cast<std::byte>(random.next() >> random.below(64));
    (void)decode_events(bytes, std::span(events).first(random.below(257)));
  }
}

} // namespace
} // namespace zbuf

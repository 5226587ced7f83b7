// SPDX-License-Identifier: BSD-2-Clause
#include "core/trace/snapshot.h"

#include "core/base/random.h"
#include "core/trace/fold.h"
#include "core/trace/synthetic.h"

#include <gtest/gtest.h>

namespace zbuf {
namespace {

std::vector<std::byte> encoded(const State& state) {
  std::vector<std::byte> bytes;
  encode_snapshot(state, bytes);
  return bytes;
}

TEST(Snapshot, GivesTheStateBack) {
  State state;
  EXPECT_EQ(decode_snapshot(encoded(state)), state);
  for (const Event& event : synthetic::run(1, 300, 4064)) {
    fold(state, event);
    ASSERT_EQ(decode_snapshot(encoded(state)), state) << state.events;
  }
}

TEST(Snapshot, KeepsEveryField) {
  // Any byte of any event goes somewhere: what two states differ in, their snapshots differ in.
  Random random(4);
  std::vector<Event> events = synthetic::run(2, 60, 4064);
  for (int i = 0; i < 3000; ++i) {
    std::vector<Event> changed = events;
    Event& event = changed[random.below(changed.size())];
    reinterpret_cast<unsigned char*>(&event)[random.below(28)] ^=
        static_cast<unsigned char>(1 + random.below(255));
    event.descriptor &= 3;
    State x, y;
    fold(x, events);
    fold(y, changed);
    ASSERT_EQ(x == y, encoded(x) == encoded(y));
    ASSERT_EQ(decode_snapshot(encoded(y)), y);
  }
}

TEST(Snapshot, IsSmall) {
  State state;
  fold(state, synthetic::run(1, 20000));
  EXPECT_LT(encoded(state).size(), 600u);
}

TEST(Snapshot, RefusesWhatIsNone) {
  State state;
  fold(state, synthetic::run(1, 100, 4064));
  const std::vector<std::byte> good = encoded(state);
  for (std::size_t length = 0; length < good.size(); ++length)
    EXPECT_FALSE(decode_snapshot(std::span(good).first(length))) << length;
  std::vector<std::byte> longer = good;
  longer.push_back(std::byte{0});
  EXPECT_FALSE(decode_snapshot(longer));
  // Bytes that never end a number.
  EXPECT_FALSE(decode_snapshot(std::vector<std::byte>(1000, std::byte{0xff})));
}

TEST(Snapshot, WhatItAcceptsCanBeFoldedOn) {
  State state;
  fold(state, synthetic::run(1, 100, 4064));
  const std::vector<std::byte> good = encoded(state);
  const std::vector<Event> more = synthetic::run(9, 50, 4064);
  Random random(8);
  std::size_t accepted = 0;
  for (int i = 0; i < 5000; ++i) {
    std::vector<std::byte> bytes = good;
    for (std::uint64_t changes = 1 + random.below(3); changes > 0; --changes)
      bytes[random.below(bytes.size())] = static_cast<std::byte>(random.next());
    std::optional<State> read = decode_snapshot(bytes);
    if (!read)
      continue;
    ++accepted;
    fold(*read, more);
    EXPECT_GE(read->events, more.size());
  }
  EXPECT_GT(accepted, 100u);
}

} // namespace
} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
#include "core/live/event_merge.h"

#include "core/trace/recording.h"

#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace zbuf {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

Event event(std::uint64_t time_ns, zb_event_kind kind, std::uint8_t buffer = ZB_NO_BUFFER,
            std::uint32_t a = 0, std::uint32_t b = 0, std::uint32_t c = 0, std::uint32_t d = 0,
            std::uint32_t packet = ZB_NO_PACKET) {
  const bool nobody = kind == ZB_EV_ARRIVED || kind == ZB_EV_LOST_EVENTS || kind == ZB_EV_IF_GONE;
  // A kernel's own numbers: 7 for the descriptor.
  return {time_ns,
          packet,
          a,
          b,
          c,
          d,
          nobody ? std::uint16_t{ZB_NO_DESCRIPTOR} : std::uint16_t{7},
          static_cast<std::uint8_t>(kind),
          buffer};
}

class Merge : public testing::Test {
 protected:
  void TearDown() override {
    recorder_.reset();
    fs::remove(path_);
  }

  void kernel(std::initializer_list<Event> events, std::size_t descriptor = 0) {
    merge_.kernel(descriptor, std::vector<Event>(events));
  }
  void reader(Event event, std::uint16_t descriptor = 0) {
    event.descriptor = descriptor;
    *zb_trace_claim(merge_.reader(descriptor)) = event;
  }
  /// Two loans of 4 KiB, and one packet of 100 bytes in A, which is published.
  void first_fill(std::uint32_t packet = 50) {
    kernel({event(1, ZB_EV_OPENED), event(1, ZB_EV_MODE, ZB_NO_BUFFER, 2), event(1, ZB_EV_LOANED, ZB_A, 4064),
            event(1, ZB_EV_LOANED, ZB_B, 4064, 8192),
            event(10, ZB_EV_ARRIVED, ZB_NO_BUFFER, 100, 100, 4, 0, packet),
            event(10, ZB_EV_ACCEPTED, ZB_NO_BUFFER, 262144, 0, 0, 0, packet),
            event(10, ZB_EV_STORED, ZB_A, 0, 100, 32, 100, packet),
            event(20, ZB_EV_ROTATED, ZB_A, 132, ZB_B, ZB_BY_ROTZBUF),
            event(20, ZB_EV_PUBLISHED, ZB_A, 132, 1)});
  }
  void handle_first_fill(std::uint64_t time_ns) {
    reader(event(time_ns, ZB_EV_LOOKED, ZB_A, 1, 0, 1));
    reader(event(time_ns, ZB_EV_TOOK, ZB_A, 132, 1));
    reader(event(time_ns + 1, ZB_EV_HANDLED, ZB_A, 0, 100, 0, 100));
    reader(event(time_ns + 2, ZB_EV_ACKNOWLEDGED, ZB_A, 1, 1));
  }
  const State& emit(std::uint64_t until_ns) {
    merge_.emit(*recorder_, until_ns);
    recorder_->drain();
    return recorder_->state();
  }
  const State& emit_all() {
    merge_.emit_all(*recorder_);
    recorder_->drain();
    return recorder_->state();
  }

  const std::string path_ =
      (fs::temp_directory_path() / ("zbuf-merge-" + std::to_string(::getpid()) + ".zbt")).string();
  EventMerge merge_{2};
  std::unique_ptr<Recorder> recorder_ = [this] {
    Recorder::Options options;
    options.path = path_;
    return std::move(*Recorder::create(options));
  }();
};

/// The kernel was entered at 40, and found at 45 what the reader had given back at 42.
TEST_F(Merge, WhatAnAcknowledgementAllowedComesAfterIt) {
  first_fill();
  handle_first_fill(40);
  kernel({event(40, ZB_EV_RECLAIMED, ZB_A, 0, 0, ZB_BY_PACKET)});
  const State& state = emit(100);
  EXPECT_FALSE(state.any_broken());
  EXPECT_EQ(state.total().delivered, 1u);
  EXPECT_EQ(state.total().reclaims, 1u);
  EXPECT_EQ(state.time_ns, 40u) << "and not later than the kernel says";
}

/// The reader has not come round to telling of it.
TEST_F(Merge, WaitsForTheAcknowledgement) {
  first_fill();
  kernel({event(45, ZB_EV_RECLAIMED, ZB_A, 0, 0, ZB_BY_PACKET)});
  EXPECT_EQ(emit(100).total().reclaims, 0u);
  handle_first_fill(40);
  const State& state = emit(100);
  EXPECT_EQ(state.total().reclaims, 1u);
  EXPECT_FALSE(state.any_broken());
}

TEST_F(Merge, ButNotForEver) {
  first_fill();
  kernel({event(45, ZB_EV_RECLAIMED, ZB_A, 0, 0, ZB_BY_SETIF)});
  EXPECT_EQ(emit(999'999'999).total().reclaims, 0u);
  EXPECT_EQ(emit(1'000'000'046).total().reclaims, 1u);
}

TEST_F(Merge, NorWhereEventsWereLost) {
  first_fill();
  kernel(
      {event(44, ZB_EV_LOST_EVENTS, ZB_NO_BUFFER, 9), event(45, ZB_EV_RECLAIMED, ZB_A, 0, 0, ZB_BY_PACKET)});
  const State& state = emit(100);
  EXPECT_EQ(state.lost_events, 9u);
  EXPECT_EQ(state.total().reclaims, 1u);
}

TEST_F(Merge, LeavesWhatIsLater) {
  first_fill();
  EXPECT_EQ(emit(20).total().publications, 0u);
  EXPECT_EQ(emit(21).total().publications, 1u);
  handle_first_fill(40);
  EXPECT_EQ(emit(41).total().delivered, 0u);
  EXPECT_EQ(emit_all().total().delivered, 1u);
}

/// Two descriptors tell of one packet, and of one interface; a recording numbers packets from 0.
TEST_F(Merge, APacketArrivesOnce) {
  for (const std::size_t descriptor : {0u, 1u})
    kernel({event(5, ZB_EV_OPENED), event(10, ZB_EV_ARRIVED, ZB_NO_BUFFER, 100, 100, 300, 0, 50),
            event(11, ZB_EV_REJECTED, ZB_NO_BUFFER, 0, 0, 0, 0, 50),
            event(12, ZB_EV_ARRIVED, ZB_NO_BUFFER, 60, 60, 300, 0, 51),
            event(12, ZB_EV_REJECTED, ZB_NO_BUFFER, 0, 0, 0, 0, 51),
            event(13, ZB_EV_IF_GONE, ZB_NO_BUFFER, 0, 0, 300)},
           descriptor);
  const State& state = emit_all();
  EXPECT_EQ(state.arrived(), 2u);
  EXPECT_EQ(state.interfaces.size(), 1u);
  ASSERT_EQ(state.descriptors.size(), 2u);
  EXPECT_EQ(state.descriptors[1].total.rejected, 2u);
  ASSERT_TRUE(recorder_->finish(false));
  const auto recording = Recording::open(path_);
  ASSERT_TRUE(recording);
  EXPECT_EQ(recording->event_count(ZB_EV_IF_GONE), 1u);
  std::vector<std::uint32_t> packets;
  recording->for_each(0, recording->event_count(), [&](std::uint64_t, const Event& e) {
    if (e.kind == ZB_EV_REJECTED)
      packets.push_back(e.packet);
  });
  EXPECT_THAT(packets, ElementsAre(0u, 0u, 1u, 1u));
}

TEST_F(Merge, KeepsTheBytesOfWhatWasDelivered) {
  first_fill(4'000'000'000);
  std::vector<std::byte> fill(132, std::byte{0x5a});
  zb_bpf_hdr header{};
  header.caplen = header.datalen = 100;
  header.hdrlen = 32;
  std::memcpy(fill.data(), &header, 26);
  merge_.note_fill(fill, 96);
  handle_first_fill(40);
  emit_all();
  ASSERT_TRUE(recorder_->finish(false));
  const auto recording = Recording::open(path_);
  ASSERT_TRUE(recording);
  const auto packet = recording->packet(0);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->bytes.size(), 96u);
  EXPECT_EQ(packet->bytes.front(), std::byte{0x5a});
  EXPECT_EQ(packet->wire_length, 100u);
  EXPECT_EQ(packet->time_ns, 10u) << "when it arrived";
}

} // namespace
} // namespace zbuf

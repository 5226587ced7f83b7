// SPDX-License-Identifier: BSD-2-Clause
#include "core/trace/packet_fate.h"

#include "core/trace/fold.h"
#include "core/trace/test_recording.h"

#include <filesystem>

namespace zbuf {
namespace {

using namespace testing_support;
using synthetic::Pencil;

class PacketFatesTest : public ::testing::Test {
 protected:
  void recorded(const Pencil& pencil, std::uint32_t packet_snap = 96) {
    record(file_, pencil.events, packet_snap);
    recording_.emplace(opened(file_));
    fates_.emplace(*recording_);
  }
  Fate fate(std::uint32_t packet) { return fates_->fate(0, packet).fate; }

  TemporaryFile file_;
  std::optional<Recording> recording_;
  std::optional<PacketFates> fates_;
};

TEST_F(PacketFatesTest, OfARecordingWithoutPackets) {
  Pencil p;
  recorded(p.open());
  EXPECT_EQ(fates_->count(), 0u);
  EXPECT_FALSE(fates_->arrival(0));
  EXPECT_EQ(fate(0), Fate::unseen);
}

TEST_F(PacketFatesTest, TellWhatBecameOfEachPacket) {
  Pencil p;
  p.open();
  p.store(ZB_A, 0).store(ZB_A, 128); // 0, 1
  p.arrive().reject();               // 2
  p.rotate(ZB_A, 254).publish(ZB_A, 254, 1);
  p.store(ZB_B, 0);           // 3
  p.drop(ZB_B, ZB_DROP_LENT); // 4
  p.take(ZB_A, 254, 1).put(ZB_EV_HANDLED, ZB_A, 0, 100, 0, 100);
  p.put(ZB_EV_ACKNOWLEDGED, ZB_A, 1, 1).reclaim(ZB_A);
  p.arrive(); // 5 passed no descriptor
  recorded(p);
  ASSERT_EQ(fates_->first(), 0u);
  ASSERT_EQ(fates_->count(), 6u);
  EXPECT_EQ(fate(0), Fate::delivered);
  EXPECT_EQ(fate(1), Fate::unread) << "given back without having been handled";
  EXPECT_EQ(fate(2), Fate::rejected);
  EXPECT_EQ(fate(3), Fate::in_buffers);
  EXPECT_EQ(fate(4), Fate::dropped);
  EXPECT_EQ(fates_->fate(0, 4).reason, ZB_DROP_LENT);
  EXPECT_EQ(fate(5), Fate::unseen);
  EXPECT_EQ(fates_->fate(1, 0).fate, Fate::unseen) << "another descriptor";
  EXPECT_EQ(fates_->fate(0, 0).buffer, ZB_A);
  EXPECT_EQ(fates_->fate(0, 0).fill, 1u);
  EXPECT_EQ(fates_->fate(0, 3).buffer, ZB_B);
  const auto decided = fates_->fate(0, 0).event;
  ASSERT_TRUE(decided);
  EXPECT_EQ(recording_->event(*decided).kind, ZB_EV_HANDLED);
  EXPECT_EQ(recording_->event(*decided).packet, 0u);
}

/// Ten thousand packets through two buffers, some dropped, and the last ones left.
TEST_F(PacketFatesTest, AreFoundInAnyOrderWithAndWithoutKeptPackets) {
  for (const std::uint32_t snap : {96u, 0u}) {
    Pencil p;
    p.open();
    std::uint32_t generation = 0;
    for (int lap = 0; lap < 300; ++lap) {
      const zb_which which = lap % 2 == 0 ? ZB_A : ZB_B;
      for (std::uint32_t i = 0; i < 31; ++i)
        p.store(which, i * 128);
      generation += which == ZB_A;
      p.rotate(which, 30 * 128 + 126).publish(which, 30 * 128 + 126, generation);
      p.drop(which == ZB_A ? ZB_B : ZB_A);
      p.take(which, 30 * 128 + 126, generation);
      for (std::uint32_t i = 0; i < 31; ++i)
        p.put(ZB_EV_HANDLED, which, i * 128, 100, 0, 100);
      p.put(ZB_EV_ACKNOWLEDGED, which, generation, generation).reclaim(which);
    }
    p.store(ZB_A, 0);
    recorded(p, snap);
    ASSERT_EQ(fates_->count(), 300u * 32 + 1);
    for (std::uint32_t k = 0; k < 120; ++k) {
      const std::uint32_t packet = k < 60 ? 9541 + k : k * 4801 % fates_->count(); // in a row, and scattered
      const auto arrived = fates_->arrival(packet);
      ASSERT_TRUE(arrived) << packet;
      ASSERT_EQ(recording_->event(*arrived).packet, packet);
      const PacketFate fate = fates_->fate(0, packet);
      const Fate expected = packet == 9600      ? Fate::in_buffers
                            : packet % 32 == 31 ? Fate::dropped
                                                : Fate::delivered;
      ASSERT_EQ(fate.fate, expected) << packet;
      if (fate.stored) {
        ASSERT_EQ(fate.fill, packet / 64 + 1) << packet;
        ASSERT_EQ(fate.buffer, packet / 32 % 2 == 0 ? ZB_A : ZB_B) << packet;
      }
    }
  }
}

/// It begins with the state that the parts before it led to, fills and all.
TEST_F(PacketFatesTest, OfALaterPartKnowWhichFillItWas) {
  Recorder::Options options;
  options.path = file_.path();
  options.limit_bytes = 1 << 20;
  const auto recorder = Recorder::create(options);
  ASSERT_TRUE(recorder);
  play(**recorder, synthetic::run(1, 30'000, 4064));
  ASSERT_TRUE((*recorder)->finish(false));
  recording_.emplace(opened(file_));
  fates_.emplace(*recording_);
  State state = recording_->state_after(0);
  ASSERT_GT(state.time_ns, 0u) << "not a later part";
  int stored = 0;
  for (std::uint64_t n = 0; n < 2000; ++n) {
    const Event e = recording_->event(n);
    fold(state, e);
    if (e.kind != ZB_EV_STORED || e.descriptor != 0)
      continue;
    ++stored;
    const PacketFate fate = fates_->fate(0, e.packet);
    ASSERT_EQ(fate.stored, n);
    EXPECT_EQ(fate.fill, state.descriptors[0].buffers[e.buffer].fill) << "packet " << e.packet;
  }
  EXPECT_GT(stored, 100);
  std::filesystem::remove(older_part(file_.path()));
}

} // namespace
} // namespace zbuf

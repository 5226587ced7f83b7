// SPDX-License-Identifier: GPL-3.0-or-later
// What the stage says, against what the fold says, at instants of every lesson.
#include "gui/stage/test_lessons.h"

#include "gui/stage/stage_model.h"
#include "gui/theme/format.h"

#include <gtest/gtest.h>

namespace zbuf::gui::stage {
namespace {

constexpr QSizeF usual(820, 506);

bool says(const std::vector<Text>& texts, const QString& wanted) {
  return std::any_of(texts.begin(), texts.end(), [&](const Text& text) { return text.text == wanted; });
}

const Card* card_of(const Scene& scene, std::uint8_t which) {
  for (const Card& card : scene.cards)
    if (card.which == which && !card.ghost)
      return &card;
  return nullptr;
}

Scene scene_of(StageModel& model, const Playback& playback, double settled = 1, QSizeF size = usual) {
  Input input = input_of(playback, playback.focus());
  input.size = size;
  input.settled = settled;
  return model.build(input);
}

/// f(playback) at sampled events of every run of every lesson, for every descriptor.
template <typename F>
void everywhere(std::uint64_t spread, F&& f) {
  for (const Lesson& lesson : lessons())
    for (const Track& track : lesson.tracks) {
      Playback playback;
      playback.set_tracks({track});
      for (const std::uint64_t n : sampled_events(*track.recording, spread)) {
        playback.seek_event(n);
        const std::size_t descriptors = std::max<std::size_t>(1, playback.state().descriptors.size());
        for (std::size_t d = 0; d < descriptors; ++d) {
          playback.set_descriptor(static_cast<std::uint16_t>(d));
          SCOPED_TRACE(testing::Message() << lesson.name << " " << track.name.toStdString() << ", event " << n
                                          << ", descriptor " << d);
          f(playback);
        }
      }
    }
}

void expect_buffer(const Scene& scene, const DescriptorState& d, std::uint8_t which) {
  const BufferState& b = d.buffers[which];
  const Card* card = card_of(scene, which);
  ASSERT_EQ(card != nullptr, b.present);
  if (card == nullptr)
    return;
  const bool user = b.shared && b.user_owned();
  EXPECT_EQ(card->owner, user ? Owner::user : Owner::kernel);
  EXPECT_TRUE(says(card->texts, user ? "▲ user owns" : "▼ kernel owns"));
  EXPECT_TRUE(says(card->texts, which == ZB_A ? "A" : "B"));
  if (b.shared) {
    EXPECT_TRUE(says(card->texts, count(b.kernel_gen)));
    EXPECT_TRUE(says(card->texts, count(b.user_gen)));
    EXPECT_TRUE(says(card->texts, count(b.kernel_len)));
    EXPECT_TRUE(says(card->texts, user ? "≠" : "="));
  }
  EXPECT_EQ(card->overwritten, b.damaged && b.user_owned());
  EXPECT_FALSE(card->moving);
  // Where it lies: in its slot, or above it with a tether.
  const std::uint8_t slots_of[] = {d.hold, d.store, d.free};
  for (std::size_t slot = 0; slot < 3; ++slot) {
    if (slots_of[slot] != which)
      continue;
    EXPECT_EQ(scene.berths[slot].occupied, !user);
    EXPECT_EQ(card->tethered, user);
    EXPECT_DOUBLE_EQ(card->rect.left(), scene.berths[slot].rect.left());
    if (user)
      EXPECT_LT(card->rect.bottom(), scene.user_area.bottom());
    else
      EXPECT_EQ(card->rect, scene.berths[slot].rect);
  }
}

TEST(Scene, SaysWhatTheStateSays) {
  StageModel model;
  everywhere(12, [&](const Playback& playback) {
    const Scene scene = scene_of(model, playback);
    const State& state = playback.state();
    if (playback.descriptor() >= state.descriptors.size())
      return;
    const DescriptorState& d = state.descriptors[playback.descriptor()];
    expect_buffer(scene, d, ZB_A);
    expect_buffer(scene, d, ZB_B);
    for (const std::uint64_t number : {d.total.received, d.total.accepted, d.total.delivered, d.in_buffers()})
      EXPECT_TRUE(says(scene.counters.texts, count(number)));
    EXPECT_TRUE(says(scene.bin.texts, count(d.total.dropped)));
    EXPECT_EQ(scene.bin.alarm, d.total.dropped > 0);
    ASSERT_EQ(scene.pill.texts.size(), 1u);
    EXPECT_TRUE(scene.pill.texts[0].text.contains("system calls " + count(d.total.syscalls) + " "));
    EXPECT_TRUE(scene.pill.texts[0].text.endsWith("wake-ups " + count(d.total.wakeups)));
    EXPECT_EQ(scene.overview.size(), state.descriptors.size() > 1 ? state.descriptors.size() : 0);
    const Card* copy = card_of(scene, ZB_USER_COPY);
    if (copy != nullptr) {
      EXPECT_NE(d.mode, 2);
    }
  });
}

TEST(Scene, TheRecordsAreThoseOfTheRecording) {
  Fills fills;
  everywhere(8, [&](const Playback& playback) {
    const State& state = playback.state();
    const Recording& recording = *playback.focused()->recording;
    if (playback.descriptor() >= state.descriptors.size())
      return;
    const DescriptorState& d = state.descriptors[playback.descriptor()];
    const std::uint64_t done = playback.events_done(0);
    for (const std::uint8_t which : {ZB_A, ZB_B, ZB_USER_COPY}) {
      const auto& shown = fills.records(recording, playback.descriptor(), d, which, done);
      if (d.buffers[which].records > 400)
        continue; // may be sampled
      const auto all = recording.records_in(playback.descriptor(), which, done);
      ASSERT_EQ(shown.size(), all.size()) << int{which};
      for (std::size_t i = 0; i < all.size(); ++i) {
        EXPECT_EQ(shown[i].offset, all[i].offset);
        EXPECT_EQ(shown[i].packet, all[i].packet);
        EXPECT_EQ(shown[i].event, all[i].event);
        EXPECT_EQ(shown[i].end, all[i].offset + all[i].hdrlen + all[i].caplen);
      }
    }
  });
}

TEST(Scene, AFillTooLargeToReadIsSampledInOrder) {
  Playback playback;
  playback.set_tracks(track_of("15", "zbuf_2M"));
  const Recording& recording = *playback.focused()->recording;
  playback.seek_time(recording.last_ns() / 2);
  Fills fills;
  const auto& records = fills.records(recording, 0, playback.state().descriptors[0],
                                      playback.state().descriptors[0].store, playback.events_done(0));
  for (std::size_t i = 1; i < records.size(); ++i)
    EXPECT_GE(records[i].offset, records[i - 1].end);
}

/// Forwards, and then backwards with a model that remembers other things: every picture is the same again.
TEST(Scene, SteppingBackShowsTheSamePicture) {
  for (const Lesson& lesson : lessons()) {
    const Track& track = lesson.tracks.front();
    Playback playback;
    playback.set_tracks({track});
    playback.set_speed(2e-5);
    const std::uint64_t count = std::min<std::uint64_t>(track.recording->event_count(), 60);
    const std::uint64_t first = (track.recording->event_count() - count) / 2;
    StageModel model;
    std::vector<Scene> forward;
    playback.seek_event(first);
    for (std::uint64_t i = 0; i < count; ++i) {
      for (const double settled : {1.0, 0.0})
        forward.push_back(scene_of(model, playback, settled));
      playback.step(Unit::event, true);
    }
    StageModel other;
    for (std::uint64_t i = count; i-- > 0;) {
      playback.step(Unit::event, false);
      playback.seek_event(first + i);
      for (const double settled : {0.0, 1.0})
        EXPECT_TRUE(scene_of(i % 2 == 0 ? model : other, playback, settled) ==
                    forward[i * 2 + (settled == 1.0 ? 0 : 1)])
            << lesson.name << " " << first + i << " " << settled;
    }
  }
}

TEST(Scene, BetweenEventsToo) {
  for (const char* number : {"02", "04", "18"}) {
    Playback playback;
    playback.set_tracks(track_of(number));
    playback.set_speed(1e-4);
    const std::uint64_t end = playback.end_ns();
    StageModel there, back;
    std::vector<Scene> forward;
    for (std::uint64_t i = 0; i <= 50; ++i) {
      playback.seek_time(end / 2 + end / 400 * i);
      forward.push_back(scene_of(there, playback, 0));
    }
    for (std::uint64_t i = 51; i-- > 0;) {
      playback.seek_time(end / 2 + end / 400 * i);
      EXPECT_TRUE(scene_of(back, playback, 0) == forward[i]) << number << " " << i;
    }
  }
}

/// Lesson 9: the write into the user's buffer cannot be overlooked, in any of the three kernels that do it.
TEST(Scene, AWriteIntoTheUsersBufferIsMarked) {
  for (const char* run : {"march_2008", "april_2008", "july_2008"}) {
    Playback playback;
    playback.set_tracks(track_of("09", run));
    const Recording& recording = *playback.focused()->recording;
    const State end = recording.state_after(recording.event_count());
    const Violation& violation = end.violation(Invariant::untouched);
    ASSERT_GT(violation.count, 0u) << run;
    StageModel model;
    playback.seek_event(violation.first_event - 1);
    for (const Card& card : scene_of(model, playback).cards)
      EXPECT_FALSE(card.overwritten) << run;
    playback.seek_event(violation.first_event);
    const Scene scene = scene_of(model, playback);
    const auto hit = std::find_if(scene.cards.begin(), scene.cards.end(),
                                  [](const Card& card) { return card.overwritten; });
    ASSERT_NE(hit, scene.cards.end()) << run;
    EXPECT_DOUBLE_EQ(hit->flash, 1);
    EXPECT_FALSE(hit->stale.isEmpty());
    EXPECT_TRUE(says(hit->texts, "the kernel wrote here!"));
  }
}

TEST(Scene, ReadTwoNeverCrossesButItsCopyDoes) {
  Playback playback;
  playback.set_tracks(track_of("04", "read"));
  playback.set_speed(1e-5);
  const Recording& recording = *playback.focused()->recording;
  const auto copied = recording.next(mask_of({ZB_EV_COPIED_OUT}), 0);
  ASSERT_TRUE(copied);
  playback.seek_event(*copied);
  playback.seek_time(playback.time_ns() + 3000);
  StageModel model;
  const Scene scene = scene_of(model, playback, 0);
  bool ghost = false;
  for (const Card& card : scene.cards) {
    ghost |= card.ghost;
    if (card.which <= ZB_B) {
      EXPECT_GE(card.rect.top(), scene.kernel_area.top());
    }
  }
  EXPECT_TRUE(ghost);
  EXPECT_FALSE(scene.copy_arrow.empty());
}

/// Too many to draw each: streams, and words that say so; never both.
TEST(Scene, FastPacketsBecomeStreams) {
  Playback playback;
  playback.set_tracks(track_of("13", "zbuf_3M"));
  StageModel model;
  playback.seek_time(playback.end_ns() / 2);
  playback.set_speed(1e-6);
  EXPECT_TRUE(scene_of(model, playback, 0).streams.empty());
  playback.set_speed(1e-3);
  const Scene fast = scene_of(model, playback, 0);
  EXPECT_FALSE(fast.streams.empty());
  EXPECT_TRUE(fast.packets.empty());
  ASSERT_FALSE(fast.notice.texts.empty());
  EXPECT_TRUE(fast.notice.texts[0].text.contains("pps") || fast.notice.texts[0].text.contains("too fast"));
}

/// Buffers that change hands too fast are shown as they were, but not to who has stopped to look at them.
TEST(Scene, WhoStopsSeesThisVeryInstant) {
  Playback playback;
  playback.set_tracks(track_of("13", "zbuf_3M"));
  playback.set_speed(1);
  const Recording& recording = *playback.focused()->recording;
  std::size_t others = 0; // instants at which what is shown while it plays is of before
  for (int i = 1; i < 20; ++i) {
    playback.seek_time(recording.last_ns() / 20 * static_cast<std::uint64_t>(i) + 1);
    Input input = input_of(playback, 0);
    input.size = usual;
    input.settled = 0;
    input.playing = true;
    StageModel model;
    const Scene fast = model.build(input);
    ASSERT_FALSE(fast.notice.texts.empty());
    EXPECT_TRUE(fast.notice.texts[0].text.contains("too fast to follow"));
    input.playing = false;
    const Scene stopped = model.build(input);
    EXPECT_TRUE(stopped.notice.texts.empty() || !stopped.notice.texts[0].text.contains("too fast"));
    const DescriptorState& d = playback.state().descriptors[0];
    for (const std::uint8_t which : {ZB_A, ZB_B}) {
      expect_buffer(stopped, d, which);
      const Card* const before = card_of(fast, which);
      const Card* const now = card_of(stopped, which);
      ASSERT_NE(now, nullptr);
      others +=
          before == nullptr || before->blocks.size() != now->blocks.size() || before->owner != now->owner;
    }
  }
  EXPECT_GT(others, 0u);
}

TEST(Scene, NothingIsOpen) {
  StageModel model;
  Input input;
  input.size = usual;
  const Scene scene = model.build(input);
  EXPECT_TRUE(scene.empty);
  ASSERT_EQ(scene.texts.size(), 1u);
  EXPECT_TRUE(scene.texts[0].whole.isEmpty());
}

TEST(Scene, TheQuestionHasOneRightAnswerAndItIsTheNextStep) {
  everywhere(6, [](const Playback& playback) {
    const Quiz quiz = quiz_at(*playback.focused()->recording, playback.state(), playback.events_done(0),
                              playback.descriptor());
    if (quiz.choices.empty())
      return;
    EXPECT_EQ(
        std::count_if(quiz.choices.begin(), quiz.choices.end(), [](const Choice& c) { return c.right; }), 1);
    EXPECT_GE(quiz.event, playback.events_done(0));
    for (std::size_t i = 0; i < quiz.choices.size(); ++i)
      for (std::size_t k = 0; k < i; ++k)
        EXPECT_NE(quiz.choices[i].text, quiz.choices[k].text);
  });
}

TEST(Scene, DeducedSlotsSaySo) {
  Playback playback;
  auto tracks = track_of("04");
  tracks[0].deduced = true;
  playback.set_tracks(std::move(tracks));
  playback.seek_time(playback.end_ns() / 2);
  StageModel model;
  const Scene scene = scene_of(model, playback);
  for (const Slot& slot : scene.berths) {
    EXPECT_TRUE(slot.deduced);
    EXPECT_TRUE(slot.name.text.contains("deduced"));
  }
}

} // namespace
} // namespace zbuf::gui::stage

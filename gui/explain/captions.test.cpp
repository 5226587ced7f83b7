// SPDX-License-Identifier: GPL-3.0-or-later
// Every event of every lesson is explained, and what is said agrees with the fold of core/trace.
#include "core/trace/fold.h"
#include "core/trace/synthetic.h"
#include "gui/explain/lesson_runs.h"
#include "gui/explain/pseudo_code.h"
#include "gui/explain/words.h"

#include <map>
#include <set>

namespace zbuf::gui::explain {
namespace {

/// Calls f(moment) for each event of the recording.
template <typename F>
void for_each_moment(const Recording& recording, F&& f) {
  const RunFacts facts = run_facts(recording.metadata());
  State before, after;
  recording.for_each(0, recording.event_count(), [&](std::uint64_t n, const Event& e) {
    fold(after, e);
    f(Moment{e, n, before, after, &recording, &facts});
    fold(before, e);
  });
}

bool is_complete(const QString& text) {
  return !text.isEmpty() && !text.contains('%') && !text.contains("  ") && text == text.trimmed();
}

const ValueLine* line(const Caption& caption, const QString& name) {
  for (const ValueLine& value : caption.values)
    if (value.name == name)
      return &value;
  return nullptr;
}

void expect_buffer_line(const Moment& m, const Caption& caption, const char* field,
                        std::uint32_t (*of)(const BufferState&)) {
  const ValueLine* value = line(caption, buffer_name(m.event.buffer) + "." + field);
  ASSERT_NE(value, nullptr) << field << " at event " << m.index;
  EXPECT_EQ(value->before, count(of(m.buffer_then())));
  EXPECT_EQ(value->after, count(of(m.buffer())));
}

/// All lessons, run once for all tests.
const std::vector<Track>& all_tracks() {
  static const QTemporaryDir folder;
  static const std::vector<Track> tracks = [] {
    std::vector<Track> all;
    for (const std::string& file : lesson_files())
      for (Track& track : run_lesson(file, folder))
        all.push_back(std::move(track));
    return all;
  }();
  return tracks;
}

/// A long run has the same kinds of events over and over: of each kind so many are looked at, and then one in
/// so many.
class Sampler {
 public:
  bool wants(const Event& e) {
    const std::uint64_t n = seen_[e.kind]++;
    return n < 20000 || n % 7 == 0;
  }

 private:
  std::map<std::uint8_t, std::uint64_t> seen_;
};

TEST(Captions, EveryEventOfEveryLessonHasOne) {
  std::set<std::uint8_t> kinds;
  for (const Track& track : all_tracks()) {
    Sampler sampler;
    for_each_moment(*track.recording, [&](const Moment& m) {
      if (!sampler.wants(m.event))
        return;
      kinds.insert(m.event.kind);
      const Caption caption = caption_of(m);
      ASSERT_TRUE(is_complete(caption.headline)) << caption.headline.toStdString() << " at " << m.index;
      ASSERT_TRUE(is_complete(caption.text)) << caption.text.toStdString() << " at " << m.index;
      ASSERT_TRUE(caption.text.endsWith('.')) << caption.text.toStdString();
      ASSERT_FALSE(caption.headline.endsWith('.')) << caption.headline.toStdString();
      ASSERT_LE(caption.headline.size(), 70) << caption.headline.toStdString();
      for (const ValueLine& value : caption.values) {
        ASSERT_TRUE(is_complete(value.name)) << value.name.toStdString();
        ASSERT_TRUE(is_complete(value.after)) << value.name.toStdString();
      }
    });
  }
  EXPECT_GE(kinds.size(), 36u) << "the lessons show nearly everything";
}

TEST(Captions, EveryEventOfEveryLessonHasItsLinesMarkedOnBothSides) {
  for (const Track& track : all_tracks()) {
    Sampler sampler;
    for_each_moment(*track.recording, [&](const Moment& m) {
      if (!sampler.wants(m.event))
        return;
      for (const CodeStep& step : {kernel_code(m, 0), reader_code(m, 0)}) {
        ASSERT_NE(step.listing.title, nullptr);
        ASSERT_FALSE(step.listing.lines.empty());
        ASSERT_LE(step.first, step.last);
        ASSERT_LE(step.last, step.listing.lines.size());
      }
      const Category category = kind_info(m.event.kind).category;
      if (category == Category::buffer || category == Category::descriptor) {
        ASSERT_TRUE(kernel_code(m, 0).acting) << kind_name(m.event.kind);
        ASSERT_NE(kernel_code(m, 0).first, 0u) << kind_name(m.event.kind) << ": a line of its own";
      }
      if (category == Category::user && m.event.kind != ZB_EV_READER) {
        ASSERT_TRUE(reader_code(m, 0).acting) << kind_name(m.event.kind);
        ASSERT_NE(reader_code(m, 0).first, 0u) << kind_name(m.event.kind);
      }
    });
  }
}

TEST(Captions, ValuesAreThoseOfTheStates) {
  std::uint64_t published = 0, acknowledged = 0, rotated = 0;
  for (const Track& track : all_tracks())
    for_each_moment(*track.recording, [&](const Moment& m) {
      if (m.event.kind != ZB_EV_PUBLISHED && m.event.kind != ZB_EV_ACKNOWLEDGED &&
          m.event.kind != ZB_EV_ROTATED)
        return;
      const Caption caption = caption_of(m);
      if (m.event.kind == ZB_EV_ROTATED) {
        ++rotated;
        const ValueLine* hold = line(caption, "hold");
        ASSERT_NE(hold, nullptr);
        EXPECT_EQ(hold->after, buffer_name(m.now().hold));
        EXPECT_TRUE(hold->changed());
        return;
      }
      expect_buffer_line(m, caption, "kernel_gen", [](const BufferState& b) { return b.kernel_gen; });
      expect_buffer_line(m, caption, "kernel_len", [](const BufferState& b) { return b.kernel_len; });
      expect_buffer_line(m, caption, "user_gen", [](const BufferState& b) { return b.user_gen; });
      if (m.event.kind == ZB_EV_PUBLISHED) {
        ++published;
        EXPECT_TRUE(caption.text.contains(count(m.buffer().kernel_gen)));
        EXPECT_TRUE(line(caption, buffer_name(m.event.buffer) + ".kernel_gen")->changed());
        EXPECT_FALSE(line(caption, buffer_name(m.event.buffer) + ".kernel_gen")->note.isEmpty());
      } else
        ++acknowledged;
    });
  EXPECT_GT(published, 100u);
  EXPECT_GT(acknowledged, 100u);
  EXPECT_GT(rotated, 100u);
}

TEST(Captions, WhatChangedIsShownAndNothingElseIsMarked) {
  const Track& track = all_tracks().front(); // the loan
  for_each_moment(*track.recording, [&](const Moment& m) {
    for (const ValueLine& value : caption_of(m).values)
      if (value.changed()) {
        EXPECT_NE(value.before, value.after);
      }
    if (m.event.kind == ZB_EV_MODE) {
      const Caption caption = caption_of(m);
      const ValueLine* mode = line(caption, "mode");
      ASSERT_NE(mode, nullptr);
      EXPECT_EQ(mode->before, "read(2)");
      EXPECT_EQ(mode->after, "zero-copy");
    }
  });
}

// ---- Damaged and odd events ----

TEST(Captions, AnyEventHasOneWhateverIsInIt) {
  Random random(7);
  State before, after;
  for (int i = 0; i < 20000; ++i) {
    Event e{};
    e.kind = static_cast<std::uint8_t>(random.below(256));
    e.buffer = static_cast<std::uint8_t>(random.below(5));
    e.descriptor = static_cast<std::uint16_t>(random.below(10) == 0 ? ZB_NO_DESCRIPTOR : random.below(3));
    e.packet = static_cast<std::uint32_t>(random.below(2) == 0 ? ZB_NO_PACKET : random.below(100));
    for (std::uint32_t* field : {&e.a, &e.b, &e.c, &e.d})
      *field = static_cast<std::uint32_t>(random.below(3) == 0 ? random.next() : random.below(8));
    before = after;
    fold(after, e);
    const Moment m{e, static_cast<std::uint64_t>(i), before, after};
    const Caption caption = caption_of(m);
    ASSERT_TRUE(is_complete(caption.headline)) << caption.headline.toStdString();
    ASSERT_TRUE(is_complete(caption.text)) << caption.text.toStdString();
    for (const CodeStep& step : {kernel_code(m, 0), reader_code(m, 0)}) {
      ASSERT_FALSE(step.listing.lines.empty());
      ASSERT_LE(step.last, step.listing.lines.size());
    }
  }
}

} // namespace
} // namespace zbuf::gui::explain

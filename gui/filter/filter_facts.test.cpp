// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/filter/filter_facts.h"

#include "gui/explain/lesson_runs.h"

namespace zbuf::gui {
namespace {

State end_of(const Recording& recording) {
  return recording.state_after(recording.event_count());
}

TEST(FilterFacts, TheVerdictOfThePathIsTheKernels) {
  const QTemporaryDir folder;
  std::uint64_t accepted = 0, rejected = 0;
  for (const Track& track : run_lesson(lesson_file("16"), folder)) {
    const FilterProgram program = filter_of(*track.recording, end_of(*track.recording), 0);
    if (program.known != FilterProgram::Known::program)
      continue;
    EXPECT_EQ(program.lines.size(), static_cast<qsizetype>(program.length));
    track.recording->for_each(0, track.recording->event_count(), [&](std::uint64_t, const Event& e) {
      if (e.kind != ZB_EV_ACCEPTED && e.kind != ZB_EV_REJECTED)
        return;
      const auto path = path_of(*track.recording, program, e.packet);
      ASSERT_TRUE(path);
      ASSERT_FALSE(path->undecided) << "this lesson's filter looks at headers only";
      ASSERT_EQ(path->path.verdict != 0, e.kind == ZB_EV_ACCEPTED) << "packet " << e.packet;
      ++(e.kind == ZB_EV_ACCEPTED ? accepted : rejected);
    });
  }
  EXPECT_GT(accepted, 0u);
  EXPECT_GT(rejected, 0u);
}

TEST(FilterFacts, SaysWhatTheRecordingDoesNotHave) {
  const QTemporaryDir folder;
  const auto loan = run_lesson(lesson_file("01"), folder);
  const FilterProgram none = filter_of(*loan[0].recording, end_of(*loan[0].recording), 0);
  EXPECT_EQ(none.known, FilterProgram::Known::none);
  EXPECT_FALSE(path_of(*loan[0].recording, none, 0));
  EXPECT_EQ(filter_of(*loan[0].recording, end_of(*loan[0].recording), 9).known, FilterProgram::Known::none);
}

} // namespace
} // namespace zbuf::gui

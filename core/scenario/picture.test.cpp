// SPDX-License-Identifier: BSD-2-Clause
#include "core/scenario/picture.h"
#include "core/trace/fold.h"

#include <gtest/gtest.h>

namespace zbuf {
namespace {

Event event_at(std::uint64_t time_ns, std::uint8_t kind, std::uint32_t a = 0) {
  Event event{};
  event.time_ns = time_ns;
  event.packet = ZB_NO_PACKET;
  event.a = a;
  event.descriptor = kind == ZB_EV_ARRIVED || kind == ZB_EV_MARK ? ZB_NO_DESCRIPTOR : std::uint16_t{0};
  event.kind = kind;
  event.buffer = ZB_NO_BUFFER;
  return event;
}

/// As a run does it: everything is folded, and the picture sees the kinds that it asked for.
Picture picture_of(PictureAxis axis, const std::vector<Event>& events) {
  Picture picture(axis);
  State state;
  for (const Event& event : events) {
    fold(state, event);
    if (contains(Picture::kinds(), event.kind))
      picture.add(state, event);
  }
  picture.finish(events.back().time_ns);
  return picture;
}

TEST(Picture, MarksAChapterWhereItsEventIsThoughThePictureDoesNotSeeThatKind) {
  Event mark = event_at(90'000, ZB_EV_MARK, 3);
  mark.c = 2; // the RETURN
  const Picture picture =
      picture_of(PictureAxis::time, {event_at(0, ZB_EV_OPENED), event_at(10'000, ZB_EV_ARRIVED),
                                     event_at(90'000, ZB_EV_RETURN, ZB_CALL_POLL), mark});
  ASSERT_EQ(picture.marks().size(), 1u);
  EXPECT_EQ(picture.marks()[0].chapter, 3u);
  EXPECT_EQ(picture.marks()[0].event, 2u);
  EXPECT_EQ(picture.marks()[0].time_ns, 90'000u);
  EXPECT_EQ(picture.marks()[0].position, 90'000u);
}

TEST(Picture, CountsStepsWhereTimeSaysNothing) {
  Event mark = event_at(5, ZB_EV_MARK, 0);
  mark.c = 1;
  const Picture picture =
      picture_of(PictureAxis::steps,
                 {event_at(5, ZB_EV_ARRIVED), event_at(5, ZB_EV_ARRIVED), event_at(5, ZB_EV_ARRIVED), mark});
  ASSERT_EQ(picture.marks().size(), 1u);
  EXPECT_EQ(picture.marks()[0].position, 1u);
  EXPECT_EQ(picture.length(), 3u);
}

} // namespace
} // namespace zbuf

// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/model/track_cursor.h"

#include <algorithm>

namespace zbuf::gui {

namespace {

/// Up to here folding on is no dearer than beginning again from the nearest snapshot.
constexpr std::uint64_t near_events = 4096;

} // namespace

bool TrackCursor::go_to(std::uint64_t done) {
  done = std::min(done, recording_->event_count());
  if (done == done_)
    return false;
  if (done == 0) {
    *this = TrackCursor(std::move(recording_));
    return true;
  }
  if (done < done_ || done - done_ > near_events) {
    state_ = recording_->state_after(done - 1);
    done_ = done - 1;
  }
  recording_->for_each(done_, done, [&](std::uint64_t n, const Event& event) {
    if (n + 1 == done) {
      before_ = state_;
      event_ = event;
    }
    fold(state_, event);
  });
  done_ = done;
  return true;
}

void TrackCursor::grow(std::shared_ptr<const Recording> recording, std::uint64_t gone) {
  recording_ = std::move(recording);
  if (gone == 0)
    return;
  const std::uint64_t done = done_ > gone ? done_ - gone : 0;
  *this = TrackCursor(std::move(recording_)); // what it knows has indices that are no longer so
  go_to(done);
}

} // namespace zbuf::gui

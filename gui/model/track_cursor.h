// SPDX-License-Identifier: GPL-3.0-or-later
// A place in one recording: how many of its events have happened, and the state that they led to.
// Private to this room.
#pragma once

#include "core/trace/fold.h"
#include "core/trace/recording.h"

#include <cstdint>
#include <memory>
#include <optional>

namespace zbuf::gui {

class TrackCursor {
 public:
  explicit TrackCursor(std::shared_ptr<const Recording> recording)
      : recording_(std::move(recording)), state_(recording_->state_after(0)), before_(state_) {}

  [[nodiscard]] const Recording& recording() const { return *recording_; }
  [[nodiscard]] std::uint64_t done() const { return done_; }
  /// After done() events.
  [[nodiscard]] const State& state() const { return state_; }
  /// After one less; at the start the same.
  [[nodiscard]] const State& state_before() const { return before_; }
  /// The event that was the last to happen.
  [[nodiscard]] const std::optional<Event>& event() const { return event_; }

  /// Costs the fold of one chunk at most, wherever to. True if that is another place.
  bool go_to(std::uint64_t done);

  /// The same run, longer, and without its first `gone` events: the place in it stays the same.
  void grow(std::shared_ptr<const Recording> recording, std::uint64_t gone);

  /// Event by event to `done`, or to right after the first event for which stop(state, event) says true: then
  /// the answer is true.
  template <typename Stop>
  bool advance(std::uint64_t done, Stop&& stop);

 private:
  std::shared_ptr<const Recording> recording_;
  std::uint64_t done_ = 0;
  State state_{};
  State before_{};
  std::optional<Event> event_{};
};

template <typename Stop>
bool TrackCursor::advance(std::uint64_t done, Stop&& stop) {
  bool stopped = false;
  Recording::Room room;
  while (done_ < done && !stopped) {
    for (const Event& event : recording_->events_from(done_, room)) {
      fold(state_, event);
      ++done_;
      stopped = stop(state_, event);
      if (stopped || done_ == done)
        break;
    }
  }
  if (done_ > 0) { // state_before() of where it ended
    before_ = recording_->state_after(done_ - 1);
    event_ = recording_->event(done_ - 1);
  }
  return stopped;
}

} // namespace zbuf::gui

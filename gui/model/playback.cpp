// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/model/playback.h"

#include "gui/model/condition.h"
#include "gui/model/landmarks.h"
#include "gui/model/track_cursor.h"

#include "core/base/assert.h"

#include <QElapsedTimer>
#include <QTimer>

#include <algorithm>
#include <cmath>
#include <utility>

namespace zbuf::gui {

namespace {

constexpr int frame_ms = 16;
/// Of a frame, for folding event by event while a condition is looked for; the rest is for drawing.
constexpr qint64 search_budget_ns = 6'000'000;
constexpr double slowest = 1e-6;
constexpr double fastest = 1e3;
/// "As fast as can be drawn" still shows a run of any length for this long.
constexpr double shortest_show_s = 1.5;
/// A recording comes in pieces, ten a second. Who follows it stays behind by as much, and moves evenly.
constexpr double live_lag_ns = 120e6;
/// Who is further behind than this is taken to the edge at once.
constexpr std::uint64_t live_reach_ns = 1'000'000'000;

} // namespace

struct Playback::Impl {
  explicit Impl(Playback& owner) : self(owner) {}

  Playback& self;
  std::vector<Track> tracks;
  std::vector<TrackCursor> cursors; ///< one for each track
  std::size_t focus = 0;
  std::uint16_t descriptor = 0;
  std::uint64_t time_ns = 0;
  std::uint64_t begin_ns = 0;
  std::uint64_t end_ns = 0;
  bool growing = false;
  bool following = false; ///< and then playing, at speed 1

  bool playing = false;
  double speed = 1e-3;
  double fraction_ns = 0; ///< of a nanosecond, left over from the last frame
  QTimer frames;
  QElapsedTimer wall;

  QString stop_text;
  std::optional<Condition> condition;
  Selection selection;

  // moved() goes out at most once a frame.
  QElapsedTimer since_moved;
  QTimer moved_later;

  TrackCursor& cursor() { return cursors[focus]; }

  void tell_moved() {
    if (moved_later.isActive())
      return;
    const qint64 wait_ms = since_moved.isValid() ? frame_ms - 1 - since_moved.elapsed() : 0;
    if (wait_ms > 0) {
      moved_later.start(static_cast<int>(wait_ms));
      return;
    }
    since_moved.start();
    Q_EMIT self.moved();
  }

  /// All tracks to an instant; the focused one has been placed already if `but_focused`.
  bool place_at(std::uint64_t instant_ns, bool but_focused) {
    bool changed = instant_ns != time_ns;
    time_ns = instant_ns;
    for (std::size_t i = 0; i < cursors.size(); ++i)
      if (!but_focused || i != focus)
        changed |= cursors[i].go_to(cursors[i].recording().events_until(instant_ns));
    return changed;
  }

  /// The focused track to after `done` events, the others to the same instant.
  void place_after(std::uint64_t done) {
    bool changed = cursor().go_to(done);
    changed |= place_at(cursor().event() ? cursor().event()->time_ns : begin_ns, true);
    restart_clock();
    if (changed)
      tell_moved();
  }

  /// Whoever moves by hand while playing plays on from there.
  void restart_clock() {
    fraction_ns = 0;
    if (!playing)
      return;
    wall.start();
    if (condition)
      condition->start(cursor().state(), cursor().event());
  }

  void measure() {
    begin_ns = ~std::uint64_t{0};
    end_ns = 0;
    for (const Track& track : tracks) {
      begin_ns = std::min(begin_ns, track.recording->events_dropped() == 0 ? 0 : track.recording->first_ns());
      end_ns = std::max({end_ns, track.recording->last_ns(), track.report.end_ns});
    }
    if (tracks.empty())
      begin_ns = 0;
  }

  void leave_edge() {
    if (std::exchange(following, false))
      Q_EMIT self.following_changed();
  }

  /// Real time, a little faster or slower, so that the view is as far behind the edge as pieces are long.
  void follow_frame() {
    const auto wall_ns = static_cast<double>(wall.nsecsElapsed());
    wall.start();
    const std::uint64_t behind_ns = end_ns - time_ns;
    std::uint64_t target_ns = end_ns;
    if (behind_ns <= live_reach_ns) {
      const double pace = std::clamp(1 + (static_cast<double>(behind_ns) - live_lag_ns) / 0.5e9, 0.0, 3.0);
      target_ns = std::min(end_ns, time_ns + static_cast<std::uint64_t>(wall_ns * pace));
    } else {
      target_ns = end_ns - static_cast<std::uint64_t>(live_lag_ns);
    }
    if (!growing)
      target_ns = end_ns; // the last of it
    if (condition)
      search_to(target_ns);
    else
      play_to(target_ns);
  }

  void frame() {
    if (following)
      return follow_frame();
    const double step_ns =
        static_cast<double>(wall.nsecsElapsed()) *
            (std::isinf(speed) ? static_cast<double>(end_ns) / 1e9 / shortest_show_s : speed) +
        fraction_ns;
    wall.start();
    const double whole = std::floor(step_ns);
    fraction_ns = step_ns - whole;
    const std::uint64_t left_ns = end_ns - time_ns;
    const std::uint64_t target_ns =
        whole >= static_cast<double>(left_ns) ? end_ns : time_ns + static_cast<std::uint64_t>(whole);
    if (!condition)
      play_to(target_ns);
    else
      search_to(target_ns);
  }

  void play_to(std::uint64_t target_ns) {
    if (place_at(target_ns, false))
      tell_moved();
    if (target_ns == end_ns)
      reach_end();
  }

  /// Of a run that is still being recorded, that is the live edge.
  void reach_end() {
    if (!growing)
      self.set_playing(false);
    else if (!following)
      self.follow();
  }

  /// Every event is looked at, so that the first one is found at any speed. What a frame has no time for, the
  /// next one goes on with: then it plays slower than asked for.
  void search_to(std::uint64_t target_ns) {
    const std::uint64_t target = cursor().recording().events_until(target_ns);
    QElapsedTimer budget;
    budget.start();
    bool out_of_time = false;
    std::uint64_t looked_at = 0;
    bool found = false;
    cursor().advance(target, [&](const State& state, const Event& event) {
      found = condition->begins(state, event);
      out_of_time = (++looked_at & 0xff) == 0 && budget.nsecsElapsed() > search_budget_ns;
      return found || out_of_time;
    });
    const bool cut_short = found || cursor().done() < target;
    place_at(cut_short ? cursor().event()->time_ns : target_ns, true);
    if (cut_short)
      fraction_ns = 0;
    tell_moved();
    if (found)
      self.set_playing(false);
    else if (!cut_short && target_ns == end_ns)
      reach_end();
    if (found)
      Q_EMIT self.stopped_by_condition();
  }
};

Playback::Playback(QObject* parent) : QObject(parent), impl_(std::make_unique<Impl>(*this)) {
  impl_->frames.setTimerType(Qt::PreciseTimer);
  impl_->frames.setInterval(frame_ms);
  connect(&impl_->frames, &QTimer::timeout, this, [this] { impl_->frame(); });
  impl_->moved_later.setSingleShot(true);
  impl_->moved_later.setTimerType(Qt::PreciseTimer);
  connect(&impl_->moved_later, &QTimer::timeout, this, [this] {
    impl_->since_moved.start();
    Q_EMIT moved();
  });
}

Playback::~Playback() = default;

// ---- What is played ----

void Playback::set_tracks(std::vector<Track> tracks) {
  set_playing(false);
  impl_->moved_later.stop();
  impl_->tracks = std::move(tracks);
  impl_->cursors.clear();
  impl_->focus = 0;
  impl_->descriptor = 0;
  impl_->growing = false;
  for (const Track& track : impl_->tracks) {
    ZBUF_ASSERT(track.recording != nullptr);
    impl_->cursors.emplace_back(track.recording);
  }
  impl_->measure();
  impl_->time_ns = impl_->begin_ns;
  impl_->selection = {};
  if (!impl_->stop_text.isEmpty() && set_stop_when(impl_->stop_text))
    set_stop_when({}); // its names mean nothing in this run
  Q_EMIT following_changed();
  Q_EMIT tracks_changed();
  Q_EMIT selection_changed();
  impl_->since_moved.start();
  Q_EMIT moved();
}

// ---- A run that is still being recorded ----

void Playback::grow(std::vector<Track> tracks) {
  ZBUF_ASSERT(tracks.size() == impl_->tracks.size());
  bool moved = false;
  bool dropped = false;
  for (std::size_t i = 0; i < tracks.size(); ++i) {
    TrackCursor& cursor = impl_->cursors[i];
    const std::uint64_t gone = tracks[i].recording->events_dropped() - cursor.recording().events_dropped();
    dropped = dropped || gone != 0;
    moved = moved || cursor.done() < gone;
    cursor.grow(tracks[i].recording, gone);
  }
  impl_->tracks = std::move(tracks);
  impl_->measure();
  if (impl_->time_ns < impl_->begin_ns)
    moved = impl_->place_at(impl_->begin_ns, false) || moved;
  if (dropped) { // indices of events are others
    Selection selection = impl_->selection;
    selection.event.reset();
    select(selection);
  }
  Q_EMIT grown();
  if (moved || dropped)
    impl_->tell_moved();
}

bool Playback::growing() const {
  return impl_->growing;
}

void Playback::set_growing(bool growing) {
  if (growing == impl_->growing)
    return;
  impl_->growing = growing;
  Q_EMIT following_changed();
}

bool Playback::following() const {
  return impl_->following;
}

void Playback::follow() {
  if (!impl_->growing || impl_->following || impl_->tracks.empty())
    return;
  set_speed(1);
  impl_->following = true;
  if (impl_->end_ns - impl_->time_ns > live_reach_ns && impl_->place_at(impl_->end_ns, false))
    impl_->tell_moved();
  if (impl_->playing)
    impl_->restart_clock();
  else
    set_playing(true);
  Q_EMIT following_changed();
}

std::size_t Playback::track_count() const {
  return impl_->tracks.size();
}

const Track& Playback::track(std::size_t number) const {
  ZBUF_ASSERT(number < impl_->tracks.size());
  return impl_->tracks[number];
}

std::size_t Playback::focus() const {
  return impl_->focus;
}

void Playback::set_focus(std::size_t track) {
  if (track >= impl_->tracks.size() || track == impl_->focus)
    return;
  impl_->focus = track;
  if (!impl_->stop_text.isEmpty() && set_stop_when(impl_->stop_text))
    set_stop_when({});
  impl_->restart_clock();
  Q_EMIT focus_changed();
}

std::uint16_t Playback::descriptor(std::size_t track) const {
  return track < impl_->tracks.size() ? impl_->tracks[track].descriptor.value_or(impl_->descriptor)
                                      : impl_->descriptor;
}

void Playback::set_descriptor(std::uint16_t descriptor) {
  if (descriptor == impl_->descriptor)
    return;
  impl_->descriptor = descriptor;
  Q_EMIT focus_changed();
}

const Track* Playback::focused() const {
  return impl_->tracks.empty() ? nullptr : &impl_->tracks[impl_->focus];
}

// ---- Where we are ----

std::uint64_t Playback::time_ns() const {
  return impl_->time_ns;
}

std::uint64_t Playback::end_ns() const {
  return impl_->end_ns;
}

std::uint64_t Playback::begin_ns() const {
  return impl_->begin_ns;
}

std::uint64_t Playback::events_done(std::size_t track) const {
  return track < impl_->cursors.size() ? impl_->cursors[track].done() : 0;
}

namespace {
const State no_state{};
}

const State& Playback::state(std::size_t track) const {
  return track < impl_->cursors.size() ? impl_->cursors[track].state() : no_state;
}

std::optional<Event> Playback::event() const {
  return impl_->cursors.empty() ? std::nullopt : impl_->cursor().event();
}

std::optional<std::uint64_t> Playback::event_index() const {
  const std::uint64_t done = events_done(impl_->focus);
  return done == 0 ? std::nullopt : std::optional(done - 1);
}

const State& Playback::state_before() const {
  return impl_->cursors.empty() ? no_state : impl_->cursor().state_before();
}

// ---- Moving ----

void Playback::seek_time(std::uint64_t time_ns) {
  if (impl_->tracks.empty())
    return;
  impl_->leave_edge();
  const bool changed = impl_->place_at(std::clamp(time_ns, impl_->begin_ns, impl_->end_ns), false);
  impl_->restart_clock();
  if (changed)
    impl_->tell_moved();
}

void Playback::seek_event(std::uint64_t index) {
  if (impl_->tracks.empty())
    return;
  impl_->leave_edge();
  impl_->place_after(std::min(index, impl_->cursor().recording().event_count()) + 1);
}

void Playback::step(Unit unit, bool forward) {
  set_playing(false);
  if (impl_->tracks.empty())
    return;
  const auto place = step_from(*focused(), impl_->cursor().done(), unit, forward, impl_->descriptor);
  if (place)
    impl_->place_after(*place);
  else if (forward)
    seek_time(impl_->end_ns);
  else
    jump(Landmark::start, false);
}

void Playback::jump(Landmark landmark, bool forward) {
  if (landmark == Landmark::end && impl_->growing)
    return follow();
  set_playing(false);
  if (impl_->tracks.empty())
    return;
  if (landmark == Landmark::start)
    impl_->place_after(0);
  else if (landmark == Landmark::end)
    seek_time(impl_->end_ns);
  else if (const auto place = jump_from(*focused(), impl_->cursor().done(), landmark, forward))
    impl_->place_after(*place);
}

bool Playback::can_jump(Landmark landmark, bool forward) const {
  if (impl_->tracks.empty())
    return false;
  const std::uint64_t done = impl_->cursor().done();
  if (landmark == Landmark::start)
    return done > 0 || impl_->time_ns > impl_->begin_ns;
  if (landmark == Landmark::end)
    return impl_->growing
               ? !impl_->following
               : impl_->time_ns < impl_->end_ns || done < impl_->cursor().recording().event_count();
  return jump_from(*focused(), done, landmark, forward).has_value();
}

// ---- Playing ----

bool Playback::playing() const {
  return impl_->playing;
}

void Playback::set_playing(bool playing) {
  if (playing == impl_->playing || (playing && impl_->tracks.empty()))
    return;
  if (playing && !impl_->growing && !can_jump(Landmark::end, true))
    jump(Landmark::start, true); // at the end: once more
  if (!playing)
    impl_->leave_edge();
  impl_->playing = playing;
  if (playing) {
    impl_->restart_clock();
    impl_->frames.start();
  } else {
    impl_->frames.stop();
  }
  Q_EMIT playing_changed(playing);
}

double Playback::speed() const {
  return impl_->speed;
}

void Playback::set_speed(double speed) {
  if (std::isnan(speed))
    return;
  if (!std::isinf(speed) || speed < 0)
    speed = std::clamp(speed, slowest, fastest);
  if (speed == impl_->speed)
    return;
  impl_->leave_edge();
  impl_->speed = speed;
  Q_EMIT speed_changed(speed);
}

std::optional<QString> Playback::set_stop_when(const QString& expression) {
  const QString text = expression.trimmed();
  std::optional<Condition> condition;
  if (!text.isEmpty()) {
    if (impl_->tracks.empty())
      return tr("There is no run yet in which it could hold.");
    auto compiled = Condition::compile(text, *focused());
    if (!compiled)
      return compiled.error();
    condition = std::move(*compiled);
  }
  const bool changed = text != impl_->stop_text;
  impl_->stop_text = text;
  impl_->condition = std::move(condition);
  if (impl_->condition && impl_->playing)
    impl_->condition->start(impl_->cursor().state(), impl_->cursor().event());
  if (changed)
    Q_EMIT stop_when_changed();
  return std::nullopt;
}

const QString& Playback::stop_when() const {
  return impl_->stop_text;
}

// ---- The selection ----

const Selection& Playback::selection() const {
  return impl_->selection;
}

void Playback::select(const Selection& selection) {
  if (selection == impl_->selection)
    return;
  impl_->selection = selection;
  Q_EMIT selection_changed();
}

} // namespace zbuf::gui

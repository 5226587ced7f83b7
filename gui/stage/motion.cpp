// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/stage/motion.h"

#include "core/trace/fold.h"

#include <algorithm>
#include <cmath>

namespace zbuf::gui::stage {

namespace {

constexpr std::uint64_t most_scanned = 3000;  ///< events of a window
constexpr std::uint64_t settled_scanned = 64; ///< events that one step can be made of
constexpr std::uint64_t looked_ahead = 256;
constexpr std::uint64_t shortest_rate_span_ns = 1'000'000;

constexpr KindMask movers = kinds_with(ZB_MOVES_HEADER | ZB_MOVES_SLOTS);
constexpr KindMask hand_offs = mask_of({ZB_EV_ROTATED, ZB_EV_PUBLISHED, ZB_EV_RECLAIMED, ZB_EV_ACKNOWLEDGED});

double ease(double x) {
  x = std::clamp(x, 0.0, 1.0);
  return x * x * (3 - 2 * x);
}

/// How far a step is that began then: 1 and more, done.
double progress(const Instant& now, std::uint64_t began_ns) {
  return static_cast<double>(now.time_ns - std::min(began_ns, now.time_ns)) /
             static_cast<double>(now.window_ns) +
         now.settled;
}

// ---- Packets ----

class Packets {
 public:
  explicit Packets(const Instant& now, const DescriptorState& d) : now_(now), d_(d) {}

  void see(std::uint64_t index, const Event& e) {
    switch (e.kind) {
    case ZB_EV_ARRIVED:
      if (d_.attached && e.c == d_.interface)
        begin(e, index, Fate::waiting, 0);
      break;
    case ZB_EV_ACCEPTED:
    case ZB_EV_REJECTED:
      if (e.descriptor == now_.descriptor) {
        Flight& flight = of(e, index);
        flight.fate = e.kind == ZB_EV_REJECTED ? Fate::rejected : Fate::accepted;
        flight.event = index;
        flight.progress = progress(now_, e.time_ns);
      }
      break;
    case ZB_EV_STORED:
    case ZB_EV_DROPPED:
      if (e.descriptor == now_.descriptor) {
        Flight& flight = of(e, index);
        flight.fate = e.kind == ZB_EV_STORED ? Fate::stored : Fate::dropped;
        flight.event = index;
        flight.buffer = e.buffer;
        flight.offset = e.a;
        if (flight.progress == 0)
          flight.progress = progress(now_, e.time_ns);
      }
      break;
    default:
      break;
    }
  }

  [[nodiscard]] std::size_t decided() const {
    return static_cast<std::size_t>(std::count_if(flights_.begin(), flights_.end(),
                                                  [](const Flight& f) { return f.fate != Fate::waiting; }));
  }

  std::vector<Flight> take() {
    constexpr double just_past_the_filter = 0.4;
    for (Flight& flight : flights_)
      if (flight.fate == Fate::accepted) // decided, and the kernel is still at it
        flight.progress = std::min(flight.progress, just_past_the_filter);
    drop_those_that_never_get_here();
    std::erase_if(flights_, [this](const Flight& f) { return f.progress >= 1 && f.event + 1 != now_.done; });
    for (Flight& flight : flights_)
      flight.progress = std::min(flight.progress, 1.0);
    return std::move(flights_);
  }

 private:
  Flight& begin(const Event& e, std::uint64_t index, Fate fate, double progress) {
    return flights_.emplace_back(Flight{e.packet, index, fate, ZB_NO_BUFFER, 0, progress});
  }
  Flight& of(const Event& e, std::uint64_t index) {
    for (auto flight = flights_.rbegin(); flight != flights_.rend(); ++flight)
      if (flight->packet == e.packet)
        return *flight;
    return begin(e, index, Fate::waiting, 0);
  }

  /// Not every packet at an interface passes every descriptor (its direction may be wrong), and then nothing
  /// says so: only who is seen to come is shown waiting.
  void drop_those_that_never_get_here() {
    const auto waits = [](const Flight& f) { return f.fate == Fate::waiting; };
    if (std::none_of(flights_.begin(), flights_.end(), waits))
      return;
    std::vector<std::uint32_t> coming;
    now_.recording->for_each(now_.done, now_.done + looked_ahead, [&](std::uint64_t, const Event& e) {
      if (e.descriptor == now_.descriptor && (e.kind == ZB_EV_ACCEPTED || e.kind == ZB_EV_REJECTED))
        coming.push_back(e.packet);
    });
    std::erase_if(flights_, [&](const Flight& f) {
      return waits(f) && std::find(coming.begin(), coming.end(), f.packet) == coming.end();
    });
  }

  const Instant& now_;
  const DescriptorState& d_;
  std::vector<Flight> flights_;
};

// ---- Buffers ----

struct Key {
  double began = 0; ///< in windows before now: 0 is now, 1 a window ago
  double target = 0;
};

/// Where it is, if it went for each target in turn, each time from wherever it was.
double follow(double from, const std::vector<Key>& keys, double duration) {
  double value = from;
  double origin = from;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const double until = i + 1 < keys.size() ? keys[i + 1].began : 0;
    value = origin + (keys[i].target - origin) * ease((keys[i].began - until) / duration);
    origin = value;
  }
  return value;
}

class Places {
 public:
  Places(const Instant& now, std::uint64_t first)
      : now_(now), state_(now.recording->state_after(first)), last_{pose(ZB_A), pose(ZB_B)}, first_{last_} {}

  void see(const Event& e) {
    fold(state_, e);
    if (!contains(movers, e.kind) || e.descriptor != now_.descriptor)
      return;
    const double age = progress(now_, e.time_ns);
    for (const std::uint8_t which : {ZB_A, ZB_B}) {
      const Pose next = pose(which);
      Pose& last = last_[which];
      if (next.column != last.column)
        columns_[which].push_back({age, next.column});
      if (next.up != last.up) {
        // Rotated and published at one instant: first across, then up.
        const bool turning = !columns_[which].empty() && age - columns_[which].back().began < 1e-9;
        constexpr double first_across = 0.3;
        ups_[which].push_back({turning ? age - first_across : age, next.up});
      }
      last = next;
    }
  }

  [[nodiscard]] Pose now(std::uint8_t which) const {
    constexpr double sideways = 0.6, upwards = 0.7; // parts of the window
    const Pose& rest = last_[which];
    Pose pose{follow(first_[which].column, columns_[which], sideways),
              follow(first_[which].up, ups_[which], upwards)};
    pose.moving = std::abs(pose.column - rest.column) > 1e-3 || std::abs(pose.up - rest.up) > 1e-3;
    if (pose.moving && rest.column == 2 && !columns_[which].empty())
      pose.below = (1 - pose.up) * pose.column * (2 - pose.column);
    return pose.moving ? pose : rest;
  }

 private:
  [[nodiscard]] Pose pose(std::uint8_t which) const {
    return now_.descriptor < state_.descriptors.size() ? pose_of(state_.descriptors[now_.descriptor], which)
                                                       : Pose{};
  }

  const Instant& now_;
  State state_;
  std::array<Pose, 2> last_;
  std::array<Pose, 2> first_;
  std::array<std::vector<Key>, 2> columns_{}, ups_{};
};

Rates rates_at(const Instant& now) {
  Rates rates;
  const std::uint64_t span = std::min(std::max(now.window_ns, shortest_rate_span_ns), now.time_ns);
  if (span == 0)
    return rates;
  const Timeline line = now.recording->buckets(now.time_ns - span + 1, now.time_ns + 1, 1, now.descriptor);
  if (line.buckets.empty())
    return rates;
  const Bucket& bucket = line.buckets.front();
  const double hz = 1e9 / static_cast<double>(span);
  rates.span_ns = span;
  rates.rejected_hz = static_cast<double>(bucket[Series::rejected]) * hz;
  rates.stored_hz = static_cast<double>(bucket[Series::stored]) * hz;
  rates.dropped_hz = static_cast<double>(bucket[Series::dropped]) * hz;
  rates.received = bucket[Series::rejected] + bucket[Series::stored] + bucket[Series::dropped];
  rates.received_hz = static_cast<double>(rates.received) * hz;
  return rates;
}

/// Everything lies still but a packet whose step is half done.
void settled_motion(const Instant& now, const DescriptorState& d, Motion& motion) {
  Packets packets(now, d);
  const std::uint64_t first = now.done - std::min(now.done, settled_scanned);
  now.recording->for_each(first, now.done, [&](std::uint64_t index, const Event& e) {
    packets.see(index, e);
    if (index + 1 == now.done && e.kind == ZB_EV_COPIED_OUT && e.descriptor == now.descriptor)
      motion.copy = CopyFlight{e.buffer, e.a, 1};
  });
  motion.flights = packets.take();
}

/// At a speed at which the window has too many events to look at: only the last changes of place are counted.
void hasty_motion(const Instant& now, std::uint64_t first, Motion& motion) {
  motion.streams = true;
  std::uint64_t from = now.done;
  while (motion.hand_offs <= most_hand_offs) {
    const auto n = now.recording->next(hand_offs, from, Recording::Direction::backward, now.descriptor);
    if (!n || *n < first)
      return;
    ++motion.hand_offs;
    from = *n;
  }
  motion.hurried = true;
}

void full_motion(const Instant& now, const DescriptorState& d, std::uint64_t first, Motion& motion) {
  Packets packets(now, d);
  bool moves = false;
  now.recording->for_each(first, now.done, [&](std::uint64_t index, const Event& e) {
    packets.see(index, e);
    if (e.descriptor != now.descriptor)
      return;
    motion.hand_offs += contains(hand_offs, e.kind);
    moves |= contains(movers, e.kind);
    if (e.kind == ZB_EV_COPIED_OUT) {
      const double along = progress(now, e.time_ns);
      if (along < 1 || index + 1 == now.done)
        motion.copy = CopyFlight{e.buffer, e.a, std::min(along, 1.0)};
    }
  });
  motion.hurried = motion.hand_offs > most_hand_offs;
  if (moves && !motion.hurried) {
    Places places(now, first);
    now.recording->for_each(first, now.done, [&](std::uint64_t, const Event& e) { places.see(e); });
    motion.poses = {places.now(ZB_A), places.now(ZB_B)};
  }
  motion.streams = packets.decided() > most_flights;
  if (!motion.streams)
    motion.flights = packets.take();
}

} // namespace

Pose pose_of(const DescriptorState& d, std::uint8_t which) {
  const BufferState& buffer = d.buffers[which];
  Pose pose;
  pose.up = buffer.shared && buffer.user_owned() ? 1 : 0;
  pose.column = d.hold == which ? 0 : d.store == which ? 1 : d.free == which ? 2 : which == ZB_A ? 0 : 1;
  return pose;
}

Motion motion_at(const Instant& now) {
  Motion motion;
  if (now.recording == nullptr || now.state == nullptr || now.descriptor >= now.state->descriptors.size())
    return motion;
  const DescriptorState& d = now.state->descriptors[now.descriptor];
  motion.poses = {pose_of(d, ZB_A), pose_of(d, ZB_B)};
  motion.rates = rates_at(now);
  if (now.settled >= 1) {
    settled_motion(now, d, motion);
    return motion;
  }
  const std::uint64_t since = now.time_ns - std::min(now.time_ns, now.window_ns);
  const std::uint64_t first = since == 0 ? 0 : std::min(now.done, now.recording->events_until(since));
  if (now.done - first > most_scanned)
    hasty_motion(now, first, motion);
  else
    full_motion(now, d, first, motion);
  return motion;
}

} // namespace zbuf::gui::stage

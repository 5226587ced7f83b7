// SPDX-License-Identifier: BSD-2-Clause
#include "core/trace/survey.h"

#include "core/trace/fold.h"

#include <algorithm>
#include <cmath>
#include <memory>

namespace zbuf {
namespace {

/// After these a buffer may be somebody else's, or a reader do something else.
constexpr KindMask changing_kinds =
    kinds_with(ZB_MOVES_HEADER | ZB_SHOWS_HEADER | ZB_MOVES_SLOTS | ZB_MOVES_READER);

/// Joins what is too short to stand by itself.
class Joiner {
 public:
  Joiner(Spans& into, std::uint64_t resolution_ns) : into_(into), resolution_ns_(resolution_ns) {}

  /// The stretches come in order and without gaps.
  void add(const Span& span, std::uint64_t end_ns) {
    const std::uint64_t length_ns = end_ns - span.begin_ns;
    if (length_ns == 0)
      return;
    if (length_ns >= resolution_ns_) {
      flush();
      put(span);
      return;
    }
    if (parts_ == 0)
      first_ = span;
    else
      changes_ += 1u;
    ++parts_;
    changes_ += span.changes;
    if (span.mixed())
      for (std::size_t i = 0; i < Span::values; ++i)
        time_[i] += static_cast<double>(length_ns) * span.share[i] / 255;
    else
      time_[span.value] += static_cast<double>(length_ns);
    if (end_ns - first_.begin_ns >= resolution_ns_)
      flush();
  }

  void flush() {
    if (parts_ == 1)
      put(first_);
    else if (parts_ > 1)
      put(joined());
    parts_ = changes_ = 0;
    time_.fill(0);
  }

 private:
  void put(const Span& span) {
    const bool same = !into_.empty() && !span.mixed() && !into_.back().mixed() &&
                      into_.back().value == span.value && into_.back().generation == span.generation;
    if (!same)
      into_.push_back(span);
  }

  [[nodiscard]] Span joined() const {
    Span span;
    span.begin_ns = first_.begin_ns;
    span.changes = changes_;
    const auto longest = std::max_element(time_.begin(), time_.end());
    span.value = static_cast<std::uint8_t>(longest - time_.begin());
    double sum = 0;
    for (const double time : time_)
      sum += time;
    for (std::size_t i = 0; i < Span::values; ++i)
      span.share[i] = static_cast<std::uint8_t>(std::lround(time_[i] * 255 / sum));
    return span;
  }

  Spans& into_;
  std::uint64_t resolution_ns_;
  Span first_{};
  std::uint32_t parts_ = 0;
  std::uint32_t changes_ = 0;
  std::array<double, Span::values> time_{};
};

/// One thing that is followed through a stretch of a run.
class Follower {
 public:
  Follower(Spans& into, std::uint64_t resolution_ns) : joiner_(into, resolution_ns) {}

  void is(std::uint64_t time_ns, std::uint8_t value, std::uint32_t generation) {
    if (now_ && now_->value == value && now_->generation == generation)
      return;
    if (now_)
      joiner_.add(*now_, time_ns);
    now_.emplace();
    now_->begin_ns = time_ns;
    now_->value = value;
    now_->generation = generation;
  }
  void finish(std::uint64_t until_ns) {
    if (now_)
      joiner_.add(*now_, until_ns);
    joiner_.flush();
  }

 private:
  Joiner joiner_;
  std::optional<Span> now_{};
};

/// A and B of one descriptor, and its reader.
struct DescriptorFollower {
  std::array<Follower, 3> things;

  DescriptorFollower(Survey::Descriptor& into, std::uint64_t resolution_ns)
      : things{Follower(into.buffers[0], resolution_ns), Follower(into.buffers[1], resolution_ns),
               Follower(into.reader, resolution_ns)} {}

  void look(const DescriptorState& d, std::uint64_t time_ns) {
    for (const std::uint8_t which : {ZB_A, ZB_B}) {
      const Holder holder = holder_of(d, which);
      const bool users = holder == Holder::user || holder == Holder::user_in_store;
      things[which].is(time_ns, static_cast<std::uint8_t>(holder), users ? d.buffers[which].kernel_gen : 0);
    }
    things[2].is(time_ns, static_cast<std::uint8_t>(activity_of(d)), 0);
  }
};

/// Room for a survey's spans by descriptor that stays where it is while it grows.
class Surveyor {
 public:
  Surveyor(Survey& into, State state) : into_(into), state_(std::move(state)) {
    for (std::size_t i = 0; i < invariants; ++i)
      broken_[i] = state_.broken[i].count;
    for (const DescriptorState& d : state_.descriptors)
      follower_of(static_cast<std::size_t>(&d - state_.descriptors.data())).look(d, into.from_ns);
  }

  void add(const Event& event) {
    fold(state_, event);
    if (contains(changing_kinds, event.kind) && event.descriptor < state_.descriptors.size())
      follower_of(event.descriptor).look(state_.descriptors[event.descriptor], event.time_ns);
    for (std::size_t i = 0; i < invariants; ++i)
      if (state_.broken[i].count != broken_[i]) [[unlikely]]
        note_violation(event, i);
    note_kind(event);
  }

  void finish() {
    for (std::size_t i = 0; i < spans_.size(); ++i) {
      for (Follower& thing : followers_[i]->things)
        thing.finish(into_.until_ns);
      into_.descriptors.push_back(std::move(*spans_[i]));
    }
  }

 private:
  DescriptorFollower& follower_of(std::size_t descriptor) {
    while (spans_.size() <= descriptor) {
      spans_.push_back(std::make_unique<Survey::Descriptor>());
      followers_.push_back(std::make_unique<DescriptorFollower>(*spans_.back(), into_.resolution_ns));
    }
    return *followers_[descriptor];
  }

  [[gnu::cold]] void note_violation(const Event& event, std::size_t invariant) {
    const std::uint64_t count = state_.broken[invariant].count;
    note(event, Incident::Kind::violation, static_cast<Invariant>(invariant), count - broken_[invariant]);
    broken_[invariant] = count;
  }

  void note_kind(const Event& event) {
    switch (event.kind) {
    case ZB_EV_MARK:
      if (event.b != 0)
        note(event, Incident::Kind::fault, Invariant::accounted, 1);
      break;
    case ZB_EV_SCRIBBLED:
      return note(event, Incident::Kind::scribble, Invariant::accounted, 1);
    case ZB_EV_WIPED:
      // Nothing is lost where nothing was published: a first SETZBUF zeroes headers as well.
      if (event.a != 0 || event.b != 0)
        note(event, Incident::Kind::wiped, Invariant::accounted, 1);
      break;
    case ZB_EV_BAD_RECORD:
      return note(event, Incident::Kind::bad_record, Invariant::accounted, 1);
    case ZB_EV_LOST_EVENTS:
      return note(event, Incident::Kind::lost_events, Invariant::accounted, event.a);
    default:
      break;
    }
  }

  void note(const Event& event, Incident::Kind kind, Invariant invariant, std::uint64_t count) {
    const Incident incident{event.time_ns, state_.events - 1, count,       kind,
                            invariant,     event.descriptor,  event.buffer};
    // One of its like within the resolution stands for it.
    const std::size_t nearest = into_.incidents.size() - std::min<std::size_t>(into_.incidents.size(), 16);
    for (std::size_t i = into_.incidents.size(); i > nearest; --i) {
      Incident& like = into_.incidents[i - 1];
      if (like.kind == kind && like.invariant == invariant && like.descriptor == incident.descriptor &&
          like.buffer == incident.buffer && event.time_ns - like.time_ns < into_.resolution_ns) {
        like.count += count;
        return;
      }
    }
    into_.incidents.push_back(incident);
  }

  Survey& into_;
  State state_;
  std::array<std::uint64_t, invariants> broken_{}; ///< counts of violations so far
  std::vector<std::unique_ptr<Survey::Descriptor>> spans_;
  std::vector<std::unique_ptr<DescriptorFollower>> followers_;
};

} // namespace

const char* holder_name(Holder holder) {
  static constexpr const char* names[] = {"absent", "free",          "store", "hold",
                                          "user",   "user_in_store", "kernel"};
  static_assert(std::size(names) == Span::values);
  return names[static_cast<std::size_t>(holder)];
}

Holder holder_of(const DescriptorState& d, std::uint8_t which) {
  const BufferState& b = d.buffers[which];
  if (!b.present)
    return Holder::absent;
  if (b.shared && b.user_owned())
    return d.store == which ? Holder::user_in_store : Holder::user;
  if (!d.known)
    return Holder::kernel;
  if (d.store == which)
    return Holder::store;
  return d.hold == which ? Holder::hold : Holder::free;
}

const char* activity_name(Activity activity) {
  static constexpr const char* names[] = {"absent", "awake", "asleep", "stalled", "idle"};
  return names[static_cast<std::size_t>(activity)];
}

Activity activity_of(const DescriptorState& d) {
  const bool ended = d.reader == ZB_READER_DIED || d.reader == ZB_READER_STOPPED;
  if (ended || (d.known && !d.open && d.reader == 0))
    return Activity::absent;
  if (d.reader == ZB_READER_STALLED)
    return Activity::stalled;
  if (d.open_rounds != 0)
    return Activity::idle;
  return d.reader_asleep ? Activity::asleep : Activity::awake;
}

const Span* span_at(const Spans& spans, std::uint64_t time_ns) {
  const auto after =
      std::upper_bound(spans.begin(), spans.end(), time_ns,
                       [](std::uint64_t value, const Span& span) { return value < span.begin_ns; });
  return after == spans.begin() ? nullptr : &*std::prev(after);
}

std::optional<Survey> survey(const Recording& recording, std::uint64_t from_ns, std::uint64_t until_ns,
                             std::uint64_t resolution_ns, const std::atomic<bool>* stop) {
  Survey result{from_ns, std::max(from_ns, until_ns), resolution_ns, {}, {}};
  const std::uint64_t first = recording.event_at_time(from_ns);
  const std::uint64_t until = recording.event_at_time(result.until_ns);
  Surveyor surveyor(result, recording.state_after(first));
  Recording::Room room;
  for (std::uint64_t n = first; n < until;) {
    if (stop != nullptr && stop->load(std::memory_order_relaxed))
      return std::nullopt;
    const std::span<const Event> block = recording.events_from(n, room);
    for (const Event& event : block.first(std::min<std::uint64_t>(block.size(), until - n)))
      surveyor.add(event);
    n += block.size();
  }
  surveyor.finish();
  return result;
}

Spans coarser(const Spans& spans, std::uint64_t end_ns, std::uint64_t from_ns, std::uint64_t until_ns,
              std::uint64_t resolution_ns) {
  Spans result;
  Joiner joiner(result, resolution_ns);
  const Span* const first = span_at(spans, from_ns);
  for (std::size_t i = first == nullptr ? 0 : static_cast<std::size_t>(first - spans.data());
       i < spans.size() && spans[i].begin_ns < until_ns; ++i) {
    Span span = spans[i];
    span.begin_ns = std::max(span.begin_ns, from_ns);
    joiner.add(span, std::min(i + 1 < spans.size() ? spans[i + 1].begin_ns : end_ns, until_ns));
  }
  joiner.flush();
  return result;
}

} // namespace zbuf

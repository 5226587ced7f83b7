// SPDX-License-Identifier: BSD-2-Clause
// Who had which buffer when, what the readers did, and where something went wrong: for drawing, at any zoom.
//
// Counts of a stretch come from the index of a recording (summary.h). These do not add up like counts, so
// they are read off the events, once, and kept as stretches: exact ones, or joined where they are too short
// to draw.
#pragma once

#include "core/trace/recording.h"
#include "core/trace/state.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace zbuf {

/// What a buffer is to whom.
enum class Holder : std::uint8_t {
  absent,        ///< not lent yet, or no more
  free,          ///< the kernel's, empty
  store,         ///< the kernel fills it
  hold,          ///< the kernel's, full: waits to be copied out, or is given back and nobody noticed yet
  user,          ///< the generations differ: the user reads it
  user_in_store, ///< ... and it still is the store: no free buffer was there to take its place
  kernel,        ///< the kernel's; its slots cannot be seen (spec 6.4)
};
/// "user_in_store"
const char* holder_name(Holder holder);

/// Of A or B, as a window shows it: by what the header in memory says (spec 3.2).
Holder holder_of(const DescriptorState& descriptor, std::uint8_t which);

/// What a reader does, as far as its calls tell.
enum class Activity : std::uint8_t {
  absent,  ///< no descriptor is open
  awake,   ///< not asleep in a call
  asleep,  ///< inside a call, without the processor
  stalled, ///< it was made to stand still, with all it has
  idle,    ///< it repeats a round in which nothing happens: time-outs, polls
};
/// "asleep"
const char* activity_name(Activity activity);
Activity activity_of(const DescriptorState& descriptor);

/// A stretch in which one thing was what it was, or in which it changed too often to draw each.
/// It ends where the next one begins.
struct Span {
  static constexpr std::size_t values = 7;

  std::uint64_t begin_ns = 0;
  std::uint32_t generation = 0; ///< of a buffer that is the user's
  std::uint32_t changes = 0;    ///< within the stretch; 0: it is `value` all the while
  std::uint8_t value = 0;       ///< a Holder or an Activity; of a mixed one: the one that lasted longest
  std::array<std::uint8_t, values> share{}; ///< of a mixed one: parts of 255 of its time, by value

  [[nodiscard]] bool mixed() const { return changes != 0; }
  [[nodiscard]] Holder holder() const { return static_cast<Holder>(value); }
  [[nodiscard]] Activity activity() const { return static_cast<Activity>(value); }
  bool operator==(const Span&) const = default;
};

/// Spans of one thing, in order. The last one ends with the survey.
using Spans = std::vector<Span>;

/// The one that an instant is in: null before the first.
const Span* span_at(const Spans& spans, std::uint64_t time_ns);

/// Something that a picture of the run must never leave out.
struct Incident {
  enum class Kind : std::uint8_t {
    violation,   ///< a promise was broken: `invariant`
    fault,       ///< the scenario broke something on purpose
    scribble,    ///< the reader wrote a header field that it should not
    wiped,       ///< a header was zeroed under the reader (spec 4.5b)
    bad_record,  ///< the reader refused a record
    lost_events, ///< the source of events could not keep up
  };
  std::uint64_t time_ns = 0;
  std::uint64_t event = 0; ///< index of the (first) event
  std::uint64_t count = 1; ///< so many of this kind, where they lie closer than the survey resolves
  Kind kind = Kind::violation;
  Invariant invariant = Invariant::accounted;
  std::uint16_t descriptor = ZB_NO_DESCRIPTOR;
  std::uint8_t buffer = ZB_NO_BUFFER;
  bool operator==(const Incident&) const = default;
};

struct Survey {
  struct Descriptor {
    std::array<Spans, 2> buffers{}; ///< ZB_A, ZB_B: Holder
    Spans reader{};                 ///< Activity
  };
  std::uint64_t from_ns = 0;
  std::uint64_t until_ns = 0;
  std::uint64_t resolution_ns = 0;
  std::vector<Descriptor> descriptors{}; ///< by number; an absent one has no spans
  std::vector<Incident> incidents{};     ///< in order of time
};

/// The stretch [from_ns, until_ns) of a recording. What lasts `resolution_ns` or longer gets a span of its
/// own, what is shorter is joined to mixed ones; 0: every change has its span. Changes within one nanosecond
/// are one. Reads each event of the stretch: 50 million a second or so. Memory is bounded by the number of
/// `resolution_ns` in the stretch.
/// `stop`: from another thread; nothing is returned then.
std::optional<Survey> survey(const Recording& recording, std::uint64_t from_ns, std::uint64_t until_ns,
                             std::uint64_t resolution_ns, const std::atomic<bool>* stop = nullptr);

/// A part of spans that end at `end_ns`, joined up to a coarser resolution: how a survey of the whole run is
/// drawn at a zoom. The first one begins at `from_ns` at the earliest.
Spans coarser(const Spans& spans, std::uint64_t end_ns, std::uint64_t from_ns, std::uint64_t until_ns,
              std::uint64_t resolution_ns);

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
// Counts for drawing: what happened in a stretch of time, without looking at every event again.
//
// A recording keeps one Level and one set of counts per 256 events and descriptor. So a timeline of ten
// million events is drawn from forty thousand rows, and nothing is thinned out: a single drop is a count
// of one wherever it falls.
#pragma once

#include "core/trace/format.h"
#include "core/trace/state.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace zbuf {

/// What is counted. The order is that of the counts in a file (FORMAT.md).
#define ZBUF_SERIES(X)                                                                                       \
  X(arrived)      /* packets at an interface; belongs to no descriptor */                                    \
  X(missed)       /* ... that its own queue had no room for */                                               \
  X(rejected)     /* by a filter */                                                                          \
  X(stored)       /* records written */                                                                      \
  X(dropped)      /* matched, not stored */                                                                  \
  X(rotated)      /* store to hold */                                                                        \
  X(published)    /* handed to the user */                                                                   \
  X(reclaimed)    /* hold to free */                                                                         \
  X(acknowledged) /* given back */                                                                           \
  X(handled)      /* records that a reader was through with */                                               \
  X(wakeups)      /* of readers */                                                                           \
  X(calls)        /* system calls entered */                                                                 \
  X(sleeps)       /* times a reader gave up the processor */                                                 \
  X(oddities)     /* bad records, scribbles, wiped headers, resets, lost events, marks of faults */          \
  X(empty_looks)  /* headers read with nothing there; a spin counts each of its looks */

enum class Series : std::uint8_t {
#define ZBUF_SERIES_NAME(name) name,
  ZBUF_SERIES(ZBUF_SERIES_NAME)
#undef ZBUF_SERIES_NAME
};
inline constexpr std::size_t series_count = static_cast<std::size_t>(Series::empty_looks) + 1;

/// "empty_looks"
const char* series_name(Series series);

/// What an event adds to which series; amount 0: to none.
struct Contribution {
  Series series = Series::arrived;
  std::uint64_t amount = 0;
};
Contribution contribution(const Event& event);

/// The range that a value of one descriptor went through, both ends included, and its value at the end.
struct Level {
  std::uint32_t min = 0;
  std::uint32_t max = 0;
  std::uint32_t last = 0;
  void include(std::uint32_t value) {
    min = value < min ? value : min;
    max = value > max ? value : max;
    last = value;
  }
  void include(const Level& other) {
    min = other.min < min ? other.min : min;
    max = other.max > max ? other.max : max;
    last = other.last;
  }
  bool operator==(const Level&) const = default;
};

/// A stretch of time of one descriptor, or of all together.
struct Bucket {
  std::array<std::uint64_t, series_count> count{};
  Level store_length{}; ///< bytes; only when one descriptor was asked for
  Level user_owned{};   ///< buffers, 0 to 2; only when one descriptor was asked for

  [[nodiscard]] std::uint64_t operator[](Series series) const {
    return count[static_cast<std::size_t>(series)];
  }
  bool operator==(const Bucket&) const = default;
};

/// Equal stretches of [from_ns, until_ns): bucket i begins at begin_ns(i).
struct Timeline {
  std::uint64_t from_ns = 0;
  std::uint64_t until_ns = 0;
  bool exact_levels = true; ///< false: a Level may include up to 256 events before and after its bucket.
                            ///< Counts are always exact.
  std::vector<Bucket> buckets;

  [[nodiscard]] std::uint64_t begin_ns(std::size_t i) const;
  /// Of an instant within [from_ns, until_ns).
  [[nodiscard]] std::size_t index(std::uint64_t time_ns) const;
};

/// Events per row of the index.
inline constexpr std::uint32_t events_per_block = 256;

/// The counts of one block and descriptor, as they lie in a file (FORMAT.md).
struct BlockRow {
  std::uint16_t descriptor = ZB_NO_DESCRIPTOR;
  std::uint8_t owned_min = 0, owned_max = 0, owned_last = 0;
  std::uint8_t zero[3]{};
  std::uint32_t store_min = 0, store_max = 0, store_last = 0;
  std::uint32_t count[series_count - 1]{}; ///< all but empty_looks
  std::uint32_t zero2 = 0;
  std::uint64_t empty_looks = 0;
};
static_assert(sizeof(BlockRow) == 88);

/// Folds the events of one chunk and writes down its blocks.
struct ChunkSummary {
  std::array<std::uint32_t, event_kinds> kinds{}; ///< events of each kind
  std::vector<format::Block> blocks;              ///< but for where their events are
  std::vector<BlockRow> rows;

  /// `state` is the one before the chunk, and the one after it on return. Earlier contents are replaced.
  void build(State& state, std::span<const Event> events);
};

} // namespace zbuf

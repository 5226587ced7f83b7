// SPDX-License-Identifier: GPL-3.0-or-later
// What the lanes of a stretch of time show. Read from recordings, on a worker thread; drawn on the GUI's.
#pragma once

#include "core/trace/recording.h"
#include "core/trace/survey.h"
#include "gui/timeline/time_range.h"

#include <atomic>
#include <memory>
#include <optional>
#include <vector>

namespace zbuf::gui {

/// Where it is read from.
struct LaneSource {
  std::shared_ptr<const Recording> recording{}; ///< never null
  std::shared_ptr<const Survey>
      survey{}; ///< of all that there was of it when it was made; null: not made yet
  std::optional<std::uint16_t> descriptor{}; ///< whatever is asked for (Track::descriptor)
};

/// One run.
struct TrackLanes {
  Timeline counts{}; ///< of the descriptor
  Timeline wire{};   ///< of what belongs to no descriptor: arrivals
  Survey::Descriptor holders{};
  std::uint64_t holders_end_ns = 0; ///< where the last spans end
  std::vector<Incident> incidents{};
  bool complete =
      true; ///< false: too much to read without a survey, so there are no spans and no incidents yet
};

struct LaneData {
  TimeRange range{};
  std::uint16_t descriptor = 0;
  std::vector<TrackLanes> tracks{};
};

struct LaneQuery {
  TimeRange range{};
  std::size_t columns = 1; ///< what falls into one of them is drawn as one
  std::uint16_t descriptor = 0;
  bool operator==(const LaneQuery&) const = default;
};

/// Stretches with more events than this are drawn from the survey and the index. Reading them takes a few ms.
inline constexpr std::uint64_t most_exact_events = 1u << 18;

/// Nothing if `stop` was set meanwhile.
[[nodiscard]] std::optional<LaneData> load_lanes(const std::vector<LaneSource>& sources,
                                                 const LaneQuery& query, const std::atomic<bool>& stop);

} // namespace zbuf::gui

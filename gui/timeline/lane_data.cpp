// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/timeline/lane_data.h"

#include <algorithm>

namespace zbuf::gui {

namespace {

void take(TrackLanes& lanes, Survey&& part, std::uint16_t descriptor) {
  if (descriptor < part.descriptors.size())
    lanes.holders = std::move(part.descriptors[descriptor]);
  lanes.incidents = std::move(part.incidents);
  lanes.holders_end_ns = part.until_ns;
}

/// The spans of the stretch from those of the whole run.
void take_from_whole(TrackLanes& lanes, const Survey& whole, const LaneQuery& query,
                     std::uint64_t resolution_ns) {
  const TimeRange& range = query.range;
  lanes.holders_end_ns = std::min(range.until_ns, whole.until_ns);
  if (query.descriptor < whole.descriptors.size()) {
    const auto part = [&](const Spans& spans) {
      return coarser(spans, whole.until_ns, range.from_ns, range.until_ns, resolution_ns);
    };
    const Survey::Descriptor& all = whole.descriptors[query.descriptor];
    lanes.holders = {{part(all.buffers[0]), part(all.buffers[1])}, part(all.reader)};
  }
  for (const Incident& incident : whole.incidents)
    if (range.holds(incident.time_ns))
      lanes.incidents.push_back(incident);
}

/// False if it was stopped.
bool load_track(TrackLanes& lanes, const LaneSource& source, const LaneQuery& query,
                const std::atomic<bool>& stop) {
  const Recording& recording = *source.recording;
  const TimeRange& range = query.range;
  lanes.counts = recording.buckets(range.from_ns, range.until_ns, query.columns, query.descriptor);
  lanes.wire = recording.buckets(range.from_ns, range.until_ns, query.columns, ZB_NO_DESCRIPTOR);
  if (stop)
    return false;
  const std::uint64_t resolution_ns = range.length_ns() / std::max<std::size_t>(query.columns, 1);
  const std::uint64_t events =
      recording.event_at_time(range.until_ns) - recording.event_at_time(range.from_ns);
  const bool whole_will_do = source.survey && source.survey->resolution_ns <= resolution_ns;
  if (events > most_exact_events && whole_will_do) {
    take_from_whole(lanes, *source.survey, query, resolution_ns);
    return true;
  }
  if (events > most_exact_events && !source.survey) {
    lanes.complete = false;
    return true;
  }
  const std::uint64_t end_ns = std::clamp(recording.last_ns() + 1, range.from_ns, range.until_ns);
  std::optional<Survey> part = survey(recording, range.from_ns, end_ns, resolution_ns, &stop);
  if (part)
    take(lanes, std::move(*part), query.descriptor);
  return part.has_value();
}

} // namespace

std::optional<LaneData> load_lanes(const std::vector<LaneSource>& sources, const LaneQuery& query,
                                   const std::atomic<bool>& stop) {
  LaneData data{query.range, query.descriptor, {}};
  data.tracks.resize(sources.size());
  for (std::size_t i = 0; i < sources.size(); ++i) {
    LaneQuery of_track = query;
    of_track.descriptor = sources[i].descriptor.value_or(query.descriptor);
    if (!load_track(data.tracks[i], sources[i], of_track, stop))
      return std::nullopt;
  }
  return data;
}

} // namespace zbuf::gui

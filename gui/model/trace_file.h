// SPDX-License-Identifier: GPL-3.0-or-later
// Recordings as files of the user's: with the instant at which they were saved. Private to this room.
#pragma once

#include "gui/model/playback.h"

#include <QString>

#include <cstdint>
#include <optional>
#include <vector>

namespace zbuf::gui {

/// Where a recording was looked at when it was saved.
struct SavedPlace {
  std::uint64_t time_ns = 0;
  std::optional<std::uint64_t> event{}; ///< in the focused track; none: wherever time_ns is
  QString focus{};                      ///< name of the track
};

/// The place that save_recording() wrote.
[[nodiscard]] std::optional<SavedPlace> saved_place(const Recording& recording);

/// Copies a recording and writes the place into its end record; an older part beside it, as the recorder
/// does. The error as a sentence.
[[nodiscard]] std::optional<QString> save_recording(const Recording& recording, const QString& to,
                                                    const SavedPlace& place);

/// A recording as tracks, with what it says about its run. That is one, but for a live capture in both modes:
/// it has a descriptor for each, on the same packets, and they are tracks to be compared. `report`: of all of
/// it.
[[nodiscard]] std::vector<Track> tracks_of(const std::shared_ptr<const Recording>& recording,
                                           const QString& path, const VariantReport& report);

/// Of a recording of bounded size whose beginning was dropped: that, as a sentence. Empty for others.
[[nodiscard]] QString beginning_dropped(const Recording& recording);

/// What a recording says about the scenario that it is of: title, number, lesson.
void report_of_trace(const Track& track, ScenarioReport& report);

/// The recordings of the other runs of the same scenario that lie beside it: for "a.zbt", "a.read.zbt" and so
/// on, but not the part before of one of bounded size, "a.older.zbt".
[[nodiscard]] QStringList companions(const QString& path);

} // namespace zbuf::gui

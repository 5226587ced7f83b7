// SPDX-License-Identifier: GPL-3.0-or-later
// The words on the lanes and of what lies under the pointer.
#pragma once

#include "core/trace/survey.h"
#include "gui/model/playback.h"
#include "gui/timeline/lane_data.h"
#include "gui/timeline/lane_layout.h"

#include <QStringList>

namespace zbuf::gui {

/// What a band may say, longest first; the painter takes the first that fits.
[[nodiscard]] QStringList holder_words(const Span& span);
[[nodiscard]] QStringList activity_words(const Span& span);

/// One sentence.
[[nodiscard]] QString incident_text(const Incident& incident);

/// What a lane says about a stretch of `columns` around the instant, for a tooltip. Empty: nothing.
[[nodiscard]] QString lane_tip(const Playback& playback, const LaneData& data, const LaneRow& row,
                               std::uint64_t from_ns, std::uint64_t until_ns);

/// The run at the instant, in one sentence: for assistive technology.
[[nodiscard]] QString instant_text(const Playback& playback);

} // namespace zbuf::gui

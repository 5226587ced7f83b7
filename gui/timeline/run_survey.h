// SPDX-License-Identifier: GPL-3.0-or-later
// One survey of a whole run, made once and shared by all who draw it.
#pragma once

#include "core/trace/survey.h"

#include <atomic>
#include <memory>

namespace zbuf::gui {

/// Parts of a run that its survey tells apart. More than any screen has columns.
inline constexpr std::uint64_t survey_parts = 16384;

/// The survey of all of the recording. Takes as long as reading it (0.3 s for ten million events) unless
/// somebody has it already, so it is for worker threads; any number of them. Null if `stop` was set
/// meanwhile.
[[nodiscard]] std::shared_ptr<const Survey> survey_of(const std::shared_ptr<const Recording>& recording,
                                                      const std::atomic<bool>& stop);

} // namespace zbuf::gui

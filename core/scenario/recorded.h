// SPDX-License-Identifier: BSD-2-Clause
// A recording, as the report of the run that it is of.
#pragma once

#include "core/scenario/report.h"
#include "core/trace/recording.h"

namespace zbuf {

/// What the events alone say: no checks, no processor times. Of a part of a bounded recording: totals are
/// those since the run began, and so is time; `events`, and the picture, are of the part. Names and chapters
/// are those of the recording's metadata, if a run of a scenario wrote it.
[[nodiscard]] VariantReport report_of_recording(const Recording& recording);

} // namespace zbuf

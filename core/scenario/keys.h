// SPDX-License-Identifier: BSD-2-Clause
// The tables of keys, one for each section of a scenario file, or for each case of a section. Private to this
// room; key_info.h has them in words.
#pragma once

#include "core/scenario/key.h"
#include "core/scenario/sections.h"

namespace zbuf {

/// Of the scenario itself: what is the same for all runs, and what a run may have of its own.
const Keys<Scenario>& scenario_keys();
const Keys<PlannedRun>& run_keys();

const Keys<EmulatedKernel::Config>& kernel_keys();
const Keys<Costs>& cost_keys();
const Keys<PlannedInterface>& interface_keys();

const Keys<TrafficHead>& traffic_keys();
const Keys<SyntheticConfig>& synthetic_keys(); ///< made-up packets
const Keys<PlannedCapture>& capture_keys();    ///< a capture replayed
const Keys<SizeRange>& size_range_keys();
const Keys<ListedSize>& listed_size_keys();

const Keys<PlannedReader>& reader_keys();
const Keys<PlannedReader>& reader_option_keys(); ///< of a reader without a script

const Keys<FaultHead>& fault_keys();
const Keys<PlannedFault>& fault_target_keys(); ///< of all but sysctl
const Keys<PlannedFault>& stall_keys();
const Keys<PlannedFault>& scribble_keys();
const Keys<PlannedFault>& sysctl_keys();

const Keys<PlannedChapter>& chapter_keys();
const Keys<PlannedCheck>& check_keys();
const Keys<PlannedCompare>& compare_keys();
const Keys<BaseName>& base_keys();

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
// The sections of a scenario file, one function each; together with scenarios/README.md they are the format.
// Private to this room.
#pragma once

#include "core/scenario/scenario.h"
#include "core/scenario/table_reader.h"

namespace zbuf {

/// [kernel] and [kernel.sysctl]
void read_kernel(const toml::table& table, EmulatedKernel::Config& kernel, Diagnostics& diagnostics);
/// [costs]
void read_costs(const toml::table& table, Costs& costs, Diagnostics& diagnostics);
/// [[interface]]
PlannedInterface read_interface(const toml::table& table, Diagnostics& diagnostics);
/// [[traffic]]. `folder`: where captures are looked for.
PlannedTraffic read_traffic(const toml::table& table, const std::string& folder, Diagnostics& diagnostics);
/// [[reader]]
PlannedReader read_reader(const toml::table& table, Diagnostics& diagnostics);
/// [[fault]]
PlannedFault read_fault(const toml::table& table, Diagnostics& diagnostics);

/// A name of an interface, reader or run: letters, digits and _, not beginning with a digit.
[[nodiscard]] bool is_good_name(std::string_view name);

/// Bounds that several sections share.
inline constexpr std::uint64_t longest_ns = 3'600'000'000'000; ///< an hour
inline constexpr std::uint64_t most_packets = 1'000'000'000;

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
// The sections of a scenario file, one function each: the keys (keys.cpp), and then what must hold between
// them. Private to this room.
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

inline constexpr std::uint64_t longest_ns = 3'600'000'000'000; ///< an hour: of every duration

// What the keys of a section say first, where the other keys depend on it.

enum class TrafficKind { synthetic, pattern, capture };
struct TrafficHead {
  std::string interface {};
  TrafficKind kind = TrafficKind::synthetic;
  std::uint64_t limit_packets = 0; ///< 0: none
  std::uint64_t duration_ns = 0;   ///< 0: none
};

/// `sizes`, as a range.
struct SizeRange {
  std::optional<std::uint32_t> min_bytes{};
  std::optional<std::uint32_t> max_bytes{};
};

struct FaultHead {
  std::optional<std::uint64_t> at_ns{};
  LocatedText when{};
  std::optional<SimFault::Kind> kind{};
};

struct PlannedCompare {
  std::vector<Invariant> breaks{};
};

struct BaseName {
  std::string name{};
};

// Keys with types of their own.

void read_breaks(TableReader& reader, std::vector<Invariant>& breaks);
void read_sysctls(TableReader& reader, EmulatedKernel::Config& kernel);
void read_sizes(TableReader& reader, SyntheticConfig& config);
void read_protocols(TableReader& reader, SyntheticConfig& config);
void read_script(TableReader& reader, PlannedReader& planned);
void read_sysctl_name(TableReader& reader, PlannedFault& planned);

} // namespace zbuf

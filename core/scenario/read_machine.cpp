// SPDX-License-Identifier: BSD-2-Clause
// The machine of a scenario: kernel, costs and interfaces.
#include "core/clock/virtual_clock.h"
#include "core/scenario/keys.h"

#include <fmt/format.h>

namespace zbuf {

/// Through the kernel's own check, so that names and ranges are said once.
void read_sysctls(TableReader& reader, EmulatedKernel::Config& kernel) {
  const toml::table* const table = reader.table("sysctl");
  if (table == nullptr)
    return;
  Diagnostics& diagnostics = reader.diagnostics();
  VirtualClock clock;
  EmulatedKernel scratch(clock, kernel);
  const std::vector<std::string_view> names = EmulatedKernel::sysctl_names();
  for (const auto& [key, node] : *table) {
    const std::string name(key.str());
    if (!scratch.sysctl(name)) {
      diagnostics.report(place_of(key), fmt::format("[kernel.sysctl] has no \"{}\"; expected one of {}{}",
                                                    name, fmt::join(names, ", "), suggestion(name, names)));
      continue;
    }
    const auto* value = node.as_integer();
    if (value == nullptr || value->get() < 0) {
      diagnostics.report(place_of(node), fmt::format("\"{}\" is {}; expected an integer from 0", name,
                                                     value != nullptr ? "negative" : type_name(node)));
      continue;
    }
    if (const auto set = scratch.set_sysctl(name, static_cast<std::uint64_t>(value->get())); !set)
      diagnostics.report(place_of(node), set.error().message);
  }
  const auto get = [&](std::string_view name) { return static_cast<std::uint32_t>(*scratch.sysctl(name)); };
  kernel.tunables = {.bufsize = get("net.bpf.bufsize"),
                     .maxbufsize = get("net.bpf.maxbufsize"),
                     .maxinsns = get("net.bpf.maxinsns"),
                     .hz = get("kern.hz"),
                     .zerocopy_enable = get("net.bpf.zerocopy_enable") != 0,
                     .optimize_writers = get("net.bpf.optimize_writers")};
}

void read_kernel(const toml::table& table, EmulatedKernel::Config& kernel, Diagnostics& diagnostics) {
  TableReader reader(table, "[kernel]", diagnostics);
  read_keys(reader, kernel_keys(), kernel);
  reader.finish();
}

void read_costs(const toml::table& table, Costs& costs, Diagnostics& diagnostics) {
  TableReader reader(table, "[costs]", diagnostics);
  read_keys(reader, cost_keys(), costs);
  reader.finish();
}

PlannedInterface read_interface(const toml::table& table, Diagnostics& diagnostics) {
  TableReader reader(table, "[[interface]]", diagnostics);
  PlannedInterface planned;
  read_keys(reader, interface_keys(), planned);
  planned.has_link = reader.find("link") != nullptr;
  reader.finish();
  return planned;
}

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
// The machine of a scenario: kernel, costs and interfaces.
#include "core/clock/virtual_clock.h"
#include "core/scenario/sections.h"

#include <fmt/format.h>

namespace zbuf {

namespace {

/// Through the kernel's own check, so that names and ranges are said once.
void read_sysctls(const toml::table& table, EmulatedKernel::Config& kernel, Diagnostics& diagnostics) {
  VirtualClock clock;
  EmulatedKernel scratch(clock, kernel);
  const std::vector<std::string_view> names = EmulatedKernel::sysctl_names();
  for (const auto& [key, node] : table) {
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
                     .optimize_writers = get("net.bpf.optimize_writers") != 0};
}

} // namespace

bool is_good_name(std::string_view name) {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
  constexpr std::string_view digits = "0123456789";
  constexpr std::size_t longest = 15;
  if (name.empty() || name.size() > longest || letters.find(name.front()) == std::string_view::npos)
    return false;
  for (const char c : name)
    if (letters.find(c) == std::string_view::npos && digits.find(c) == std::string_view::npos)
      return false;
  return true;
}

void read_kernel(const toml::table& table, EmulatedKernel::Config& kernel, Diagnostics& diagnostics) {
  TableReader reader(table, "[kernel]", diagnostics);
  TableReader::Choices<const zb_revision*> revisions;
  for (const zb_revision& revision : zb_revisions)
    revisions.emplace_back(revision.name, &revision);
  kernel.revision = reader.choice("revision", revisions).value_or(kernel.revision);
  kernel.tunables.hz =
      static_cast<std::uint32_t>(reader.number("hz", 10, 10000).value_or(kernel.tunables.hz));
  if (const toml::table* sysctl = reader.table("sysctl"))
    read_sysctls(*sysctl, kernel, diagnostics);
  reader.finish();
}

void read_costs(const toml::table& table, Costs& costs, Diagnostics& diagnostics) {
  constexpr std::uint64_t highest = 1'000'000'000;
  TableReader reader(table, "[costs]", diagnostics);
  for (const CostInfo& cost : cost_infos) {
    // A reader that finds nothing must get on in time.
    const std::uint64_t lowest = cost.name == "syscall_ns" || cost.name == "look_ns" ? 1 : 0;
    costs.*cost.member = reader.number(cost.name, lowest, highest).value_or(costs.*cost.member);
  }
  reader.finish();
}

PlannedInterface read_interface(const toml::table& table, Diagnostics& diagnostics) {
  PlannedInterface planned;
  InterfaceConfig& config = planned.interface.config;
  TableReader reader(table, "[[interface]]", diagnostics);
  if (const auto name = reader.text("name")) {
    config.name = name->text;
    if (!is_good_name(name->text))
      diagnostics.report(name->place,
                         fmt::format("\"name\" is \"{}\"; expected 1 to 15 letters, digits and _, the "
                                     "first of them not a digit",
                                     name->text));
  }
  const TableReader::Choices<std::uint32_t> links{
      {"ethernet", 1}, {"null", 0}, {"raw", 12}, {"sll", 113}, {"sll2", 276}};
  if (const auto link = reader.choice("link", links)) {
    config.link_type = *link;
    planned.has_link = true;
  }
  config.mtu =
      static_cast<std::uint32_t>(reader.quantity("mtu", Quantity::size, 72, 65535).value_or(config.mtu));
  planned.interface.ring_packets =
      static_cast<std::uint32_t>(reader.number("ring", 1, 65536).value_or(planned.interface.ring_packets));
  reader.finish();
  return planned;
}

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
// What goes wrong, or is done from outside, in the course of a run.
#include "core/scenario/keys.h"

#include <algorithm>
#include <fmt/format.h>

namespace zbuf {

void read_sysctl_name(TableReader& reader, PlannedFault& planned) {
  const std::vector<std::string_view> names = EmulatedKernel::sysctl_names();
  if (const auto name = reader.text("sysctl")) {
    planned.fault.name = name->text;
    if (std::find(names.begin(), names.end(), name->text) == names.end())
      reader.not_a_choice("sysctl", *name, names);
  }
}

PlannedFault read_fault(const toml::table& table, Diagnostics& diagnostics) {
  using Kind = SimFault::Kind;
  TableReader reader(table, "[[fault]]", diagnostics);
  FaultHead head;
  read_keys(reader, fault_keys(), head);
  const bool at = reader.find("at") != nullptr;
  const bool when = reader.find("when") != nullptr;
  if (at == when)
    diagnostics.report(reader.place(),
                       fmt::format("[[fault]] has {} \"at\" and \"when\"; expected one of them: an instant, "
                                   "or an expression",
                                   at ? "both" : "neither"));
  PlannedFault planned;
  planned.fault.at_ns = head.at_ns;
  planned.when = std::move(head.when);
  if (!head.kind)
    return planned; // which of the other keys mean something depends on it
  planned.fault.kind = *head.kind;
  if (*head.kind != Kind::sysctl)
    read_keys(reader, fault_target_keys(), planned);
  if (*head.kind == Kind::stall)
    read_keys(reader, stall_keys(), planned);
  if (*head.kind == Kind::scribble)
    read_keys(reader, scribble_keys(), planned);
  if (*head.kind == Kind::sysctl)
    read_keys(reader, sysctl_keys(), planned);
  reader.finish();
  return planned;
}

} // namespace zbuf

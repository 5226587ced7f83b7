// SPDX-License-Identifier: BSD-2-Clause
// What goes wrong, or is done from outside, in the course of a run.
#include "core/scenario/sections.h"

#include <algorithm>
#include <fmt/format.h>

namespace zbuf {

namespace {

void read_moment(TableReader& reader, PlannedFault& planned) {
  planned.fault.at_ns = reader.quantity("at", Quantity::duration, 0, longest_ns);
  if (const auto when = reader.text("when"))
    planned.when = *when;
  const bool at = reader.find("at") != nullptr;
  const bool when = reader.find("when") != nullptr;
  if (at == when)
    reader.diagnostics().report(
        reader.place(), fmt::format("[[fault]] has {} \"at\" and \"when\"; expected one of them: an instant, "
                                    "or an expression",
                                    at ? "both" : "neither"));
}

void read_scribble(TableReader& reader, SimFault& fault) {
  const TableReader::Choices<zb_which> buffers{{"a", ZB_A}, {"b", ZB_B}};
  const TableReader::Choices<unsigned> words{{"kernel_gen", 0}, {"kernel_len", 1}, {"user_gen", 2}};
  fault.buffer = reader.choice("buffer", buffers).value_or(ZB_A);
  fault.word = reader.choice("word", words).value_or(0);
  fault.value = reader.number("value", 0, UINT32_MAX).value_or(0);
  for (const std::string_view key : {"buffer", "word", "value"})
    reader.missing(key, "which field of which header becomes what");
}

void read_sysctl(TableReader& reader, SimFault& fault) {
  reader.missing("sysctl", "a name such as \"net.bpf.zerocopy_enable\"");
  reader.missing("value", "an integer");
  const std::vector<std::string_view> names = EmulatedKernel::sysctl_names();
  if (const auto name = reader.text("sysctl")) {
    fault.name = name->text;
    if (std::find(names.begin(), names.end(), fault.name) == names.end())
      reader.not_a_choice("sysctl", *name, names);
  }
  fault.value = reader.number("value", 0, INT64_MAX).value_or(0);
}

} // namespace

PlannedFault read_fault(const toml::table& table, Diagnostics& diagnostics) {
  using Kind = SimFault::Kind;
  TableReader reader(table, "[[fault]]", diagnostics);
  PlannedFault planned;
  SimFault& fault = planned.fault;
  (void)reader.text("name"); // for paths of [[compare]]
  read_moment(reader, planned);
  const TableReader::Choices<Kind> kinds{{"stall", Kind::stall},
                                         {"kill", Kind::kill},
                                         {"flush", Kind::flush},
                                         {"set_filter", Kind::set_filter},
                                         {"set_zbuf_again", Kind::set_zbuf_again},
                                         {"scribble", Kind::scribble},
                                         {"interface_down", Kind::interface_down},
                                         {"interface_up", Kind::interface_up},
                                         {"interface_gone", Kind::interface_gone},
                                         {"sysctl", Kind::sysctl}};
  reader.missing("do", "what happens, such as \"stall\"");
  const auto kind = reader.choice("do", kinds);
  if (!kind)
    return planned; // which of the other keys mean something depends on it
  fault.kind = *kind;
  if (*kind != Kind::sysctl) {
    if (const auto target = reader.text("target"))
      planned.target = *target;
  }
  if (*kind == Kind::stall)
    fault.duration_ns = reader.quantity("duration", Quantity::duration, 0, longest_ns).value_or(0);
  if (*kind == Kind::scribble)
    read_scribble(reader, fault);
  if (*kind == Kind::sysctl)
    read_sysctl(reader, fault);
  reader.finish();
  return planned;
}

} // namespace zbuf

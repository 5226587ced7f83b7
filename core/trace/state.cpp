// SPDX-License-Identifier: BSD-2-Clause
// Sums over a State, and the words for the invariants.
#include "core/trace/state.h"

#include <algorithm>

namespace zbuf {

const char* invariant_name(Invariant invariant) {
  static constexpr const char* names[invariants] = {"I1", "I2", "I3", "I4", "I5", "I6"};
  return names[static_cast<std::size_t>(invariant)];
}

const char* invariant_text(Invariant invariant) {
  static constexpr const char* texts[invariants] = {
      "every packet received is rejected, dropped or stored, and every stored one is accounted for",
      "the kernel never writes a buffer that the user owns",
      "a fill is published at most once, and generations rise by exactly one",
      "the two buffers are published in turn",
      "a published length ends exactly at the end of a record",
      "the same scenario and seed give the same events",
  };
  return texts[static_cast<std::size_t>(invariant)];
}

Counters State::total() const {
  Counters sum;
  for (const DescriptorState& d : descriptors)
    for (const CounterInfo& counter : counter_table)
      join(sum.*counter.member, counter.join, d.total.*counter.member);
  return sum;
}

std::uint64_t State::in_buffers() const {
  std::uint64_t sum = 0;
  for (const DescriptorState& d : descriptors)
    sum += d.in_buffers();
  return sum;
}

std::uint64_t State::arrived() const {
  std::uint64_t sum = 0;
  for (const InterfaceState& i : interfaces)
    sum += i.arrived;
  return sum;
}

std::uint64_t State::missed() const {
  std::uint64_t sum = 0;
  for (const InterfaceState& i : interfaces)
    sum += i.missed;
  return sum;
}

bool State::any_broken() const {
  return std::any_of(broken.begin(), broken.end(), [](const Violation& v) { return v.count != 0; });
}

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
// The names of kinds and of the enumerations in their fields.
#include "core/trace/event.h"

#include <iterator>

namespace zbuf {
namespace {

/// Names of 0, 1, 2, ...; a null has none.
template <std::size_t n>
const char* name_of(const char* const (&names)[n], std::uint32_t value) {
  return value < n && names[value] != nullptr ? names[value] : "unknown";
}

} // namespace

const char* kind_name(std::uint8_t kind) {
  const char* name = kind_info(kind).name;
  return name != nullptr ? name : "unknown";
}

zb_event_kind kind_by_name(std::string_view name) {
  for (std::size_t kind = 0; kind < event_kinds; ++kind)
    if (kind_table[kind].name != nullptr && name == kind_table[kind].name)
      return static_cast<zb_event_kind>(kind);
  return ZB_EV_NONE;
}

const char* category_name(Category category) {
  static constexpr const char* names[] = {"packet",    "buffer", "descriptor", "call",
                                          "interface", "user",   "run"};
  return name_of(names, static_cast<std::uint32_t>(category));
}

const char* which_name(std::uint32_t which) {
  static constexpr const char* names[] = {"A", "B", "user_copy", "none"};
  return name_of(names, which);
}

const char* drop_name(std::uint32_t drop) {
  static constexpr const char* names[] = {nullptr, "full", "lent", "gone", "no_buffer"};
  return name_of(names, drop);
}

const char* cause_name(std::uint32_t value) {
  static constexpr const char* names[] = {nullptr, "packet",    "read",   "rotzbuf", "flush",
                                          "setf",  "setif",     "setdlt", "timer",   "departure",
                                          "close", "immediate", "poll"};
  return name_of(names, value);
}

const char* call_name(std::uint32_t call) {
  static constexpr const char* names[] = {nullptr, "open", "close", "ioctl", "read", "write", "poll"};
  return name_of(names, call);
}

const char* reader_state_name(std::uint32_t state) {
  static constexpr const char* names[] = {nullptr, "started", "stalled", "continues", "died", "stopped"};
  return name_of(names, state);
}

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
// The names of events, fields and enumerations, in tables.
#include "core/trace/event.h"

#include <array>
#include <iterator>

namespace zbuf {
namespace {

using Table = std::array<KindInfo, event_kinds>;

constexpr Field number(const char* name) {
  return {name, FieldType::number};
}
constexpr Field flag(const char* name) {
  return {name, FieldType::flag};
}
constexpr Field typed(const char* name, FieldType type) {
  return {name, type};
}
constexpr Field low(const char* name) {
  return {name, FieldType::low};
}
constexpr Field high{nullptr, FieldType::high};
constexpr Field none{};
constexpr Field cause{"cause", FieldType::cause};

constexpr void add(Table& t, zb_event_kind kind, const char* name, Category category, Field a = none,
                   Field b = none, Field c = none, Field d = none) {
  t[static_cast<std::size_t>(kind)] = {name, category, {a, b, c, d}};
}

constexpr void add_kernel(Table& t) {
  using enum Category;
  add(t, ZB_EV_ARRIVED, "arrived", packet, number("length"), number("captured"), number("interface"),
      flag("outgoing"));
  add(t, ZB_EV_MISSED, "missed", packet, number("length"), none, number("interface"));
  add(t, ZB_EV_REJECTED, "rejected", packet);
  add(t, ZB_EV_ACCEPTED, "accepted", packet, number("snaplen"));
  add(t, ZB_EV_STORED, "stored", packet, number("offset"), number("caplen"),
      typed("layout", FieldType::layout), number("datalen"));
  add(t, ZB_EV_DROPPED, "dropped", packet, typed("reason", FieldType::drop), number("needed"),
      number("store_length"));

  add(t, ZB_EV_LOANED, "loaned", buffer, number("size"), low("distance"), high);
  add(t, ZB_EV_ALLOCATED, "allocated", buffer, number("size"));
  add(t, ZB_EV_ROTATED, "rotated", buffer, number("length"), typed("store", FieldType::which), cause);
  add(t, ZB_EV_PUBLISHED, "published", buffer, number("kernel_len"), number("kernel_gen"), flag("in_store"));
  add(t, ZB_EV_RECLAIMED, "reclaimed", buffer, none, none, cause);
  add(t, ZB_EV_EMPTIED, "emptied", buffer, number("length"), none, cause);
  add(t, ZB_EV_WIPED, "wiped", buffer, number("kernel_gen"), number("user_gen"), number("kernel_len"));
  add(t, ZB_EV_COPIED_OUT, "copied_out", buffer, number("length"));
  add(t, ZB_EV_RESET, "reset", buffer, none, none, cause);
  add(t, ZB_EV_UNLOADED, "unloaded", buffer);

  add(t, ZB_EV_WOKEN, "woken", descriptor, none, none, cause);
  add(t, ZB_EV_TIMER_ARMED, "timer_armed", descriptor, number("ticks"));
  add(t, ZB_EV_TIMER_CANCELLED, "timer_cancelled", descriptor);
  add(t, ZB_EV_TIMED_OUT, "timed_out", descriptor);
  add(t, ZB_EV_OPENED, "opened", descriptor, number("revision"), number("hz"));
  add(t, ZB_EV_CLOSED, "closed", descriptor);
  add(t, ZB_EV_MODE, "mode", descriptor, number("mode"));
  add(t, ZB_EV_ATTACHED, "attached", descriptor, number("interface"), number("link_type"),
      number("link_header"));
  add(t, ZB_EV_DETACHED, "detached", descriptor, number("interface"), none, cause);
  add(t, ZB_EV_IMMEDIATE, "immediate", descriptor, flag("on"));
  add(t, ZB_EV_TIMEOUT_SET, "timeout_set", descriptor, number("ticks"));
  add(t, ZB_EV_FILTER_SET, "filter_set", descriptor, number("instructions"), flag("write_filter"),
      flag("without_reset"));
  add(t, ZB_EV_WROTE, "wrote", descriptor, number("length"), none, number("errno"));
}

constexpr void add_process(Table& t) {
  using enum Category;
  add(t, ZB_EV_CALL, "call", call, typed("call", FieldType::call), typed("request", FieldType::request),
      number("argument"));
  add(t, ZB_EV_RETURN, "return", call, typed("call", FieldType::call), typed("request", FieldType::request),
      number("errno"), number("value"));

  add(t, ZB_EV_IF_UP, "interface_up", interface, none, none, number("interface"));
  add(t, ZB_EV_IF_DOWN, "interface_down", interface, none, none, number("interface"));
  add(t, ZB_EV_IF_GONE, "interface_gone", interface, none, none, number("interface"));

  add(t, ZB_EV_LOOKED, "looked", user, number("kernel_gen"), number("user_gen"), number("times"));
  add(t, ZB_EV_TOOK, "took", user, number("length"), number("kernel_gen"));
  add(t, ZB_EV_HANDLED, "handled", user, number("offset"), number("caplen"), none, number("datalen"));
  add(t, ZB_EV_ACKNOWLEDGED, "acknowledged", user, number("user_gen"), number("kernel_gen"));
  add(t, ZB_EV_BAD_RECORD, "bad_record", user, number("offset"), number("fault"));
  add(t, ZB_EV_SCRIBBLED, "scribbled", user, number("field"), number("value"), number("before"));
  add(t, ZB_EV_READER, "reader", user, typed("state", FieldType::reader));
  add(t, ZB_EV_SLEPT, "slept", user, typed("call", FieldType::call));
  add(t, ZB_EV_RESUMED, "resumed", user, typed("call", FieldType::call), number("blocked_ns"));

  add(t, ZB_EV_MARK, "mark", run, number("number"), flag("fault"), low("of_event"), high);
  add(t, ZB_EV_LOST_EVENTS, "lost_events", run, number("events"));
  add(t, ZB_EV_END, "end", run);
}

constexpr Table make_table() {
  Table table{};
  add_kernel(table);
  add_process(table);
  return table;
}
constexpr Table kinds = make_table();

/// Names of 0, 1, 2, ...; a null has none.
template <std::size_t n>
const char* name_of(const char* const (&names)[n], std::uint32_t value) {
  return value < n && names[value] != nullptr ? names[value] : "unknown";
}

} // namespace

const KindInfo& kind_info(std::uint8_t kind) {
  static constexpr KindInfo unknown{};
  return kind < event_kinds ? kinds[kind] : unknown;
}

const char* kind_name(std::uint8_t kind) {
  const char* name = kind_info(kind).name;
  return name != nullptr ? name : "unknown";
}

zb_event_kind kind_by_name(std::string_view name) {
  for (std::size_t kind = 0; kind < event_kinds; ++kind)
    if (kinds[kind].name != nullptr && name == kinds[kind].name)
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

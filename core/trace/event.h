// SPDX-License-Identifier: BSD-2-Clause
// The C++ face of the records in kernel/engine/event.h: their names, their fields and a sentence for each.
//
// The numbers belong to the engine and to the file format (FORMAT.md); the words belong here, once, so that
// a caption, a column of an export and a check of a scenario use the same ones.
#pragma once

#include "kernel/engine/event.h"

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace zbuf {

using Event = ::zb_event;

/// Of no packet, descriptor or buffer; all else 0.
constexpr Event blank_event(zb_event_kind kind, std::uint64_t time_ns = 0) {
  return {time_ns, ZB_NO_PACKET, 0, 0, 0, 0, ZB_NO_DESCRIPTOR, static_cast<std::uint8_t>(kind), ZB_NO_BUFFER};
}

/// Kinds are 1..63, so that a set of them is one 64-bit word.
inline constexpr unsigned event_kinds = 64;

/// A set of event kinds: bit k stands for kind k.
using KindMask = std::uint64_t;
inline constexpr KindMask all_kinds = ~KindMask{0};

/// `mask_of({ZB_EV_DROPPED, ZB_EV_MISSED})`
constexpr KindMask mask_of(std::initializer_list<zb_event_kind> kinds) {
  KindMask mask = 0;
  for (const zb_event_kind kind : kinds)
    mask |= KindMask{1} << (static_cast<unsigned>(kind) % event_kinds);
  return mask;
}

/// Is the kind in the set? Any byte may be asked for: a damaged file may hold any.
constexpr bool contains(KindMask mask, std::uint8_t kind) {
  return kind < event_kinds && ((mask >> kind) & 1) != 0;
}

/// The kind of an event, to switch over without a default: the compiler then finds a kind that is not there.
/// A byte that no kind can have is ZB_EV_NONE; others may be no kind either, so the switch may fall through.
constexpr zb_event_kind kind_of(const Event& event) {
  return event.kind < event_kinds ? static_cast<zb_event_kind>(event.kind) : ZB_EV_NONE;
}

/// Whose step it is.
enum class Category : std::uint8_t { packet, buffer, descriptor, call, interface, user, run, unknown };

/// How to write a field of an event.
enum class FieldType : std::uint8_t {
  unused,  ///< always 0
  number,  ///< an unsigned number
  low,     ///< low half of a signed 64-bit number; the next field is its high half
  high,    ///< has no name of its own
  flag,    ///< 0 or 1
  which,   ///< enum zb_which: "A"
  drop,    ///< enum zb_drop: "full"
  cause,   ///< enum zb_cause: "packet"
  call,    ///< enum zb_call: "ioctl"
  request, ///< an ioctl request: "BIOCSETZBUF"
  reader,  ///< enum zb_reader_state: "stalled"
  layout,  ///< hdrlen in the low 16 bits, padding bytes in the high 16
};

struct Field {
  const char* name = nullptr; ///< "caplen"; null where the field is unused, or a high half
  FieldType type = FieldType::unused;
  const char* meaning = ""; ///< "bytes captured"
};

/// Which packet the coding of a trace expects an event to be about.
enum class ExpectedPacket : std::uint8_t {
  none,
  next, ///< the one after that of the last event of the kind
  same, ///< that of the event before
};

struct KindInfo {
  const char* name = nullptr; ///< "rotated"; null for a number that no kind has
  Category category = Category::unknown;
  Field fields[4]{};         ///< a, b, c, d
  const char* meaning = "";  ///< "from store to hold"
  const char* sentence = ""; ///< what event_sentence() fills in; empty: it has code for the kind
  ExpectedPacket packet = ExpectedPacket::none;
  unsigned flags = 0; ///< ZB_MOVES_..., ZB_SHOWS_HEADER, ZB_IS_...
};

/// ZB_EVENTS of kernel/engine/event.h, by number.
inline constexpr auto kind_table = [] {
  std::array<KindInfo, event_kinds> table{};
#define ZBUF_FIELD(name, type, meaning)                                                                      \
  { *name == '\0' ? nullptr : name, FieldType::type, meaning }
#define ZBUF_KIND(number, NAME, word, meaning, category, packet, series, flags, a, b, c, d, sentence)        \
  table[number] = {word,    Category::category, {ZBUF_FIELD a, ZBUF_FIELD b, ZBUF_FIELD c, ZBUF_FIELD d},    \
                   meaning, sentence,           ExpectedPacket::packet,                                      \
                   flags};
  ZB_EVENTS(ZBUF_KIND)
#undef ZBUF_KIND
#undef ZBUF_FIELD
  return table;
}();

/// The kinds for which `is_one(info)` holds.
template <typename F>
constexpr KindMask kinds_where(F&& is_one) {
  KindMask mask = 0;
  for (unsigned kind = 0; kind < event_kinds; ++kind)
    if (kind_table[kind].name != nullptr && is_one(kind_table[kind]))
      mask |= KindMask{1} << kind;
  return mask;
}

/// The kinds that have one of these flags: `kinds_with(ZB_MOVES_HEADER | ZB_MOVES_SLOTS)`
constexpr KindMask kinds_with(unsigned flags) {
  return kinds_where([flags](const KindInfo& info) { return (info.flags & flags) != 0; });
}

/// What is known about a kind; an entry with a null name for numbers that are not in use. Never fails.
constexpr const KindInfo& kind_info(std::uint8_t kind) {
  return kind_table[kind < event_kinds ? kind : 0];
}

/// "rotated"; "unknown" for numbers that are not in use.
const char* kind_name(std::uint8_t kind);

/// The kind of that name, or ZB_EV_NONE.
zb_event_kind kind_by_name(std::string_view name);

/// "kernel packet" and the like are for people; this is the bare word: "packet", "buffer", ...
const char* category_name(Category category);

// Names of the enumerations; "unknown" for numbers that are not in use.
const char* which_name(std::uint32_t which);        ///< "A", "B", "user_copy", "none"
const char* drop_name(std::uint32_t drop);          ///< "full", "lent", "gone", "no_buffer"
const char* cause_name(std::uint32_t cause);        ///< "packet", "read", "rotzbuf", "flush", ...
const char* call_name(std::uint32_t call);          ///< "open", "ioctl", "poll", ...
const char* reader_state_name(std::uint32_t state); ///< "started", "stalled", ...

/// "BIOCSETZBUF" (spec 1.1); null for a request that bpf does not have.
const char* request_name(std::uint32_t request);

/// BIOCFLUSH, BIOCSETF, BIOCSETIF or BIOCSDLT: a reset may throw away what was not handed over (spec 2.17).
constexpr bool is_reset(std::uint32_t cause) {
  return cause == ZB_BY_FLUSH || cause == ZB_BY_SETF || cause == ZB_BY_SETIF || cause == ZB_BY_SETDLT;
}

/// A number in two halves.
constexpr std::int64_t joined(std::uint32_t low, std::uint32_t high) {
  return static_cast<std::int64_t>(std::uint64_t{high} << 32 | low);
}

/// One sentence in plain English, without time and descriptor:
/// "A rotated from store to hold with 32712 bytes; B is the store now (a packet did not fit)."
std::string event_sentence(const Event& event);

} // namespace zbuf

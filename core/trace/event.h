// SPDX-License-Identifier: BSD-2-Clause
// The C++ face of the records in kernel/engine/event.h: their names, their fields and a sentence for each.
//
// The numbers belong to the engine and to the file format (FORMAT.md); the words belong here, once, so that
// a caption, a column of an export and a check of a scenario use the same ones.
#pragma once

#include "kernel/engine/event.h"

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
};

struct KindInfo {
  const char* name = nullptr; ///< "rotated"; null for a number that no kind has
  Category category = Category::unknown;
  Field fields[4]{}; ///< a, b, c, d
};

/// What is known about a kind; an entry with a null name for numbers that are not in use. Never fails.
const KindInfo& kind_info(std::uint8_t kind);

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

// SPDX-License-Identifier: BSD-2-Clause
// Events as few bytes: a run writes millions a second, and a disk takes fewer bytes than a processor makes.
//
// A block of up to 512 events is coded by itself, so that any of them is a microsecond away. An event is
// mostly like the last one of its kind: what is equal costs nothing, what differs is a difference
// (FORMAT.md).
#pragma once

#include "core/trace/event.h"

#include <cstddef>
#include <span>

namespace zbuf {

/// Room for so many events, however odd they are.
std::size_t encoded_room(std::size_t count);

/// Writes the block to the front of `room`, of at least encoded_room() bytes, and returns how many bytes it
/// has: some 10 an event. What lies behind it in `room` is overwritten.
std::size_t encode_events(std::span<const Event> events, std::span<std::byte> room);

/// Fills `events`, if the bytes are exactly so many of them; else false, and `events` holds anything.
bool decode_events(std::span<const std::byte> bytes, std::span<Event> events);

} // namespace zbuf

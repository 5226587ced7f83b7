// SPDX-License-Identifier: BSD-2-Clause
// State after an event = fold(state before it, event). Nothing else goes in.
//
// The same fold serves a running simulation, a recording, a live interface and a window that steps back.
// It checks the invariants I1 to I5 on the way (state.h); a broken one is counted in State::broken and
// the fold goes on.
#pragma once

#include "core/trace/state.h"

#include <span>

namespace zbuf {

/// Takes the state over one event. Never fails: an event that makes no sense (a damaged file may hold any)
/// changes what it can and no more. Allocates only when a descriptor or interface is first seen.
///
/// Whose buffer it is (spec 3.2): BufferState::user_owned() is what the header in memory says; `lent` is the
/// loan in truth, set by a publication and ended only by the user. I2 goes by `lent`, so a header that was
/// wiped under the reader does not hide a write into its buffer.
///
/// Records left in a buffer are settled when the kernel lets go of it: never published -> flushed by a reset,
/// else lost; given back by the user -> unread; still lent -> the reader can go on (`orphaned`) and they are
/// delivered as it handles them, unread if it gives the buffer back, lost when the kernel writes over them.
/// A published fill that nobody took and whose header was wiped is lost when the kernel takes it back.
void fold(State& state, const Event& event);

/// The same for many, in order.
void fold(State& state, std::span<const Event> events);

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
// The unchanging part of synthetic frames: who talks to whom, and the headers that say so.
#pragma once

#include "core/base/random.h"
#include "core/traffic/frames.h"

namespace zbuf {

/// The conversation with this number, of a protocol, with nothing said yet. Sequence numbers are drawn.
Frames::Conversation make_conversation(Protocol protocol, std::uint32_t flow, Random& random);

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
// A State as bytes: what a recording keeps at the head of each chunk, so that a seek folds one chunk and not
// all.
#pragma once

#include "core/trace/state.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace zbuf {

/// Raised whenever a State gains, loses or reorders a field. A recording with other snapshots is still read:
/// its states are folded from the start.
inline constexpr std::uint32_t snapshot_version = 2;

/// Appends the state: every field in order of declaration as an unsigned LEB128 number (signed ones modulo
/// their width), arrays in order,
/// vectors after their length. Mostly zeros, so mostly one byte a field.
void encode_snapshot(const State& state, std::vector<std::byte>& out);

/// The state, if the bytes are exactly one and every number is in its range.
std::optional<State> decode_snapshot(std::span<const std::byte> bytes);

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
// Quantities as people write them: "5 ms", "32 KiB", "1.5 Mpps". Exact: decimals times units, in integers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace zbuf {

/// What kind of quantity a text stands for; each has its units.
enum class Quantity {
  duration, ///< in nanoseconds: ns, us (or µs), ms, s, min
  size,     ///< in bytes: B, kB, MB (thousands), KiB, MiB (1024s)
  rate,     ///< in packets/s: pps, kpps, Mpps, or /s
  bit_rate, ///< in bit/s: bit/s, kbit/s, Mbit/s, Gbit/s
};

/// A decimal number, blanks or none, and a unit of that quantity; without a unit, the base unit is meant.
/// Rounded down to whole base units. Nothing if it is something else, negative, or does not fit 64 bits.
[[nodiscard]] std::optional<std::uint64_t> parse_quantity(std::string_view text, Quantity quantity);

/// How it is written, for messages: `a size such as "32 KiB", or a number of bytes`.
[[nodiscard]] std::string_view quantity_example(Quantity quantity);

/// For people: "5 ms", "1.5 s", "250 ns": at most three digits, rounded to nearest.
[[nodiscard]] std::string show_duration(std::uint64_t time_ns);
/// "32 KiB", "1.5 MiB", "100 B".
[[nodiscard]] std::string show_size(std::uint64_t bytes);
/// For documents, in the largest unit of which it is a whole number: "60 min", "65535 B", "1 Gbit/s".
[[nodiscard]] std::string show_exactly(std::uint64_t value, Quantity quantity);
/// "1 run", "1,200 runs"
[[nodiscard]] std::string show_count(std::uint64_t count, std::string_view what);
/// "12,345,678"
[[nodiscard]] std::string show_count(std::uint64_t count);

} // namespace zbuf

// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers as the window writes them, once, for every view.
#pragma once

#include <QString>

#include <cstdint>

namespace zbuf::gui {

/// "1 284 911": thousands apart by a narrow space that does not break.
[[nodiscard]] QString count(std::uint64_t number);

/// An instant or a stretch, exact to the nanosecond, in the unit that suits it: "512 ns", "14.250 µs",
/// "3.512 806 ms", "1.250 s". Zeros at the end are left out three at a time.
[[nodiscard]] QString time(std::uint64_t time_ns);

/// The same for people, in three digits: "3.51 ms".
[[nodiscard]] QString short_time(std::uint64_t time_ns);

/// "32 712 bytes"; whole KiB and MiB as such: "64 KiB".
[[nodiscard]] QString bytes(std::uint64_t number);

/// Packets a second, in three digits: "812 kpps".
[[nodiscard]] QString rate(double packets_per_second);

/// How much slower or faster than life: "1/50×", "1×", "20×"; "max" for infinity.
[[nodiscard]] QString speed_text(double speed);

} // namespace zbuf::gui

// SPDX-License-Identifier: GPL-3.0-or-later
// The filter of a descriptor, as the recording tells it, and the way of a packet through it.
#pragma once

#include "core/filter/path.h"
#include "core/trace/recording.h"

#include <QString>
#include <QStringList>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace zbuf::gui {

struct FilterProgram {
  enum class Known : std::uint8_t {
    none,    ///< the descriptor has no filter: every packet is accepted
    program, ///< `expression` and `instructions` are what the kernel runs
    length,  ///< there is a filter of `length` instructions, and the recording does not have it
  };
  Known known = Known::none;
  QString expression{};
  std::vector<zb_bpf_insn> instructions{};
  QStringList lines{}; ///< as tcpdump -d prints them, without the number
  std::uint32_t length = 0;
};

/// Compiles the expression of the metadata for the descriptor's link type, at any time of the run. `state`:
/// the last one of the recording. A program is believed only if it has as many instructions as the kernel was
/// given.
[[nodiscard]] FilterProgram filter_of(const Recording& recording, const State& end, std::uint16_t descriptor);

/// The way of a packet.
struct PacketPath {
  FilterPath path{};
  bool undecided =
      false; ///< it asked for bytes that the recording did not keep: the verdict is not known from it
  std::uint32_t kept_bytes = 0;
};

/// Nothing where the recording did not keep the packet, or the program is not known.
[[nodiscard]] std::optional<PacketPath> path_of(const Recording& recording, const FilterProgram& program,
                                                std::uint32_t packet);

} // namespace zbuf::gui

// SPDX-License-Identifier: GPL-3.0-or-later
// The records that a buffer holds, with the flow of each, fast enough for every frame.
//
// Recording::records_in() answers the same for one question; here neighbouring questions share the work, and
// a fill of ten thousands of records is sampled, for no screen has that many columns.
#pragma once

#include "core/trace/recording.h"

#include <array>
#include <cstdint>
#include <vector>

namespace zbuf::gui::stage {

/// The colour of a packet: its conversation, modulo the colours there are. Remembers what it has seen.
class Flows {
 public:
  [[nodiscard]] int of(const Recording& recording, std::uint32_t packet, std::uint32_t link_type);
  void clear();

 private:
  struct Known {
    std::uint32_t packet = ZB_NO_PACKET;
    int flow = 0;
  };
  static constexpr std::size_t remembered = 1u << 14;
  std::vector<Known> known_ = std::vector<Known>(remembered);
};

struct FillRecord {
  std::uint32_t offset = 0;
  std::uint32_t end = 0; ///< where its last byte ends
  std::uint32_t packet = ZB_NO_PACKET;
  std::uint64_t event = 0; ///< index of its STORED
  bool operator==(const FillRecord&) const = default;
};

class Fills {
 public:
  /// The records of `which` after `done` events; `d` is the descriptor's state then. In order of their
  /// offsets. Very many are sampled evenly. Valid until the next call for the same buffer.
  const std::vector<FillRecord>& records(const Recording& recording, std::uint16_t descriptor,
                                         const DescriptorState& d, std::uint8_t which, std::uint64_t done);
  void clear();

 private:
  struct Cached {
    const Recording* recording = nullptr;
    std::uint16_t descriptor = 0;
    std::uint8_t source = ZB_NO_BUFFER;
    std::uint64_t begin = 0, until = 0; ///< events looked at
    std::uint32_t expected = 0;
    std::vector<FillRecord> records{};
  };
  std::array<Cached, 3> cached_{};
};

} // namespace zbuf::gui::stage

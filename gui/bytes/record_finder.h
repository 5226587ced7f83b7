// SPDX-License-Identifier: GPL-3.0-or-later
// Which record is looked at: the selected one, else the one that the last event is about.
#pragma once

#include "core/trace/packet_fate.h"
#include "gui/bytes/byte_fields.h"
#include "gui/explain/run_facts.h"
#include "gui/model/playback.h"

#include <memory>
#include <optional>

namespace zbuf::gui::bytes_view {

struct FoundRecord {
  Recording::Record record{};
  std::uint8_t buffer = ZB_NO_BUFFER; ///< where the kernel stored it: A or B
  bool there = false;                 ///< its bytes are in that buffer now
  bool copied = false;                ///< ... or in the reader's copy
  std::optional<std::uint64_t> time_ns{};
  std::span<const std::byte> bytes{}; ///< those that the recording kept
  int link_type = 1;
  Stamps stamps{};
};

/// Keeps what it has learned about the recording that it looked at last. On the GUI's thread.
class RecordFinder {
 public:
  /// Nothing where no record is meant, or it was not stored yet.
  [[nodiscard]] std::optional<FoundRecord> find(const Playback& playback);

 private:
  struct Known {
    std::shared_ptr<const Recording> recording;
    PacketFates fates;
    explain::RunFacts facts;
  };
  void learn(const Track& track);
  [[nodiscard]] std::optional<std::uint64_t> stored_event(const Playback& playback);
  [[nodiscard]] bool format_is_default(std::uint16_t descriptor, std::uint64_t stored) const;

  std::optional<Known> known_;
};

} // namespace zbuf::gui::bytes_view

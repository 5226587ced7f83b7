// SPDX-License-Identifier: BSD-2-Clause
#include "core/trace/ledger.h"

#include <algorithm>

namespace zbuf {
namespace {

/// A 2 MiB buffer holds no more records than this (spec 1.4, 1.7).
constexpr std::size_t max_records = 2 * 1024 * 1024 / 32;

} // namespace

Ledger::Fill* Ledger::find(const Event& event) {
  if (event.descriptor == ZB_NO_DESCRIPTOR || event.buffer > ZB_USER_COPY)
    return nullptr;
  if (event.descriptor >= descriptors_.size()) [[unlikely]]
    descriptors_.resize(event.descriptor + std::size_t{1});
  return &descriptors_[event.descriptor][event.buffer];
}

void Ledger::stored(const Event& event) {
  Fill* fill = find(event);
  if (fill == nullptr)
    return;
  std::vector<Entry>& entries = fill->entries;
  if (event.a == 0) {
    entries.clear();
    fill->cursor = 0;
  }
  // Offsets ascend within a fill; anything else is a damaged stream, and is left out.
  if ((!entries.empty() && event.a <= entries.back().offset) || entries.size() == max_records)
    return;
  entries.push_back({event.a, event.packet});
}

void Ledger::handled(Event& event) {
  Fill* fill = find(event);
  if (fill == nullptr || event.packet != ZB_NO_PACKET)
    return;
  const std::vector<Entry>& entries = fill->entries;
  if (fill->cursor >= entries.size() || entries[fill->cursor].offset != event.a) [[unlikely]] {
    const auto at =
        std::lower_bound(entries.begin(), entries.end(), event.a,
                         [](const Entry& entry, std::uint32_t offset) { return entry.offset < offset; });
    if (at == entries.end() || at->offset != event.a)
      return;
    fill->cursor = static_cast<std::size_t>(at - entries.begin());
  }
  event.packet = entries[fill->cursor++].packet;
}

void Ledger::moved(const Event& event) {
  Fill* from = find(event);
  if (from == nullptr || event.buffer == ZB_USER_COPY)
    return;
  if (event.kind == ZB_EV_COPIED_OUT) {
    Fill& copy = descriptors_[event.descriptor][ZB_USER_COPY];
    std::swap(copy.entries, from->entries);
    copy.cursor = 0;
  }
  from->entries.clear();
  from->cursor = 0;
}

std::span<const Ledger::Entry> Ledger::fill(std::uint16_t descriptor, std::uint8_t which) const {
  if (descriptor >= descriptors_.size() || which > ZB_USER_COPY)
    return {};
  return descriptors_[descriptor][which].entries;
}

std::uint32_t Ledger::packet_at(std::uint16_t descriptor, std::uint8_t which, std::uint32_t offset) const {
  const std::span<const Entry> entries = fill(descriptor, which);
  const auto at =
      std::lower_bound(entries.begin(), entries.end(), offset,
                       [](const Entry& entry, std::uint32_t wanted) { return entry.offset < wanted; });
  return at != entries.end() && at->offset == offset ? at->packet : ZB_NO_PACKET;
}

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
#include "core/trace/summary.h"

#include "core/trace/fold.h"

#include <algorithm>

namespace zbuf {
namespace {

constexpr std::uint8_t no_series = 0xff;

constexpr std::array<std::uint8_t, event_kinds> make_series() {
  std::array<std::uint8_t, event_kinds> table{};
  table.fill(no_series);
  const auto set = [&](zb_event_kind kind, Series series) {
    table[static_cast<std::size_t>(kind)] = static_cast<std::uint8_t>(series);
  };
  set(ZB_EV_ARRIVED, Series::arrived);
  set(ZB_EV_MISSED, Series::missed);
  set(ZB_EV_REJECTED, Series::rejected);
  set(ZB_EV_STORED, Series::stored);
  set(ZB_EV_DROPPED, Series::dropped);
  set(ZB_EV_ROTATED, Series::rotated);
  set(ZB_EV_PUBLISHED, Series::published);
  set(ZB_EV_RECLAIMED, Series::reclaimed);
  set(ZB_EV_ACKNOWLEDGED, Series::acknowledged);
  set(ZB_EV_HANDLED, Series::handled);
  set(ZB_EV_WOKEN, Series::wakeups);
  set(ZB_EV_CALL, Series::calls);
  set(ZB_EV_SLEPT, Series::sleeps);
  for (const zb_event_kind kind :
       {ZB_EV_BAD_RECORD, ZB_EV_SCRIBBLED, ZB_EV_WIPED, ZB_EV_RESET, ZB_EV_LOST_EVENTS})
    set(kind, Series::oddities);
  return table;
}
constexpr auto series_of = make_series();

/// Events after which a store may have another length, or a buffer another owner.
constexpr KindMask level_kinds =
    mask_of({ZB_EV_STORED, ZB_EV_LOANED, ZB_EV_ALLOCATED, ZB_EV_ROTATED, ZB_EV_PUBLISHED, ZB_EV_EMPTIED,
             ZB_EV_WIPED, ZB_EV_CLOSED, ZB_EV_LOOKED, ZB_EV_ACKNOWLEDGED, ZB_EV_SCRIBBLED});

BlockRow new_row(std::uint16_t descriptor, const State& state) {
  BlockRow row;
  row.descriptor = descriptor;
  if (descriptor < state.descriptors.size()) {
    const DescriptorState& d = state.descriptors[descriptor];
    row.store_min = row.store_max = row.store_last = d.store_length;
    row.owned_min = row.owned_max = row.owned_last = static_cast<std::uint8_t>(d.user_owned());
  }
  return row;
}

/// The row of a descriptor among those from `first` on. The same few come again and again.
BlockRow& row_of(std::vector<BlockRow>& rows, std::size_t first, std::uint16_t descriptor,
                 const State& state) {
  for (std::size_t i = first; i < rows.size(); ++i)
    if (rows[i].descriptor == descriptor)
      return rows[i];
  return rows.emplace_back(new_row(descriptor, state));
}

void include_levels(BlockRow& row, const DescriptorState& d) {
  row.store_last = d.store_length;
  row.store_min = std::min(row.store_min, d.store_length);
  row.store_max = std::max(row.store_max, d.store_length);
  row.owned_last = static_cast<std::uint8_t>(d.user_owned());
  row.owned_min = std::min(row.owned_min, row.owned_last);
  row.owned_max = std::max(row.owned_max, row.owned_last);
}

} // namespace

const char* series_name(Series series) {
  static constexpr const char* names[series_count] = {
      "arrived",      "missed",  "rejected", "stored", "dropped", "rotated",  "published",  "reclaimed",
      "acknowledged", "handled", "wakeups",  "calls",  "sleeps",  "oddities", "empty_looks"};
  return names[static_cast<std::size_t>(series)];
}

Contribution contribution(const Event& event) {
  if (event.kind == ZB_EV_LOOKED)
    return {Series::empty_looks, event.a == event.b ? std::max(event.c, 1u) : 0u};
  if (event.kind == ZB_EV_MARK)
    return {Series::oddities, event.b != 0 ? 1u : 0u};
  const std::uint8_t series = event.kind < event_kinds ? series_of[event.kind] : no_series;
  return series == no_series ? Contribution{} : Contribution{static_cast<Series>(series), 1};
}

std::uint64_t Timeline::begin_ns(std::size_t i) const {
  if (buckets.empty())
    return from_ns;
  const unsigned __int128 span = until_ns - from_ns;
  // Rounded up, so that index() and begin_ns() agree on who has an edge.
  return from_ns + static_cast<std::uint64_t>((span * i + buckets.size() - 1) / buckets.size());
}

std::size_t Timeline::index(std::uint64_t time_ns) const {
  const unsigned __int128 offset = time_ns - from_ns;
  return static_cast<std::size_t>(offset * buckets.size() / (until_ns - from_ns));
}

void ChunkSummary::build(State& state, std::span<const Event> events) {
  kinds.fill(0);
  blocks.clear();
  rows.clear();
  while (!events.empty()) {
    const std::span<const Event> part = events.first(std::min<std::size_t>(events.size(), events_per_block));
    events = events.subspan(part.size());
    format::Block block;
    block.first_ns = part.front().time_ns;
    block.last_ns = part.back().time_ns;
    block.first_row = static_cast<std::uint32_t>(rows.size());
    for (const Event& event : part) {
      BlockRow& row = row_of(rows, block.first_row, event.descriptor, state);
      fold(state, event);
      if (event.kind < event_kinds)
        ++kinds[event.kind];
      const auto [series, amount] = contribution(event);
      if (series == Series::empty_looks)
        row.empty_looks += amount;
      else
        row.count[static_cast<std::size_t>(series)] += static_cast<std::uint32_t>(amount);
      if (contains(level_kinds, event.kind) && event.descriptor < state.descriptors.size())
        include_levels(row, state.descriptors[event.descriptor]);
    }
    block.rows = static_cast<std::uint32_t>(rows.size()) - block.first_row;
    blocks.push_back(block);
  }
}

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
#include "core/trace/summary.h"

#include "core/trace/fold.h"

#include <algorithm>

namespace zbuf {
namespace {

constexpr Series no_series{0xff};

/// The column "series" of the table of events, by kind.
constexpr auto series_of = [] {
  using enum Series;
  constexpr Series none = no_series;
  std::array<Series, event_kinds> table{};
  table.fill(none);
#define ZBUF_SERIES_OF(number, NAME, word, meaning, category, packet, series, ...) table[number] = series;
  ZB_EVENTS(ZBUF_SERIES_OF)
#undef ZBUF_SERIES_OF
  return table;
}();

/// Events after which a store may have another length, or a buffer another owner.
constexpr KindMask level_kinds = kinds_with(ZB_MOVES_LENGTH | ZB_MOVES_HEADER | ZB_SHOWS_HEADER);

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
#define ZBUF_SERIES_NAME(name) #name,
  static constexpr const char* names[] = {ZBUF_SERIES(ZBUF_SERIES_NAME)};
#undef ZBUF_SERIES_NAME
  return names[static_cast<std::size_t>(series)];
}

Contribution contribution(const Event& event) {
  if (event.kind == ZB_EV_LOOKED)
    return {Series::empty_looks,
            event.a == event.b
                ? std::max<std::uint64_t>(static_cast<std::uint64_t>(joined(event.c, event.d)), 1)
                : 0};
  if (event.kind == ZB_EV_MARK)
    return {Series::oddities, event.b != 0 ? 1u : 0u};
  const Series series = event.kind < event_kinds ? series_of[event.kind] : no_series;
  return series == no_series ? Contribution{} : Contribution{series, 1};
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

// SPDX-License-Identifier: BSD-2-Clause
// Timelines of a recording, at any zoom in a few milliseconds.
#include "core/trace/fold.h"
#include "core/trace/recording_data.h"

#include <algorithm>

namespace zbuf {
namespace {

/// Up to here every event of the stretch is looked at; beyond, rows of the index are.
constexpr std::uint64_t exact_events = 1u << 19;
constexpr std::size_t max_buckets = 65536;

/// Which bucket an instant falls in, for instants that mostly ascend: no division per event.
class Cursor {
 public:
  explicit Cursor(const Timeline& timeline) : timeline_(timeline), end_ns_(timeline.begin_ns(1)) {}

  std::size_t at(std::uint64_t time_ns) {
    if (time_ns < begin_ns_ || time_ns >= end_ns_) [[unlikely]] {
      index_ = timeline_.index(time_ns);
      begin_ns_ = timeline_.begin_ns(index_);
      end_ns_ = timeline_.begin_ns(index_ + 1);
    }
    return index_;
  }

 private:
  const Timeline& timeline_;
  std::size_t index_ = 0;
  std::uint64_t begin_ns_ = 0;
  std::uint64_t end_ns_;
};

/// Carries the levels of one descriptor from bucket to bucket: a bucket in which nothing happens has the
/// value that the one before it ended with.
class Levels {
 public:
  Levels(Timeline& timeline, const State& before, std::uint16_t descriptor) : buckets_(timeline.buckets) {
    if (descriptor < before.descriptors.size()) {
      const DescriptorState& d = before.descriptors[descriptor];
      set(store_, d.store_length);
      set(owned_, d.user_owned());
    }
  }
  void include(std::size_t bucket, const Level& store, const Level& owned) {
    fill(bucket + 1);
    buckets_[bucket].store_length.include(store);
    buckets_[bucket].user_owned.include(owned);
    set(store_, store.last);
    set(owned_, owned.last);
  }
  void finish() { fill(buckets_.size()); }

 private:
  static void set(Level& level, std::uint32_t value) { level = {value, value, value}; }
  void fill(std::size_t until) {
    for (; filled_ < until; ++filled_) {
      buckets_[filled_].store_length = store_;
      buckets_[filled_].user_owned = owned_;
    }
  }

  std::vector<Bucket>& buckets_;
  std::size_t filled_ = 0;
  Level store_{};
  Level owned_{};
};

void count(Bucket& bucket, const Event& event, std::optional<std::uint16_t> descriptor) {
  if (descriptor && event.descriptor != *descriptor)
    return;
  const auto [series, amount] = contribution(event);
  bucket.count[static_cast<std::size_t>(series)] += amount;
}

void count(Bucket& bucket, const BlockRow& row) {
  for (std::size_t i = 0; i < std::size(row.count); ++i)
    bucket.count[i] += row.count[i];
  bucket.count[static_cast<std::size_t>(Series::empty_looks)] += row.empty_looks;
}

/// Adds the blocks of a recording to a timeline, whole where a block lies in one bucket, else by event.
class BlockCounter {
 public:
  BlockCounter(Timeline& timeline, std::optional<std::uint16_t> descriptor)
      : timeline_(timeline), cursor_(timeline), descriptor_(descriptor) {}

  /// f(row, first bucket, last bucket) for the row of the descriptor, if one was asked for.
  template <typename ChunkT, typename F>
  void add(const ChunkT& chunk, std::size_t number, F&& f) {
    const format::Block block = chunk.block(number);
    if (block.last_ns < timeline_.from_ns || block.first_ns >= timeline_.until_ns)
      return;
    const bool inside = block.first_ns >= timeline_.from_ns && block.last_ns < timeline_.until_ns;
    const std::size_t first = cursor_.at(std::max(block.first_ns, timeline_.from_ns));
    const std::size_t last = cursor_.at(std::min(block.last_ns, timeline_.until_ns - 1));
    if (!inside || first != last)
      count_events(chunk.decode_or_nothing(number, room_));
    for (std::size_t i = 0; i < block.rows; ++i) {
      const BlockRow row = chunk.row(block.first_row + i);
      if (descriptor_ && row.descriptor != *descriptor_)
        continue;
      if (inside && first == last)
        count(timeline_.buckets[first], row);
      if (descriptor_)
        f(row, first, last);
    }
  }

 private:
  void count_events(std::span<const Event> events) {
    for (const Event& event : events)
      if (event.time_ns >= timeline_.from_ns && event.time_ns < timeline_.until_ns)
        count(timeline_.buckets[cursor_.at(event.time_ns)], event, descriptor_);
  }

  Timeline& timeline_;
  Cursor cursor_;
  std::optional<std::uint16_t> descriptor_;
  Recording::Room room_;
};

} // namespace

Timeline Recording::buckets(std::uint64_t from_ns, std::uint64_t until_ns, std::size_t count,
                            std::optional<std::uint16_t> descriptor) const {
  Timeline timeline{from_ns, until_ns, true, {}};
  if (until_ns <= from_ns || count == 0)
    return timeline;
  timeline.buckets.resize(std::min(count, max_buckets));
  const std::uint64_t first = event_at_time(from_ns);
  const std::uint64_t until = event_at_time(until_ns);
  if (first >= until && !descriptor)
    return timeline;
  if (until <= first || until - first <= exact_events)
    exact_buckets(timeline, first, until, descriptor);
  else
    indexed_buckets(timeline, first, descriptor);
  return timeline;
}

void Recording::exact_buckets(Timeline& timeline, std::uint64_t first, std::uint64_t until,
                              std::optional<std::uint16_t> descriptor) const {
  Cursor cursor(timeline);
  const auto within = [&](const Event& event) {
    return event.time_ns >= timeline.from_ns && event.time_ns < timeline.until_ns;
  };
  if (!descriptor) {
    for_each(first, until, [&](std::uint64_t, const Event& event) {
      if (within(event))
        count(timeline.buckets[cursor.at(event.time_ns)], event, descriptor);
    });
    return;
  }
  State state = state_after(first);
  Levels levels(timeline, state, *descriptor);
  for_each(first, until, [&](std::uint64_t, const Event& event) {
    if (event.descriptor != *descriptor || !within(event))
      return;
    const std::size_t bucket = cursor.at(event.time_ns);
    count(timeline.buckets[bucket], event, descriptor);
    fold(state, event);
    if (*descriptor >= state.descriptors.size())
      return; // ZB_NO_DESCRIPTOR has counts, and no levels
    const DescriptorState& d = state.descriptors[*descriptor];
    levels.include(bucket, {d.store_length, d.store_length, d.store_length},
                   {d.user_owned(), d.user_owned(), d.user_owned()});
  });
  levels.finish();
}

void Recording::indexed_buckets(Timeline& timeline, std::uint64_t first,
                                std::optional<std::uint16_t> descriptor) const {
  timeline.exact_levels = !descriptor;
  BlockCounter counter(timeline, descriptor);
  std::optional<Levels> levels;
  if (descriptor)
    levels.emplace(timeline, state_after(first), *descriptor);
  for (std::size_t c = chunk_of(first); c < chunks_.size() && chunks_[c].first_ns < timeline.until_ns; ++c) {
    const Chunk& chunk = chunks_[c];
    for (std::size_t i = 0; i < chunk.block_count(); ++i)
      counter.add(chunk, i, [&](const BlockRow& row, std::size_t from, std::size_t to) {
        for (std::size_t bucket = from; bucket <= to; ++bucket)
          levels->include(bucket, {row.store_min, row.store_max, row.store_last},
                          {row.owned_min, row.owned_max, row.owned_last});
      });
  }
  if (levels)
    levels->finish();
}

} // namespace zbuf

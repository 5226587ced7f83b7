// SPDX-License-Identifier: BSD-2-Clause
#include "core/scenario/picture.h"

#include <algorithm>

namespace zbuf {

namespace {

constexpr std::size_t most_cells = 512;

Owner owner_of(const DescriptorState& d, std::uint8_t which) {
  const BufferState& b = d.buffers[which];
  if (!b.present)
    return Owner::absent;
  if (b.shared && b.user_owned())
    return Owner::user;
  if (d.store == which)
    return Owner::store;
  return d.hold == which ? Owner::hold : Owner::free;
}

void add_lane(PictureLane& into, const PictureLane& from, double share) {
  for (std::size_t b = 0; b < 2; ++b)
    for (std::size_t o = 0; o < owner_count; ++o)
      into.owned[b][o] += from.owned[b][o] * share;
}

void add_counts(PictureColumn& into, const PictureColumn& from) {
  into.arrived += from.arrived;
  into.missed += from.missed;
  into.lanes.resize(std::max(into.lanes.size(), from.lanes.size()));
  for (std::size_t i = 0; i < from.lanes.size(); ++i) {
    into.lanes[i].drops += from.lanes[i].drops;
    into.lanes[i].calls += from.lanes[i].calls;
  }
}

void add_times(PictureColumn& into, const PictureColumn& from, double share) {
  into.lanes.resize(std::max(into.lanes.size(), from.lanes.size()));
  for (std::size_t i = 0; i < from.lanes.size(); ++i)
    add_lane(into.lanes[i], from.lanes[i], share);
}

} // namespace

KindMask Picture::kinds() {
  return kinds_with(ZB_MOVES_HEADER | ZB_MOVES_SLOTS) |
         mask_of({ZB_EV_ARRIVED, ZB_EV_MISSED, ZB_EV_DROPPED, ZB_EV_CALL, ZB_EV_MARK});
}

/// Joins neighbours: half as many cells, twice as wide.
void Picture::halve() {
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    if (i % 2 == 0) {
      if (i != 0)
        cells_[i / 2] = std::move(cells_[i]);
      continue;
    }
    add_counts(cells_[i / 2], cells_[i]);
    add_times(cells_[i / 2], cells_[i], 1);
  }
  cells_.resize((cells_.size() + 1) / 2);
  width_ *= 2;
}

PictureColumn& Picture::cell(std::uint64_t position) {
  while (position / width_ >= most_cells)
    halve();
  const std::size_t index = position / width_;
  if (index >= cells_.size())
    cells_.resize(index + 1);
  return cells_[index];
}

PictureLane& Picture::lane(PictureColumn& cell, std::size_t descriptor) const {
  if (cell.lanes.size() <= descriptor)
    cell.lanes.resize(descriptor + 1);
  return cell.lanes[descriptor];
}

/// Accounts for the time until now, during which nothing changed.
void Picture::settle(std::size_t descriptor, std::uint64_t position) {
  Now& now = now_[descriptor];
  while (now.since < position) {
    PictureLane& into = lane(cell(now.since), descriptor); // before the width is used: it may change here
    const std::uint64_t end = std::min(position, (now.since / width_ + 1) * width_);
    for (std::size_t b = 0; b < 2; ++b)
      into.owned[b][static_cast<std::size_t>(now.owner[b])] += static_cast<double>(end - now.since);
    now.since = end;
  }
}

void Picture::mark(const Event& event, std::uint64_t position) {
  PictureMark mark{event.a, position, event.time_ns, std::uint64_t{event.d} << 32 | event.c};
  for (std::size_t back = 1; back <= std::min(seen_count_, seen_.size()); ++back) {
    const Seen& seen = seen_[(seen_count_ - back) % seen_.size()];
    if (seen.event > mark.event)
      continue;
    mark.position = seen.position;
    if (seen.event == mark.event)
      mark.time_ns = seen.time_ns;
    break;
  }
  if (axis_ ==
      PictureAxis::time) // not every kind of event is seen: its own time is nearer than the last one seen
    mark.position = mark.time_ns;
  marks_.push_back(mark);
}

void Picture::begin(const State& state) {
  const std::uint64_t position = axis_ == PictureAxis::time ? state.time_ns : steps_;
  for (const DescriptorState& d : state.descriptors)
    if (now_.size() < most_lanes)
      now_.push_back({{owner_of(d, ZB_A), owner_of(d, ZB_B)}, position});
}

void Picture::add(const State& state, const Event& event) {
  const std::uint64_t position = axis_ == PictureAxis::time ? event.time_ns : steps_;
  if (event.kind == ZB_EV_MARK) {
    if (event.b == 0)
      mark(event, position);
    return;
  }
  seen_[seen_count_++ % seen_.size()] = {state.events - 1, position, event.time_ns};
  ++steps_;
  length_ = std::max(length_, axis_ == PictureAxis::time ? position + 1 : steps_);
  if (event.kind != ZB_EV_CALL || axis_ == PictureAxis::steps)
    busy_length_ = length_;
  if (event.kind == ZB_EV_ARRIVED) {
    ++cell(position).arrived;
    return;
  }
  if (event.kind == ZB_EV_MISSED) {
    ++cell(position).missed;
    return;
  }
  const std::size_t descriptor = event.descriptor;
  if (descriptor >= most_lanes || descriptor >= state.descriptors.size())
    return;
  if (descriptor >= now_.size())
    now_.resize(descriptor + 1, Now{{}, position});
  if (event.kind == ZB_EV_DROPPED) {
    ++lane(cell(position), descriptor).drops;
  } else if (event.kind == ZB_EV_CALL) {
    ++lane(cell(position), descriptor).calls;
  } else {
    settle(descriptor, position);
    const DescriptorState& d = state.descriptors[descriptor];
    now_[descriptor].owner = {owner_of(d, ZB_A), owner_of(d, ZB_B)};
  }
}

void Picture::finish(std::uint64_t end_ns) {
  if (axis_ == PictureAxis::time)
    length_ = std::max(length_, end_ns);
  for (std::size_t descriptor = 0; descriptor < now_.size(); ++descriptor)
    settle(descriptor, length_);
}

std::vector<PictureColumn> Picture::columns(std::size_t count, std::uint64_t length) const {
  std::vector<PictureColumn> all(count);
  if (count == 0 || length == 0)
    return all;
  const double column_width = static_cast<double>(length) / static_cast<double>(count);
  const double cell_width = static_cast<double>(width_);
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    const double from = static_cast<double>(i) * cell_width;
    const double until = from + cell_width;
    if (from >= static_cast<double>(length))
      break;
    const auto column = [&](double position) {
      return std::min(count - 1, static_cast<std::size_t>(position / column_width));
    };
    // A count cannot be divided: it goes to the column in which its cell begins.
    add_counts(all[column(from)], cells_[i]);
    for (std::size_t c = column(from); c < count; ++c) {
      const double left = std::max(from, static_cast<double>(c) * column_width);
      const double right = std::min(until, static_cast<double>(c + 1) * column_width);
      if (right <= left && c != column(from))
        break;
      add_times(all[c], cells_[i], std::max(0.0, right - left) / cell_width);
    }
  }
  for (PictureColumn& column : all)
    column.lanes.resize(lanes());
  return all;
}

} // namespace zbuf

// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/bytes/record_finder.h"

extern "C" {
#include "kernel/engine/abi.h"
}

namespace zbuf::gui::bytes_view {

namespace {

/// Who chooses a format of time stamps does so while it prepares: so many calls are looked at.
constexpr int calls_of_preparation = 256;

} // namespace

void RecordFinder::learn(const Track& track) {
  if (known_ && known_->recording == track.recording)
    return;
  known_.emplace(
      Known{track.recording, PacketFates(*track.recording), explain::run_facts(track.recording->metadata())});
}

bool RecordFinder::format_is_default(std::uint16_t descriptor, std::uint64_t stored) const {
  const Recording& recording = *known_->recording;
  std::uint64_t from = 0;
  for (int i = 0; i < calls_of_preparation; ++i) {
    const auto n = recording.next(mask_of({ZB_EV_CALL}), from, Recording::Direction::forward, descriptor);
    if (!n || *n >= stored)
      return true;
    const Event call = recording.event(*n);
    if (call.a == ZB_CALL_IOCTL && call.b == ZB_BIOCSTSTAMP)
      return false;
    from = *n + 1;
  }
  return true;
}

/// Index of the STORED of the record that is meant.
std::optional<std::uint64_t> RecordFinder::stored_event(const Playback& playback) {
  const Recording& recording = *known_->recording;
  const std::uint16_t descriptor = playback.descriptor();
  const Selection& selection = playback.selection();
  if (selection.buffer && selection.record_offset) {
    const std::uint64_t done = playback.events_done(playback.focus());
    for (const Recording::Record& record : recording.records_in(descriptor, *selection.buffer, done))
      if (record.offset == *selection.record_offset &&
          (!selection.packet || record.packet == *selection.packet))
        return record.event;
  }
  if (selection.packet)
    return known_->fates.fate(descriptor, *selection.packet).stored;
  const auto event = playback.event();
  if (!event || event->packet == ZB_NO_PACKET)
    return std::nullopt;
  if (event->kind == ZB_EV_STORED)
    return playback.event_index();
  if (event->kind == ZB_EV_HANDLED)
    return known_->fates.fate(event->descriptor, event->packet).stored;
  return std::nullopt;
}

std::optional<FoundRecord> RecordFinder::find(const Playback& playback) {
  const Track* const track = playback.focused();
  if (track == nullptr)
    return std::nullopt;
  learn(*track);
  const auto stored = stored_event(playback);
  if (!stored || *stored >= playback.events_done(playback.focus()))
    return std::nullopt;
  const Event e = known_->recording->event(*stored);
  const State& state = playback.state();
  if (e.kind != ZB_EV_STORED || e.buffer > ZB_B || e.descriptor >= state.descriptors.size())
    return std::nullopt;
  const DescriptorState& d = state.descriptors[e.descriptor];
  const BufferState &b = d.buffers.at(e.buffer), &copy = d.user_copy();
  FoundRecord found;
  found.record = {e.a,
                  e.b,
                  e.d,
                  static_cast<std::uint16_t>(e.c & 0xffff),
                  static_cast<std::uint16_t>(e.c >> 16),
                  e.packet,
                  false,
                  *stored};
  found.buffer = e.buffer;
  found.there = b.records != 0 && b.fill_event <= *stored && e.a < b.bytes;
  found.copied = copy.records != 0 && copy.source == e.buffer && copy.fill_event <= *stored &&
                 *stored < copy.moved_event;
  found.link_type = static_cast<int>(d.link_type);
  found.stamps = {known_->facts.boot_time_ns, format_is_default(e.descriptor, *stored)};
  found.time_ns = e.time_ns;
  if (const auto packet = known_->recording->packet(e.packet))
    found.bytes = packet->bytes.first(std::min<std::size_t>(packet->bytes.size(), e.b));
  return found;
}

} // namespace zbuf::gui::bytes_view

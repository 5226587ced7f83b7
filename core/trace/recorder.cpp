// SPDX-License-Identifier: BSD-2-Clause
#include "core/trace/recorder.h"

#include "core/base/assert.h"
#include "core/trace/writer.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace zbuf {
namespace {

/// Packet bytes that are gathered before they go to the file, events or not.
constexpr std::size_t packet_room_bytes = 1u << 20;

/// Leaves room for what the recorder adds.
constexpr std::size_t metadata_room_bytes = format::max_metadata_bytes - 128;

std::string text_of(const nlohmann::json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<nlohmann::json> parse_metadata(const std::string& text) {
  nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object())
    return fail(
        Error::Code::bad_input,
        fmt::format("the metadata of a recording must be a JSON object, not \"{}\"", text.substr(0, 80)));
  return json;
}

/// The members of `over` replace those of `base`.
Result<std::string> merge_metadata(const std::string& base, const std::string& over) {
  Result<nlohmann::json> merged = parse_metadata(base);
  const Result<nlohmann::json> update = parse_metadata(over);
  if (!merged)
    return fail(merged.error());
  if (!update)
    return fail(update.error());
  merged->update(*update);
  std::string text = text_of(*merged);
  if (text.size() > metadata_room_bytes)
    return fail(Error::Code::bad_input,
                fmt::format("the metadata of a recording has {} bytes; at most {} can be kept", text.size(),
                            metadata_room_bytes));
  return text;
}

/// Metadata that was merged before, and what the recorder knows.
std::string with_partial(const std::string& metadata, bool partial) {
  nlohmann::json json = nlohmann::json::parse(metadata);
  json["partial"] = partial;
  return text_of(json);
}

} // namespace

Result<std::unique_ptr<Recorder>> Recorder::create(Options options) {
  if (options.packet_snap > format::max_packet_snap)
    return fail(Error::Code::bad_input,
                fmt::format("packet_snap is {}: a recording keeps 0 to {} bytes of a packet",
                            options.packet_snap, format::max_packet_snap));
  const Result<std::string> metadata = merge_metadata(options.metadata, "{}");
  if (!metadata)
    return fail(metadata.error());
  std::unique_ptr<Recorder> recorder(new Recorder(options));
  if (!options.path.empty()) {
    auto writer = RecordingWriter::create(options.path, with_partial(*metadata, true), options.packet_snap,
                                          options.limit_bytes, options.name_at_end);
    if (!writer)
      return fail(writer.error());
    recorder->writer_ = std::move(*writer);
  } else {
    recorder->chunk_.resize(format::chunk_events);
  }
  recorder->begin_chunk();
  return recorder;
}

Recorder::Recorder(const Options& options)
    : metadata_(options.metadata), digest_on_(options.digest),
      packets_left_bytes_(options.packets_limit_bytes) {
  slot_.self = this;
  slot_.trace.packet = ZB_NO_PACKET;
  slot_.trace.full = &Recorder::full;
}

Recorder::~Recorder() {
  if (!finished_)
    (void)finish(true);
}

void Recorder::full(zb_trace* trace) {
  static_assert(offsetof(Slot, trace) == 0);
  Recorder& self = *reinterpret_cast<Slot*>(trace)->self;
  ZBUF_ASSERT(!self.finished_);
  self.drain();
  self.hand_over();
}

void Recorder::begin_chunk() {
  std::vector<Event>& memory = writer_ ? writer_->job().events : chunk_;
  slot_.trace.next = pending_ = memory.data();
  slot_.trace.end = memory.data() + memory.size();
}

void Recorder::hand_over() {
  if (writer_) {
    RecordingJob& job = writer_->job();
    job.event_count = static_cast<std::size_t>(pending_ - job.events.data());
    if (job.event_count != 0 || !job.packets.empty())
      writer_->submit();
  }
  begin_chunk();
}

void Recorder::flush() {
  drain();
  hand_over();
}

void Recorder::drain() {
  const std::span<Event> fresh(pending_, slot_.trace.next);
  const std::size_t kept = stopped_ ? 0 : take_in(fresh);
  pending_ += kept;
  slot_.trace.next = pending_; // what comes after a stop is overwritten
}

/// Returns how many were taken in: all, unless a watch said stop.
std::size_t Recorder::take_in(std::span<Event> events) {
  for (std::size_t i = 0; i < events.size(); ++i) {
    Event& event = events[i];
    event.time_ns = last_ns_ = std::max(last_ns_, event.time_ns);
    ledger_.annotate(event);
    fold(state_, event);
    if (digest_on_)
      digest_.add(event);
    if (contains(watch_kinds_, event.kind) && watch_(state_, event)) {
      stopped_ = true;
      return i + 1;
    }
  }
  return events.size();
}

void Recorder::watch(KindMask kinds, Watch watch) {
  watch_kinds_ = watch ? kinds : 0;
  watch_ = std::move(watch);
}

void Recorder::note_packet(std::uint32_t number, std::span<const std::byte> bytes, std::uint32_t wire_length,
                           std::uint64_t time_ns, bool outgoing) {
  if (!writer_ || stopped_)
    return;
  ZBUF_ASSERT(!packet_noted_ || number > last_packet_);
  packet_noted_ = true;
  last_packet_ = number;
  const std::span<const std::byte> kept =
      bytes.first(std::min<std::size_t>(bytes.size(), writer_->packet_snap()));
  if (kept.size() > packets_left_bytes_) {
    packets_left_bytes_ = 0; // all after it neither, so that what is kept is the beginning
    return;
  }
  packets_left_bytes_ -= kept.size();
  RecordingJob* job = &writer_->job();
  if (job->packet_bytes.size() + kept.size() > packet_room_bytes ||
      job->packets.size() >= format::chunk_events) {
    drain();
    hand_over();
    job = &writer_->job();
  }
  job->packets.push_back({time_ns, number, wire_length, static_cast<std::uint32_t>(kept.size()), 0, outgoing,
                          ZB_NO_DESCRIPTOR, ZB_EV_ARRIVED, ZB_NO_BUFFER});
  job->packet_bytes.insert(job->packet_bytes.end(), kept.begin(), kept.end());
}

std::uint32_t Recorder::packet_snap() const {
  return writer_ != nullptr ? writer_->packet_snap() : 0;
}

bool Recorder::write_failed() const {
  return writer_ != nullptr && writer_->failed();
}

Result<void> Recorder::finish(bool partial, const std::string& metadata) {
  ZBUF_ASSERT(!finished_);
  drain();
  finished_ = true;
  if (!writer_)
    return {};
  hand_over();
  const Result<std::string> merged = merge_metadata(metadata_, metadata);
  // Metadata that cannot be used must not cost the recording.
  const std::string& text = merged ? *merged : metadata_;
  Result<void> closed = writer_->close(with_partial(text, partial), with_partial(text, true), partial);
  if (!closed)
    return closed;
  if (!merged)
    return fail(merged.error());
  return {};
}

} // namespace zbuf

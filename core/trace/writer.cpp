// SPDX-License-Identifier: BSD-2-Clause
#include "core/trace/writer.h"

#include "core/trace/event_codec.h"
#include "core/trace/recorder.h"
#include "core/trace/snapshot.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <system_error>
#include <unistd.h>

namespace zbuf {
namespace {

using namespace format;

constexpr std::size_t jobs = 4;

std::string words(int error_number) {
  return std::generic_category().message(error_number);
}

std::unique_ptr<RecordingJob> make_job() {
  auto job = std::make_unique<RecordingJob>();
  job->events.resize(chunk_events);
  return job;
}

std::span<const std::byte> zeros(std::size_t count) {
  static constexpr std::byte bytes[8]{};
  return std::span(bytes).first(count);
}

template <typename T>
std::span<const std::byte> bytes_of(const T& value) {
  return std::as_bytes(std::span(&value, 1));
}

} // namespace

std::string older_part(const std::string& path) {
  const std::filesystem::path whole(path);
  const std::string name = whole.stem().string() + ".older" + whole.extension().string();
  return (whole.parent_path() / name).string();
}

RecordingWriter::RecordingWriter(OutputPlace place, std::string path, std::string metadata,
                                 std::uint32_t packet_snap, std::uint64_t limit_bytes)
    : place_(std::move(place)), path_(std::move(path)),
      older_(std::filesystem::path(older_part(path_)).filename().string()), metadata_(std::move(metadata)),
      packet_snap_(packet_snap), limit_bytes_(place_.direct() ? 0 : limit_bytes), current_(make_job()) {
  for (std::size_t i = 1; i < jobs; ++i)
    empty_.push_back(make_job());
}

Result<std::unique_ptr<RecordingWriter>>
RecordingWriter::create(const std::string& path, std::string metadata, std::uint32_t packet_snap,
                        std::uint64_t limit_bytes, bool when_complete) {
  auto place = OutputPlace::open(path);
  if (!place) {
    Error error = place.error();
    error.message = "a recording " + error.message;
    return fail(std::move(error));
  }
  std::unique_ptr<RecordingWriter> writer(
      new RecordingWriter(std::move(*place), path, std::move(metadata), packet_snap, limit_bytes));
  writer->when_complete_ = when_complete;
  writer->file_ = writer->place_.create();
  if (writer->file_ < 0)
    return fail(Error{Error::Code::io,
                      fmt::format("a recording cannot be written: {}. Choose a file in a folder that you may "
                                  "write to",
                                  words(errno)),
                      path});
  writer->begin_file();
  // Whoever follows it finds a whole beginning.
  if (!writer->failed_ && !when_complete &&
      !(writer->place_.keep_old(writer->older_) && writer->place_.show()))
    writer->fail_with(errno);
  if (writer->failed_)
    return fail(writer->error_);
  writer->thread_ = std::thread(&RecordingWriter::run, writer.get());
  return writer;
}

RecordingWriter::~RecordingWriter() {
  if (thread_.joinable())
    (void)close(R"({"partial":true})", R"({"partial":true})", true);
  if (file_ >= 0)
    ::close(file_);
}

void RecordingWriter::begin_file() {
  FileHeader header;
  header.block_events = events_per_block;
  header.snapshot_version = snapshot_version;
  header.packet_snap = packet_snap_;
  header.packet_group = packets_per_group;
  header.crc = header_crc(header);
  if (failed_ || !write_bytes(bytes_of(header)))
    return;
  good_bytes_ = sizeof(header);
  write_text(RecordType::metadata, 0, with_part(metadata_));
}

/// Which part of the whole this file is; nothing of a recording that has one part.
std::string RecordingWriter::with_part(const std::string& metadata) const {
  if (part_ == 1)
    return metadata;
  nlohmann::json json = nlohmann::json::parse(metadata);
  json["part"] = part_;
  json["events_before"] = events_before_;
  return json.dump();
}

/// Completes the file, and goes on in a new one that begins with the state until now. The file loses its name
/// before it gets its end: whoever follows it takes the end of a file that has the name for the end of all.
void RecordingWriter::begin_next_part() {
  struct Part {
    int file;
    std::uint64_t good_bytes, number, events_before, events;
  };
  const Part before{file_, good_bytes_, part_, events_before_, state_.events};
  const auto go_to = [this](const Part& part) {
    file_ = part.file;
    good_bytes_ = part.good_bytes;
    part_ = part.number;
    events_before_ = part.events_before;
    state_.events = part.events;
  };
  Part next{place_.create(), 0, before.number + 1, before.events_before + before.events, 0};
  if (next.file < 0) {
    fail_with(errno);
    return;
  }
  go_to(next);
  begin_file();
  next.good_bytes = good_bytes_;
  if (!failed_ && !(place_.also_name(older_) && place_.show()))
    fail_with(errno);
  const bool named = !failed_;
  go_to(before);
  if (named)
    write_text(RecordType::end, state_.events, with_part(metadata_));
  if (failed_) { // it stays the last part, and gets its end from close()
    ::close(next.file);
    place_.drop();
    if (named)
      (void)place_.take_name_of(older_);
    error_.offset = good_bytes_;
    return;
  }
  ::close(before.file);
  go_to(next);
  // Indices of events that are no longer there.
  for (Violation& violation : state_.broken)
    violation.first_event = 0;
  for (DescriptorState& descriptor : state_.descriptors)
    for (BufferState& buffer : descriptor.buffers)
      buffer.fill_event = buffer.moved_event = 0;
}

void RecordingWriter::submit() {
  std::unique_lock lock(mutex_);
  full_.push_back(std::move(current_));
  work_.notify_one();
  room_.wait(lock, [&] { return !empty_.empty(); });
  current_ = std::move(empty_.back());
  empty_.pop_back();
}

Result<void> RecordingWriter::close(const std::string& metadata, const std::string& if_failed, bool partial) {
  if (current_->event_count != 0 || !current_->packets.empty())
    submit();
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  work_.notify_one();
  thread_.join();
  // After an error too: what was cut off left room for it.
  if (file_ >= 0) {
    write_text(RecordType::end, state_.events, with_part(failed_ ? if_failed : metadata));
    if (::close(std::exchange(file_, -1)) != 0)
      fail_with(errno);
  }
  if (!failed_ && when_complete_ && !partial && !place_.show())
    fail_with(errno);
  if (failed_)
    return fail(error_);
  place_.forget_old();
  return {};
}

void RecordingWriter::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    work_.wait(lock, [&] { return !full_.empty() || closing_; });
    if (full_.empty())
      return;
    std::unique_ptr<RecordingJob> job = std::move(full_.front());
    full_.pop_front();
    lock.unlock();
    // Now and not before: a part has events, and so the state that it begins with.
    if (!failed_ && limit_bytes_ != 0 && good_bytes_ >= limit_bytes_ / 2 && job->event_count != 0)
      begin_next_part();
    if (!failed_)
      write_job(*job);
    job->event_count = 0;
    job->packets.clear();
    job->packet_bytes.clear();
    lock.lock();
    empty_.push_back(std::move(job));
    room_.notify_one();
  }
}

void RecordingWriter::write_job(RecordingJob& job) {
  if (!job.packets.empty())
    write_packets(job);
  if (job.event_count != 0 && !failed_)
    write_events(job);
}

void RecordingWriter::write_packets(RecordingJob& job) {
  groups_.clear();
  coded_.resize(encoded_room(job.packets.size() + packets_per_group));
  std::size_t coded = 0;
  std::size_t bytes_offset = 0;
  for (std::size_t i = 0; i < job.packets.size(); i += packets_per_group) {
    const auto packets = std::span<const Event>(job.packets)
                             .subspan(i, std::min<std::size_t>(job.packets.size() - i, packets_per_group));
    PacketGroup group;
    group.first_number = packets.front().packet;
    group.packets = static_cast<std::uint32_t>(packets.size());
    group.table_offset = static_cast<std::uint32_t>(coded);
    group.table_bytes = static_cast<std::uint32_t>(encode_events(packets, std::span(coded_).subspan(coded)));
    group.bytes_offset = static_cast<std::uint32_t>(bytes_offset);
    coded += group.table_bytes;
    for (const Event& packet : packets)
      bytes_offset += packet.b;
    groups_.push_back(group);
  }
  const PacketsHeader inner{static_cast<std::uint32_t>(groups_.size()), static_cast<std::uint32_t>(coded)};
  const std::span<const std::byte> parts[] = {bytes_of(inner), std::as_bytes(std::span(groups_)),
                                              std::span(coded_).first(coded), job.packet_bytes,
                                              zeros(padded(coded + bytes_offset) - coded - bytes_offset)};
  RecordHeader header;
  header.type = RecordType::packets;
  header.count = static_cast<std::uint32_t>(job.packets.size());
  header.first = job.packets.front().packet;
  header.first_ns = job.packets.front().time_ns;
  header.last_ns = job.packets.back().time_ns;
  write_record(header, parts);
}

void RecordingWriter::write_events(RecordingJob& job) {
  const auto events = std::span<const Event>(job.events).first(job.event_count);
  RecordHeader header;
  header.type = RecordType::events;
  header.count = static_cast<std::uint32_t>(events.size());
  header.first = state_.events;
  header.first_ns = events.front().time_ns;
  header.last_ns = events.back().time_ns;

  snapshot_.clear();
  encode_snapshot(state_, snapshot_);
  summary_.build(state_, events);
  const std::size_t coded = encode_blocks(events);
  EventsHeader inner;
  inner.blocks = static_cast<std::uint32_t>(summary_.blocks.size());
  inner.rows = static_cast<std::uint32_t>(summary_.rows.size());
  inner.snapshot_bytes = static_cast<std::uint32_t>(snapshot_.size());
  inner.events_bytes = static_cast<std::uint32_t>(coded);
  inner.kinds = summary_.kinds;
  const std::size_t odd = snapshot_.size() + coded;
  const std::span<const std::byte> parts[] = {bytes_of(inner),
                                              std::as_bytes(std::span(summary_.blocks)),
                                              std::as_bytes(std::span(summary_.rows)),
                                              snapshot_,
                                              std::span(coded_).first(coded),
                                              zeros(padded(odd) - odd)};
  write_record(header, parts);
  if (failed_)
    state_.events = header.first; // the end record counts what is in the file
}

/// Codes the events block by block, and tells the blocks where. Returns how many bytes they have.
std::size_t RecordingWriter::encode_blocks(std::span<const Event> events) {
  coded_.resize(encoded_room(events.size() + events_per_block));
  std::size_t end = 0;
  for (Block& block : summary_.blocks) {
    const auto part = events.first(std::min<std::size_t>(events.size(), events_per_block));
    events = events.subspan(part.size());
    block.offset = static_cast<std::uint32_t>(end);
    block.bytes = static_cast<std::uint32_t>(encode_events(part, std::span(coded_).subspan(end)));
    end += block.bytes;
  }
  return end;
}

void RecordingWriter::write_record(RecordHeader header, std::span<const std::span<const std::byte>> parts) {
  std::size_t length = 0;
  for (const std::span<const std::byte> part : parts) {
    length += part.size();
    header.payload_crc = crc(part, header.payload_crc);
  }
  header.payload_bytes = static_cast<std::uint32_t>(length);
  header.crc = header_crc(header);
  if (!write_bytes(bytes_of(header)))
    return;
  for (const std::span<const std::byte> part : parts)
    if (!write_bytes(part))
      return;
  good_bytes_ += sizeof(header) + length;
}

void RecordingWriter::write_text(RecordType type, std::uint64_t first, std::string json) {
  json.resize(padded(json.size()), ' ');
  const std::span<const std::byte> parts[] = {std::as_bytes(std::span(json.data(), json.size()))};
  RecordHeader header;
  header.type = type;
  header.first = first;
  header.first_ns = header.last_ns = state_.time_ns;
  write_record(header, parts);
}

bool RecordingWriter::write_bytes(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0) {
      fail_with(written == 0 ? ENOSPC : errno);
      return false;
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

void RecordingWriter::fail_with(int error_number) {
  if (!failed_) {
    const std::string old = place_.kept();
    error_ = Error{Error::Code::io,
                   fmt::format("the recording could not be written on: {}. {}{}{}", words(error_number),
                               when_complete_ ? "What was there before is as it was"
                                              : "What was recorded until then can be opened",
                               old.empty() ? "" : ". What was there before is now ", old),
                   path_};
    error_.offset = good_bytes_;
    error_.has_offset = true;
  }
  failed_ = true;
  // A file that ends with a whole record; where even this fails, the reader finds out.
  if (file_ >= 0 && ::ftruncate(file_, static_cast<off_t>(good_bytes_)) == 0)
    (void)::lseek(file_, static_cast<off_t>(good_bytes_), SEEK_SET);
}

} // namespace zbuf

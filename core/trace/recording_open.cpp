// SPDX-License-Identifier: BSD-2-Clause
// Opening a recording: everything that is in the file is doubted here, so that nothing need be afterwards.
#include "core/trace/recording_data.h"
#include "core/trace/snapshot.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace zbuf {
namespace {

using namespace format;

Error damaged(std::uint64_t offset, std::string message) {
  Error error{Error::Code::bad_input, std::move(message)};
  error.offset = offset;
  error.has_offset = true;
  return error;
}

/// The JSON text without the spaces that pad it; nothing if it is not an object.
std::optional<std::string> metadata_of(std::span<const std::byte> payload) {
  std::string text(reinterpret_cast<const char*>(payload.data()), payload.size());
  text.erase(text.find_last_not_of(' ') + 1);
  if (text.size() > max_metadata_bytes || !nlohmann::json::accept(text) || text.front() != '{')
    return std::nullopt;
  return text;
}

bool says_partial(const std::string& metadata) {
  const nlohmann::json json = nlohmann::json::parse(metadata);
  const auto found = json.find("partial");
  return found != json.end() && found->is_boolean() && found->get<bool>();
}

std::uint64_t number_in(const nlohmann::json& object, const char* key, std::uint64_t otherwise) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : otherwise;
}

std::optional<Error> check_file_header(std::span<const std::byte> bytes) {
  if (bytes.size() < sizeof(FileHeader))
    return damaged(bytes.size(),
                   fmt::format("a recording begins with {} bytes of header, and here are {} bytes in "
                               "all. Record the run again",
                               sizeof(FileHeader), bytes.size()));
  const auto header = load<FileHeader>(bytes, 0);
  if (header.magic != file_magic)
    return damaged(
        0, "this is not a recording of zbuf: its first bytes are not those of one. Choose a file that "
           "zbuf recorded");
  if (header.version != version)
    return damaged(
        8, fmt::format("this recording has format version {}, and this program reads version {}. Use the "
                       "program that recorded it",
                       header.version, version));
  if (header.crc != header_crc(header) || header.packet_group != packets_per_group ||
      header.block_events != events_per_block || header.packet_snap > max_packet_snap)
    return damaged(12, "the header of this recording is damaged. Record the run again");
  return std::nullopt;
}

/// The header at the offset and its payload, or what is wrong with them.
struct RecordView {
  RecordHeader header;
  std::span<const std::byte> payload;
};
Result<RecordView> record_at(std::span<const std::byte> bytes, std::size_t offset) {
  const std::span<const std::byte> rest = bytes.subspan(offset);
  if (rest.empty())
    return fail(damaged(offset, "the recording ends without an end record: it was cut short"));
  if (rest.size() < sizeof(RecordHeader))
    return fail(
        damaged(offset, fmt::format("the recording is cut short within a record header: {} of {} bytes are "
                                    "there",
                                    rest.size(), sizeof(RecordHeader))));
  RecordView record{load<RecordHeader>(rest, 0), rest.subspan(sizeof(RecordHeader))};
  if (record.header.magic != record_magic || record.header.crc != header_crc(record.header))
    return fail(damaged(offset, "a record header is damaged"));
  const std::size_t length = record.header.payload_bytes;
  if (length > record.payload.size())
    return fail(
        damaged(offset, fmt::format("the recording is cut short within a record: {} of {} bytes are there",
                                    record.payload.size(), length)));
  record.payload = record.payload.first(length);
  if (length % 8 != 0 || crc(record.payload) != record.header.payload_crc)
    return fail(damaged(offset + sizeof(RecordHeader), "a record is damaged: its checksum does not match"));
  return record;
}

/// At the offset is the beginning of a record, of which the rest may yet be written.
bool is_cut_short(std::span<const std::byte> bytes, std::size_t offset) {
  const std::span<const std::byte> rest = bytes.subspan(offset);
  if (rest.size() < sizeof(RecordHeader))
    return true;
  const auto header = load<RecordHeader>(rest, 0);
  return header.magic == record_magic && header.crc == header_crc(header) &&
         header.payload_bytes > rest.size() - sizeof(RecordHeader);
}

/// Splits bytes off the front of what is left of a payload.
class Cutter {
 public:
  explicit Cutter(std::span<const std::byte> rest) : rest_(rest) {}
  std::span<const std::byte> cut(std::size_t length) {
    if (length > rest_.size()) {
      good_ = false;
      return {};
    }
    const auto front = rest_.first(length);
    rest_ = rest_.subspan(length);
    return front;
  }
  [[nodiscard]] std::span<const std::byte> rest() const { return rest_; }
  [[nodiscard]] bool good() const { return good_; }
  /// Nothing is left but what pads a record to 8 bytes.
  [[nodiscard]] bool used_up() const { return good_ && rest_.size() < 8; }

 private:
  std::span<const std::byte> rest_;
  bool good_ = true;
};

} // namespace

Recording::Recording() : mapping_(std::make_shared<Mapping>()), metadata_("{}") {}
Recording::Recording(const Recording&) = default;
Recording& Recording::operator=(const Recording&) = default;
Recording::Recording(Recording&&) noexcept = default;
Recording& Recording::operator=(Recording&&) noexcept = default;
Recording::~Recording() = default;

Result<Recording> Recording::open(const std::string& path, Damage damage) {
  Recording recording;
  if (auto mapped = recording.mapping_->file.open(path, "the recording"); !mapped)
    return fail(mapped.error());
  Result<void> read = recording.read(damage);
  if (recording.damage_)
    recording.damage_->file = path;
  if (!read) {
    Error error = read.error();
    error.file = path;
    return fail(std::move(error));
  }
  return recording;
}

Result<Recording> Recording::open(std::span<const std::byte> bytes, Damage damage) {
  Recording recording;
  recording.mapping_->memory = bytes;
  if (Result<void> read = recording.read(damage); !read)
    return fail(read.error());
  return recording;
}

Result<void> Recording::read(Damage damage) {
  const std::span<const std::byte> bytes = mapping_->bytes();
  if (std::optional<Error> error = check_file_header(bytes))
    return fail(*error);
  packet_snap_ = load<FileHeader>(bytes, 0).packet_snap;
  walked_bytes_ = sizeof(FileHeader);
  if (std::optional<Error> error = walk(bytes)) {
    error->message +=
        fmt::format(". {} events before it are whole: salvage the recording to read them", event_count_);
    if (damage == Damage::refuse)
      return fail(*error);
    damage_ = std::move(error);
    partial_ = true;
  }
  mapping_->file.forget_pages();
  return {};
}

Result<std::uint64_t> Recording::refresh() {
  if (complete_ || older_ != nullptr || !mapping_->file.is_open())
    return std::uint64_t{0};
  const std::uint64_t before = event_count_;
  if (Result<void> mapped = mapping_->file.map_new_bytes(walked_bytes_); !mapped)
    return fail(mapped.error());
  const std::string file = damage_ ? damage_->file : "";
  damage_ = walk(mapping_->bytes());
  if (!damage_)
    return event_count_ - before;
  damage_->file = file;
  if (!is_cut_short(mapping_->bytes(), walked_bytes_))
    return fail(*damage_);
  return event_count_ - before;
}

std::optional<Error> Recording::fate() const {
  for (const Mapping* mapping : {mapping_.get(), older_.get()})
    if (mapping != nullptr)
      if (auto error = mapping->file.fate(mapping == older_.get() || complete_);
          error && (mapping == mapping_.get() || error->code == Error::Code::bad_input))
        return error; // an older part loses its name in time
  return std::nullopt;
}

std::optional<Error> Recording::walk(std::span<const std::byte> bytes) {
  for (;;) {
    const std::size_t offset = walked_bytes_;
    const bool first = offset == sizeof(FileHeader);
    Result<RecordView> record = record_at(bytes, offset);
    if (!record)
      return record.error();
    if (first != (record->header.type == RecordType::metadata))
      return damaged(offset, "a recording has one metadata record, and begins with it");
    std::optional<Error> error;
    switch (record->header.type) {
    case RecordType::metadata:
    case RecordType::end:
      error = take_metadata(record->payload, offset);
      break;
    case RecordType::packets:
      error = add_packets(record->payload, offset, record->header.count);
      break;
    case RecordType::events:
      error = add_chunk(record->payload, offset, record->header);
      break;
    default:
      error = damaged(offset, fmt::format("a record has the unknown type {}",
                                          static_cast<std::uint32_t>(record->header.type)));
      break;
    }
    if (error)
      return error;
    const std::size_t end = offset + sizeof(RecordHeader) + record->payload.size();
    if (record->header.type != RecordType::end) {
      bytes_ = bytes.first(end);
    } else {
      if (record->header.first != event_count_)
        return damaged(end, fmt::format("the end record speaks of {} events, and there are {}",
                                        record->header.first, event_count_));
      if (end != bytes.size())
        return damaged(end, fmt::format("{} bytes follow the end record", bytes.size() - end));
      partial_ = says_partial(metadata_);
      complete_ = true;
    }
    walked_bytes_ = end;
    if (complete_)
      return std::nullopt;
  }
}

std::optional<Error> Recording::take_metadata(std::span<const std::byte> payload, std::uint64_t offset) {
  std::optional<std::string> text = metadata_of(payload);
  if (!text)
    return damaged(offset, "the metadata is not a JSON object");
  metadata_ = std::move(*text);
  const nlohmann::json json = nlohmann::json::parse(metadata_);
  part_ = number_in(json, "part", 1);
  events_before_ = number_in(json, "events_before", 0);
  return std::nullopt;
}

Result<Recording> Recording::join(const Recording& older, const Recording& newer) {
  const auto last_packet = older.packets_.empty() ? std::uint64_t{0} : older.packets_.back().last;
  const bool ascending = newer.packets_.empty() || older.packets_.empty() ||
                         newer.packets_.front().group(0).first_number > last_packet;
  const bool follows = older.older_ == nullptr && newer.older_ == nullptr && older.part_ < newer.part_ &&
                       newer.part_ - older.part_ == 1 &&
                       newer.events_before_ - older.events_before_ == older.event_count_ &&
                       newer.events_before_ >= older.event_count_;
  if (!follows || !ascending || (newer.event_count_ != 0 && newer.first_ns() < older.last_ns()))
    return fail(
        Error::Code::bad_input,
        fmt::format("part {} of a recording of bounded size does not follow part {}: expected the parts "
                    "of one recording",
                    newer.part_, older.part_));
  Recording all = newer;
  all.older_ = older.mapping_;
  all.older_events_ = older.event_count_;
  all.older_bytes_ = std::span(older.bytes_.data(), older.walked_bytes_);
  all.event_count_ = older.event_count_ + newer.event_count_;
  for (std::size_t kind = 0; kind < event_kinds; ++kind)
    all.kind_counts_[kind] += older.kind_counts_[kind];
  all.packets_ = older.packets_;
  all.packets_.insert(all.packets_.end(), newer.packets_.begin(), newer.packets_.end());
  all.chunks_ = older.chunks_;
  for (Chunk chunk : newer.chunks_) {
    chunk.base = older.event_count_;
    chunk.first_event += chunk.base;
    all.chunks_.push_back(chunk);
  }
  return all;
}

std::optional<Error> Recording::add_chunk(std::span<const std::byte> payload, std::uint64_t offset,
                                          const RecordHeader& header) {
  if (header.first != event_count_)
    return damaged(offset, fmt::format("a record begins with event {}, and event {} is the next",
                                       header.first, event_count_));
  const std::uint64_t before_ns = chunks_.empty() ? 0 : chunks_.back().last_ns;
  if (header.count == 0 || header.count > max_chunk_events || header.first_ns < before_ns ||
      payload.size() < sizeof(EventsHeader))
    return damaged(offset, "the header of an events record contradicts itself");
  const auto inner = load<EventsHeader>(payload, 0);

  Chunk chunk;
  chunk.first_event = header.first;
  chunk.first_ns = header.first_ns;
  chunk.last_ns = header.last_ns;
  chunk.count = header.count;
  Cutter cutter(payload.subspan(sizeof(EventsHeader)));
  chunk.blocks = cutter.cut(std::size_t{inner.blocks} * sizeof(Block));
  chunk.rows = cutter.cut(std::size_t{inner.rows} * sizeof(BlockRow));
  chunk.snapshot = cutter.cut(inner.snapshot_bytes);
  chunk.events = cutter.cut(inner.events_bytes);
  if (!cutter.used_up() || inner.blocks != (header.count + events_per_block - 1) / events_per_block)
    return damaged(offset + sizeof(RecordHeader),
                   "the parts of an events record do not add up to its length");
  if (std::optional<Error> error = check_blocks(chunk, inner, offset + sizeof(RecordHeader)))
    return error;
  if (load<FileHeader>(mapping_->bytes(), 0).snapshot_version != snapshot_version)
    chunk.snapshot = {};
  for (std::size_t kind = 0; kind < event_kinds; ++kind) {
    kind_counts_[kind] += inner.kinds[kind];
    chunk.kinds |= KindMask{inner.kinds[kind] != 0} << kind;
  }
  event_count_ += header.count;
  chunks_.push_back(chunk);
  return std::nullopt;
}

/// Decodes every event once: they must be there, and must be what the index says of them.
std::optional<Error> Recording::check_blocks(const Chunk& chunk, const EventsHeader& inner,
                                             std::uint64_t offset) {
  Room room;
  std::array<std::uint32_t, event_kinds> kinds{};
  std::uint64_t time_ns = chunk.first_ns;
  for (std::size_t i = 0; i < chunk.block_count(); ++i) {
    const Block block = chunk.block_as_written(i);
    const bool there = block.rows <= inner.rows && block.first_row <= inner.rows - block.rows &&
                       block.bytes <= inner.events_bytes && block.offset <= inner.events_bytes - block.bytes;
    const std::span<const Event> events = there ? chunk.decode(i, room) : std::span<const Event>();
    if (events.empty() || events.front().time_ns != block.first_ns || events.back().time_ns != block.last_ns)
      return damaged(offset, fmt::format("block {} of an events record is not what its index says", i));
    for (const Event& event : events) {
      if (event.time_ns < time_ns)
        return damaged(offset, fmt::format("time goes back in block {} of an events record", i));
      time_ns = event.time_ns;
      if (event.kind < event_kinds)
        ++kinds[event.kind];
    }
  }
  if (time_ns != chunk.last_ns || chunk.block(0).first_ns != chunk.first_ns || kinds != inner.kinds)
    return damaged(offset, "an events record does not hold what its header says");
  return std::nullopt;
}

std::optional<Error> Recording::add_packets(std::span<const std::byte> payload, std::uint64_t offset,
                                            std::uint32_t count) {
  offset += sizeof(RecordHeader);
  if (count == 0 || payload.size() < sizeof(PacketsHeader))
    return damaged(offset,
                   fmt::format("a packets record says {} packets, and has {} bytes", count, payload.size()));
  const auto inner = load<PacketsHeader>(payload, 0);
  Cutter cutter(payload.subspan(sizeof(PacketsHeader)));
  Packets packets;
  packets.groups = cutter.cut(std::size_t{inner.groups} * sizeof(PacketGroup));
  packets.table = cutter.cut(inner.table_bytes);
  packets.bytes = cutter.rest();
  if (!cutter.good())
    return damaged(offset, "the parts of a packets record are longer than it is");
  std::int64_t last = packets_.empty() ? -1 : std::int64_t{packets_.back().last};
  Packets::Room room;
  std::uint64_t found = 0;
  for (std::size_t i = 0; i < packets.group_count(); ++i) {
    const PacketGroup group = packets.group_as_written(i);
    const bool there = group.packets != 0 && group.packets <= packets_per_group &&
                       group.table_bytes <= inner.table_bytes &&
                       group.table_offset <= inner.table_bytes - group.table_bytes;
    const std::span<const Event> table = there ? packets.decode(group, room) : std::span<const Event>();
    std::uint64_t end = group.bytes_offset;
    bool ascending = !table.empty() && table.front().packet == group.first_number;
    for (const Event& packet : table) {
      ascending = ascending && packet.packet > last;
      last = packet.packet;
      end += packet.b;
    }
    if (!ascending || end > packets.bytes.size())
      return damaged(offset, fmt::format("group {} of a packets record is out of order or not there", i));
    found += table.size();
  }
  if (found != count)
    return damaged(offset, fmt::format("a packets record says {} packets, and has {}", count, found));
  packets.last = static_cast<std::uint32_t>(last);
  packets_.push_back(packets);
  return std::nullopt;
}

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
// A recording: ten million events that need not fit in memory, and the state at any of them.
#pragma once

#include "core/base/result.h"
#include "core/trace/state.h"
#include "core/trace/summary.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace zbuf {

/// A file written by Recorder (FORMAT.md), opened for reading.
///
/// Everything is checked once, at open (a second reads fifty million events); afterwards nothing can fail.
/// A const Recording may be used from several threads. Where the file is cut or written over while it is
/// open, events that are gone are of no kind (ZB_EV_NONE), packets are not there, and fate() says so. It may
/// grow: a run that is under way can be opened with Damage::salvage, and refresh() takes in what was added.
class Recording {
 public:
  enum class Damage : std::uint8_t {
    refuse,  ///< a damaged or truncated file is an error, with the offset of the damage
    salvage, ///< what precedes the damage is opened; damage() says what is wrong and where
  };

  /// A packet that the recording kept.
  struct PacketBytes {
    std::uint32_t number = 0;
    std::uint32_t wire_length = 0;
    std::uint64_t time_ns = 0;
    bool outgoing = false;
    std::span<const std::byte> bytes{}; ///< the first ones, as many as were kept; lives with the recording
  };

  /// A record in a buffer.
  struct Record {
    std::uint32_t offset = 0; ///< of its header, from record 0
    std::uint32_t caplen = 0;
    std::uint32_t datalen = 0; ///< on the wire
    std::uint16_t hdrlen = 0;
    std::uint16_t pad = 0; ///< bytes before it
    std::uint32_t packet = ZB_NO_PACKET;
    bool handled = false;    ///< the reader is through with it
    std::uint64_t event = 0; ///< index of its STORED
    bool operator==(const Record&) const = default;
  };

  enum class Direction : std::uint8_t { forward, backward };

  /// Maps the file. Errors: not_found, io, bad_input (not a recording, damaged, another version).
  static Result<Recording> open(const std::string& path, Damage damage = Damage::refuse);
  /// The same from memory, which must outlive the recording.
  static Result<Recording> open(std::span<const std::byte> bytes, Damage damage = Damage::refuse);

  /// A copy shares the file and its memory: it is cheap, and stays as it is while the other is refreshed, so
  /// that other threads can have it. Of all copies only one may be refreshed.
  Recording(const Recording&);
  Recording& operator=(const Recording&);
  Recording(Recording&&) noexcept;
  Recording& operator=(Recording&&) noexcept;
  ~Recording();

  /// Two parts of a bounded recording (Recorder::Options::limit_bytes) that follow each other, as one: its
  /// metadata are those of `newer`, and indices go on. It cannot be refreshed, and is no part for another
  /// call. Errors: bad_input, for parts that do not follow each other.
  static Result<Recording> join(const Recording& older, const Recording& newer);

  /// What is wrong with the file; only after Damage::salvage. Of a run that is under way: that it has no end.
  [[nodiscard]] const std::optional<Error>& damage() const { return damage_; }

  /// Takes in what a writer has added to the file since, as far as it is whole. Indices, and spans that were
  /// handed out, stay good. Returns how many events came. Not while another thread uses the recording.
  ///
  /// Does nothing once the end record was read (see complete()), and for a recording in memory, or of joined
  /// parts. A recording of bounded size that goes on in a new file ends here as well: FollowedRecording
  /// (followed.h) goes on there. Errors: bad_input,
  /// for what was added and is damaged; io, where the file was cut or cannot be mapped. What was there before
  /// stays good, but for a file that was cut.
  Result<std::uint64_t> refresh();

  /// What became of the file since it was opened (MappedFile::fate()): bad_input, it was cut or written over,
  /// so that what is here is not to be believed; not_found, its name leads elsewhere by now. A system call or
  /// two.
  [[nodiscard]] std::optional<Error> fate() const;

  /// The file has its end record: nothing will be added to it.
  [[nodiscard]] bool complete() const { return complete_; }

  /// The JSON object about the run. A salvaged recording has what was known when the run began.
  [[nodiscard]] const std::string& metadata() const { return metadata_; }

  /// The run was stopped from outside, or the file is damaged.
  [[nodiscard]] bool partial() const { return partial_; }

  [[nodiscard]] std::uint64_t event_count() const { return event_count_; }

  /// The file, to be copied: of joined parts, of one of them.
  struct File {
    std::span<const std::byte> bytes{}; ///< whole records, but for the end record; lives with the recording
    std::uint64_t event_count = 0;
  };
  /// That of this recording, or of the newer part.
  [[nodiscard]] File file() const { return {bytes_, event_count_ - older_events_}; }
  /// Of joined parts, all of the older one's, and its end record; empty otherwise.
  [[nodiscard]] std::span<const std::byte> older_file() const { return older_bytes_; }

  /// Of a recording of bounded size: events before the first one here, which are no longer kept.
  [[nodiscard]] std::uint64_t events_dropped() const { return events_before_ - older_events_; }
  /// Which part of a recording of bounded size this is, from 1; of joined ones, the newer.
  [[nodiscard]] std::uint64_t part() const { return part_; }
  /// How many of one kind.
  [[nodiscard]] std::uint64_t event_count(std::uint8_t kind) const;
  [[nodiscard]] std::uint64_t first_ns() const; ///< time of the first event; 0 if there is none
  [[nodiscard]] std::uint64_t last_ns() const;  ///< time of the last event; 0 if there is none

  /// Event n < event_count(): a programming error otherwise. A microsecond or two; for many, use for_each().
  [[nodiscard]] Event event(std::uint64_t n) const;

  /// Room for the events that are decoded at one time.
  using Room = std::array<Event, events_per_block>;

  /// Events n, n+1, ... to the end of their block, decoded into `room`; none from event_count() on.
  std::span<const Event> events_from(std::uint64_t n, Room& room) const;

  /// f(index, event) for the events from .. until-1.
  template <typename F>
  void for_each(std::uint64_t from, std::uint64_t until, F&& f) const {
    Room room;
    for (std::uint64_t n = from; n < until && n < event_count_;) {
      for (const Event& event : events_from(n, room)) {
        if (n >= until)
          return;
        f(n++, event);
      }
    }
  }

  /// Index of the first event at or after the instant; event_count() if there is none.
  [[nodiscard]] std::uint64_t event_at_time(std::uint64_t time_ns) const;
  /// How many events happened until the instant, it included.
  [[nodiscard]] std::uint64_t events_until(std::uint64_t time_ns) const;

  /// The state after `count` events, 0 .. event_count(). Costs the fold of at most one chunk. After 0 events
  /// it is State{}, but where the beginning of a bounded recording was dropped: then what preceded this file.
  [[nodiscard]] State state_after(std::uint64_t count) const;
  /// The state after event n.
  [[nodiscard]] State state_at_event(std::uint64_t n) const { return state_after(n + 1); }
  /// The state after all events until the instant, it included.
  [[nodiscard]] State state_at_time(std::uint64_t time_ns) const {
    return state_after(events_until(time_ns));
  }

  /// The nearest event of these kinds: at `from` or after it; backward: before `from`.
  /// `descriptor`: only of this one.
  [[nodiscard]] std::optional<std::uint64_t> next(KindMask kinds, std::uint64_t from,
                                                  Direction direction = Direction::forward,
                                                  std::optional<std::uint16_t> descriptor = {}) const;

  /// `count` equal stretches of [from_ns, until_ns). Counts are exact at any zoom. For one descriptor, or for
  /// all (then without levels). Nothing is returned for an empty stretch or a count of 0; count is at most
  /// 65536.
  [[nodiscard]] Timeline buckets(std::uint64_t from_ns, std::uint64_t until_ns, std::size_t count,
                                 std::optional<std::uint16_t> descriptor = {}) const;

  /// The packet of that number, if the recording kept it.
  [[nodiscard]] std::optional<PacketBytes> packet(std::uint32_t number) const;
  /// Bytes kept of each packet.
  [[nodiscard]] std::uint32_t packet_snap() const { return packet_snap_; }

  /// The records of the fill that a buffer (ZB_A, ZB_B, ZB_USER_COPY) holds after `count` events.
  [[nodiscard]] std::vector<Record> records_in(std::uint16_t descriptor, std::uint8_t which,
                                               std::uint64_t count) const;

 private:
  struct Mapping;
  struct Chunk;
  struct Packets;

  Recording();
  Result<void> read(Damage damage);
  std::optional<Error> walk(std::span<const std::byte> bytes);
  std::optional<Error> take_metadata(std::span<const std::byte> payload, std::uint64_t offset);
  std::optional<Error> add_chunk(std::span<const std::byte> payload, std::uint64_t offset,
                                 const format::RecordHeader& header);
  static std::optional<Error> check_blocks(const Chunk& chunk, const format::EventsHeader& inner,
                                           std::uint64_t offset);
  std::optional<Error> add_packets(std::span<const std::byte> payload, std::uint64_t offset,
                                   std::uint32_t count);
  [[nodiscard]] std::size_t chunk_of(std::uint64_t n) const;
  template <typename Before>
  [[nodiscard]] std::uint64_t first_not(Before before) const;
  void exact_buckets(Timeline& timeline, std::uint64_t first, std::uint64_t until,
                     std::optional<std::uint16_t> descriptor) const;
  void indexed_buckets(Timeline& timeline, std::uint64_t first,
                       std::optional<std::uint16_t> descriptor) const;

  std::shared_ptr<Mapping> mapping_;
  std::shared_ptr<Mapping> older_; ///< of joined parts: null otherwise
  std::vector<Chunk> chunks_;
  std::vector<Packets> packets_;
  std::optional<Error> damage_;
  std::string metadata_;
  bool partial_ = true;
  std::uint64_t event_count_ = 0;
  std::uint64_t part_ = 1;
  std::uint64_t events_before_ = 0; ///< the file of the newest part, as its metadata have it
  std::uint64_t older_events_ = 0;  ///< in the older one of joined parts
  std::span<const std::byte> bytes_{}, older_bytes_{};
  std::array<std::uint64_t, event_kinds> kind_counts_{};
  std::uint32_t packet_snap_ = 0;
  std::size_t walked_bytes_ = 0; ///< the file was read and is whole up to here
  bool complete_ = false;
};

} // namespace zbuf

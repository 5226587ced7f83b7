// SPDX-License-Identifier: BSD-2-Clause
// The thread that turns chunks of events into a file, while the run goes on.
#pragma once

#include "core/base/output_place.h"
#include "core/base/result.h"
#include "core/trace/format.h"
#include "core/trace/state.h"
#include "core/trace/summary.h"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace zbuf {

/// What goes to the file in one piece: packets, and the events that speak of them.
struct RecordingJob {
  std::vector<Event> events; ///< always format::chunk_events long: memory for the engine to write to
  std::size_t event_count = 0;
  std::vector<Event> packets; ///< as format::PacketGroup has them
  std::vector<std::byte> packet_bytes;
};

/// Writes a recording (FORMAT.md). The run fills a job and exchanges it for an empty one; the thread folds
/// the events once more, for snapshots and counts, so the run pays for the exchange only. There are four jobs
/// of 256 KiB (and up to 1 MiB of packets): when all are full the run waits.
///
/// A bounded one goes on in a new file when the one that it writes has half of the limit (Recorder::Options).
///
/// Used by one thread at a time. After an error the file is cut back to its last whole record and closed,
/// later jobs are dropped, and close() says why.
class RecordingWriter {
 public:
  /// `limit_bytes`: 0 for none. `when_complete`: the file gets its name at its end (Recorder::Options).
  static Result<std::unique_ptr<RecordingWriter>> create(const std::string& path, std::string metadata,
                                                         std::uint32_t packet_snap,
                                                         std::uint64_t limit_bytes = 0,
                                                         bool when_complete = false);
  ~RecordingWriter();
  RecordingWriter(const RecordingWriter&) = delete;
  RecordingWriter& operator=(const RecordingWriter&) = delete;

  /// The job to fill.
  [[nodiscard]] RecordingJob& job() { return *current_; }
  [[nodiscard]] std::uint32_t packet_snap() const { return packet_snap_; }

  /// Hands the job over; job() is an empty one then. May wait for the disk.
  void submit();

  /// The file could not be written on; close() says why. Any thread.
  [[nodiscard]] bool failed() const { return failed_; }

  /// Writes what is left and the end record with the final metadata, or with `if_failed` after an error. A
  /// file that is partial and has no name yet gets none.
  Result<void> close(const std::string& metadata, const std::string& if_failed, bool partial);

 private:
  RecordingWriter(OutputPlace place, std::string path, std::string metadata, std::uint32_t packet_snap,
                  std::uint64_t limit_bytes);
  void run();
  void begin_file();
  void begin_next_part();
  [[nodiscard]] std::string with_part(const std::string& metadata) const;
  void write_job(RecordingJob& job);
  void write_packets(RecordingJob& job);
  void write_events(RecordingJob& job);
  std::size_t encode_blocks(std::span<const Event> events);
  void write_record(format::RecordHeader header, std::span<const std::span<const std::byte>> parts);
  void write_text(format::RecordType type, std::uint64_t first, std::string json);
  bool write_bytes(std::span<const std::byte> bytes);
  void fail_with(int error_number);

  int file_ = -1;
  OutputPlace place_;
  bool when_complete_ = false;
  std::string path_;
  std::string older_;    ///< name of the part before
  std::string metadata_; ///< of the beginning
  std::uint32_t packet_snap_;
  std::uint64_t limit_bytes_;

  // The thread's own, until it has ended.
  State state_;
  ChunkSummary summary_;
  std::vector<std::byte> snapshot_;
  std::vector<std::byte> coded_; ///< events or packets of a record, and padding to 8
  std::vector<format::PacketGroup> groups_;
  std::uint64_t part_ = 1;
  std::uint64_t events_before_ = 0;  ///< in the parts before this one
  std::uint64_t good_bytes_ = 0;     ///< the file is whole up to here
  std::atomic<bool> failed_ = false; ///< others may look
  Error error_{};

  // Shared.
  std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable room_;
  std::deque<std::unique_ptr<RecordingJob>> full_;
  std::vector<std::unique_ptr<RecordingJob>> empty_;
  bool closing_ = false;

  std::unique_ptr<RecordingJob> current_; ///< the run's
  std::thread thread_;
};

} // namespace zbuf

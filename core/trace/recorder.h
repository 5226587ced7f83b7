// SPDX-License-Identifier: BSD-2-Clause
// From the engine's trace points to a folded state and, when asked, to a file.
#pragma once

#include "core/base/result.h"
#include "core/trace/digest.h"
#include "core/trace/fold.h"
#include "core/trace/ledger.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace zbuf {

class RecordingWriter;

/// Takes the events of a run: gives the engine memory to write them to, annotates, folds and watches them,
/// and hands them to a thread that writes the file. Memory is constant, however long the run.
///
/// Events wait in a chunk (8192) until it is full or drain() is called; state() and the watch lag by as much.
///
/// Threads: one at a time, and never while the engine is inside a trace point. A host with threads calls
/// every function here under the lock that its descriptors share. The file is written by a thread of its own;
/// when the disk is slower than the run, the run waits for it.
class Recorder {
 public:
  struct Options {
    std::string path{};          ///< of the file to write; empty: none
    std::string metadata = "{}"; ///< a JSON object about the run: scenario, seed, revision, ... (FORMAT.md)
    std::uint32_t packet_snap = 96; ///< bytes kept of each packet, 0..262144; only with a file
    /// Bytes kept of all packets together: of those that come after that, the recording has lengths and times
    /// (in their events) but no bytes. Ten million packets would otherwise take more room than their events.
    std::uint64_t packets_limit_bytes = std::uint64_t{64} << 20;
    /// Bytes of disk at most, roughly; 0: no limit. When the file has half of that it is renamed (see
    /// older_part()) and completed, what had that name is gone, and the recording goes on in a new file at
    /// `path`. That begins with the state until then, so it can be read by itself; its metadata say that it
    /// is "part" 2, 3, ..., and how many events came before it ("events_before").
    std::uint64_t limit_bytes = 0;
    /// The file has its name from its beginning, so that it can be followed: what had that name is moved away
    /// (core/base/output_place.h), and removed when this one is complete. True: it gets the name at its end,
    /// and never where finish() reports an error or the run is partial.
    bool name_at_end = false;
    bool digest = false; ///< keep a Digest
  };

  /// Called after an event was folded. True: stop here.
  using Watch = std::function<bool(const State&, const Event&)>;

  /// Opens the file for writing, so that an unwritable path is known before the run. Errors: io (the path
  /// cannot be written), bad_input (metadata, packet_snap).
  static Result<std::unique_ptr<Recorder>> create(Options options);

  /// As finish(partial), without anybody to tell about errors.
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  /// What the engine's descriptors write to. Lives as long as the recorder. The host sets time_ns and packet
  /// before each entry into the engine; time that goes back is raised to the last event's.
  [[nodiscard]] zb_trace* trace() { return &slot_.trace; }

  /// Takes in what was written since the last time.
  void drain();

  /// drain(), and hands what there is to the thread that writes the file, so that who follows it sees it
  /// soon. Each call makes a record of its own: ten a second are plenty.
  void flush();

  /// After all events taken in so far (see drain()).
  [[nodiscard]] const State& state() const { return state_; }

  /// Calls `watch` for events of these kinds from now on; an empty one ends it. Costs nothing for other
  /// kinds.
  void watch(KindMask kinds, Watch watch);

  /// A watch said stop: the events after that one were discarded, and so are all to come.
  [[nodiscard]] bool stopped() const { return stopped_; }

  /// Keeps up to packet_snap bytes of a packet for the file, while there is room (packets_limit_bytes); does
  /// nothing without a file. Numbers ascend.
  void note_packet(std::uint32_t number, std::span<const std::byte> bytes, std::uint32_t wire_length,
                   std::uint64_t time_ns, bool outgoing = false);

  /// Bytes kept of each packet; 0 without a file.
  [[nodiscard]] std::uint32_t packet_snap() const;

  /// Hash of all events taken in so far; 0 unless Options::digest.
  [[nodiscard]] std::uint64_t digest() const { return digest_on_ ? digest_.value() : 0; }

  /// The file could not be written on; finish() will say why. What was written is kept. Any thread.
  [[nodiscard]] bool write_failed() const;

  /// Takes in the rest and completes the file. `metadata` (a JSON object) is merged over what create() got;
  /// `partial` says that the run was stopped from outside. The file is complete and readable either way.
  /// Nothing may be recorded afterwards. Errors: io; the file then ends, marked partial, with what could be
  /// written.
  Result<void> finish(bool partial, const std::string& metadata = "{}");

 private:
  struct Slot { // found again from the zb_trace* that the engine passes back
    zb_trace trace;
    Recorder* self;
  };

  explicit Recorder(const Options& options);
  static void full(zb_trace* trace);
  std::size_t take_in(std::span<Event> events);
  void hand_over();
  void begin_chunk();

  Slot slot_{};
  std::string metadata_;
  State state_;
  Ledger ledger_;
  Digest digest_;
  bool digest_on_;
  bool stopped_ = false;
  bool finished_ = false;
  bool packet_noted_ = false;
  std::uint32_t last_packet_ = 0;
  KindMask watch_kinds_ = 0;
  Watch watch_;
  std::vector<Event> chunk_;                ///< without a file: the memory that the engine writes to
  Event* pending_ = nullptr;                ///< first event not taken in
  std::uint64_t last_ns_ = 0;               ///< of the last event taken in
  std::uint64_t packets_left_bytes_ = 0;    ///< of packets_limit_bytes
  std::unique_ptr<RecordingWriter> writer_; ///< null without a file
};

/// Where the part before the last one of a recording of bounded size is: "run.zbt" has "run.older.zbt".
[[nodiscard]] std::string older_part(const std::string& path);

} // namespace zbuf

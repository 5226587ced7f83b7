// SPDX-License-Identifier: BSD-2-Clause
// A live capture: readers on threads of their own, a recording that grows, a capture file, and figures at any
// time.
#pragma once

#include "core/base/result.h"
#include "core/live/live_kernel.h"
#include "core/live/packet_file.h"
#include "core/reader/reader.h"
#include "core/trace/recorder.h"

extern "C" {
#include "kernel/engine/revision.h"
}

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace zbuf {

struct LiveOptions {
  enum class Via {
    automatic, ///< /dev/bpf where there is one, else the tap
    tap,       ///< libpcap's tap and the emulated kernel
    device,    ///< /dev/bpf of this machine: FreeBSD's, or that of this project's Linux module
  };

  std::string interface;
  std::string filter{};                            ///< pcap-filter(7); empty: everything
  std::vector<BufferMode> modes{BufferMode::zbuf}; ///< a descriptor for each, on the same packets
  Via via = Via::automatic;
  bool dtrace = false;                ///< FreeBSD: look into the kernel with dtrace(1) (open_native_kernel())
  std::size_t buffer_bytes = 2097152; ///< of each of two buffers; a kernel may give read(2) less
  std::uint32_t snaplen = 262144;     ///< bytes kept of a packet, 1 to 262144
  std::uint64_t timeout_ns = 100'000'000; ///< after which readers take a buffer that is not full
  const zb_revision* revision = &zb_revisions[ZB_ZBUF]; ///< of the emulated kernel
  std::size_t ring_bytes = std::size_t{64} << 20;       ///< of the tap

  std::uint64_t duration_ns = 0; ///< 0: no limit
  std::uint64_t packets = 0;     ///< delivered to the first reader; 0: no limit
  std::string write_path{};      ///< a capture of what the first reader is delivered; "-": standard output
  std::string trace_path{};      ///< a recording
  std::uint32_t trace_packet_bytes =
      262144; ///< kept of each packet in the recording; all, that snaplen leaves
  std::uint64_t trace_limit_bytes = std::uint64_t{1} << 30; ///< of disk (Recorder::Options); 0: no limit
};

/// How things stand.
struct LiveFigures {
  std::uint64_t time_ns = 0;        ///< since the capture began
  std::optional<Tap::Counts> tap{}; ///< none: /dev/bpf
  State state{};                    ///< descriptors 0, 1, ... are those of LiveOptions::modes
  bool recording_stopped = false;   ///< it could not be written on; the capture goes on
  bool ended = false;
};

class LiveCapture {
 public:
  /// Opens what takes privileges: the interface. No thread yet: drop_privileges() may follow.
  /// Errors: of options, and of open_tap() and open_native().
  static Result<std::unique_ptr<LiveCapture>> open(LiveOptions options);

  /// Opens the files and begins. Errors: io (a file), bad_input (the filter), and of the readers.
  Result<void> start();

  ~LiveCapture();
  LiveCapture(const LiveCapture&) = delete;
  LiveCapture& operator=(const LiveCapture&) = delete;

  /// Ends the capture soon; from any thread, and from a signal handler.
  void stop() { stopped_ = true; }

  /// Waits until the capture has ended, or so long. Returns whether it has.
  bool wait(std::chrono::milliseconds how_long);

  [[nodiscard]] LiveFigures figures();

  enum class End {
    limit,       ///< so long, or so many packets, as it was told
    interrupted, ///< stop() was called
    gone,        ///< the interface
    failed,      ///< a reader, the tap, or a file
  };
  struct Outcome {
    End end = End::limit;
    LiveFigures figures{};
    std::vector<Error> errors{}; ///< what failed, once each. What was captured until then is there
  };
  /// Ends it, if it has not ended, gives the readers what is there, and completes the files. Once.
  Outcome finish();

  [[nodiscard]] const LiveOptions& options() const { return options_; }
  [[nodiscard]] const LiveKernel& kernel() const { return *kernel_; }

 private:
  struct ReaderThread;

  LiveCapture(LiveOptions options, std::unique_ptr<LiveKernel> kernel);
  Result<void> attach();
  [[nodiscard]] std::string metadata() const;
  void read(ReaderThread& reader);
  bool take(ReaderThread& reader, const Fill& fill);
  void keep();
  void write_end();
  void fail_with(const Error& error);

  const LiveOptions options_;
  std::unique_ptr<LiveKernel> kernel_;
  std::unique_ptr<GiantClock> clock_;
  std::unique_ptr<Recorder> recorder_;
  PacketFile packets_; ///< of the first reader's thread
  std::vector<std::unique_ptr<ReaderThread>> readers_;
  std::thread keeper_;

  std::atomic<bool> stopped_ = false;  ///< stop() was called
  std::atomic<bool> gone_ = false;     ///< a reader found its interface gone
  std::atomic<bool> full_ = false;     ///< as many packets as wanted
  std::atomic<bool> draining_ = false; ///< nothing more comes: readers end when they find nothing
  std::atomic<unsigned> reading_ = 0;  ///< readers that have not ended
  std::mutex mutex_;                   ///< over what follows
  std::condition_variable changed_;
  bool ended_ = false;
  bool late_ = false; ///< the time is up
  std::vector<Error> errors_;
};

} // namespace zbuf

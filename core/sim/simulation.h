// SPDX-License-Identifier: BSD-2-Clause
// A run in virtual time: packets arrive, the kernel takes them, readers read, and everything has its price.
//
// The model: each process has a processor of its own, and the kernel has one. An interface holds what the
// kernel has not got to yet, up to its ring; beyond that packets are missed and BPF never sees them.
#pragma once

#include "core/sim/config.h"
#include "core/trace/recorder.h"

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace zbuf {

/// Why a run ended.
enum class RunEnd {
  finished,    ///< the traffic ended, and what lingered was read
  duration,    ///< its duration is over
  stopped,     ///< the stop condition held
  interrupted, ///< interrupt() was called
  failed,      ///< a source of packets or a reader failed; see RunResult::errors
};

/// What a reader process used, as modelled.
struct ReaderUse {
  std::string name;
  std::uint16_t descriptor = ZB_NO_DESCRIPTOR; ///< ZB_NO_DESCRIPTOR if it never opened one
  std::uint64_t cpu_ns = 0;                    ///< processor time, in user and kernel mode
};

struct RunResult {
  RunEnd end = RunEnd::finished;
  std::uint64_t end_ns = 0;             ///< virtual time of the last thing that happened
  std::uint64_t kernel_busy_ns = 0;     ///< processor time that packets cost the kernel
  std::vector<ReaderUse> readers{};     ///< in the order of SimConfig::readers
  std::vector<SourceRemarks> remarks{}; ///< of each source
  std::vector<Error> errors{};          ///< sources and readers that failed; what came before stands
};

/// One run. Single-threaded, but for interrupt().
class Simulation {
 public:
  /// Checks names and opens sources, so that bad input is known before anything runs. The recorder outlives
  /// the simulation and gets its events; its watch is taken.
  static Result<std::unique_ptr<Simulation>> create(SimConfig config, Recorder& recorder);
  ~Simulation();
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  /// Runs to the end. Once. Afterwards recorder.state() is the state at the end; call recorder.finish().
  RunResult run();

  /// From a signal handler or another thread: the run ends soon, complete as far as it got.
  void interrupt() { interrupted_.store(true, std::memory_order_relaxed); }

  /// While it runs, from inside the recorder's or the progress callback: virtual time, and packets so far.
  [[nodiscard]] std::uint64_t now_ns() const;
  [[nodiscard]] std::uint64_t packets() const;

  /// Called now and then (every 65536 packets, about) while it runs.
  void on_progress(std::function<void(const Simulation&)> callback);

 private:
  struct Impl;
  explicit Simulation(std::unique_ptr<Impl> impl);

  std::atomic<bool> interrupted_ = false;
  std::unique_ptr<Impl> impl_;
};

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
// Runs a scenario: every run of its comparison, its invariants and its checks.
#pragma once

#include "core/scenario/report.h"
#include "core/trace/recorder.h"

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace zbuf {

struct RunProgress {
  std::size_t run = 0; ///< from 0
  std::size_t runs = 1;
  std::string_view name{};
  std::uint64_t now_ns = 0; ///< virtual
  std::uint64_t packets = 0;
  double fraction = -1; ///< 0 to 1 of this run; negative: not known
};

struct RunOptions {
  /// The base run is recorded there, and the others beside it with their name in front of the extension:
  /// "run.zbt", "run.read.zbt". Empty: nothing is recorded.
  std::string trace_path{};
  bool name_at_end = false;       ///< of recordings: as Recorder::Options has it
  bool record_all = true;         ///< false: the base run only
  std::uint32_t packet_snap = 96; ///< bytes kept of each packet in recordings
  /// ... and of all together, as Recorder::Options has it.
  std::uint64_t packets_limit_bytes = Recorder::Options{}.packets_limit_bytes;
  /// Called now and then, every 65536 packets or so.
  std::function<void(const RunProgress&)> on_progress{};
};

/// One scenario, run once. Single-threaded, but for interrupt(). The scenario outlives it.
class Runner {
 public:
  Runner(const Scenario& scenario, RunOptions options);
  ~Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  /// Compiles filters, opens captures and creates recordings, so that whatever is in the way is known before
  /// anything runs. All errors at once; empty: it can run.
  Errors prepare();

  /// Pre: prepare() found nothing. Invariant I6 is checked on the base run: it is run a second time, both
  /// times as far as `repeated_events` at most.
  ScenarioReport run();
  static constexpr std::uint64_t repeated_events = 200'000;

  /// From a signal handler or another thread: the run ends soon, with a partial report.
  void interrupt();

 private:
  struct Run;

  tl::expected<std::unique_ptr<Run>, Errors> make_run(std::size_t number) const;
  void execute(Run& run);
  VariantReport report_of(Run& run);
  bool is_repeatable(const Run& base);
  std::uint64_t digest_of_beginning();
  void evaluate(ScenarioReport& report);
  void warn(ScenarioReport& report) const;

  const Scenario& scenario_;
  RunOptions options_;
  std::vector<std::unique_ptr<Run>> runs_;
  std::vector<std::unique_ptr<Run>> repeats_; ///< kept, for interrupt() may still be looking at one
  std::atomic<Simulation*> current_ = nullptr;
  std::atomic<bool> interrupted_ = false;
};

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
// Measurements in real time: a kernel's thread has packets arrive back to back, a reader's thread takes them.
// Every figure from here is measured, but for those that are called modelled.
#pragma once

#include "core/bench/contest.h"
#include "core/bench/machine.h"
#include "core/bench/model.h"
#include "core/bench/plan.h"
#include "core/bench/statistics.h"

#include <atomic>
#include <functional>
#include <string>
#include <vector>

namespace zbuf {

/// One case in one round: what happened between two instants, and what was counted from start to end.
struct Measurement {
  std::uint64_t duration_ns = 0;
  std::uint64_t packets = 0; ///< delivered in that time; for memcpy: copied
  std::uint64_t kernel_cpu_ns = 0;
  std::uint64_t reader_cpu_ns = 0;
  std::uint64_t system_calls = 0; ///< of the reader, in that time
  std::uint64_t wakeups = 0;      ///< of the reader, in that time
  std::uint64_t pushed_out = 0;   ///< times that one of the two threads had to leave its core to others
  Counts all{};                   ///< from start to end
  Seen seen{};                    ///< from start to end

  [[nodiscard]] double packets_per_second() const;
  [[nodiscard]] double kernel_ns_per_packet() const; ///< 0 without packets, as are the next ones
  [[nodiscard]] double reader_ns_per_packet() const;
  [[nodiscard]] double calls_per_packet() const;
  [[nodiscard]] double wakeups_per_packet() const;
  /// Bytes copied for each packet that goes the whole way: those of the kernel for each that it stored, and
  /// those on the reader's side for each that was delivered.
  [[nodiscard]] double copied_bytes_per_packet() const;
  [[nodiscard]] double user_copied_bytes_per_packet() const;
};

/// All rounds of one case.
struct CaseResult {
  BenchCase one{};
  std::string not_run{}; ///< why there are no rounds; empty: there are
  std::vector<Measurement> rounds{};
  std::optional<Modelled> modelled{}; ///< if the plan has costs, and the model has such a case

  [[nodiscard]] std::vector<double> values(double (Measurement::*figure)() const) const;
  [[nodiscard]] Spread spread(double (Measurement::*figure)() const) const;
};

/// How quiet the machine was. A noisy one is reported, and its figures are to be read with care.
struct Noise {
  Spread yardstick_ns{};      ///< the same computation, timed before every case
  double yardstick_drift = 0; ///< see drift_of()
  double lost_core = 0; ///< the share of time in which the kernel's thread, which never sleeps, did not run
  std::vector<std::string> reasons{}; ///< why the figures are noisy; none: they are not

  [[nodiscard]] bool noisy() const { return !reasons.empty(); }
};

/// Two cases, side by side in each round.
struct Comparison {
  std::string what{};    ///< "throughput", "reader CPU per packet", ...
  std::size_t above = 0; ///< index into BenchResult::cases
  std::size_t below = 0;
  Spread ratio{};
};

struct BenchResult {
  BenchPlan plan{};
  Machine machine{};
  std::string crossing{}; ///< the call that read(2)'s copy to the user is; empty: a copy within the process
  std::vector<CaseResult> cases{};
  std::vector<Comparison> comparisons{};
  Noise noise{};
  std::vector<std::string> remarks{}; ///< what a reader of the figures must know, a sentence each
  bool interrupted = false;           ///< stopped on request; complete rounds only
};

/// Complete rounds; those of the case that has most of them.
[[nodiscard]] std::size_t rounds_done(const BenchResult& result);

/// For whoever waits.
struct BenchProgress {
  std::size_t done = 0; ///< measurements
  std::size_t total = 0;
  std::size_t case_index = 0;          ///< of the one that is done
  const BenchResult* so_far = nullptr; ///< rounds may be incomplete; only during the call
};

/// One benchmark. prepare(), then run() once; it takes what the plan says and blocks. interrupt() from any
/// thread.
class Bench {
 public:
  explicit Bench(BenchPlan plan) : plan_(std::move(plan)) {}

  /// Checks the plan, reads captures, makes packets and compiles the filter. Errors: what is wrong, before
  /// anything runs.
  Result<void> prepare();

  /// Pre: prepared. `progress` is called after each measurement, on the calling thread. Cases that this
  /// machine cannot run say why, and the others run. `after_round`: after each complete round, with all that
  /// is known by then, ratios and noise as well; on the calling thread, while nothing is measured.
  BenchResult run(const std::function<void(const BenchProgress&)>& progress = {},
                  const std::function<void(const BenchResult& so_far)>& after_round = {});

  void interrupt() { interrupted_.store(true, std::memory_order_relaxed); }

  [[nodiscard]] const std::vector<BenchCase>& cases() const { return cases_; }

 private:
  bool run_round(BenchResult& result, std::size_t round, std::vector<double>& yardstick,
                 const std::function<void(const BenchProgress&)>& progress);
  void model(BenchResult& result) const;
  Result<Measurement> measure(const BenchCase& one);

  BenchPlan plan_;
  std::vector<BenchCase> cases_{};
  std::vector<PacketRing> rings_{};
  std::vector<std::vector<zb_bpf_insn>> filters_{}; ///< by packets: their link types may differ
  std::atomic<bool> interrupted_ = false;
};

/// Runs one contest for that long, on two threads. Errors: the reader's.
Result<Measurement> run_contest(Contest& contest, PacketRing& ring, std::uint64_t warm_up_ns,
                                std::uint64_t case_ns);

/// zero-copy against each other way with the same packets, buffers and policy, where both have been run:
/// throughput, and processor time and bytes copied per packet.
std::vector<Comparison> compare(const BenchResult& result);

/// What the measurements themselves say about the machine. `yardstick_ns`: one per measurement.
Noise judge_noise(const std::vector<CaseResult>& cases, const std::vector<double>& yardstick_ns);

/// What must be known to read the figures: the machine's cores, and what each way leaves out.
std::vector<std::string> remarks_on(const BenchResult& result);

} // namespace zbuf

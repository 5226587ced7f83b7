// SPDX-License-Identifier: BSD-2-Clause
// Two threads and a contest between them, for so long.
#include "core/bench/bench.h"

#include "core/bench/machine.h"

#include <atomic>
#include <thread>

namespace zbuf {

namespace {

constexpr std::size_t burst_packets = 64; ///< as many as a driver hands on at once
constexpr int bursts_between_looks = 4;   ///< at the clock

/// The reader's thread, and what the kernel's thread may look at meanwhile.
class ReaderThread {
 public:
  ReaderThread(Contest& contest, unsigned core) : contest_(contest), thread_([this, core] { run(core); }) {
    while (time_.load(std::memory_order_acquire) == nullptr)
      std::this_thread::yield();
  }

  void stop() {
    stop_.store(true, std::memory_order_relaxed);
    if (thread_.joinable())
      thread_.join();
  }
  ~ReaderThread() { stop(); }
  ReaderThread(const ReaderThread&) = delete;
  ReaderThread& operator=(const ReaderThread&) = delete;

  [[nodiscard]] std::uint64_t packets() const { return packets_.value(); }
  /// Only while it runs.
  [[nodiscard]] std::uint64_t used_ns() const { return time_.load(std::memory_order_relaxed)->used_ns(); }

  // After stop():
  [[nodiscard]] const Seen& seen() const { return seen_; }
  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] std::uint64_t pushed_out() const { return pushed_out_; }

 private:
  void run(unsigned core) {
    stay_on_core(core);
    const ThreadTime time;
    time_.store(&time, std::memory_order_release);
    while (!stop_.load(std::memory_order_relaxed) && !failed_) {
      failed_ = !contest_.take(seen_);
      packets_.set(seen_.packets);
    }
    pushed_out_ = times_pushed_out();
    // The kernel's thread may be looking at `time` until it has asked to stop.
    while (!stop_.load(std::memory_order_relaxed))
      std::this_thread::yield();
  }

  Contest& contest_;
  std::atomic<bool> stop_ = false;
  std::atomic<const ThreadTime*> time_ = nullptr;
  alignas(apart) Tally packets_; ///< what follows is the reader's
  Seen seen_{};
  bool failed_ = false;
  std::uint64_t pushed_out_ = 0;
  std::thread thread_;
};

struct Instant {
  std::uint64_t now_ns;
  std::uint64_t kernel_ns;
  std::uint64_t reader_ns;
  std::uint64_t delivered;
  Counts counts;
};

Instant look_at(const Contest& contest, const ReaderThread& reader, const ThreadTime& kernel) {
  const Counts counts = contest.counts();
  return {monotonic_ns(), kernel.used_ns(), reader.used_ns(),
          contest.delivers() ? reader.packets() : counts.stored, counts};
}

void offer_until(Contest& contest, PacketRing& ring, std::uint64_t end_ns) {
  while (monotonic_ns() < end_ns)
    for (int i = 0; i < bursts_between_looks; ++i)
      contest.offer(ring.next(burst_packets));
}

/// The kernel's thread.
Measurement feed(Contest& contest, PacketRing& ring, ReaderThread& reader, std::uint64_t warm_up_ns,
                 std::uint64_t case_ns) {
  stay_on_core(0);
  const ThreadTime kernel;
  offer_until(contest, ring, monotonic_ns() + warm_up_ns);
  const Instant first = look_at(contest, reader, kernel);
  offer_until(contest, ring, first.now_ns + case_ns);
  const Instant last = look_at(contest, reader, kernel);
  Measurement measured;
  measured.duration_ns = last.now_ns - first.now_ns;
  measured.packets = last.delivered - first.delivered;
  measured.kernel_cpu_ns = last.kernel_ns - first.kernel_ns;
  measured.reader_cpu_ns = last.reader_ns - first.reader_ns;
  measured.system_calls = last.counts.system_calls - first.counts.system_calls;
  measured.wakeups = last.counts.wakeups - first.counts.wakeups;
  measured.pushed_out = times_pushed_out();
  return measured;
}

} // namespace

Result<Measurement> run_contest(Contest& contest, PacketRing& ring, std::uint64_t warm_up_ns,
                                std::uint64_t case_ns) {
  ReaderThread reader(contest, 1);
  Measurement measured;
  std::thread([&] { measured = feed(contest, ring, reader, warm_up_ns, case_ns); }).join();
  reader.stop();
  if (reader.failed())
    return fail(contest.failure());
  measured.pushed_out += reader.pushed_out();
  measured.all = contest.counts();
  measured.seen = reader.seen();
  return measured;
}

} // namespace zbuf

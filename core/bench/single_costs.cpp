// SPDX-License-Identifier: BSD-2-Clause
#include "core/bench/single_costs.h"

#include "core/bench/machine.h"
#include "core/bench/packets.h"
#include "core/bench/statistics.h"
#include "core/clock/pause.h"
#include "core/clock/real_clock.h"
#include "core/device/records.h"
#include "core/filter/filter.h"
#include "core/filter/prepared_filter.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <thread>
#include <unistd.h>
#include <vector>

namespace zbuf {

namespace {

volatile std::uint64_t kept; ///< so that no compiler leaves out what is timed

/// Median over passes of what one of `count` calls takes.
template <typename Body>
double time_ns(int count, Body body) {
  constexpr int passes = 15;
  std::vector<double> took;
  for (int pass = 0; pass < passes; ++pass) {
    const std::uint64_t from_ns = monotonic_ns();
    std::uint64_t sum = 0;
    for (int i = 0; i < count; ++i)
      sum += static_cast<std::uint64_t>(body());
    kept = sum;
    took.push_back(static_cast<double>(monotonic_ns() - from_ns) / count);
  }
  return spread_of(std::move(took)).median;
}

std::uint64_t at_least(double value, std::uint64_t least) {
  return std::max(least, static_cast<std::uint64_t>(std::llround(value)));
}

/// "tcp port 80" over packets of mixed sizes.
double filter_ns() {
  PacketChoice choice;
  choice.imix = true;
  const auto ring = PacketRing::make(choice);
  const auto program = compile_filter("tcp port 80", 1, 262144);
  const auto filter =
      program ? PreparedFilter::prepare(*program) : Result<PreparedFilter>(fail(program.error()));
  if (!ring || !filter)
    return static_cast<double>(Costs{}.filter_ns);
  const auto packets = ring->all().first(std::min<std::size_t>(256, ring->all().size())); // from the cache
  std::size_t next = 0;
  return time_ns(100'000, [&] {
    const Arrival& packet = packets[next++ % packets.size()];
    return filter->run({reinterpret_cast<const std::uint8_t*>(packet.bytes.data()), packet.bytes.size()},
                       packet.wire_length);
  });
}

/// A walk over the records of a fill that has just been copied here, looking at the first byte of each.
double handle_ns() {
  constexpr std::size_t record = 96;
  std::vector<std::byte> fill(65536 / record * record);
  for (std::size_t at = 0; at < fill.size(); at += record) {
    zb_bpf_hdr header{};
    header.caplen = header.datalen = 64;
    header.hdrlen = 26;
    std::memcpy(fill.data() + at, &header, sizeof(header));
  }
  const double all_ns = time_ns(100, [&] {
    RecordCursor cursor(fill);
    std::uint64_t touched = 0;
    while (const auto one = cursor.next())
      touched += static_cast<std::uint64_t>(one->bytes[0]) + one->datalen;
    return touched;
  });
  const std::size_t records = fill.size() / record;
  return all_ns / static_cast<double>(records);
}

/// One look of a spin: the pause, and a load of a header that nobody writes.
double look_ns(RealClock& clock) {
  std::atomic<std::uint32_t> generation = 1;
  return time_ns(10'000, [&] {
    (void)clock.spin(0, never_ns);
    return generation.load(std::memory_order_acquire);
  });
}

struct WakeCosts {
  double wake_ns;
  double latency_ns;
  double switch_ns;
};

/// One thread wakes another that sleeps on a core of its own, as a kernel wakes a reader.
class WakeMeasurement {
 public:
  explicit WakeMeasurement(RealClock& clock) : point_(clock.make_wait_point()) {}

  WakeCosts run() {
    std::thread sleeper([this] { sleep_and_wake(); });
    stay_on_core(0);
    for (int i = 0; i < rounds; ++i) {
      while (asleep_.load() != i + 1)
        pause_core();
      // By now it has given up the lock; give it the time to fall asleep, too.
      const std::uint64_t settled_ns = monotonic_ns() + 50'000;
      while (monotonic_ns() < settled_ns)
        pause_core();
      point_->lock();
      const std::uint64_t from_ns = monotonic_ns();
      woken_at_.store(from_ns);
      ++wakes_;
      point_->wake_all();
      took_.push_back(static_cast<double>(monotonic_ns() - from_ns));
      point_->unlock();
    }
    sleeper.join();
    return {spread_of(took_).median, spread_of(latency_).median, switch_ns_};
  }

 private:
  static constexpr int rounds = 1000;

  void sleep_and_wake() {
    stay_on_core(1);
    const ThreadTime time;
    const std::uint64_t before_ns = time.used_ns();
    point_->lock();
    for (int i = 0; i < rounds; ++i) {
      asleep_.store(i + 1);
      while (wakes_ == i)
        (void)point_->wait_until(never_ns);
      latency_.push_back(static_cast<double>(monotonic_ns() - woken_at_.load()));
    }
    point_->unlock();
    switch_ns_ = static_cast<double>(time.used_ns() - before_ns) / rounds;
  }

  std::unique_ptr<WaitPoint> point_;
  std::atomic<int> asleep_ = 0;
  std::atomic<std::uint64_t> woken_at_ = 0;
  int wakes_ = 0; ///< under the lock
  std::vector<double> took_{};
  std::vector<double> latency_{};
  double switch_ns_ = 0;
};

} // namespace

Costs measure_single_costs() {
  RealClock clock;
  Costs costs;
  costs.filter_ns = at_least(filter_ns(), 1);
  costs.syscall_ns = at_least(time_ns(10'000, [] { return getppid(); }), 1);
  costs.look_ns = at_least(look_ns(clock), 1);
  costs.handle_ns = at_least(handle_ns(), 1);
  WakeCosts wake{};
  std::thread([&] { wake = WakeMeasurement(clock).run(); }).join(); // its core is its own affair
  costs.wakeup_ns = at_least(wake.wake_ns, 0);
  costs.latency_ns = at_least(wake.latency_ns, 0);
  costs.switch_ns = at_least(wake.switch_ns, 0);
  return costs;
}

} // namespace zbuf

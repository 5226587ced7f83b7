// SPDX-License-Identifier: BSD-2-Clause
#include "core/bench/bench.h"

#include "core/base/assert.h"
#include "core/emulated/user_memory.h"
#include "core/filter/filter.h"

#include <algorithm>
#include <fmt/format.h>

namespace zbuf {

namespace {

double per_packet(double value, std::uint64_t packets) {
  return packets > 0 ? value / static_cast<double>(packets) : 0;
}

/// The same computation each time: what it takes tells of the machine alone. About 2 ms.
double time_yardstick() {
  const std::uint64_t from_ns = monotonic_ns();
  std::uint64_t x = 88172645463325252u;
  for (int i = 0; i < 1'000'000; ++i) {
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
  }
  volatile std::uint64_t kept = x;
  (void)kept;
  return static_cast<double>(monotonic_ns() - from_ns);
}

} // namespace

double Measurement::packets_per_second() const {
  return duration_ns > 0 ? static_cast<double>(packets) * 1e9 / static_cast<double>(duration_ns) : 0;
}
double Measurement::kernel_ns_per_packet() const {
  return per_packet(static_cast<double>(kernel_cpu_ns), packets);
}
double Measurement::reader_ns_per_packet() const {
  return per_packet(static_cast<double>(reader_cpu_ns), packets);
}
double Measurement::calls_per_packet() const {
  return per_packet(static_cast<double>(system_calls), packets);
}
double Measurement::wakeups_per_packet() const {
  return per_packet(static_cast<double>(wakeups), packets);
}
double Measurement::user_copied_bytes_per_packet() const {
  return per_packet(static_cast<double>(all.user_copied_bytes), seen.packets);
}
double Measurement::copied_bytes_per_packet() const {
  return per_packet(static_cast<double>(all.kernel_copied_bytes), all.stored) +
         user_copied_bytes_per_packet();
}

std::vector<double> CaseResult::values(double (Measurement::*figure)() const) const {
  std::vector<double> values;
  for (const Measurement& round : rounds)
    values.push_back((round.*figure)());
  return values;
}

Spread CaseResult::spread(double (Measurement::*figure)() const) const {
  return spread_of(values(figure));
}

Result<std::unique_ptr<Contest>> make_contest(const ContestSetting& setting) {
  switch (setting.one.way) {
  case Way::zero_copy:
  case Way::read_call:
  case Way::path:
    return make_bpf_contest(setting);
  case Way::plain_copy:
    return make_copy_contest(setting);
  case Way::queue:
  case Way::exact_queue:
    return make_queue_contest(setting);
  case Way::tpacket:
    return make_tpacket_contest(setting);
  case Way::native:
  case Way::native_read:
    return make_native_contest(setting);
  }
  return fail(Error::Code::bad_input, "no such way");
}

Result<void> Bench::prepare() {
  auto cases = cases_of(plan_);
  if (!cases)
    return fail(cases.error());
  for (const PacketChoice& choice : plan_.packets) {
    auto ring = PacketRing::make(choice);
    if (!ring)
      return fail(ring.error());
    const std::size_t smallest = *std::min_element(plan_.buffer_bytes.begin(), plan_.buffer_bytes.end());
    if (ring->largest_bytes() + 64 > smallest)
      return fail(Error::Code::bad_input,
                  fmt::format("{}: a packet of {} bytes does not fit a buffer of {}; take larger buffers",
                              choice.name(), ring->largest_bytes(), smallest));
    // Without a filter of the user's there is one that accepts everything, as libpcap sets it.
    auto filter = compile_filter(plan_.filter, ring->link_type(), 262144);
    if (!filter)
      return fail(filter.error());
    rings_.push_back(std::move(*ring));
    filters_.push_back(std::move(*filter));
  }
  cases_ = std::move(*cases);
  return {};
}

Result<Measurement> Bench::measure(const BenchCase& one) {
  PacketRing& ring = rings_[one.packets];
  auto contest = make_contest({one, filters_[one.packets], &ring});
  if (!contest)
    return fail(contest.error());
  return run_contest(**contest, ring, plan_.warm_up_ns, plan_.case_ns);
}

std::size_t rounds_done(const BenchResult& result) {
  std::size_t most = 0;
  for (const CaseResult& one : result.cases)
    most = std::max(most, one.rounds.size());
  return most;
}

/// False: stop here.
bool Bench::run_round(BenchResult& result, std::size_t round, std::vector<double>& yardstick,
                      const std::function<void(const BenchProgress&)>& progress) {
  for (std::size_t i = 0; i < cases_.size(); ++i) {
    if (interrupted_.load(std::memory_order_relaxed))
      return false;
    CaseResult& into = result.cases[i];
    if (into.not_run.empty()) {
      yardstick.push_back(time_yardstick());
      if (const auto measured = measure(cases_[i])) {
        into.rounds.push_back(*measured);
      } else {
        into.rounds.clear();
        into.not_run = measured.error().message;
      }
    }
    if (progress)
      progress({round * cases_.size() + i + 1, plan_.rounds * cases_.size(), i, &result});
  }
  return true;
}

/// Where the model cannot run a case that could be measured, it says nothing about it.
void Bench::model(BenchResult& result) const {
  if (!plan_.costs)
    return;
  for (CaseResult& one : result.cases)
    one.modelled =
        model_case(*plan_.costs, plan_.packets[one.one.packets], one.one, filters_[one.one.packets])
            .value_or(std::nullopt);
}

BenchResult Bench::run(const std::function<void(const BenchProgress&)>& progress,
                       const std::function<void(const BenchResult&)>& after_round) {
  ZBUF_ASSERT(!cases_.empty());
  BenchResult result;
  result.plan = plan_;
  result.machine = this_machine();
  result.crossing = kernel_copy_call();
  for (const BenchCase& one : cases_)
    result.cases.push_back({one, {}, {}, {}});
  model(result);
  std::vector<double> yardstick;
  const auto judge = [&] {
    result.comparisons = compare(result);
    result.noise = judge_noise(result.cases, yardstick);
    result.remarks = remarks_on(result);
  };
  for (unsigned round = 0; round < plan_.rounds && !result.interrupted; ++round) {
    result.interrupted = !run_round(result, round, yardstick, progress);
    if (result.interrupted)
      for (CaseResult& one : result.cases)
        one.rounds.resize(std::min<std::size_t>(one.rounds.size(), round));
    else if (after_round) {
      judge();
      after_round(result);
    }
  }
  judge();
  return result;
}

} // namespace zbuf

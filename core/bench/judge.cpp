// SPDX-License-Identifier: BSD-2-Clause
// What to make of measurements: which to compare, and whether the machine was quiet enough.
#include "core/bench/bench.h"

#include <algorithm>
#include <fmt/format.h>

namespace zbuf {

namespace {

struct Figure {
  const char* what;
  double (Measurement::*of)() const;
};

constexpr Figure throughput{"throughput", &Measurement::packets_per_second};
constexpr Figure reader_cpu{"reader CPU per packet", &Measurement::reader_ns_per_packet};
constexpr Figure copied{"bytes copied per packet", &Measurement::copied_bytes_per_packet};

bool same_setting(const BenchCase& a, const BenchCase& b) {
  return a.packets == b.packets && a.buffer_bytes == b.buffer_bytes && a.policy == b.policy;
}

/// Everything with zero-copy, but what nobody reads with what nobody reads, and what crosses a network stack
/// with what does.
bool comparable(const BenchCase& above, const BenchCase& below) {
  if (!same_setting(above, below))
    return false;
  switch (above.way) {
  case Way::zero_copy:
    return below.way != Way::zero_copy && below.way != Way::path && below.way != Way::native_read &&
           below.way != Way::native;
  case Way::path:
    return below.way == Way::plain_copy;
  case Way::native:
    return below.way == Way::native_read;
  default:
    return false;
  }
}

void add(std::vector<Comparison>& list, const BenchResult& result, const Figure& figure, std::size_t above,
         std::size_t below) {
  const std::vector<double> of_above = result.cases[above].values(figure.of);
  const std::vector<double> of_below = result.cases[below].values(figure.of);
  if (!of_above.empty() && of_above.size() == of_below.size())
    list.push_back({figure.what, above, below, paired_ratio(of_above, of_below)});
}

/// What can be compared with zero-copy depends on what the other way does.
void compare_with(std::vector<Comparison>& list, const BenchResult& result, std::size_t zero_copy,
                  std::size_t other) {
  // These packets come through the system's network stack: how fast says nothing about their readers.
  const Way way = result.cases[other].one.way;
  if (way != Way::tpacket && way != Way::native_read)
    add(list, result, throughput, zero_copy, other);
  switch (way) {
  case Way::native_read:
    if (result.cases[other].one.policy == ReaderPolicy::sleep)
      add(list, result, reader_cpu, other, zero_copy);
    add(list, result, copied, zero_copy, other);
    break;
  case Way::read_call:
    add(list, result, reader_cpu, other, zero_copy);
    add(list, result, copied, zero_copy, other);
    break;
  case Way::tpacket:
    if (result.cases[other].one.policy == ReaderPolicy::sleep)
      add(list, result, reader_cpu, zero_copy, other);
    break;
  default:
    break;
  }
}

/// The share of its time that a thread that never sleeps did not run.
double lost_core(const std::vector<CaseResult>& cases) {
  std::vector<double> lost;
  for (const CaseResult& one : cases)
    for (const Measurement& round : one.rounds)
      if (round.duration_ns > 0)
        lost.push_back(std::max(0.0, 1 - static_cast<double>(round.kernel_cpu_ns) /
                                             static_cast<double>(round.duration_ns)));
  return lost.empty() ? 0 : spread_of(std::move(lost)).high;
}

/// How many cases were not the same from round to round.
std::size_t unsteady(const std::vector<CaseResult>& cases, double much) {
  constexpr std::size_t enough_rounds = 4; // for a middle half
  return static_cast<std::size_t>(std::count_if(cases.begin(), cases.end(), [&](const CaseResult& one) {
    return one.rounds.size() >= enough_rounds &&
           one.spread(&Measurement::packets_per_second).relative() > much;
  }));
}

} // namespace

std::vector<Comparison> compare(const BenchResult& result) {
  std::vector<Comparison> list;
  for (std::size_t a = 0; a < result.cases.size(); ++a)
    for (std::size_t b = 0; b < result.cases.size(); ++b)
      if (comparable(result.cases[a].one, result.cases[b].one))
        compare_with(list, result, a, b);
  return list;
}

Noise judge_noise(const std::vector<CaseResult>& cases, const std::vector<double>& yardstick_ns) {
  constexpr double much = 0.05;
  Noise noise;
  noise.yardstick_ns = spread_of(yardstick_ns);
  noise.yardstick_drift = drift_of(yardstick_ns);
  noise.lost_core = lost_core(cases);
  if (noise.yardstick_ns.relative() > much)
    noise.reasons.push_back(fmt::format("the same computation took from {:.2f} to {:.2f} ms (middle half)",
                                        noise.yardstick_ns.low / 1e6, noise.yardstick_ns.high / 1e6));
  if (std::abs(noise.yardstick_drift) > much)
    noise.reasons.push_back(
        fmt::format("the machine drifts: the same computation took {:.0f} % {} at the end than "
                    "at the beginning",
                    100 * std::abs(noise.yardstick_drift), noise.yardstick_drift > 0 ? "longer" : "less"));
  if (noise.lost_core > much)
    noise.reasons.push_back(
        fmt::format("others use the cores: in a quarter of the measurements the kernel's thread, "
                    "which never sleeps, was kept waiting for {:.0f} % of its time or more",
                    100 * noise.lost_core));
  constexpr double unsteady_share = 0.25; // who sleeps and is woken varies by more than a computation does
  if (const std::size_t number = unsteady(cases, unsteady_share); number > 0)
    noise.reasons.push_back(
        fmt::format("{} of {} cases were not the same from round to round: their throughputs "
                    "(middle half) lie more than {:.0f} % apart",
                    number, cases.size(), 100 * unsteady_share));
  return noise;
}

std::vector<std::string> remarks_on(const BenchResult& result) {
  std::vector<std::string> remarks;
  const auto any = [&](Way way) {
    return std::any_of(result.cases.begin(), result.cases.end(),
                       [&](const CaseResult& one) { return one.one.way == way && one.not_run.empty(); });
  };
  if (result.machine.cores < 2)
    remarks.emplace_back(
        "This machine has one core: kernel and reader take turns on it, so that a ratio says what "
        "both cost together, not which of them is the bottleneck; a busy reader spends its turns "
        "waiting.");
  if (any(Way::read_call))
    remarks.push_back(
        result.crossing.empty()
            ? "read(2) is shown better than it is: its copy to the user is one within the process, "
              "because this system has no call that copies through the kernel."
            : fmt::format("read(2) crosses a real kernel: its copy to the user is {} on the own "
                          "process, one system call and one copy by the kernel.",
                          result.crossing));
  if (any(Way::path))
    remarks.emplace_back("path is zero-copy with a reader that returns each buffer unread: what the kernel's "
                         "side alone costs, to be compared with memcpy.");
  if (any(Way::plain_copy))
    remarks.emplace_back("memcpy is the packet's bytes alone, and nobody reads them.");
  if (any(Way::queue))
    remarks.emplace_back(
        "spsc is boost::lockfree::spsc_queue of a struct with room for the largest frame: it "
        "is copied in and copied out again, whole.");
  if (any(Way::exact_queue))
    remarks.emplace_back("spsc-exact is the same queue with slots no larger than the packets, of which only "
                         "the bytes that are there are copied in and out.");
  if (any(Way::tpacket))
    remarks.emplace_back(
        "Packets of tpacket come over a veth pair, through Linux's network stack: only the reader's "
        "side is comparable.");
  if (any(Way::native) || any(Way::native_read))
    remarks.emplace_back(
        "Packets of native and native-read are datagrams over the loopback interface, through this "
        "system's network stack, and its own /dev/bpf: only the reader's side is comparable. They "
        "have a filter of their own.");
  return remarks;
}

} // namespace zbuf

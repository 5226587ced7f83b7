// SPDX-License-Identifier: BSD-2-Clause
// What zero-copy is for, as figures to reach: ratios, because those hold on machines of any speed.
#include "core/bench/report.h"

#include <algorithm>

namespace zbuf {

namespace {

constexpr std::size_t large = 524288;
constexpr std::size_t small = 32768;
constexpr std::size_t short_packets = 0; ///< index into the plan's packets: 64 bytes
constexpr std::size_t long_packets = 1;  ///< 1514 bytes

using Figure = double (Measurement::*)() const;

const CaseResult* find(const BenchResult& result, const BenchCase& wanted) {
  const auto found = std::find_if(result.cases.begin(), result.cases.end(),
                                  [&](const CaseResult& one) { return one.one == wanted; });
  return found == result.cases.end() || found->rounds.empty() ? nullptr : &*found;
}

std::optional<Spread> ratio(const BenchResult& result, Figure figure, const BenchCase& above,
                            const BenchCase& below) {
  const CaseResult* const one = find(result, above);
  const CaseResult* const other = find(result, below);
  if (one == nullptr || other == nullptr || one->rounds.size() != other->rounds.size())
    return std::nullopt;
  return paired_ratio(one->values(figure), other->values(figure));
}

std::optional<Spread> figure_of(const BenchResult& result, Figure figure, const BenchCase& wanted) {
  const CaseResult* const one = find(result, wanted);
  return one != nullptr ? std::optional(one->spread(figure)) : std::nullopt;
}

} // namespace

BenchPlan goals_plan() {
  BenchPlan plan;
  plan.ways = {Way::zero_copy, Way::read_call,   Way::path,   Way::plain_copy,
               Way::queue,     Way::exact_queue, Way::tpacket};
  plan.packets = {PacketChoice{.size_bytes = 64}, PacketChoice{.size_bytes = 1514}};
  plan.buffer_bytes = {large, small};
  plan.policies = {ReaderPolicy::busy, ReaderPolicy::sleep};
  return plan;
}

std::vector<Goal> judge_goals(const BenchResult& result) {
  constexpr ReaderPolicy busy = ReaderPolicy::busy;
  constexpr ReaderPolicy sleep = ReaderPolicy::sleep;
  constexpr Figure rate = &Measurement::packets_per_second;
  constexpr Figure reader = &Measurement::reader_ns_per_packet;
  const BenchCase zero{Way::zero_copy, long_packets, large, busy};
  const BenchCase zero_small{Way::zero_copy, long_packets, small, busy};
  const BenchCase zero_short{Way::zero_copy, short_packets, large, busy};
  const BenchCase zero_asleep{Way::zero_copy, long_packets, large, sleep};
  const BenchCase zero_short_asleep{Way::zero_copy, short_packets, large, sleep};
  const auto as = [](Way way, BenchCase one) {
    one.way = way;
    return one;
  };
  return {
      {"bytes copied per packet, zero-copy / read(2), 1514 bytes", 0.5, false,
       ratio(result, &Measurement::copied_bytes_per_packet, zero, as(Way::read_call, zero))},
      {"bytes copied by the reader, zero-copy", 0, false,
       figure_of(result, &Measurement::user_copied_bytes_per_packet, zero)},
      {"system calls per packet at saturation, zero-copy", 0, false,
       figure_of(result, &Measurement::calls_per_packet, zero)},
      {"throughput, zero-copy / read(2), 1514 bytes, 512 KiB", 2.1, true,
       ratio(result, rate, zero, as(Way::read_call, zero))},
      {"throughput, zero-copy / read(2), 1514 bytes, 32 KiB", 4, true,
       ratio(result, rate, zero_small, as(Way::read_call, zero_small))},
      {"throughput, zero-copy / read(2), 64 bytes, 512 KiB", 1, true,
       ratio(result, rate, zero_short, as(Way::read_call, zero_short))},
      {"reader CPU, read(2) / zero-copy, 1514 bytes, 512 KiB, asleep", 7, true,
       ratio(result, reader, as(Way::read_call, zero_asleep), zero_asleep)},
      {"throughput, the whole path of the kernel / memcpy, 1514 bytes", 0.9, true,
       ratio(result, rate, as(Way::path, zero), as(Way::plain_copy, zero))},
      {"throughput, zero-copy / queue by value, 64 bytes", 8, true,
       ratio(result, rate, zero_short, as(Way::queue, zero_short))},
      {"throughput, zero-copy / queue by value, 1514 bytes", 2.5, true,
       ratio(result, rate, zero, as(Way::queue, zero))},
      {"reader CPU, zero-copy / TPACKET_V3, 64 bytes, asleep", 1.2, false,
       ratio(result, reader, zero_short_asleep, as(Way::tpacket, zero_short_asleep))},
      {"reader CPU, zero-copy / TPACKET_V3, 1514 bytes, asleep", 1, false,
       ratio(result, reader, zero_asleep, as(Way::tpacket, zero_asleep))},
  };
}

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
// What a filter costs per packet: libpcap's interpreter and ours, next to each other.
//
//   build/release/core/filter/bench_filter
//   ZBUF_CAPTURES=<folder> build/release/core/filter/bench_filter --benchmark_filter=ratio
//
// "ratio" has both take the same packets in turns, and reports medians of 31 passes: for each filter the time
// of libpcap's interpreter over that of ours, and the geometric mean of these. Once with the captures one
// after the other, in the same order each time, so that the processor learns by heart which way each packet
// takes; and once with all captures at once, as on a busy interface: the next packet is that of any of them,
// and another in each pass.
#include "core/filter/filter.h"
#include "core/base/random.h"
#include "core/filter/packets.h"
#include "core/filter/prepared_filter.h"
#include "core/filter/reference.h"

#include <benchmark/benchmark.h>
#include <chrono>
#include <cmath>
#include <cstdlib>

namespace {

using namespace zbuf;

struct Sight {
  std::span<const std::uint8_t> bytes;
  std::uint32_t wire_length;
};

const std::vector<std::vector<testing::FilterPacket>>& captures() {
  static const auto all = [] {
    const char* folder = std::getenv("ZBUF_CAPTURES");
    return testing::packets_of_captures(folder != nullptr ? folder : ZBUF_SOURCE_DIR "/scenarios/captures");
  }();
  return all;
}

std::vector<Sight> in_order() {
  std::vector<Sight> packets;
  for (const auto& capture : captures()) {
    for (const auto& packet : capture)
      packets.push_back({packet.bytes, packet.wire_length});
  }
  return packets;
}

/// Each capture in its order; which comes next is drawn, by how many packets are left.
std::vector<Sight> all_at_once(Random& random) {
  std::vector<std::size_t> turns;
  for (std::size_t i = 0; i < captures().size(); ++i)
    turns.insert(turns.end(), captures()[i].size(), i);
  for (std::size_t i = turns.size(); i > 1; --i)
    std::swap(turns[i - 1], turns[random.below(i)]);
  std::vector<std::size_t> next(captures().size(), 0);
  std::vector<Sight> packets;
  for (const std::size_t capture : turns) {
    const testing::FilterPacket& packet = captures()[capture][next[capture]++];
    packets.push_back({packet.bytes, packet.wire_length});
  }
  return packets;
}

std::vector<zb_bpf_insn> program_of(std::size_t filter) {
  return *compile_filter(testing::common_filters.at(filter), 1, 262144);
}

/// Aligned: where its loop lies in memory makes a difference of up to an eighth for short filters.
template <typename Filter>
__attribute__((noinline, aligned(64))) std::uint32_t pass(const std::vector<Sight>& packets,
                                                          const Filter& filter) {
  std::uint32_t sum = 0;
  for (const Sight& packet : packets)
    sum += filter.run(packet.bytes, packet.wire_length);
  return sum;
}

template <typename Filter>
double nanoseconds(const std::vector<Sight>& packets, const Filter& filter) {
  const auto begin = std::chrono::steady_clock::now();
  benchmark::DoNotOptimize(pass(packets, filter));
  return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin).count() /
         static_cast<double>(packets.size());
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2),
                   values.end());
  return values[values.size() / 2];
}

template <typename Filter>
void per_packet(benchmark::State& state, const Filter& filter) {
  const auto packets = in_order();
  for (auto _ : state)
    benchmark::DoNotOptimize(pass(packets, filter));
  state.counters["per_packet"] =
      benchmark::Counter(static_cast<double>(packets.size()),
                         benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
  state.SetLabel(testing::common_filters.at(static_cast<std::size_t>(state.range(0))));
}

void libpcap(benchmark::State& state) {
  per_packet(state, testing::LibpcapFilter(program_of(static_cast<std::size_t>(state.range(0)))));
}

void ours(benchmark::State& state) {
  per_packet(state, *PreparedFilter::prepare(program_of(static_cast<std::size_t>(state.range(0)))));
}

void prepare(benchmark::State& state) {
  const auto program = program_of(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state)
    benchmark::DoNotOptimize(PreparedFilter::prepare(program));
  state.SetLabel(testing::common_filters.at(static_cast<std::size_t>(state.range(0))));
}

void ratio(benchmark::State& state, bool at_once) {
  constexpr int passes = 31;
  Random random(1);
  double product = 1;
  for (auto _ : state) {
    for (std::size_t i = 0; i < testing::common_filters.size(); ++i) {
      const auto program = program_of(i);
      const testing::LibpcapFilter libpcap(program);
      const PreparedFilter ours = *PreparedFilter::prepare(program);
      std::vector<double> ratios;
      for (int n = 0; n < passes; ++n) {
        const auto packets = at_once ? all_at_once(random) : in_order();
        if (pass(packets, libpcap) != pass(packets, ours))
          return state.SkipWithError("the interpreters differ");
        const double libpcap_ns = nanoseconds(packets, libpcap);
        ratios.push_back(libpcap_ns / nanoseconds(packets, ours));
      }
      const double middle = median(ratios);
      state.counters[testing::common_filters.at(i)] = middle;
      product *= middle;
    }
  }
  state.counters["geometric_mean"] =
      std::pow(product, 1.0 / static_cast<double>(testing::common_filters.size()));
  state.counters["packets"] = static_cast<double>(in_order().size());
}

BENCHMARK(libpcap)->DenseRange(0, 6);
BENCHMARK(ours)->DenseRange(0, 6);
BENCHMARK(prepare)->DenseRange(0, 6);
BENCHMARK_CAPTURE(ratio, in_order, false)->Iterations(1)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(ratio, all_at_once, true)->Iterations(1)->Unit(benchmark::kMillisecond);

} // namespace

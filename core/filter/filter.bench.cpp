// SPDX-License-Identifier: BSD-2-Clause
// What a filter costs per packet: libpcap's interpreter and machine code, next to each other.
//
//   build/release/core/device/bench_filter
//   ZBUF_CAPTURES=<folder> build/release/core/device/bench_filter --benchmark_filter=ratio
//
// "ratio" has both take the same packets in turns, and reports medians of 31 passes: for each filter the time
// of the interpreter over that of the machine code, and the geometric mean of these. Once with the captures
// one after the other, in the same order each time, so that the processor learns by heart which way each
// packet takes; and once with all captures at once, as on a busy interface: the next packet is that of any of
// them, and another in each pass.
#include "core/filter/filter.h"
#include "core/base/random.h"
#include "core/filter/code.h"
#include "core/filter/packets.h"

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

struct Interpreter {
  std::vector<zb_bpf_insn> program;
  std::uint32_t operator()(const Sight& packet) const {
    return bpf_filter(reinterpret_cast<const bpf_insn*>(program.data()), packet.bytes.data(),
                      packet.wire_length, static_cast<u_int>(packet.bytes.size()));
  }
};

struct Machine {
  FilterCode code;
  std::uint32_t operator()(const Sight& packet) const { return code.run(packet.bytes, packet.wire_length); }
};

/// Aligned: where its loop lies in memory makes a difference of up to an eighth for short filters.
template <typename Filter>
__attribute__((noinline, aligned(64))) std::uint32_t pass(const std::vector<Sight>& packets,
                                                          const Filter& filter) {
  std::uint32_t sum = 0;
  for (const Sight& packet : packets)
    sum += filter(packet);
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

void interpreter(benchmark::State& state) {
  per_packet(state, Interpreter{program_of(static_cast<std::size_t>(state.range(0)))});
}

void machine_code(benchmark::State& state) {
  per_packet(state, Machine{*FilterCode::compile(program_of(static_cast<std::size_t>(state.range(0))))});
}

void compile(benchmark::State& state) {
  const auto program = program_of(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state)
    benchmark::DoNotOptimize(FilterCode::compile(program));
  state.SetLabel(testing::common_filters.at(static_cast<std::size_t>(state.range(0))));
}

void ratio(benchmark::State& state, bool at_once) {
  constexpr int passes = 31;
  Random random(1);
  double product = 1;
  for (auto _ : state) {
    for (std::size_t i = 0; i < testing::common_filters.size(); ++i) {
      const Interpreter interpreter{program_of(i)};
      const Machine machine{*FilterCode::compile(interpreter.program)};
      std::vector<double> ratios;
      for (int n = 0; n < passes; ++n) {
        const auto packets = at_once ? all_at_once(random) : in_order();
        if (pass(packets, interpreter) != pass(packets, machine))
          return state.SkipWithError("machine code and interpreter differ");
        const double interpreter_ns = nanoseconds(packets, interpreter);
        ratios.push_back(interpreter_ns / nanoseconds(packets, machine));
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

BENCHMARK(interpreter)->DenseRange(0, 6);
BENCHMARK(machine_code)->DenseRange(0, 6);
BENCHMARK(compile)->DenseRange(0, 6)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(ratio, in_order, false)->Iterations(1)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(ratio, all_at_once, true)->Iterations(1)->Unit(benchmark::kMillisecond);

} // namespace

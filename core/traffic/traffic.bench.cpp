// SPDX-License-Identifier: BSD-2-Clause
// What a packet costs, in nanoseconds: each figure is time per packet.
#include "core/base/assert.h"
#include "core/traffic/capture.h"
#include "core/traffic/flow.h"
#include "core/traffic/synthetic.h"

#include <benchmark/benchmark.h>
#include <string>

namespace zbuf {
namespace {

void run(benchmark::State& state, Source& source) {
  std::uint64_t bytes = 0;
  for (auto _ : state) {
    auto packet = source.next();
    ZBUF_ASSERT(packet.has_value() && packet->has_value());
    bytes += (*packet)->wire_length;
    benchmark::DoNotOptimize((*packet)->bytes.data());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}

SyntheticConfig mix(std::uint32_t size_bytes) {
  SyntheticConfig config;
  config.packets_per_second = 1e6;
  config.size_bytes = size_bytes;
  config.protocol_weights = {1, 1, 0, 0, 0, 0, 0, 0};
  config.flow_count = 16;
  return config;
}

void run_synthetic(benchmark::State& state, const SyntheticConfig& config) {
  auto source = make_synthetic(config);
  ZBUF_ASSERT(source.has_value());
  run(state, **source);
}

void pattern_64(benchmark::State& state) {
  SyntheticConfig config = mix(64);
  config.content = Content::pattern;
  run_synthetic(state, config);
}
BENCHMARK(pattern_64);

void pattern_64_poisson(benchmark::State& state) {
  SyntheticConfig config = mix(64);
  config.content = Content::pattern;
  config.arrivals = ArrivalProcess::poisson;
  run_synthetic(state, config);
}
BENCHMARK(pattern_64_poisson);

void tcp_udp_64(benchmark::State& state) {
  run_synthetic(state, mix(64));
}
BENCHMARK(tcp_udp_64);

void tcp_udp_1514(benchmark::State& state) {
  run_synthetic(state, mix(1514));
}
BENCHMARK(tcp_udp_1514);

void tcp_udp_imix(benchmark::State& state) {
  SyntheticConfig config = mix(0);
  config.sizes = SizeModel::imix;
  run_synthetic(state, config);
}
BENCHMARK(tcp_udp_imix);

void all_protocols_imix(benchmark::State& state) {
  SyntheticConfig config = mix(0);
  config.sizes = SizeModel::imix;
  config.protocol_weights.fill(1);
  run_synthetic(state, config);
}
BENCHMARK(all_protocols_imix);

void replay(benchmark::State& state) {
  ReplayConfig config;
  config.loop_count = 0;
  auto source = open_capture(std::string(ZBUF_SOURCE_DIR "/scenarios/captures/http-download.pcap"), config);
  ZBUF_ASSERT(source.has_value());
  run(state, **source);
}
BENCHMARK(replay);

/// A packet of every kind that synthetic traffic has, described over and over.
template <typename F>
void run_on_packets(benchmark::State& state, F function) {
  SyntheticConfig config = mix(64);
  config.protocol_weights = {4, 2, 2, 1, 0, 0, 0, 0};
  auto source = make_synthetic(config);
  ZBUF_ASSERT(source.has_value());
  std::vector<std::vector<std::byte>> packets;
  for (int i = 0; i < 64; ++i) {
    const auto packet = (*source)->next();
    packets.emplace_back((*packet)->bytes.begin(), (*packet)->bytes.end());
  }
  std::size_t i = 0;
  for (auto _ : state)
    benchmark::DoNotOptimize(function(packets[i++ % 64]));
}

void hash_flow(benchmark::State& state) {
  run_on_packets(state, [](const auto& bytes) { return flow_hash(bytes, 1); });
}
BENCHMARK(hash_flow);

void summarize(benchmark::State& state) {
  run_on_packets(state, [](const auto& bytes) { return summarize_packet(bytes, 64, 1); });
}
BENCHMARK(summarize);

} // namespace
} // namespace zbuf

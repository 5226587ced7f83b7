// SPDX-License-Identifier: BSD-2-Clause
// How fast a run goes: ten million 64-byte packets, zero-copy, every invariant checked.
//
//   build/release/core/sim/bench_runner
//
// events_per_second counts trace points; peak_mb is the process's peak memory so far.
#include "core/sim/simulation.h"
#include "core/traffic/synthetic.h"

#include <benchmark/benchmark.h>

#include <cstdio>
#include <string>
#include <sys/resource.h>
#include <unistd.h>

namespace {

using namespace zbuf;

SimConfig ten_million() {
  SimConfig config;
  config.kernel.tunables.zerocopy_enable = true;
  config.interfaces.push_back({});
  config.traffic.push_back({"em0", [](std::uint64_t seed) {
                              SyntheticConfig traffic;
                              traffic.content = Content::pattern;
                              traffic.size_bytes = 64;
                              traffic.packets_per_second = 5e6;
                              traffic.limit_packets = 10'000'000;
                              traffic.seed = seed;
                              return make_synthetic(traffic);
                            }});
  config.readers.push_back({});
  return config;
}

double peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

void run(benchmark::State& state, const std::string& trace_path) {
  std::uint64_t events = 0;
  for (auto _ : state) {
    Recorder::Options options;
    options.path = trace_path;
    auto recorder = *Recorder::create(options);
    auto simulation = *Simulation::create(ten_million(), *recorder);
    simulation->run();
    events += recorder->state().events;
    if (recorder->state().any_broken() || recorder->state().total().delivered < 9'900'000)
      state.SkipWithError("the run did not come out as it should");
    if (!recorder->finish(false))
      state.SkipWithError("the recording could not be written");
  }
  state.counters["events_per_second"] =
      benchmark::Counter(static_cast<double>(events), benchmark::Counter::kIsRate);
  state.counters["peak_mb"] = peak_megabytes();
}

void without_trace(benchmark::State& state) {
  run(state, "");
}

void with_trace(benchmark::State& state) {
  const std::string path = "bench_runner-" + std::to_string(getpid()) + ".zbt";
  run(state, path);
  std::remove(path.c_str());
}

BENCHMARK(without_trace)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(with_trace)->Unit(benchmark::kMillisecond)->UseRealTime();

} // namespace

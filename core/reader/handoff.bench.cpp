// SPDX-License-Identifier: BSD-2-Clause
// What the engine costs on real threads: a kernel thread taps packets, a reader thread takes them, in both
// buffer modes, next to a plain memcpy of the same bytes.
//
//   build/release/core/reader/bench_handoff --benchmark_repetitions=10 --benchmark_report_aggregates_only
//
// items_per_second counts packets that were stored. In read(2) mode the copy to the user is a copy within
// this process: no kernel is crossed, so that mode is shown better than it is.
#include "core/clock/real_clock.h"
#include "core/emulated/kernel.h"
#include "core/reader/reader.h"

#include <benchmark/benchmark.h>

#include <atomic>
#include <cstring>
#include <thread>
#include <vector>

namespace {

using namespace zbuf;

constexpr std::size_t buffer_bytes = 524288;

struct Reading {
  std::uint64_t records = 0;
  std::uint64_t touched = 0;
};

/// Takes fills and touches each record, until told to stop.
void read_until(Reader& reader, const std::atomic<bool>& stop, Reading& reading) {
  while (!stop.load(std::memory_order_relaxed)) {
    const auto next = reader.next();
    if (!next || next->kind == Next::Kind::gone)
      return;
    if (next->kind != Next::Kind::fill)
      continue;
    RecordCursor cursor(next->fill.records);
    while (const auto record = cursor.next()) {
      reading.touched += static_cast<std::uint64_t>(record->bytes[0]);
      ++reading.records;
    }
  }
}

void handoff(benchmark::State& state, BufferMode mode) {
  const auto packet_bytes = static_cast<std::size_t>(state.range(0));
  RealClock clock;
  EmulatedKernel kernel(clock, {});
  const auto interface = *kernel.add_interface({.name = "em0", .mtu = 9000});
  (void)kernel.set_sysctl("net.bpf.zerocopy_enable", 1);
  ReaderOptions options;
  options.mode = mode;
  options.buffer_bytes = buffer_bytes;
  options.waiting = mode == BufferMode::zbuf ? Waiting::spin : Waiting::poll;
  options.timeout_ns = 0;
  auto reader = *make_reader(kernel.open(), "em0", options);

  std::atomic<bool> stop = false;
  Reading reading;
  std::thread user([&] { read_until(*reader, stop, reading); });
  std::vector<std::byte> packet(packet_bytes, std::byte{0x5a});
  // A packet that would be dropped is offered again, so that what is measured is the hand-off and not the
  // loss.
  std::uint64_t refused = 0;
  for (auto _ : state)
    for (int i = 0; i < 1024; ++i)
      while (
          kernel.arrive(interface, {packet, static_cast<std::uint32_t>(packet_bytes), false}).stored_bytes ==
          0) {
        ++refused;
        std::this_thread::yield();
      }
  stop = true;
  user.join();
  benchmark::DoNotOptimize(reading.touched);
  state.SetItemsProcessed(state.iterations() * 1024);
  state.counters["refused"] =
      benchmark::Counter(static_cast<double>(refused), benchmark::Counter::kAvgIterations);
}

/// The least that any capture must do: the same bytes, into buffers of the same size.
void plain_memcpy(benchmark::State& state) {
  const auto packet_bytes = static_cast<std::size_t>(state.range(0));
  std::vector<std::byte> packet(packet_bytes, std::byte{0x5a});
  std::vector<std::byte> buffers(2 * buffer_bytes);
  const std::size_t record = (packet_bytes + 26 + 7) / 8 * 8;
  std::size_t at = 0;
  for (auto _ : state) {
    for (int i = 0; i < 1024; ++i) {
      std::memcpy(buffers.data() + at, packet.data(), packet_bytes);
      benchmark::ClobberMemory();
      at += record;
      if (at + record > buffers.size())
        at = 0;
    }
  }
  state.SetItemsProcessed(state.iterations() * 1024);
}

void zero_copy(benchmark::State& state) {
  handoff(state, BufferMode::zbuf);
}
void read2(benchmark::State& state) {
  handoff(state, BufferMode::buffer);
}

BENCHMARK(zero_copy)->Arg(64)->Arg(1514)->UseRealTime();
BENCHMARK(read2)->Arg(64)->Arg(1514)->UseRealTime();
BENCHMARK(plain_memcpy)->Arg(64)->Arg(1514)->UseRealTime();

} // namespace

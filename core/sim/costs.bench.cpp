// SPDX-License-Identifier: BSD-2-Clause
// Where the defaults of costs.h come from: each cost of the model, measured on the machine this runs on.
//
//   build/release/core/sim/bench_costs --benchmark_repetitions=15 --benchmark_report_aggregates_only
#include "core/device/records.h"
#include "core/filter/filter.h"
#include "core/filter/prepared_filter.h"
#include "core/traffic/synthetic.h"

#include <benchmark/benchmark.h>

#include <atomic>
#include <cstring>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

using namespace zbuf;

/// copy_ps: bytes_per_second of 1514-byte copies into two buffers of 512 KiB, taken in turn.
void copy(benchmark::State& state) {
  std::vector<std::byte> packet(1514, std::byte{1});
  std::vector<std::byte> buffers(2 * 524288);
  std::size_t at = 0;
  for (auto _ : state) {
    std::memcpy(buffers.data() + at, packet.data(), packet.size());
    benchmark::ClobberMemory();
    at += 1544;
    if (at + 1544 > buffers.size())
      at = 0;
  }
  state.SetBytesProcessed(state.iterations() * 1514);
}

/// syscall_ns: the shortest there is.
void syscall(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(getppid());
}

/// filter_ns: "tcp port 80" over a mix of protocols.
void filter(benchmark::State& state) {
  const auto filter = *PreparedFilter::prepare(*compile_filter("tcp port 80", 1, 262144));
  SyntheticConfig config;
  config.protocol_weights = {4, 4, 1, 1, 1, 1, 1, 1};
  config.sizes = SizeModel::imix;
  auto source = *make_synthetic(config);
  std::vector<std::vector<std::uint8_t>> packets;
  for (int i = 0; i < 1024; ++i) {
    const auto packet = **source->next();
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(packet.bytes.data());
    packets.emplace_back(bytes, bytes + packet.bytes.size());
  }
  std::size_t i = 0;
  for (auto _ : state) {
    const auto& packet = packets[++i % packets.size()];
    benchmark::DoNotOptimize(filter.run(packet, static_cast<std::uint32_t>(packet.size())));
  }
}

/// handle_ns: decode a record of a fill, look at its protocol and count it.
void handle(benchmark::State& state) {
  std::vector<std::byte> fill(524288 - 32);
  std::size_t end = 0;
  std::uint32_t records = 0;
  for (; end + 600 < fill.size(); ++records) {
    zb_bpf_hdr header{};
    header.caplen = header.datalen = 60 + records % 500;
    header.hdrlen = 26;
    std::memcpy(fill.data() + end, &header, sizeof(header));
    end += ZB_WORDALIGN(26 + header.caplen);
  }
  std::vector<std::uint64_t> count(65536);
  for (auto _ : state) {
    RecordCursor cursor(std::span<const std::byte>(fill).first(end));
    while (const auto record = cursor.next()) {
      std::uint16_t type = 0;
      std::memcpy(&type, record->bytes.data() + 12, sizeof(type));
      count[type] += record->datalen;
    }
  }
  benchmark::DoNotOptimize(count.data());
  state.SetItemsProcessed(state.iterations() * records);
}

/// look_ns: an acquire load of a header that nobody writes, and the comparison.
void look(benchmark::State& state) {
  std::atomic<std::uint32_t> kernel_gen = 1, user_gen = 1;
  for (auto _ : state)
    benchmark::DoNotOptimize(kernel_gen.load(std::memory_order_acquire) !=
                             user_gen.load(std::memory_order_relaxed));
}

/// A round trip over two pipes between threads: twice wakeup_ns + latency_ns + switch_ns, and four calls.
void wake_and_switch(benchmark::State& state) {
  int there[2], back[2];
  if (pipe(there) != 0 || pipe(back) != 0) {
    state.SkipWithError("no pipe");
    return;
  }
  std::thread other([&] {
    char byte = 0;
    while (read(there[0], &byte, 1) == 1 && byte != 0)
      if (write(back[1], &byte, 1) != 1)
        return;
  });
  char byte = 1;
  for (auto _ : state)
    if (write(there[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1)
      state.SkipWithError("the pipe broke");
  byte = 0;
  if (write(there[1], &byte, 1) == 1)
    other.join();
  for (const int end : {there[0], there[1], back[0], back[1]})
    close(end);
}

BENCHMARK(copy);
BENCHMARK(syscall);
BENCHMARK(filter);
BENCHMARK(handle);
BENCHMARK(look);
BENCHMARK(wake_and_switch)->UseRealTime();

} // namespace

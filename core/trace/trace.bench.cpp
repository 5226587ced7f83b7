// SPDX-License-Identifier: BSD-2-Clause
// What an event costs: to write, to fold, to record, to find again.
#include "core/trace/fold.h"
#include "core/trace/recorder.h"
#include "core/trace/recording.h"
#include "core/trace/synthetic.h"

#include <algorithm>
#include <benchmark/benchmark.h>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace {

using namespace zbuf;

const std::vector<Event>& events() {
  static const std::vector<Event> all = synthetic::run(1, 200'000);
  return all;
}

std::string temporary_file(const char* name) {
  return (std::filesystem::temp_directory_path() / name).string();
}

/// A recording of ten million events, made once.
const Recording& ten_million() {
  static const Recording recording = [] {
    const std::string path = temporary_file("zbuf-trace-bench.zbt");
    Recorder::Options options;
    options.path = path;
    auto recorder = Recorder::create(options);
    std::uint64_t base_ns = 0;
    for (std::uint64_t n = 0; n < 10'000'000;) {
      for (const Event& event : events()) {
        Event* slot = zb_trace_claim((*recorder)->trace());
        *slot = event;
        slot->time_ns += base_ns;
        if (++n == 10'000'000)
          break;
      }
      base_ns += events().back().time_ns;
    }
    if (!(*recorder)->finish(false))
      std::abort();
    return std::move(*Recording::open(path));
  }();
  return recording;
}

void per_event(benchmark::State& state) {
  state.counters["per_event"] =
      benchmark::Counter(static_cast<double>(events().size()),
                         benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void fold_events(benchmark::State& state) {
  for (auto _ : state) {
    State folded;
    fold(folded, events());
    benchmark::DoNotOptimize(folded);
  }
  per_event(state);
}
BENCHMARK(fold_events)->Unit(benchmark::kMillisecond);

void digest_events(benchmark::State& state) {
  for (auto _ : state) {
    Digest digest;
    for (const Event& event : events())
      digest.add(event);
    benchmark::DoNotOptimize(digest);
  }
  per_event(state);
}
BENCHMARK(digest_events)->Unit(benchmark::kMillisecond);

/// What the engine itself does: claim, and fill in eight fields.
void write_like_the_engine(zb_trace* trace, const Event& event, std::uint64_t base_ns = 0) {
  trace->time_ns = base_ns + event.time_ns;
  trace->packet = event.packet;
  Event* slot = zb_trace_claim(trace);
  slot->time_ns = trace->time_ns;
  slot->packet = trace->packet;
  slot->a = event.a;
  slot->b = event.b;
  slot->c = event.c;
  slot->d = event.d;
  slot->descriptor = event.descriptor;
  slot->kind = event.kind;
  slot->buffer = event.buffer;
}

void claim_and_write(benchmark::State& state) {
  static Event chunk[8192];
  zb_trace trace{};
  trace.next = chunk;
  trace.end = chunk + std::size(chunk);
  trace.full = [](zb_trace* t) { t->next = chunk; };
  for (auto _ : state) {
    for (const Event& event : events())
      write_like_the_engine(&trace, event);
    benchmark::ClobberMemory();
  }
  per_event(state);
}
BENCHMARK(claim_and_write)->Unit(benchmark::kMillisecond);

/// Writing, annotating and folding; with a file if a path is given.
void record(benchmark::State& state, const std::string& path, bool digest) {
  Recorder::Options options;
  options.path = path;
  options.digest = digest;
  auto recorder = Recorder::create(options);
  std::uint64_t base_ns = 0;
  for (auto _ : state) {
    for (const Event& event : events())
      write_like_the_engine((*recorder)->trace(), event, base_ns);
    base_ns += events().back().time_ns;
  }
  if (!(*recorder)->finish(false))
    state.SkipWithError("the recording could not be written");
  per_event(state);
}
void record_without_file(benchmark::State& state) {
  record(state, "", false);
}
void record_with_digest(benchmark::State& state) {
  record(state, "", true);
}
void record_to_file(benchmark::State& state) {
  const std::string path = temporary_file("zbuf-trace-bench-record.zbt");
  record(state, path, false);
  std::remove(path.c_str());
}
BENCHMARK(record_without_file)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(record_with_digest)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(record_to_file)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(20);

void open_ten_million(benchmark::State& state) {
  (void)ten_million();
  for (auto _ : state) {
    auto recording = Recording::open(temporary_file("zbuf-trace-bench.zbt"));
    benchmark::DoNotOptimize(recording);
  }
}
BENCHMARK(open_ten_million)->Unit(benchmark::kMillisecond);

void seek(benchmark::State& state) {
  const Recording& recording = ten_million();
  Random random(7);
  for (auto _ : state) {
    State at = recording.state_at_time(random.below(recording.last_ns()));
    benchmark::DoNotOptimize(at);
  }
}
BENCHMARK(seek)->Unit(benchmark::kMicrosecond);

/// Two thousand buckets over 1/divisor of the recording, somewhere in it.
void buckets(benchmark::State& state) {
  const Recording& recording = ten_million();
  const std::uint64_t span = recording.last_ns() / static_cast<std::uint64_t>(state.range(0));
  const auto descriptor = state.range(1) != 0 ? std::optional<std::uint16_t>(0) : std::nullopt;
  Random random(7);
  double worst_ms = 0;
  for (auto _ : state) {
    const std::uint64_t from = random.below(recording.last_ns() - span + 1);
    const auto begin = std::chrono::steady_clock::now();
    Timeline timeline = recording.buckets(from, from + span, 2000, descriptor);
    benchmark::DoNotOptimize(timeline);
    worst_ms =
        std::max(worst_ms,
                 std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
  }
  state.counters["worst_ms"] = worst_ms;
}
BENCHMARK(buckets)
    ->ArgNames({"part", "descriptor"})
    ->ArgsProduct({{1, 3, 9, 11, 100, 10000}, {0, 1}})
    ->Unit(benchmark::kMillisecond);

} // namespace

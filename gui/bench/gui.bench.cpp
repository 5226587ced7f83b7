// SPDX-License-Identifier: GPL-3.0-or-later
// How fast the window is on a run of ten million events, drawn by software.
//
//   build/release/gui/bench/bench_gui
//
// worst_ms is the longest of all iterations, as a clock on the wall saw it; worst_cpu_ms the same without
// what the machine did for others meanwhile: that is what a frame of 16 ms has to hold. The recording is made
// once and removed at the end.
#include "core/base/random.h"
#include "core/scenario/recorded.h"
#include "core/sim/simulation.h"
#include "core/traffic/synthetic.h"
#include "gui/compare/compare_panel.h"
#include "gui/timeline/run_survey.h"
#include "gui/timeline/timeline_view.h"

#include <QApplication>

#include <algorithm>
#include <benchmark/benchmark.h>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <thread>
#include <unistd.h>

namespace {

using namespace zbuf;
using namespace zbuf::gui;

/// Six million packets a second of 64 bytes, more than the reader can take: there are drops, calls and
/// changes of owner all the way.
SimConfig busy_machine() {
  SimConfig config;
  config.kernel.tunables.zerocopy_enable = true;
  config.interfaces.push_back({});
  config.traffic.push_back({"em0", [](std::uint64_t seed) {
                              SyntheticConfig traffic;
                              traffic.content = Content::pattern;
                              traffic.size_bytes = 64;
                              traffic.packets_per_second = 6e6;
                              traffic.limit_packets = 2'550'000;
                              traffic.seed = seed;
                              return make_synthetic(traffic);
                            }});
  SimReader reader;
  reader.options.buffer_bytes = 32768;
  config.readers.push_back(reader);
  return config;
}

/// A file that is gone when the program is.
struct RecordingFile {
  std::string path =
      (std::filesystem::temp_directory_path() / ("zbuf-bench-gui-" + std::to_string(getpid()) + ".zbt"))
          .string();
  RecordingFile() {
    Recorder::Options options;
    options.path = path;
    auto recorder = *Recorder::create(options);
    auto simulation = *Simulation::create(busy_machine(), *recorder);
    simulation->run();
    if (!recorder->finish(false))
      std::abort();
  }
  ~RecordingFile() { std::remove(path.c_str()); }
};
const std::string& ten_million() {
  static const RecordingFile file;
  return file.path;
}

/// The application and one timeline and comparison of the run, settled.
struct Lab {
  int argc = 1;
  char name[10] = "bench_gui";
  char* argv[2] = {name, nullptr};
  QApplication application{argc, argv};
  Playback playback{};
  TimelineView timeline{playback};
  ComparePanel compare{playback};

  Lab() {
    timeline.resize(1400, 300);
    compare.resize(700, 600);
    timeline.show();
    compare.show();
    Track track;
    track.recording = std::make_shared<const Recording>(std::move(*Recording::open(ten_million())));
    track.report = report_of_recording(*track.recording);
    playback.set_tracks({track});
    settle();
  }
  void settle() {
    do
      QCoreApplication::processEvents();
    while (!timeline.idle() || !compare.idle());
  }
};
Lab& lab() {
  qputenv("QT_QPA_PLATFORM", "offscreen");
  static Lab instance;
  return instance;
}

/// Processor time of this thread.
double cpu_ms() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

/// Times one piece of work after the other.
class Stopwatch {
 public:
  template <typename F>
  void time(F&& work) {
    const auto begin = std::chrono::steady_clock::now();
    const double cpu = cpu_ms();
    work();
    worst_cpu_ms_ = std::max(worst_cpu_ms_, cpu_ms() - cpu);
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    worst_ms_ = std::max(worst_ms_, took.count());
  }
  void report(benchmark::State& state) const {
    state.counters["worst_ms"] = worst_ms_;
    state.counters["worst_cpu_ms"] = worst_cpu_ms_;
  }
  [[nodiscard]] double worst_ms() const { return worst_ms_; }

 private:
  double worst_ms_ = 0;
  double worst_cpu_ms_ = 0;
};

void open_recording(benchmark::State& state) {
  const std::string& path = ten_million();
  std::uint64_t events = 0;
  for (auto _ : state) {
    auto recording = Recording::open(path);
    events = recording->event_count();
    benchmark::DoNotOptimize(recording);
  }
  state.counters["events"] = static_cast<double>(events);
}
BENCHMARK(open_recording)->Unit(benchmark::kMillisecond);

/// All that the timeline and the comparison read of a run in the background, until both are complete.
void survey_recording(benchmark::State& state) {
  const std::string& path = ten_million();
  const std::atomic<bool> stop = false;
  for (auto _ : state) {
    const auto recording = std::make_shared<const Recording>(std::move(*Recording::open(path)));
    benchmark::DoNotOptimize(survey_of(recording, stop));
  }
}
BENCHMARK(survey_recording)->Unit(benchmark::kMillisecond);

/// To an instant anywhere in the run; without drawing it.
void seek(benchmark::State& state) {
  Lab& all = lab();
  Random random(1);
  Stopwatch watch;
  for (auto _ : state)
    watch.time([&] { all.playback.seek_time(random.below(all.playback.end_ns())); });
  watch.report(state);
}
BENCHMARK(seek)->Unit(benchmark::kMillisecond);

/// The same, and the timeline and the plots drawn.
void scrub(benchmark::State& state) {
  Lab& all = lab();
  all.timeline.show_whole_run();
  all.settle();
  Random random(2);
  Stopwatch watch;
  for (auto _ : state)
    watch.time([&] {
      all.playback.seek_time(random.below(all.playback.end_ns()));
      QCoreApplication::processEvents();
      all.timeline.canvas().repaint();
      all.timeline.overview().repaint();
    });
  watch.report(state);
}
BENCHMARK(scrub)->Unit(benchmark::kMillisecond);

/// The timeline at 1/part of the run, somewhere in it. worst_ms: of the thread that draws. complete_ms: until
/// what was read beside it is on the screen, at worst.
void draw_timeline(benchmark::State& state) {
  Lab& all = lab();
  LanesCanvas& canvas = all.timeline.canvas();
  const TimeRange whole = canvas.whole();
  Random random(3);
  Stopwatch drawing, complete;
  for (auto _ : state) {
    state.PauseTiming();
    const std::uint64_t length = whole.length_ns() / static_cast<std::uint64_t>(state.range(0));
    const TimeRange range = TimeRange{0, std::max(length, TimeRange::narrowest_ns)}.moved(
        static_cast<double>(random.below(whole.length_ns())), whole);
    state.ResumeTiming();
    complete.time([&] {
      drawing.time([&] {
        canvas.set_range(range);
        canvas.refresh();
        canvas.repaint();
      });
      while (!all.timeline.idle()) {
        std::this_thread::yield();
        drawing.time([] { QCoreApplication::processEvents(); });
      }
      drawing.time([&] { canvas.repaint(); });
    });
  }
  drawing.report(state);
  state.counters["complete_ms"] = complete.worst_ms();
}
BENCHMARK(draw_timeline)
    ->ArgName("part")
    ->Arg(1)
    ->Arg(3)
    ->Arg(10)
    ->Arg(40)
    ->Arg(1000)
    ->Arg(1'000'000)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

/// Frames one after the other, each 1/60 s of the wall further at this many times real speed.
void play(benchmark::State& state) {
  Lab& all = lab();
  const auto step_ns = static_cast<std::uint64_t>(1e9 / 60.0 / static_cast<double>(state.range(0)));
  all.timeline.show_whole_run();
  if (state.range(1) != 1)
    all.timeline.canvas().set_range(
        {0, all.timeline.canvas().whole().length_ns() / static_cast<std::uint64_t>(state.range(1))});
  all.settle();
  all.playback.seek_time(0);
  Stopwatch watch;
  for (auto _ : state)
    watch.time([&] {
      const std::uint64_t next_ns = all.playback.time_ns() + step_ns;
      all.playback.seek_time(next_ns < all.playback.end_ns() ? next_ns : 0);
      QCoreApplication::processEvents();
      all.timeline.canvas().repaint();
      all.timeline.overview().repaint();
    });
  watch.report(state);
}
BENCHMARK(play)
    ->ArgNames({"slower", "part"})
    ->Args({1, 1})
    ->Args({50, 1})
    ->Args({50, 100})
    ->Args({1000, 1000})
    ->Unit(benchmark::kMillisecond);

} // namespace

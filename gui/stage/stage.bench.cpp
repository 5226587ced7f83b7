// SPDX-License-Identifier: GPL-3.0-or-later
// How long a frame of the stage takes at 1600 x 1000, drawn in software: its scene, and its picture.
// The first argument of each is the speed, as a power of ten.
#include "gui/stage/test_lessons.h"

#include "gui/stage/painter.h"
#include "gui/stage/stage_model.h"

#include <QApplication>
#include <QImage>
#include <QPainter>

#include <benchmark/benchmark.h>
#include <cmath>

namespace zbuf::gui::stage {
namespace {

QApplication& application() {
  static int argc = 1;
  static char name[] = "bench_stage";
  static char* argv[] = {name, nullptr};
  if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM"))
    qputenv("QT_QPA_PLATFORM", "offscreen");
  static QApplication instance(argc, argv);
  return instance;
}

enum class Work { scene, picture };

/// Frames a sixtieth of a second apart, through the middle of the run.
void frames(benchmark::State& bench, const char* number, const char* run, Work work) {
  application();
  Playback playback;
  playback.set_tracks(track_of(number, run));
  const double speed = std::pow(10, static_cast<double>(bench.range(0)));
  playback.set_speed(speed);
  const auto step = static_cast<std::uint64_t>(std::max(1.0, speed * 1e9 / 60));
  const std::uint64_t begin = playback.end_ns() / 3;
  std::uint64_t now = begin;
  QImage image(1600, 1000, QImage::Format_ARGB32_Premultiplied);
  StageModel model;
  Painter painter;
  for (auto _ : bench) {
    bench.PauseTiming();
    now = now + step > playback.end_ns() ? begin : now + step;
    playback.seek_time(now);
    Input input = input_of(playback, 0);
    input.size = {1600, 1000};
    input.settled = 0;
    input.playing = true;
    Scene scene;
    if (work == Work::picture)
      scene = model.build(input);
    bench.ResumeTiming();
    if (work == Work::scene) {
      benchmark::DoNotOptimize(model.build(input));
    } else {
      QPainter onto(&image);
      painter.paint(onto, scene, {}, true);
    }
  }
}

BENCHMARK_CAPTURE(frames, lesson_4_scene, "04", "zbuf", Work::scene)
    ->DenseRange(-6, 0)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(frames, lesson_4_picture, "04", "zbuf", Work::picture)
    ->DenseRange(-6, 0)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(frames, lesson_13_scene, "13", "zbuf_3M", Work::scene)
    ->DenseRange(-6, 0)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(frames, lesson_13_picture, "13", "zbuf_3M", Work::picture)
    ->DenseRange(-6, 0)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(frames, lesson_15_scene, "15", "zbuf_2M", Work::scene)
    ->DenseRange(-6, 0)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(frames, lesson_18_picture, "18", "", Work::picture)
    ->DenseRange(-6, 0)
    ->Unit(benchmark::kMillisecond);

} // namespace
} // namespace zbuf::gui::stage

// SPDX-License-Identifier: GPL-3.0-or-later
// The tab Measure: series of recorded results, a child that measures, one that is stopped, ones that fail,
// and files.
#include "gui/measure/measure_panel.h"
#include "gui/measure/results_page.h"
#include "gui/theme/theme.h"

#include <QComboBox>
#include <QFile>
#include <QImage>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <gtest/gtest.h>

namespace zbuf::gui {
namespace {

/// Two modes over three packet sizes, four rounds: zero-copy delivers `n` packets in the nth microsecond,
/// twice those of read(2).
BenchResult recorded() {
  BenchResult result;
  result.plan.packets = {{.size_bytes = 64}, {.size_bytes = 512}, {.size_bytes = 1514}};
  result.plan.rounds = 4;
  result.plan.costs = Costs{};
  result.machine = {"System", "Processor", 2};
  const auto cases = cases_of(result.plan);
  EXPECT_TRUE(cases);
  for (const BenchCase& one : *cases) {
    CaseResult made{one, {}, {}, {}};
    for (std::uint64_t n = 1; n <= 4; ++n) {
      Measurement round;
      round.duration_ns = 1000;
      round.packets = n * (one.way == Way::zero_copy ? 20 : 10);
      round.reader_cpu_ns = 500;
      round.system_calls = one.way == Way::zero_copy ? 0 : 1;
      round.seen.packets = round.all.stored = round.packets;
      round.all.kernel_copied_bytes = round.packets * 100;
      made.rounds.push_back(round);
    }
    made.modelled = Modelled{one.way == Way::zero_copy ? 60e6 : 20e6, 1, 2, 100, 0, 0, 0};
    result.cases.push_back(made);
  }
  result.comparisons = compare(result);
  result.noise.yardstick_ns = {1e6, 1e6, 1e6};
  return result;
}

QString write(const QTemporaryDir& folder, const QString& name, const QByteArray& bytes) {
  QFile file(folder.filePath(name));
  EXPECT_TRUE(file.open(QIODevice::WriteOnly));
  file.write(bytes);
  return file.fileName();
}

/// A program of a few lines of shell in the place of zbuf.
QString script(const QTemporaryDir& folder, const QByteArray& text) {
  const QString path = write(folder, "zbuf", "#!/bin/sh\n" + text);
  QFile(path).setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
  return path;
}

TEST(MeasureSeries, AreTheMediansAndQuartilesOfTheRounds) {
  const std::vector<Series> series = series_of(recorded(), MeasuredFigure::throughput);
  ASSERT_EQ(series.size(), 4u) << "two modes, measured and modelled";
  EXPECT_EQ(series[0].way, Way::zero_copy);
  EXPECT_FALSE(series[0].modelled);
  ASSERT_EQ(series[0].points.size(), 3u);
  EXPECT_EQ(series[0].points[1].at, 512);
  EXPECT_DOUBLE_EQ(series[0].points[1].value.median, 50e6);
  EXPECT_DOUBLE_EQ(series[0].points[1].value.low, 35e6);
  EXPECT_DOUBLE_EQ(series[0].points[1].value.high, 65e6);
  EXPECT_EQ(series[0].points[1].rounds, 4u);
  EXPECT_TRUE(series[1].modelled);
  EXPECT_DOUBLE_EQ(series[1].points[2].value.median, 60e6);
  EXPECT_EQ(series[2].way, Way::read_call);
}

TEST(MeasureSeries, RatiosAreThoseOfEachRound) {
  const std::vector<Series> series = series_of(recorded(), MeasuredFigure::ratio);
  ASSERT_EQ(series.size(), 2u);
  EXPECT_DOUBLE_EQ(series[0].points[0].value.low, 2) << "in every round";
  EXPECT_DOUBLE_EQ(series[0].points[0].value.high, 2);
  EXPECT_DOUBLE_EQ(series[1].points[0].value.median, 3) << "modelled";
}

TEST(MeasureSeries, TheAxisIsWhatWasSwept) {
  BenchResult result = recorded();
  EXPECT_EQ(axis_of(result).kind, SweepAxis::Kind::packet_size);
  EXPECT_EQ(axis_of(result).values, (std::vector<double>{64, 512, 1514}));
  EXPECT_TRUE(axis_of(result).rest.contains("512 KiB") || axis_of(result).rest.contains("KiB"));
  result.plan.packets.push_back({.imix = true});
  EXPECT_EQ(axis_of(result).kind, SweepAxis::Kind::packets) << "IMIX has no place among sizes";
  result.plan.packets = {{.size_bytes = 64}};
  result.plan.buffer_bytes = {4096, 32768};
  EXPECT_EQ(axis_of(result).kind, SweepAxis::Kind::buffer_size);
}

TEST(MeasureSeries, WhatWasNotRunHasNoPoints) {
  BenchResult result = recorded();
  for (CaseResult& one : result.cases)
    if (one.one.way == Way::read_call) {
      one.rounds.clear();
      one.modelled.reset();
      one.not_run = "no";
    }
  EXPECT_EQ(series_of(result, MeasuredFigure::throughput).size(), 2u);
  EXPECT_TRUE(series_of(result, MeasuredFigure::ratio).empty());
}

TEST(MeasureNumbers, AreShort) {
  EXPECT_EQ(figure_number(0), "0");
  EXPECT_EQ(figure_number(0.514), "0.51");
  EXPECT_EQ(figure_number(3'680'000), QString("3.68\u202fM"));
  EXPECT_EQ(figure_number(1540), QString("1\u202f540"));
  EXPECT_EQ(figure_number(17'700'000), QString("17.7\u202fM"));
}

class Measuring : public testing::Test {
 protected:
  void SetUp() override {
    panel.resize(700, 900);
    panel.show();
    panel.set_program(ZBUF_PROGRAM);
    const auto field = [this](const char* name) { return panel.findChild<QSpinBox*>(name); };
    field("measure_rounds")->setValue(3);
    field("measure_time")->setValue(2);
    panel.findChild<QComboBox*>("measure_sweep")
        ->setCurrentIndex(static_cast<int>(SweepForm::Sweep::one_setting));
    write(folder, "costs.toml", "[costs]\npacket_ns = 25\n");
  }
  void run() {
    QSignalSpy ended(&panel, &MeasurePanel::finished);
    panel.start();
    ASSERT_TRUE(!ended.isEmpty() || ended.wait(60'000));
  }
  QString error() { return panel.findChild<QLabel*>("measure_error")->text(); }

  QTemporaryDir folder;
  MeasurePanel panel{folder.filePath("costs.toml")};
};

TEST_F(Measuring, ShowsWhatZbufMeasuresBesideWhatTheModelSays) {
  run();
  EXPECT_EQ(error(), "");
  EXPECT_FALSE(panel.is_running());
  ASSERT_EQ(panel.result().cases.size(), 2u);
  EXPECT_EQ(panel.result().cases[0].rounds.size(), 3u);
  EXPECT_TRUE(panel.result().cases[0].modelled);
  EXPECT_EQ(panel.figures().rowCount(), 2);
  EXPECT_EQ(panel.figures().verticalHeaderItem(1)->text(), "read(2)");
  EXPECT_EQ(panel.figures().horizontalHeaderItem(1)->text(), "packets/s\nmodelled");
  EXPECT_FALSE(panel.figures().item(0, 1)->text().isEmpty());
  EXPECT_GE(panel.plots().size(), 5u);
}

TEST_F(Measuring, StoppedMidwayItKeepsItsRounds) {
  panel.findChild<QSpinBox*>("measure_rounds")->setValue(1000);
  panel.findChild<QSpinBox*>("measure_time")->setValue(50); // all of them would take minutes
  QSignalSpy ended(&panel, &MeasurePanel::finished);
  panel.start();
  ASSERT_TRUE(QTest::qWaitFor([this] { return rounds_done(panel.result()) > 2; }, 30'000));
  panel.stop();
  EXPECT_TRUE(panel.status().contains("Stopping"));
  ASSERT_TRUE(ended.wait(30'000));
  EXPECT_EQ(error(), "");
  EXPECT_GT(rounds_done(panel.result()), 2u);
  EXPECT_LT(rounds_done(panel.result()), 1000u);
  EXPECT_TRUE(panel.result().interrupted);
}

TEST_F(Measuring, KilledMidwayItKeepsItsRoundsAndSaysSo) {
  BenchResult first = recorded();
  BenchProgress progress{6, 600, 0, &first};
  const QByteArray line = QByteArray::fromStdString(round_line(progress));
  write(folder, "line", line);
  panel.set_program(script(folder, "cat '" + folder.filePath("line").toUtf8() + "'\nkill -9 $$\n"));
  run();
  EXPECT_EQ(rounds_done(panel.result()), 1u);
  EXPECT_TRUE(error().contains("ended before it was done")) << error().toStdString();
}

TEST_F(Measuring, AChildThatFailsIsQuoted) {
  panel.set_program(script(folder, "echo 'zbuf: no cores today' >&2\nexit 2\n"));
  run();
  EXPECT_EQ(error(), "zbuf: no cores today");
  panel.set_program(script(folder, "echo 'what is this'\n"));
  run();
  EXPECT_TRUE(error().contains("is no result")) << error().toStdString();
  panel.set_program(folder.filePath("nothing-here"));
  run();
  EXPECT_TRUE(error().contains("cannot be started")) << error().toStdString();
  panel.set_program({});
  run();
  EXPECT_TRUE(error().contains("PATH"));
}

TEST_F(Measuring, CostsAreMeasuredOnceWhereThereAreNone) {
  QFile::remove(folder.filePath("costs.toml"));
  panel.set_program(script(folder, "echo \"$@\" >> '" + folder.filePath("calls").toUtf8() +
                                       "'\nif [ $1 = calibrate ]; then : > \"$3\"; fi\n"));
  run();
  run();
  QFile calls(folder.filePath("calls"));
  ASSERT_TRUE(calls.open(QIODevice::ReadOnly));
  const QList<QByteArray> lines = calls.readAll().trimmed().split('\n');
  ASSERT_EQ(lines.size(), 3);
  EXPECT_TRUE(lines[0].startsWith("calibrate --write "));
  EXPECT_TRUE(lines[1].startsWith("bench --quiet --json-lines - --costs "));
  EXPECT_TRUE(lines[2].startsWith("bench "));
}

TEST_F(Measuring, SweepsAskOnlyForWhatFits) {
  auto* const sweep = panel.findChild<QComboBox*>("measure_sweep");
  auto* const packet = panel.findChild<QComboBox*>("measure_packet");
  sweep->setCurrentIndex(static_cast<int>(SweepForm::Sweep::buffer_size));
  packet->setCurrentIndex(packet->findData("9000"));
  EXPECT_TRUE(panel.form().arguments().contains("16384,32768,65536,131072,262144,524288,1048576,2097152"));
  sweep->setCurrentIndex(static_cast<int>(SweepForm::Sweep::packet_size));
  auto* const buffer = panel.findChild<QComboBox*>("measure_buffer");
  buffer->setCurrentIndex(buffer->findData("4096"));
  EXPECT_TRUE(panel.form().arguments().contains("64,128,256,512,1024,1514"));
  EXPECT_FALSE(packet->isVisible()) << "a sweep takes its place";
}

TEST_F(Measuring, OpensSavesAndRefuses) {
  const QString good = write(folder, "good.json", QByteArray::fromStdString(bench_as_json(recorded())));
  EXPECT_FALSE(panel.open_results(good));
  EXPECT_EQ(panel.figures().rowCount(), 6);
  EXPECT_FALSE(panel.save_results(folder.filePath("again.json")));
  QFile again(folder.filePath("again.json"));
  ASSERT_TRUE(again.open(QIODevice::ReadOnly));
  EXPECT_EQ(again.readAll().toStdString(), bench_as_json(recorded()));

  const auto bad = panel.open_results(write(folder, "bad.json", "{\n \"format\": zbuf }"));
  ASSERT_TRUE(bad);
  EXPECT_TRUE(bad->contains("bad.json:2:")) << bad->toStdString();
  EXPECT_EQ(panel.result().cases.size(), 6u) << "what was shown stays";
  EXPECT_TRUE(panel.open_results(folder.filePath("none.json"))->contains("no such file"));
}

TEST(MeasurePictures, AreOfTheKindThatTheNameSays) {
  const QTemporaryDir folder;
  const QString json = write(folder, "r.json", QByteArray::fromStdString(bench_as_json(recorded())));
  const auto written = [&](const char* name) {
    const auto error = plot_file(json, folder.filePath(name));
    EXPECT_FALSE(error) << error->toStdString();
    QFile file(folder.filePath(name));
    EXPECT_TRUE(file.open(QIODevice::ReadOnly));
    return file.readAll();
  };
  const QImage picture = QImage::fromData(written("r.png"), "PNG");
  EXPECT_GT(picture.width(), 1500);
  EXPECT_GT(picture.height(), 1000);
  EXPECT_TRUE(written("r.pdf").startsWith("%PDF"));
  const QByteArray svg = written("r.svg");
  EXPECT_TRUE(svg.contains("<svg") && svg.contains("modelled") && svg.contains("Throughput, packets/s"));
  EXPECT_TRUE(plot_file(json, folder.filePath("r.doc"))->contains(".png, .svg or .pdf"));
  EXPECT_TRUE(plot_file(json, "/dev/null/r.png")->contains("cannot be written"));
  EXPECT_TRUE(plot_file(folder.filePath("none.json"), folder.filePath("n.png"))->contains("no such file"));
  EXPECT_FALSE(QFile::exists(folder.filePath("n.png")));
  theme().set_scheme(Theme::Scheme::system);
}

TEST(MeasurePictures, NothingIsDrawnOfNothing) {
  const QTemporaryDir folder;
  BenchResult result = recorded();
  for (CaseResult& one : result.cases)
    one.rounds.clear();
  EXPECT_TRUE(save_results_page(result, folder.filePath("r.png"))->contains("no measurements"));
  EXPECT_TRUE(save_results_page({}, folder.filePath("r.png")));
}

} // namespace
} // namespace zbuf::gui

// SPDX-License-Identifier: GPL-3.0-or-later
// What is drawn of a benchmark: for each way, measured and modelled apart, a figure over the packet size or
// the buffer size. Nothing is computed here that core/bench does not compute for the table of zbuf bench.
#pragma once

#include "core/bench/bench.h"

#include <QColor>
#include <QString>

#include <vector>

namespace zbuf::gui {

enum class MeasuredFigure { throughput, ratio, reader_cpu, kernel_cpu, copied, calls };
inline constexpr std::size_t measured_figures = 6;

/// "Throughput, packets/s".
[[nodiscard]] QString figure_title(MeasuredFigure figure);
/// "3.68 M", "0.51", "1 540".
[[nodiscard]] QString figure_number(double value);

/// What lies along the axis.
struct SweepAxis {
  enum class Kind {
    packet_size, ///< bytes, logarithmic
    buffer_size, ///< bytes, logarithmic
    packets,     ///< names side by side: one size alone, imix, captures
  };
  Kind kind = Kind::packets;
  std::vector<double> values{};  ///< rising; for names 0, 1, ...
  std::vector<QString> labels{}; ///< as many
  QString title{};               ///< "packet size, bytes"
  QString rest{};                ///< what is the same for all that is drawn: "512 KiB buffers, busy reader"

  [[nodiscard]] bool is_logarithmic() const { return kind != Kind::packets; }
};

struct SeriesPoint {
  double at = 0; ///< on the axis
  Spread value{};
  std::size_t rounds = 0; ///< 0: modelled
};

struct Series {
  Way way = Way::zero_copy; ///< of a ratio: the one above the line, zero-copy
  bool modelled = false;
  std::vector<SeriesPoint> points{};
};

/// The dimension in which the result has most to show; of the other ones, what came first in the plan.
[[nodiscard]] SweepAxis axis_of(const BenchResult& result);

/// Whether a case lies on that axis.
[[nodiscard]] bool is_drawn(const BenchResult& result, const BenchCase& one);

/// One for each way that has points, and after it what is modelled of it. Points without rounds are left out.
/// A ratio is that of zero-copy to read(2), of each round its own.
[[nodiscard]] std::vector<Series> series_of(const BenchResult& result, MeasuredFigure figure);

/// Of a case; nothing: no rounds, or not modelled.
[[nodiscard]] std::optional<Spread> measured_value(const CaseResult& one, MeasuredFigure figure);
[[nodiscard]] std::optional<double> modelled_value(const CaseResult& one, MeasuredFigure figure);

/// "zero-copy", "read(2)", "queue by value", ...
[[nodiscard]] QString way_title(Way way);
/// Zero-copy orange and read(2) blue, as everywhere.
[[nodiscard]] QColor way_colour(Way way);
/// "1514 bytes", "imix".
[[nodiscard]] QString packets_title(const PacketChoice& packets);
[[nodiscard]] QString policy_title(ReaderPolicy policy);

/// "The machine was quiet.", or why it was not; then what must be known to read the figures.
[[nodiscard]] QString verdict_of(const BenchResult& result);
/// "AMD EPYC, Linux 6.1, 2 cores · 11 rounds of 100 ms, interleaved", and then the filter, if there is one;
/// of what was interrupted, "3 of 11 rounds".
[[nodiscard]] QString how_measured(const BenchResult& result);

} // namespace zbuf::gui

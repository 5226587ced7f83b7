// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/measure/series.h"

#include "gui/theme/format.h"
#include "gui/theme/theme.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace zbuf::gui {

namespace {

QString tr(const char* text) {
  return QCoreApplication::translate("Measure", text);
}

using Getter = double (Measurement::*)() const;

Getter getter_of(MeasuredFigure figure) {
  switch (figure) {
  case MeasuredFigure::reader_cpu:
    return &Measurement::reader_ns_per_packet;
  case MeasuredFigure::kernel_cpu:
    return &Measurement::kernel_ns_per_packet;
  case MeasuredFigure::copied:
    return &Measurement::copied_bytes_per_packet;
  case MeasuredFigure::calls:
    return &Measurement::calls_per_packet;
  default:
    return &Measurement::packets_per_second;
  }
}

double per(MeasuredFigure figure) {
  return figure == MeasuredFigure::calls ? 1000 : 1;
}

bool all_sizes(const BenchPlan& plan) {
  return std::all_of(plan.packets.begin(), plan.packets.end(),
                     [](const PacketChoice& packets) { return packets.size_bytes != 0; });
}

SweepAxis::Kind kind_of(const BenchPlan& plan) {
  if (plan.packets.size() > 1 && plan.packets.size() >= plan.buffer_bytes.size())
    return all_sizes(plan) ? SweepAxis::Kind::packet_size : SweepAxis::Kind::packets;
  return plan.buffer_bytes.size() > 1 ? SweepAxis::Kind::buffer_size : SweepAxis::Kind::packets;
}

double place_of(const BenchPlan& plan, SweepAxis::Kind kind, const BenchCase& one) {
  switch (kind) {
  case SweepAxis::Kind::packet_size:
    return plan.packets[one.packets].size_bytes;
  case SweepAxis::Kind::buffer_size:
    return static_cast<double>(one.buffer_bytes);
  case SweepAxis::Kind::packets:
    break;
  }
  return static_cast<double>(one.packets);
}

QString buffer_title(std::size_t bytes_of_each) {
  return bytes(bytes_of_each);
}

/// Zero-copy and read(2) of the same setting.
const CaseResult* partner(const BenchResult& result, const CaseResult& zero_copy) {
  BenchCase wanted = zero_copy.one;
  wanted.way = Way::read_call;
  const auto found = std::find_if(result.cases.begin(), result.cases.end(),
                                  [&](const CaseResult& one) { return one.one == wanted; });
  return found == result.cases.end() ? nullptr : &*found;
}

std::optional<SeriesPoint> ratio_point(const BenchResult& result, const CaseResult& one, bool modelled) {
  const CaseResult* const other = one.one.way == Way::zero_copy ? partner(result, one) : nullptr;
  if (other == nullptr)
    return std::nullopt;
  if (modelled) {
    if (!one.modelled || !other->modelled || other->modelled->packets_per_second <= 0)
      return std::nullopt;
    const double ratio = one.modelled->packets_per_second / other->modelled->packets_per_second;
    return SeriesPoint{0, {ratio, ratio, ratio}, 0};
  }
  if (one.rounds.empty() || one.rounds.size() != other->rounds.size())
    return std::nullopt;
  return SeriesPoint{0,
                     paired_ratio(one.values(&Measurement::packets_per_second),
                                  other->values(&Measurement::packets_per_second)),
                     one.rounds.size()};
}

std::optional<SeriesPoint> point_of(const BenchResult& result, const CaseResult& one, MeasuredFigure figure,
                                    bool modelled) {
  if (figure == MeasuredFigure::ratio)
    return ratio_point(result, one, modelled);
  if (modelled) {
    const auto value = modelled_value(one, figure);
    return value ? std::optional(SeriesPoint{0, {*value, *value, *value}, 0}) : std::nullopt;
  }
  const auto value = measured_value(one, figure);
  return value ? std::optional(SeriesPoint{0, *value, one.rounds.size()}) : std::nullopt;
}

} // namespace

std::optional<Spread> measured_value(const CaseResult& one, MeasuredFigure figure) {
  if (one.rounds.empty())
    return std::nullopt;
  const Spread spread = one.spread(getter_of(figure));
  const double by = per(figure);
  return Spread{spread.median * by, spread.low * by, spread.high * by};
}

std::optional<double> modelled_value(const CaseResult& one, MeasuredFigure figure) {
  if (!one.modelled)
    return std::nullopt;
  switch (figure) {
  case MeasuredFigure::reader_cpu:
    return one.modelled->reader_ns_per_packet;
  case MeasuredFigure::kernel_cpu:
    return one.modelled->kernel_ns_per_packet;
  case MeasuredFigure::copied:
    return one.modelled->copied_bytes_per_packet;
  case MeasuredFigure::calls:
    return 1000 * one.modelled->system_calls_per_packet;
  default:
    return one.modelled->packets_per_second;
  }
}

// ---- Words ----

QString figure_title(MeasuredFigure figure) {
  switch (figure) {
  case MeasuredFigure::throughput:
    return tr("Throughput, packets/s");
  case MeasuredFigure::ratio:
    return tr("Throughput, zero-copy ÷ read(2)");
  case MeasuredFigure::reader_cpu:
    return tr("Reader CPU, ns/packet");
  case MeasuredFigure::kernel_cpu:
    return tr("Kernel CPU, ns/packet");
  case MeasuredFigure::copied:
    return tr("Copied, bytes/packet");
  case MeasuredFigure::calls:
    return tr("System calls per 1000 packets");
  }
  return {};
}

QString figure_number(double value) {
  static constexpr std::pair<double, const char*> units[] = {{1e9, "G"}, {1e6, "M"}, {1e4, "k"}};
  const QChar narrow_space(0x202f);
  for (const auto& [size, unit] : units)
    if (value >= size * 0.9995) {
      const double shown = value / (size == 1e4 ? 1e3 : size);
      return QString::number(shown, 'f', shown < 9.995 ? 2 : shown < 99.95 ? 1 : 0) + narrow_space + unit;
    }
  if (value >= 999.5)
    return count(static_cast<std::uint64_t>(std::llround(value)));
  if (value == 0)
    return QStringLiteral("0");
  return QString::number(value, 'f', value < 9.995 ? 2 : value < 99.95 ? 1 : 0);
}

QString way_title(Way way) {
  switch (way) {
  case Way::zero_copy:
    return tr("zero-copy");
  case Way::read_call:
    return tr("read(2)");
  default: {
    const std::string_view name = way_name(way);
    return QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
  }
  }
}

QColor way_colour(Way way) {
  switch (way) {
  case Way::zero_copy:
    return theme().user();
  case Way::read_call:
    return theme().kernel();
  default:
    return theme().flow(static_cast<std::uint32_t>(way) - 1);
  }
}

QString packets_title(const PacketChoice& packets) {
  const QString name = QString::fromStdString(packets.name());
  return packets.size_bytes != 0 ? tr("%1 bytes").arg(count(packets.size_bytes))
         : packets.imix          ? tr("IMIX")
                                 : name.section('/', -1);
}

QString policy_title(ReaderPolicy policy) {
  switch (policy) {
  case ReaderPolicy::busy:
    return tr("busy reader");
  case ReaderPolicy::poll:
    return tr("polling reader");
  case ReaderPolicy::sleep:
    return tr("sleeping reader");
  }
  return {};
}

QString verdict_of(const BenchResult& result) {
  if (result.noise.noisy()) {
    QStringList reasons;
    for (const std::string& reason : result.noise.reasons)
      reasons += QString::fromStdString(reason);
    return tr("The machine was noisy: %1.").arg(reasons.join(tr("; ")));
  }
  return tr("The machine was quiet.");
}

QString how_measured(const BenchResult& result) {
  QStringList parts;
  QString machine = QString::fromStdString(result.machine.system);
  if (!result.machine.processor.empty())
    machine = QString::fromStdString(result.machine.processor) + ", " + machine;
  parts += (result.machine.cores == 1 ? tr("%1, %2 core") : tr("%1, %2 cores"))
               .arg(machine)
               .arg(result.machine.cores);
  const std::size_t done = rounds_done(result);
  const QString time = short_time(result.plan.case_ns);
  parts += done < result.plan.rounds
               ? tr("%1 of %2 rounds of %3, interleaved").arg(done).arg(result.plan.rounds).arg(time)
               : tr("%1 rounds of %2, interleaved").arg(done).arg(time);
  if (!result.plan.filter.empty())
    parts += tr("filter: %1").arg(QString::fromStdString(result.plan.filter));
  return parts.join(QStringLiteral(" · "));
}

// ---- The axis and what lies along it ----

SweepAxis axis_of(const BenchResult& result) {
  const BenchPlan& plan = result.plan;
  SweepAxis axis;
  axis.kind = kind_of(plan);
  QStringList rest;
  if (axis.kind == SweepAxis::Kind::buffer_size) {
    for (const std::size_t bytes_of_each : plan.buffer_bytes)
      axis.values.push_back(static_cast<double>(bytes_of_each));
    std::sort(axis.values.begin(), axis.values.end());
    for (const double value : axis.values)
      axis.labels.push_back(buffer_title(static_cast<std::size_t>(value)));
    axis.title = tr("size of each buffer");
    if (!plan.packets.empty())
      rest += tr("packets: %1").arg(packets_title(plan.packets.front()));
  } else {
    for (std::size_t i = 0; i < plan.packets.size(); ++i)
      axis.values.push_back(axis.kind == SweepAxis::Kind::packet_size ? plan.packets[i].size_bytes
                                                                      : static_cast<double>(i));
    std::sort(axis.values.begin(), axis.values.end());
    for (std::size_t i = 0; i < axis.values.size(); ++i)
      axis.labels.push_back(axis.kind == SweepAxis::Kind::packet_size
                                ? count(static_cast<std::uint64_t>(axis.values[i]))
                                : packets_title(plan.packets[i]));
    axis.title = axis.kind == SweepAxis::Kind::packet_size ? tr("packet size, bytes") : tr("packets");
    if (!plan.buffer_bytes.empty())
      rest += tr("%1 buffers").arg(buffer_title(plan.buffer_bytes.front()));
  }
  if (!plan.policies.empty())
    rest += policy_title(plan.policies.front());
  axis.rest = rest.join(tr(", "));
  return axis;
}

bool is_drawn(const BenchResult& result, const BenchCase& one) {
  const BenchPlan& plan = result.plan;
  const bool by_buffer = kind_of(plan) == SweepAxis::Kind::buffer_size;
  return one.policy == plan.policies.front() &&
         (by_buffer ? one.packets == 0 : one.buffer_bytes == plan.buffer_bytes.front());
}

std::vector<Series> series_of(const BenchResult& result, MeasuredFigure figure) {
  std::vector<Series> all;
  const SweepAxis::Kind kind = kind_of(result.plan);
  for (const Way way : result.plan.ways)
    for (const bool modelled : {false, true}) {
      Series series{way, modelled, {}};
      for (const CaseResult& one : result.cases)
        if (one.one.way == way && is_drawn(result, one.one))
          if (auto point = point_of(result, one, figure, modelled)) {
            point->at = place_of(result.plan, kind, one.one);
            series.points.push_back(*point);
          }
      std::sort(series.points.begin(), series.points.end(),
                [](const SeriesPoint& a, const SeriesPoint& b) { return a.at < b.at; });
      if (!series.points.empty())
        all.push_back(std::move(series));
    }
  return all;
}

} // namespace zbuf::gui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/compare/figures.h"

#include "gui/theme/format.h"

#include <QCoreApplication>

#include <algorithm>

namespace zbuf::gui {

namespace {

/// Its tr() is that of this file's functions.
class Figures {
  Q_DECLARE_TR_FUNCTIONS(Figures)
};

/// Of the samples, to either side: packets are delivered a fill at a time.
constexpr std::size_t smooth_steps = 20;

QString dash() {
  return QStringLiteral("–");
}

QString decimal(double value) {
  if (value >= 1000)
    return count(static_cast<std::uint64_t>(std::llround(value)));
  return QString::number(value, 'f', value >= 100 ? 0 : value >= 10 ? 1 : 2);
}

double part(double of, double by) {
  return by > 0 ? of / by : no_figure;
}

double of(std::uint64_t number) {
  return static_cast<double>(number);
}

/// One track at one instant.
struct At {
  const Counters& total;
  std::uint64_t waiting;
  std::uint64_t time_ns;
};

struct Row {
  const char* name;
  Figure::Show show;
  bool always;
  double (*value)(const At& at);
  bool timed = false; ///< it is a time, or depends on one: modelled or measured
};

constexpr Row rows[] = {
    {QT_TRANSLATE_NOOP("Figures", "received"), Figure::Show::count, true,
     [](const At& at) { return of(at.total.received); }},
    {QT_TRANSLATE_NOOP("Figures", "rejected by the filter"), Figure::Show::count, false,
     [](const At& at) { return of(at.total.rejected); }},
    {QT_TRANSLATE_NOOP("Figures", "delivered"), Figure::Show::count, true,
     [](const At& at) { return of(at.total.delivered); }},
    {QT_TRANSLATE_NOOP("Figures", "… per second"), Figure::Show::rate, false,
     [](const At& at) { return part(1e9 * of(at.total.delivered), of(at.time_ns)); }, true},
    {QT_TRANSLATE_NOOP("Figures", "dropped"), Figure::Show::count, true,
     [](const At& at) { return of(at.total.dropped); }},
    {QT_TRANSLATE_NOOP("Figures", "lost or garbled"), Figure::Show::count, false,
     [](const At& at) { return of(at.total.lost + at.total.garbled); }},
    {QT_TRANSLATE_NOOP("Figures", "waiting in buffers"), Figure::Show::count, true,
     [](const At& at) { return of(at.waiting); }},
    {QT_TRANSLATE_NOOP("Figures", "system calls"), Figure::Show::count, false,
     [](const At& at) { return of(at.total.syscalls); }},
    {QT_TRANSLATE_NOOP("Figures", "… per 1000 delivered"), Figure::Show::decimal, false,
     [](const At& at) { return part(1000 * of(at.total.syscalls), of(at.total.delivered)); }},
    {QT_TRANSLATE_NOOP("Figures", "wake-ups"), Figure::Show::count, false,
     [](const At& at) { return of(at.total.wakeups); }},
    {QT_TRANSLATE_NOOP("Figures", "empty looks"), Figure::Show::count, false,
     [](const At& at) { return of(at.total.empty_looks); }},
    {QT_TRANSLATE_NOOP("Figures", "bytes copied into buffers"), Figure::Show::count, false,
     [](const At& at) { return of(at.total.bytes_copied_kernel); }},
    {QT_TRANSLATE_NOOP("Figures", "bytes copied to the user"), Figure::Show::count, false,
     [](const At& at) { return of(at.total.bytes_copied_user); }},
    {QT_TRANSLATE_NOOP("Figures", "bytes copied per packet"), Figure::Show::decimal, false,
     [](const At& at) {
       return part(of(at.total.bytes_copied_kernel + at.total.bytes_copied_user), of(at.total.delivered));
     }},
    {QT_TRANSLATE_NOOP("Figures", "reader asleep in calls"), Figure::Show::duration, false,
     [](const At& at) { return of(at.total.blocked_ns); }, true},
};

double value_of(const Row& row, const State& state, std::uint16_t descriptor, std::uint64_t time_ns) {
  if (descriptor >= state.descriptors.size())
    return 0;
  const DescriptorState& d = state.descriptors[descriptor];
  return row.value({d.total, d.in_buffers(), time_ns});
}

/// "…, modelled" unless some of it was measured.
QString timed_name(const QString& name, const Playback& playback) {
  bool modelled = false, measured = false;
  for (std::size_t i = 0; i < playback.track_count(); ++i)
    (playback.track(i).modelled ? modelled : measured) = true;
  if (modelled && measured)
    return Figures::tr("%1, modelled or measured").arg(name);
  return modelled ? Figures::tr("%1, modelled").arg(name) : Figures::tr("%1, measured").arg(name);
}

double reader_cpu(const Track& track, std::uint16_t descriptor) {
  for (const ReaderReport& reader : track.report.readers)
    if (reader.descriptor == descriptor && reader.cpu_ns != 0)
      return of(reader.cpu_ns);
  return no_figure;
}

double kernel_cpu(const Track& track, std::uint16_t) {
  return track.report.kernel_busy_ns == 0 ? no_figure : of(track.report.kernel_busy_ns);
}

bool has_any(const std::vector<double>& values) {
  return std::any_of(values.begin(), values.end(), [](double value) { return value > 0; });
}

/// Processor times are not in the events; only the run itself knew them.
void add_processor_time(std::vector<Figure>& figures, const Playback& playback, const QString& name,
                        double (*value)(const Track&, std::uint16_t)) {
  Figure figure{timed_name(name, playback), Figure::Show::duration, {}, {}};
  for (std::size_t i = 0; i < playback.track_count(); ++i)
    figure.end.push_back(value(playback.track(i), playback.descriptor(i)));
  if (has_any(figure.end))
    figures.push_back(figure);
}

std::vector<double> rates(const Samples& samples, std::uint64_t end_ns) {
  std::vector<double> values(samples.size(), no_figure);
  const double step_s = static_cast<double>(end_ns) / 1e9 / static_cast<double>(sample_steps);
  for (std::size_t i = 0; i < samples.size() && end_ns != 0; ++i) {
    const std::size_t from = i < smooth_steps ? 0 : i - smooth_steps;
    const std::size_t until = std::min(i + smooth_steps, samples.size() - 1);
    values[i] =
        of(samples[until].delivered - samples[from].delivered) / (static_cast<double>(until - from) * step_s);
  }
  return values;
}

} // namespace

QString curve_title(Curve curve) {
  static constexpr const char* titles[curve_count] = {
      QT_TRANSLATE_NOOP("Figures", "delivered"),
      QT_TRANSLATE_NOOP("Figures", "dropped, so far"),
      QT_TRANSLATE_NOOP("Figures", "bytes copied per packet, so far"),
      QT_TRANSLATE_NOOP("Figures", "system calls per 1000 packets, so far"),
      QT_TRANSLATE_NOOP("Figures", "most packets waiting in buffers"),
      QT_TRANSLATE_NOOP("Figures", "reader not asleep in a call, of the time")};
  return Figures::tr(titles[static_cast<std::size_t>(curve)]);
}

std::vector<double> curve_values(Curve curve, const Samples& samples, std::uint64_t end_ns) {
  if (curve == Curve::delivered_rate)
    return rates(samples, end_ns);
  std::vector<double> values;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const Sample& sample = samples[i];
    switch (curve) {
    case Curve::drops:
      values.push_back(of(sample.dropped));
      break;
    case Curve::copied_per_packet:
      values.push_back(part(of(sample.copied_bytes), of(sample.delivered)));
      break;
    case Curve::calls_per_thousand:
      values.push_back(part(1000 * of(sample.calls), of(sample.delivered)));
      break;
    case Curve::waiting:
      values.push_back(of(sample.waiting));
      break;
    default: { // awake, over the neighbours: it comes and goes with each fill
      const std::size_t from = std::max<std::size_t>(i < smooth_steps ? 0 : i - smooth_steps, 1);
      const std::size_t until = std::min(i + smooth_steps, samples.size() - 1);
      double sum = 0;
      for (std::size_t k = from; k <= until; ++k)
        sum += samples[k].awake;
      values.push_back(until < from ? no_figure : sum / static_cast<double>(until - from + 1));
      break;
    }
    }
  }
  return values;
}

QString curve_text(Curve curve, double value) {
  if (std::isnan(value))
    return dash();
  switch (curve) {
  case Curve::delivered_rate:
    return rate(value);
  case Curve::drops:
  case Curve::waiting:
    return count(static_cast<std::uint64_t>(std::llround(value)));
  case Curve::awake:
    return Figures::tr("%1 %").arg(QString::number(value * 100, 'f', value < 0.1 ? 1 : 0));
  default:
    return decimal(value);
  }
}

std::vector<Figure> figures_of(const Playback& playback, const std::vector<State>& ends) {
  std::vector<Figure> figures;
  for (const Row& row : rows) {
    const QString name = Figures::tr(row.name);
    Figure figure{row.timed ? timed_name(name, playback) : name, row.show, {}, {}};
    for (std::size_t i = 0; i < playback.track_count() && i < ends.size(); ++i) {
      figure.now.push_back(value_of(row, playback.state(i), playback.descriptor(i), playback.time_ns()));
      figure.end.push_back(value_of(row, ends[i], playback.descriptor(i), ends[i].time_ns));
    }
    if (row.always || has_any(figure.end))
      figures.push_back(std::move(figure));
  }
  add_processor_time(figures, playback, Figures::tr("reader's CPU"), reader_cpu);
  add_processor_time(figures, playback, Figures::tr("kernel's CPU"), kernel_cpu);
  return figures;
}

QString figure_text(const Figure& figure, double value) {
  if (std::isnan(value))
    return dash();
  switch (figure.show) {
  case Figure::Show::count:
    return count(static_cast<std::uint64_t>(value));
  case Figure::Show::duration:
    return short_time(static_cast<std::uint64_t>(value));
  case Figure::Show::decimal:
    return decimal(value);
  case Figure::Show::rate:
    return rate(value);
  }
  return {};
}

QString ratio_text(double value, double base) {
  if (std::isnan(value) || std::isnan(base) || base == 0)
    return dash();
  return Figures::tr("%1×").arg(decimal(value / base));
}

} // namespace zbuf::gui

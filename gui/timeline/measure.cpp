// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/timeline/measure.h"

#include "gui/theme/format.h"

#include <QCoreApplication>

namespace zbuf::gui {

namespace {

Measured counted(const State& state, std::uint16_t descriptor) {
  Measured so_far;
  so_far.arrived = state.arrived();
  if (descriptor < state.descriptors.size()) {
    const Counters& total = state.descriptors[descriptor].total;
    so_far.delivered = total.delivered;
    so_far.dropped = total.dropped;
    so_far.calls = total.syscalls;
  }
  return so_far;
}

/// Its tr() is that of this file's functions.
class Measure {
  Q_DECLARE_TR_FUNCTIONS(Measure)
};

} // namespace

std::vector<Measured> measure(const Playback& playback, const TimeRange& span) {
  std::vector<Measured> all;
  for (std::size_t i = 0; i < playback.track_count(); ++i) {
    const Recording& recording = *playback.track(i).recording;
    const Measured from = counted(recording.state_at_time(span.from_ns), playback.descriptor());
    const Measured until = counted(recording.state_at_time(span.until_ns), playback.descriptor());
    all.push_back({until.arrived - from.arrived, until.delivered - from.delivered,
                   until.dropped - from.dropped, until.calls - from.calls});
  }
  return all;
}

QStringList measure_text(const Playback& playback, const TimeRange& span) {
  QStringList lines{Measure::tr("Δt %1").arg(time(span.length_ns()))};
  const std::vector<Measured> all = measure(playback, span);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const QString name = playback.track(i).name;
    const QString prefix = all.size() > 1 && !name.isEmpty() ? name + QStringLiteral(": ") : QString();
    lines += prefix + Measure::tr("%1 packets, %2 delivered, %3 dropped, %4 calls")
                          .arg(count(all[i].arrived), count(all[i].delivered), count(all[i].dropped),
                               count(all[i].calls));
  }
  return lines;
}

} // namespace zbuf::gui

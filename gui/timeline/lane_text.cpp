// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/timeline/lane_text.h"

#include "gui/theme/format.h"

#include <QCoreApplication>

#include <algorithm>

namespace zbuf::gui {

namespace {

/// Its tr() is that of this file's functions.
class LaneText {
  Q_DECLARE_TR_FUNCTIONS(LaneText)
};

QString holder_text(Holder holder) {
  static constexpr const char* texts[Span::values] = {
      QT_TRANSLATE_NOOP("LaneText", "not there"),  QT_TRANSLATE_NOOP("LaneText", "free"),
      QT_TRANSLATE_NOOP("LaneText", "store"),      QT_TRANSLATE_NOOP("LaneText", "hold"),
      QT_TRANSLATE_NOOP("LaneText", "user owns"),  QT_TRANSLATE_NOOP("LaneText", "user owns, still in store"),
      QT_TRANSLATE_NOOP("LaneText", "kernel owns")};
  return LaneText::tr(texts[static_cast<std::size_t>(holder)]);
}

QString activity_text(Activity activity) {
  static constexpr const char* texts[] = {
      QT_TRANSLATE_NOOP("LaneText", "not there"), QT_TRANSLATE_NOOP("LaneText", "awake"),
      QT_TRANSLATE_NOOP("LaneText", "asleep in a call"), QT_TRANSLATE_NOOP("LaneText", "stalled")};
  return LaneText::tr(texts[static_cast<std::size_t>(activity)]);
}

/// "user owns 62 %, store 38 %"
template <typename Text>
QString shares_text(const Span& span, Text text) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < Span::values; ++i)
    if (span.share[i] != 0)
      order.push_back(i);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return span.share[a] > span.share[b]; });
  QStringList parts;
  for (const std::size_t i : order)
    parts += LaneText::tr("%1 %2 %").arg(text(i)).arg((span.share[i] * 100 + 127) / 255);
  return parts.join(QStringLiteral(", "));
}

QString span_tip(const Spans& spans, std::uint64_t end_ns, std::uint64_t time_ns, bool reader) {
  const Span* const span = span_at(spans, time_ns);
  if (span == nullptr)
    return {};
  const auto text = [&](std::size_t value) {
    return reader ? activity_text(static_cast<Activity>(value)) : holder_text(static_cast<Holder>(value));
  };
  const std::uint64_t until_ns = span == &spans.back() ? end_ns : (span + 1)->begin_ns;
  const QString when = LaneText::tr("%1 from %2").arg(time(until_ns - span->begin_ns), time(span->begin_ns));
  if (span->mixed())
    return LaneText::tr("changes %1 times: %2\n%3").arg(count(span->changes), shares_text(*span, text), when);
  QString what = text(span->value);
  if (span->generation != 0 && !reader)
    what += LaneText::tr(", generation %1").arg(count(span->generation));
  return what + '\n' + when;
}

std::uint64_t sum(const Timeline& timeline, Series series, std::uint64_t from_ns, std::uint64_t until_ns) {
  std::uint64_t all = 0;
  if (timeline.buckets.empty() || until_ns <= timeline.from_ns || from_ns >= timeline.until_ns)
    return 0;
  const std::size_t first = timeline.index(std::max(from_ns, timeline.from_ns));
  const std::size_t last = timeline.index(std::min(until_ns, timeline.until_ns) - 1);
  for (std::size_t i = first; i <= last; ++i)
    all += timeline.buckets[i][series];
  return all;
}

QString counted(std::uint64_t number, const char* one, const char* many) {
  return number == 0 ? QString() : LaneText::tr(number == 1 ? one : many).arg(count(number));
}

QString drops_tip(std::uint64_t number, const TrackLanes& lanes, std::uint64_t from_ns,
                  std::uint64_t until_ns) {
  if (number == 0)
    return {};
  const std::uint64_t stored = sum(lanes.counts, Series::stored, from_ns, until_ns);
  return counted(number, QT_TRANSLATE_NOOP("LaneText", "%1 packet was dropped"),
                 QT_TRANSLATE_NOOP("LaneText", "%1 packets were dropped")) +
         (stored == 0 ? LaneText::tr(", none was stored") : LaneText::tr(", %1 stored").arg(count(stored)));
}

QString faults_tip(const TrackLanes& lanes, std::uint64_t from_ns, std::uint64_t until_ns) {
  QStringList lines;
  for (const Incident& incident : lanes.incidents) {
    if (incident.time_ns < from_ns || incident.time_ns >= until_ns)
      continue;
    if (lines.size() == 4) {
      lines += LaneText::tr("and more");
      break;
    }
    lines += LaneText::tr("%1: %2").arg(time(incident.time_ns), incident_text(incident));
  }
  return lines.join('\n');
}

QString buffer_name(std::uint8_t which) {
  return QString::fromLatin1(which_name(which));
}

} // namespace

QStringList holder_words(const Span& span) {
  if (span.mixed())
    return {LaneText::tr("to and fro")};
  const QString generation = count(span.generation);
  switch (span.holder()) {
  case Holder::absent:
    return {};
  case Holder::free:
    return {LaneText::tr("free")};
  case Holder::store:
    return {LaneText::tr("store")};
  case Holder::hold:
    return {LaneText::tr("hold")};
  case Holder::user:
    return {LaneText::tr("▲ user · gen %1").arg(generation), LaneText::tr("user · gen %1").arg(generation),
            LaneText::tr("user"), QStringLiteral("▲")};
  case Holder::user_in_store:
    return {LaneText::tr("▲ user · gen %1, still in store").arg(generation),
            LaneText::tr("user · gen %1, in store").arg(generation), LaneText::tr("user · in store"),
            LaneText::tr("user"), QStringLiteral("▲")};
  case Holder::kernel:
    return {LaneText::tr("kernel, slot not seen"), LaneText::tr("kernel")};
  }
  return {};
}

QStringList activity_words(const Span& span) {
  if (span.mixed())
    return {LaneText::tr("awake and asleep")};
  switch (span.activity()) {
  case Activity::absent:
    return {};
  case Activity::awake:
    return {LaneText::tr("awake")};
  case Activity::asleep:
    return {LaneText::tr("asleep in a call"), LaneText::tr("asleep")};
  case Activity::stalled:
    return {LaneText::tr("stalled")};
  case Activity::idle:
    return {LaneText::tr("nothing happens: the same round again and again"), LaneText::tr("nothing happens"),
            LaneText::tr("idle")};
  }
  return {};
}

QString incident_text(const Incident& incident) {
  const QString buffer = buffer_name(incident.buffer);
  QString text;
  switch (incident.kind) {
  case Incident::Kind::violation:
    if (incident.invariant == Invariant::untouched && incident.buffer <= ZB_B)
      text = LaneText::tr("the kernel wrote into %1 while the user owned it (I2)").arg(buffer);
    else
      text = LaneText::tr("broken, %1: %2")
                 .arg(QString::fromLatin1(invariant_name(incident.invariant)),
                      QString::fromUtf8(invariant_text(incident.invariant)));
    break;
  case Incident::Kind::fault:
    text = LaneText::tr("a fault of the scenario");
    break;
  case Incident::Kind::scribble:
    text = LaneText::tr("the reader wrote a header field of %1 that it should not").arg(buffer);
    break;
  case Incident::Kind::wiped:
    text = LaneText::tr("the header of %1 was zeroed while it was in use").arg(buffer);
    break;
  case Incident::Kind::bad_record:
    text = LaneText::tr("the reader refused a record in %1").arg(buffer);
    break;
  case Incident::Kind::lost_events:
    return LaneText::tr("%1 events were lost: from here on nothing is checked").arg(count(incident.count));
  }
  return incident.count > 1 ? LaneText::tr("%1, %2 times").arg(text, count(incident.count)) : text;
}

QString lane_tip(const Playback& playback, const LaneData& data, const LaneRow& row, std::uint64_t from_ns,
                 std::uint64_t until_ns) {
  if (row.track >= data.tracks.size())
    return {};
  const TrackLanes& lanes = data.tracks[row.track];
  const std::uint64_t middle_ns = from_ns + (until_ns - from_ns) / 2;
  const auto number = [&](Series series) { return sum(lanes.counts, series, from_ns, until_ns); };
  switch (row.lane) {
  case Lane::heading:
    return QString::fromStdString(playback.track(row.track).report.revision);
  case Lane::buffer_a:
    return span_tip(lanes.holders.buffers[0], lanes.holders_end_ns, middle_ns, false);
  case Lane::buffer_b:
    return span_tip(lanes.holders.buffers[1], lanes.holders_end_ns, middle_ns, false);
  case Lane::reader:
    return span_tip(lanes.holders.reader, lanes.holders_end_ns, middle_ns, true);
  case Lane::drops:
    return drops_tip(number(Series::dropped), lanes, from_ns, until_ns);
  case Lane::calls:
    return counted(number(Series::calls), QT_TRANSLATE_NOOP("LaneText", "%1 system call"),
                   QT_TRANSLATE_NOOP("LaneText", "%1 system calls"));
  case Lane::wakeups:
    return counted(number(Series::wakeups), QT_TRANSLATE_NOOP("LaneText", "%1 wake-up"),
                   QT_TRANSLATE_NOOP("LaneText", "%1 wake-ups"));
  case Lane::empty_looks:
    return counted(number(Series::empty_looks),
                   QT_TRANSLATE_NOOP("LaneText", "the reader looked %1 time and found nothing"),
                   QT_TRANSLATE_NOOP("LaneText", "the reader looked %1 times and found nothing"));
  case Lane::faults:
    return faults_tip(lanes, from_ns, until_ns);
  case Lane::packets: {
    const std::uint64_t missed = sum(lanes.wire, Series::missed, from_ns, until_ns);
    const QString came = counted(sum(lanes.wire, Series::arrived, from_ns, until_ns),
                                 QT_TRANSLATE_NOOP("LaneText", "%1 packet arrived"),
                                 QT_TRANSLATE_NOOP("LaneText", "%1 packets arrived"));
    return missed == 0 ? came : came + LaneText::tr(", %1 were missed by the interface").arg(count(missed));
  }
  }
  return {};
}

QString instant_text(const Playback& playback) {
  if (playback.track_count() == 0)
    return LaneText::tr("No run");
  QStringList parts{LaneText::tr("%1 of %2").arg(time(playback.time_ns()), time(playback.end_ns()))};
  for (std::size_t i = 0; i < playback.track_count(); ++i) {
    const State& state = playback.state(i);
    if (playback.descriptor() >= state.descriptors.size())
      continue;
    const DescriptorState& d = state.descriptors[playback.descriptor()];
    const QString name = playback.track(i).name;
    parts +=
        (name.isEmpty() ? QString() : name + QStringLiteral(": ")) +
        LaneText::tr("A %1, B %2, %3 dropped")
            .arg(holder_text(holder_of(d, ZB_A)), holder_text(holder_of(d, ZB_B)), count(d.total.dropped));
  }
  return parts.join(QStringLiteral("; "));
}

} // namespace zbuf::gui

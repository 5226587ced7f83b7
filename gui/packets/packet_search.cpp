// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/packets/packet_search.h"

#include "core/traffic/flow.h"

#include <algorithm>

namespace zbuf::gui {

namespace {

constexpr std::uint32_t packets_between_questions = 256;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool contains(const std::string& in, const std::string& text) {
  return std::search(in.begin(), in.end(), text.begin(), text.end(),
                     [](char a, char b) { return lower(a) == b; }) != in.end();
}

std::optional<Fate> fate_by_name(const std::string& name) {
  for (int i = 0; i <= static_cast<int>(Fate::abandoned); ++i)
    if (!name.empty() && std::string(fate_name(static_cast<Fate>(i))).rfind(name, 0) == 0)
      return static_cast<Fate>(i);
  return std::nullopt;
}

/// Kinds of events that say at once that a packet has this fate; none: it must be worked out.
KindMask tell_tale(Fate fate) {
  switch (fate) {
  case Fate::rejected:
    return mask_of({ZB_EV_REJECTED});
  case Fate::dropped:
    return mask_of({ZB_EV_DROPPED});
  default:
    return 0;
  }
}

class Hunter {
 public:
  Hunter(const PacketHunt& hunt, const std::function<bool(double)>& go_on)
      : hunt_(hunt), go_on_(go_on), fates_(*hunt.recording) {}

  std::optional<std::uint32_t> run() {
    if (fates_.count() == 0)
      return std::nullopt;
    switch (hunt_.query.kind) {
    case PacketQuery::Kind::number:
      return fates_.arrival(hunt_.query.number) ? std::optional(hunt_.query.number) : std::nullopt;
    case PacketQuery::Kind::fate:
      return tell_tale(hunt_.query.fate) != 0 ? by_event(tell_tale(hunt_.query.fate)) : one_by_one();
    case PacketQuery::Kind::text:
      return one_by_one();
    default:
      return std::nullopt;
    }
  }

 private:
  [[nodiscard]] std::uint32_t clamped(std::uint32_t number) const {
    return std::clamp(number, fates_.first(), fates_.first() + fates_.count() - 1);
  }

  std::optional<std::uint32_t> by_event(KindMask kinds) {
    const Recording& recording = *hunt_.recording;
    const auto arrived = fates_.arrival(clamped(hunt_.from));
    const auto direction = hunt_.forward ? Recording::Direction::forward : Recording::Direction::backward;
    std::uint64_t from = arrived.value_or(0);
    if (!hunt_.forward) // the packet's own event comes after its arrival
      from = recording.next(mask_of({ZB_EV_ARRIVED}), from + 1).value_or(recording.event_count());
    auto n = recording.next(kinds, from, direction, hunt_.descriptor);
    if (!n) // from the other end
      n = recording.next(kinds, hunt_.forward ? 0 : recording.event_count(), direction, hunt_.descriptor);
    return n ? std::optional(recording.event(*n).packet) : std::nullopt;
  }

  bool fits(std::uint32_t number) {
    if (hunt_.query.kind == PacketQuery::Kind::fate)
      return fates_.fate(hunt_.descriptor, number).fate == hunt_.query.fate;
    const auto kept = hunt_.recording->packet(number);
    if (!kept)
      return false;
    const PacketSummary summary = summarize_packet(kept->bytes, kept->wire_length, hunt_.link_type);
    return contains(summary.source, hunt_.query.text) || contains(summary.destination, hunt_.query.text) ||
           contains(summary.protocol, hunt_.query.text);
  }

  std::optional<std::uint32_t> one_by_one() {
    const std::uint32_t all = fates_.count();
    std::uint32_t position = clamped(hunt_.from) - fates_.first();
    for (std::uint32_t done = 0; done < all; ++done) {
      if (done % packets_between_questions == 0 && !go_on_(static_cast<double>(done) / all))
        return std::nullopt;
      if (fits(fates_.first() + position))
        return fates_.first() + position;
      if (hunt_.forward)
        position = position + 1 == all ? 0 : position + 1;
      else
        position = position == 0 ? all - 1 : position - 1;
    }
    return std::nullopt;
  }

  const PacketHunt& hunt_;
  const std::function<bool(double)>& go_on_;
  PacketFates fates_;
};

} // namespace

PacketQuery parse_query(const QString& text) {
  const QString trimmed = text.trimmed().toLower();
  PacketQuery query;
  if (trimmed.isEmpty())
    return query;
  if (trimmed.startsWith("fate:")) {
    const auto fate = fate_by_name(trimmed.mid(5).trimmed().toStdString());
    query.kind = fate ? PacketQuery::Kind::fate : PacketQuery::Kind::unknown_fate;
    query.fate = fate.value_or(Fate::unseen);
    return query;
  }
  QString digits = trimmed; // as they are grouped on the screen, too
  digits.remove(QChar(0x202f)).remove(QChar(0x2009)).remove(' ');
  bool number = false;
  query.number = digits.toUInt(&number);
  query.kind = number ? PacketQuery::Kind::number : PacketQuery::Kind::text;
  query.text = trimmed.toStdString();
  return query;
}

std::optional<std::uint32_t> find_packet(const PacketHunt& hunt, const std::function<bool(double)>& go_on) {
  return hunt.recording == nullptr ? std::nullopt : Hunter(hunt, go_on).run();
}

PacketSearch::PacketSearch(QObject* parent) : QObject(parent) {}

PacketSearch::~PacketSearch() {
  cancel();
}

void PacketSearch::cancel() {
  ++job_;
  busy_ = false;
  if (stop_ != nullptr)
    stop_->store(true);
  if (thread_.joinable())
    thread_.join(); // it asks every 256 packets
}

void PacketSearch::start(const PacketHunt& hunt) {
  cancel();
  busy_ = true;
  stop_ = std::make_shared<std::atomic<bool>>(false);
  thread_ = std::thread([this, hunt, stop = stop_, job = job_] {
    const auto tell = [this, job](auto what) {
      QMetaObject::invokeMethod(
          this,
          [this, job, what] {
            if (job == job_)
              what();
          },
          Qt::QueuedConnection);
    };
    int told = 0;
    const auto number = find_packet(hunt, [&](double fraction) {
      if (const int percent = static_cast<int>(fraction * 100); percent > told) {
        told = percent;
        tell([this, fraction] { progress(fraction); });
      }
      return !stop->load();
    });
    tell([this, number] {
      busy_ = false;
      if (number)
        found(*number);
      else
        not_found();
    });
  });
}

} // namespace zbuf::gui

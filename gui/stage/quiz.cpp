// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/stage/quiz.h"

#include "gui/stage/words.h"

#include <algorithm>

namespace zbuf::gui::stage {

namespace {

constexpr KindMask asked =
    mask_of({ZB_EV_STORED, ZB_EV_REJECTED, ZB_EV_DROPPED, ZB_EV_ROTATED, ZB_EV_PUBLISHED, ZB_EV_RECLAIMED,
             ZB_EV_ACKNOWLEDGED, ZB_EV_COPIED_OUT, ZB_EV_EMPTIED, ZB_EV_WOKEN, ZB_EV_OPENED, ZB_EV_MODE,
             ZB_EV_LOANED, ZB_EV_ALLOCATED, ZB_EV_ATTACHED, ZB_EV_DETACHED, ZB_EV_CLOSED});

QString name_of(std::uint32_t which) {
  return which == ZB_B ? QStringLiteral("B") : QStringLiteral("A");
}

QString text_of(std::uint8_t kind, std::uint32_t which) {
  switch (kind) {
  case ZB_EV_STORED:
    return Words::tr("store in %1").arg(name_of(which));
  case ZB_EV_REJECTED:
    return Words::tr("reject");
  case ZB_EV_DROPPED:
    return Words::tr("drop");
  case ZB_EV_ROTATED:
    return Words::tr("rotate");
  case ZB_EV_PUBLISHED:
    return Words::tr("publish %1").arg(name_of(which));
  case ZB_EV_RECLAIMED:
    return Words::tr("reclaim %1").arg(name_of(which));
  case ZB_EV_ACKNOWLEDGED:
    return Words::tr("return %1").arg(name_of(which));
  case ZB_EV_COPIED_OUT:
    return Words::tr("copy out");
  case ZB_EV_EMPTIED:
    return Words::tr("empty %1").arg(name_of(which));
  case ZB_EV_OPENED:
    return Words::tr("open");
  case ZB_EV_MODE:
    return Words::tr("set mode");
  case ZB_EV_LOANED:
    return Words::tr("lend %1").arg(name_of(which));
  case ZB_EV_ALLOCATED:
    return Words::tr("allocate %1").arg(name_of(which));
  case ZB_EV_ATTACHED:
    return Words::tr("attach");
  case ZB_EV_DETACHED:
    return Words::tr("detach");
  case ZB_EV_CLOSED:
    return Words::tr("close");
  default:
    return Words::tr("wake");
  }
}

/// What could be thought to happen, the likelier first.
std::vector<QString> thinkable(const DescriptorState& d) {
  if (!d.attached) // still being prepared, or no longer in use
    return {text_of(ZB_EV_LOANED, ZB_A), text_of(ZB_EV_ATTACHED, 0), text_of(ZB_EV_MODE, 0),
            text_of(ZB_EV_CLOSED, 0), text_of(ZB_EV_LOANED, ZB_B)};
  std::vector<QString> texts;
  const std::uint8_t store = d.store == ZB_NO_BUFFER ? std::uint8_t{ZB_A} : d.store;
  const std::uint8_t other = store == ZB_A ? ZB_B : ZB_A;
  for (const std::uint8_t kind : {ZB_EV_STORED, ZB_EV_ROTATED, ZB_EV_DROPPED})
    texts.push_back(text_of(kind, store));
  if (d.mode == 2) {
    texts.push_back(text_of(ZB_EV_PUBLISHED, d.hold != ZB_NO_BUFFER ? store : other));
    texts.push_back(text_of(ZB_EV_ACKNOWLEDGED, d.hold != ZB_NO_BUFFER ? d.hold : other));
  } else {
    texts.push_back(text_of(ZB_EV_COPIED_OUT, other));
  }
  texts.push_back(text_of(ZB_EV_WOKEN, 0));
  texts.push_back(text_of(ZB_EV_RECLAIMED, d.hold != ZB_NO_BUFFER ? d.hold : other));
  if (d.filter_instructions > 1)
    texts.insert(texts.begin() + 1, text_of(ZB_EV_REJECTED, 0));
  return texts;
}

} // namespace

Quiz quiz_at(const Recording& recording, const State& state, std::uint64_t done, std::uint16_t descriptor) {
  constexpr std::size_t choices = 4;
  Quiz quiz;
  if (descriptor >= state.descriptors.size())
    return quiz;
  const auto next = recording.next(asked, done, Recording::Direction::forward, descriptor);
  if (!next)
    return quiz;
  quiz.event = *next;
  const Event e = recording.event(*next);
  const QString right = text_of(e.kind, e.buffer);
  quiz.choices.push_back({right, true});
  for (const QString& text : thinkable(state.descriptors[descriptor]))
    if (quiz.choices.size() < choices && text != right)
      quiz.choices.push_back({text, false});
  // In an order that does not give it away, and is the same each time.
  const std::uint64_t place = (*next * 0x9e3779b97f4a7c15u) >> 62;
  std::swap(quiz.choices.front(), quiz.choices[static_cast<std::size_t>(place) % quiz.choices.size()]);
  return quiz;
}

} // namespace zbuf::gui::stage

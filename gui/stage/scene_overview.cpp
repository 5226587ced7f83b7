// SPDX-License-Identifier: GPL-3.0-or-later
// The strip of small cards, one for each descriptor.
#include "gui/stage/scene_builder.h"

#include "gui/stage/words.h"
#include "gui/theme/format.h"

#include <algorithm>

namespace zbuf::gui::stage {

namespace {

Overview::Bar bar_of(const BufferState& b, const QRectF& rect) {
  Overview::Bar bar;
  bar.rect = rect;
  bar.present = b.present;
  bar.fill = b.size == 0 ? 0 : std::clamp(static_cast<double>(b.bytes) / b.size, 0.0, 1.0);
  bar.owner = b.shared && b.user_owned() ? Owner::user : Owner::kernel;
  return bar;
}

} // namespace

void SceneBuilder::add_overview() {
  const auto& descriptors = in_.state->descriptors;
  if (descriptors.size() < 2)
    return;
  const QRectF& strip = layout_.overview;
  const double gap = u(6);
  const auto room =
      static_cast<std::size_t>(std::max(1.0, strip.width() / (type_.width("M", Face::ui, 9) * 13)));
  const std::size_t count = std::min(room, descriptors.size());
  // Around the one in focus, if there is no room for all.
  std::size_t first = in_.descriptor > count / 2 ? in_.descriptor - count / 2 : 0;
  first = std::min(first, descriptors.size() - count);
  const double most = u(230);
  const double width =
      std::min(most, (strip.width() - gap * static_cast<double>(count - 1)) / static_cast<double>(count));
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t number = first + i;
    const DescriptorState& d = descriptors[number];
    const QString name = c_.facts.reader(static_cast<std::uint16_t>(number));
    Overview card;
    card.rect = {strip.left() + static_cast<double>(i) * (width + gap), strip.top(), width, strip.height()};
    card.focused = number == in_.descriptor;
    const QRectF inner = card.rect.adjusted(u(7), u(3), -u(7), -u(4));
    const double half = inner.height() / 2;
    const QString drops = d.total.dropped == 0
                              ? Words::tr("no drops")
                              : Words::tr("%1 dropped").arg(zbuf::gui::count(d.total.dropped));
    const QString what = !d.open && d.known ? Words::tr("closed") : drops;
    card.texts.push_back(type_.set({inner.left(), inner.top(), inner.width() * 0.5, half}, name,
                                   Face::ui_bold, 9, card.focused ? Ink::accent : Ink::text));
    card.texts.push_back(type_.set(
        {inner.left() + inner.width() * 0.5, inner.top(), inner.width() * 0.5, half}, what, Face::ui, 8,
        d.total.dropped > 0 ? Ink::danger : Ink::muted, Qt::AlignRight | Qt::AlignVCenter));
    const double bar_width = (inner.width() - gap) / 2;
    for (const std::uint8_t which : {ZB_A, ZB_B}) {
      const QRectF rect(inner.left() + which * (bar_width + gap), inner.top() + half + u(2), bar_width,
                        half - u(2));
      Overview::Bar& bar = card.bars[which];
      bar = bar_of(d.buffers[which], rect);
      const QString sign = bar.owner == Owner::user ? QStringLiteral("▲") : QStringLiteral("▼");
      bar.text = type_.set(rect.adjusted(u(3), 0, -u(3), 0),
                           d.buffers[which].shared ? buffer_name(which) + QLatin1Char(' ') + sign
                                                   : buffer_name(which),
                           Face::ui_bold, 8, bar.owner == Owner::user ? Ink::user : Ink::kernel);
    }
    element(Part::descriptor, static_cast<int>(number), card.rect, Words::tr("Descriptor of %1").arg(name),
            Words::tr("%1; the user owns %2 of its buffers").arg(what).arg(d.user_owned()), true);
    scene_.overview.push_back(std::move(card));
  }
}

} // namespace zbuf::gui::stage

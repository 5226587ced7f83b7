// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/stage/scene_builder.h"

#include "gui/stage/words.h"

namespace zbuf::gui::stage {

namespace {

const DescriptorState& descriptor_in(const State& state, std::uint16_t number) {
  static const DescriptorState none{};
  return number < state.descriptors.size() ? state.descriptors[number] : none;
}

} // namespace

QString slot_name(std::size_t slot) {
  return slot == 0 ? Words::tr("HOLD") : slot == 1 ? Words::tr("STORE") : Words::tr("FREE");
}

QString buffer_name(std::uint8_t which) {
  return which == ZB_A ? QStringLiteral("A") : which == ZB_B ? QStringLiteral("B") : Words::tr("copy");
}

SceneBuilder::SceneBuilder(const Context& context)
    : c_(context), in_(context.input), layout_(context.layout), type_(context.type),
      d_(descriptor_in(*context.input.state, context.input.descriptor)),
      shown_(descriptor_in(context.shown, context.input.descriptor)) {}

Scene SceneBuilder::build() {
  scene_.size = in_.size;
  scene_.unit = layout_.unit;
  scene_.empty = false;
  scene_.user_area = layout_.user;
  scene_.kernel_area = layout_.kernel;
  add_overview();
  add_titles();
  add_reader();
  add_slots();
  add_buffers();
  add_copy();
  add_reading();
  add_pill();
  add_interface();
  add_filter();
  if (c_.motion.streams)
    add_streams();
  else
    add_packets();
  add_bin();
  add_counters();
  add_quiz();
  add_notice();
  return std::move(scene_);
}

void SceneBuilder::element(Part part, int number, const QRectF& rect, const QString& name,
                           const QString& description, bool active) {
  scene_.elements.push_back({part, number, rect, name, description, active});
}

/// A title in bold, and a line or more under it.
void SceneBuilder::panel_lines(Panel& panel, const QString& title, const QString& rest) const {
  const QRectF inner = panel.rect.adjusted(u(8), u(6), -u(8), -u(5));
  const double line = type_.line(Face::ui_bold, 9.5);
  panel.texts.push_back(type_.set({inner.left(), inner.top(), inner.width(), line}, title, Face::ui_bold, 9.5,
                                  panel.alarm ? Ink::danger : Ink::text));
  type_.set_lines(panel.texts, inner.adjusted(0, line, 0, 0), rest, Face::ui, 8.5, Ink::muted);
}

} // namespace zbuf::gui::stage

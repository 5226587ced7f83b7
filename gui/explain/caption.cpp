// SPDX-License-Identifier: GPL-3.0-or-later
// Which file has the words for an event.
#include "gui/explain/words.h"

namespace zbuf::gui::explain {

namespace {

const DescriptorState no_descriptor{};

const DescriptorState& descriptor_in(const State& state, std::uint16_t number) {
  return number < state.descriptors.size() ? state.descriptors[number] : no_descriptor;
}

Caption unknown(const Event& event) {
  return {Captions::tr("Something happened that this program does not know"),
          Captions::tr(
              "The recording has an event of kind %1, which has no name here. A later version of zbuf lab "
              "made it; everything else is shown as usual.")
              .arg(event.kind)};
}

Caption words_of(const Moment& moment) {
  switch (kind_info(moment.event.kind).category) {
  case Category::packet:
    return caption_of_packet(moment);
  case Category::buffer:
    return caption_of_buffer(moment);
  case Category::descriptor:
    return caption_of_setting(moment);
  case Category::call:
    return caption_of_call(moment);
  case Category::user:
    return caption_of_reader(moment);
  case Category::interface:
  case Category::run:
    return caption_of_run(moment);
  case Category::unknown:
    break;
  }
  return unknown(moment.event);
}

} // namespace

const DescriptorState& Moment::now() const {
  return descriptor_in(after, event.descriptor);
}

const DescriptorState& Moment::then() const {
  return descriptor_in(before, event.descriptor);
}

QString Moment::interface(std::uint32_t number) const {
  static const RunFacts none;
  return (facts != nullptr ? *facts : none).interface(number);
}

Caption caption_of(const Moment& moment) {
  Caption caption = words_of(moment);
  caption.values = values_of(moment);
  return caption;
}

} // namespace zbuf::gui::explain

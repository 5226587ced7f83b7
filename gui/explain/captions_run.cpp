// SPDX-License-Identifier: GPL-3.0-or-later
// Captions of interfaces and of the run itself.
#include "gui/explain/words.h"

namespace zbuf::gui::explain {

namespace {

/// The words for one kind of event. A kind of this file's categories that has none does not compile.
template <zb_event_kind kind>
Caption caption(const Moment& m) = delete;

template <>
Caption caption<ZB_EV_IF_UP>(const Moment& m) {
  return {Captions::tr("%1 is up").arg(m.interface(m.event.c)),
          Captions::tr("Packets can arrive there again."), "2.18", manual::description()};
}

template <>
Caption caption<ZB_EV_IF_DOWN>(const Moment& m) {
  return {
      Captions::tr("%1 is down").arg(m.interface(m.event.c)),
      Captions::tr("No packets arrive there for now. Descriptors stay attached, and keep what they have."),
      "2.18", manual::description()};
}

template <>
Caption caption<ZB_EV_IF_GONE>(const Moment& m) {
  return {Captions::tr("%1 is gone").arg(m.interface(m.event.c)),
          Captions::tr("The interface was destroyed. The kernel detaches every descriptor from it and "
                       "wakes whoever waits."),
          "2.18", manual::description()};
}

template <>
Caption caption<ZB_EV_MARK>(const Moment& m) {
  const Event& e = m.event;
  const auto about = static_cast<std::uint64_t>(joined(e.c, e.d));
  if (e.b != 0)
    return {Captions::tr("Something goes wrong on purpose"),
            Captions::tr("The scenario has its fault number %1 happen here. What follows shows what it does.")
                .arg(e.a + 1)};
  return {
      Captions::tr("Chapter %1 is reached").arg(e.a + 1),
      Captions::tr("The author of the lesson marked this instant. It is about event %1.").arg(count(about))};
}

template <>
Caption caption<ZB_EV_LOST_EVENTS>(const Moment& m) {
  return {Captions::tr("Events are missing here"),
          Captions::tr(
              "The source could not keep up, and %1 events were lost. From here on, what is shown may be "
              "incomplete, and invariants are not checked.")
              .arg(count(m.event.a))};
}

template <>
Caption caption<ZB_EV_END>(const Moment& m) {
  return {Captions::tr("The run ends"),
          Captions::tr("This is the last event. What is in the buffers now stays there: %1 records that the "
                       "reader has not handled.")
              .arg(count(m.after.in_buffers()))};
}

} // namespace

Caption caption_of_run(const Moment& m) {
  switch (m.event.kind) {
    ZB_INTERFACE_EVENTS(ZBUF_CAPTION)
    ZB_RUN_EVENTS(ZBUF_CAPTION)
  default:
    return {};
  }
}

} // namespace zbuf::gui::explain

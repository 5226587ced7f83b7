// SPDX-License-Identifier: GPL-3.0-or-later
// Captions of the descriptor: opened, set up, attached, its timer and its wake-ups (spec 2.12 to 2.18).
#include "core/device/device.h"
#include "gui/explain/words.h"

namespace zbuf::gui::explain {

namespace {

/// The words for one kind of event. A kind of this file's category that has none does not compile.
template <zb_event_kind kind>
Caption caption(const Moment& m) = delete;

/// "100 ms (100 ticks)"
QString ticks_text(const Moment& m, std::uint32_t ticks) {
  const std::uint32_t hz = m.now().hz;
  const QString number = ticks == 1 ? Captions::tr("1 tick") : Captions::tr("%1 ticks").arg(count(ticks));
  if (hz == 0)
    return number;
  return Captions::tr("%1 (%2)").arg(time(std::uint64_t{ticks} * 1'000'000'000 / hz), number);
}

template <>
Caption caption<ZB_EV_WOKEN>(const Moment& m) {
  Caption caption{Captions::tr("The kernel wakes the reader"), {}, "2.12", manual::zero_copy()};
  QString why;
  switch (m.event.c) {
  case ZB_BY_PACKET:
    why = Captions::tr("A buffer has moved into hold, so that there is something to read.");
    break;
  case ZB_BY_IMMEDIATE:
    why = m.now().immediate
              ? Captions::tr(
                    "In immediate mode every packet that is stored wakes the reader, full buffer or not.")
              : Captions::tr(
                    "The read time-out has passed and was not answered by a call since, so that every packet "
                    "that is stored wakes the reader.");
    break;
  case ZB_BY_TIMER:
    why = Captions::tr("The read time-out has passed, and there are packets in the store.");
    break;
  case ZB_BY_DEPARTURE:
    why = Captions::tr("The interface is gone, and nobody should wait for its packets.");
    break;
  default:
    why = Captions::tr("Something changed that it may be waiting for.");
    break;
  }
  const QString effect =
      m.then().reader_asleep
          ? Captions::tr("It sleeps in a call and will run again.")
          : Captions::tr("It does not sleep at the moment, so this costs next to nothing.");
  caption.text = joined_sentences({why, effect});
  return caption;
}

template <>
Caption caption<ZB_EV_TIMER_ARMED>(const Moment& m) {
  return {
      Captions::tr("The read timer starts"),
      Captions::tr(
          "The reader asked whether there is something to read, and there is not. If nothing happens for %1, "
          "the descriptor counts as timed out and what is in the store may be taken.")
          .arg(ticks_text(m, m.event.a)),
      "2.13, 2.14", manual::ioctls()};
}

template <>
Caption caption<ZB_EV_TIMER_CANCELLED>(const Moment& m) {
  if (m.then().wait == WaitState::timed_out)
    return {Captions::tr("The time-out is forgotten"),
            Captions::tr(
                "The descriptor had timed out. Any ioctl(2), and read(2), ends that, whatever it was for."),
            "2.14, 4.1", manual::ioctls()};
  return {
      Captions::tr("The read timer stops"),
      Captions::tr(
          "It was running for a poll(2). A wake-up stops it, and so does any ioctl(2), even one that only "
          "asks for a number."),
      "2.12, 4.1", manual::ioctls()};
}

template <>
Caption caption<ZB_EV_TIMED_OUT>(const Moment& m) {
  return {
      Captions::tr("The read time-out passes"),
      m.now().store_length != 0
          ? Captions::tr(
                "No buffer became full in time. There are %1 in the store, and the reader is woken for them.")
                .arg(bytes(m.now().store_length))
          : Captions::tr(
                "No packet was stored in time, so there is nothing to wake anybody for. The next packet that "
                "is stored will."),
      "2.14", manual::ioctls()};
}

template <>
Caption caption<ZB_EV_OPENED>(const Moment& m) {
  const zb_revision& revision = revision_of(m.now());
  return {Captions::tr("A process opens /dev/bpf"),
          Captions::tr(
              "It is descriptor %1 of this run, on a kernel of revision %2 (%3). It has no buffers and no "
              "interface yet, and is in read(2) mode until BIOCSETBUFMODE says otherwise.")
              .arg(m.event.descriptor)
              .arg(revision.name, revision.when),
          "1.4, 4.17", manual::description()};
}

template <>
Caption caption<ZB_EV_CLOSED>(const Moment& m) {
  return {Captions::tr("The descriptor is closed"),
          Captions::tr(
              "The kernel detaches it and lets go of its buffers, whoever owned them. Records that were not "
              "handled are left behind."),
          "2.19", m.then().mode == 2 ? manual::zero_copy() : manual::description()};
}

template <>
Caption caption<ZB_EV_MODE>(const Moment& m) {
  if (m.event.a == 2)
    return {Captions::tr("The descriptor is in zero-copy mode now"),
            Captions::tr("BIOCSETBUFMODE comes first, because it decides where the buffers come from: the "
                         "process will lend "
                         "two of its own, with BIOCSETZBUF. It works only while there are no buffers and no "
                         "interface, and "
                         "where net.bpf.zerocopy_enable is 1."),
            "4.2", manual::zero_copy()};
  return {
      Captions::tr("The descriptor is in read(2) mode"),
      Captions::tr("The kernel will keep packets in two buffers of its own and copy them out on request."),
      "4.2", manual::buffered()};
}

template <>
Caption caption<ZB_EV_ATTACHED>(const Moment& m) {
  return {
      Captions::tr("The descriptor is attached to %1").arg(m.interface(m.event.a)),
      Captions::tr(
          "From now on its packets pass the filter of this descriptor. Their link-layer header has %1, which "
          "decides how long a record header is: the network header behind it shall lie on a good boundary.")
          .arg(bytes(m.event.c)),
      "1.6, 2.18, 4.6", manual::ioctls()};
}

template <>
Caption caption<ZB_EV_DETACHED>(const Moment& m) {
  const bool gone = m.event.c == ZB_BY_DEPARTURE;
  return {gone ? Captions::tr("%1 is gone, and the descriptor is on its own").arg(m.interface(m.event.a))
               : Captions::tr("The descriptor leaves %1").arg(m.interface(m.event.a)),
          gone ? Captions::tr("There will be no more packets. What was handed over can still be read, and "
                              "BIOCROTZBUF still "
                              "hands over the rest; read(2) fails with ENXIO when nothing is left.")
               : Captions::tr("Its buffers and their generations stay as they are."),
          "2.18", manual::ioctls()};
}

template <>
Caption caption<ZB_EV_IMMEDIATE>(const Moment& m) {
  if (m.event.a != 0)
    return {Captions::tr("Immediate mode is on"),
            Captions::tr("Every packet that is stored wakes the reader, so that it does not wait for a "
                         "buffer to fill. That "
                         "is quick, and costs system calls."),
            "2.11, 2.12", manual::ioctls()};
  return {Captions::tr("Immediate mode is off"),
          Captions::tr("The reader is woken when a buffer is full, or when its time-out has passed."),
          "2.11, 2.12", manual::ioctls()};
}

template <>
Caption caption<ZB_EV_TIMEOUT_SET>(const Moment& m) {
  Caption caption{Captions::tr("The read time-out is set"), {}, "2.15", manual::ioctls()};
  if (m.event.a == 0)
    caption.text = revision_of(m.now()).timeout_rounding == ZB_ROUND_DOWN
                       ? Captions::tr("It is 0 ticks, and that means: wait for ever. This kernel rounds "
                                      "down, so that whatever is "
                                      "below one tick becomes 0 as well.")
                       : Captions::tr("It is 0 ticks: wait for ever.");
  else
    caption.text =
        Captions::tr(
            "It is %1. The kernel counts in ticks of its clock, %2 a second, and rounds what it is given.")
            .arg(ticks_text(m, m.event.a), count(m.now().hz));
  return caption;
}

template <>
Caption caption<ZB_EV_FILTER_SET>(const Moment& m) {
  const Event& e = m.event;
  const bool write = e.b != 0;
  const QString reset =
      e.c != 0 ? Captions::tr("BIOCSETFNR leaves buffers and counters as they are.")
      : write  ? QString()
               : Captions::tr("BIOCSETF also resets the descriptor, because what is in the store was let "
                               "in by another filter.");
  if (e.a == 0)
    return {write ? Captions::tr("The write filter is removed") : Captions::tr("The filter is removed"),
            joined_sentences({write ? Captions::tr("The process may send any packet.")
                                    : Captions::tr("Every packet is accepted from now on."),
                              reset}),
            "4.12", manual::filter()};
  const QString program = e.a == 1 ? Captions::tr("It is a program of one instruction, checked once and then "
                                                  "run in the kernel for every packet.")
                                   : Captions::tr("It is a program of %1 instructions, checked once and then "
                                                  "run in the kernel for every packet.")
                                         .arg(count(e.a));
  return {write ? Captions::tr("A write filter is set") : Captions::tr("A filter is set"),
          joined_sentences({program,
                            write ? Captions::tr("It decides which packets the process may send.")
                                  : Captions::tr("Only what it accepts is stored."),
                            reset}),
          "4.12, 2.17", manual::filter()};
}

template <>
Caption caption<ZB_EV_WROTE>(const Moment& m) {
  if (m.event.c != 0)
    return {Captions::tr("A packet is not sent"),
            Captions::tr("write(2) of %1 fails with %2.")
                .arg(bytes(m.event.a),
                     QString::fromStdString(std::string(error_name(static_cast<int>(m.event.c))))),
            "4.16", manual::description()};
  return {
      Captions::tr("The process sends a packet"),
      Captions::tr(
          "write(2) gave %1 to the interface, one packet for each call. Descriptors that look at outgoing "
          "packets will see it.")
          .arg(bytes(m.event.a)),
      "4.16", manual::description()};
}

} // namespace

Caption caption_of_setting(const Moment& m) {
  switch (m.event.kind) {
    ZB_DESCRIPTOR_EVENTS(ZBUF_CAPTION)
  default:
    return {};
  }
}

} // namespace zbuf::gui::explain

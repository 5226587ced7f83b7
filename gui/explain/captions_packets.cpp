// SPDX-License-Identifier: GPL-3.0-or-later
// Captions of packets: from the wire, through the filter, into the store or away (spec 2.7, 2.8).
#include "gui/explain/words.h"

namespace zbuf::gui::explain {

namespace {

/// The words for one kind of event. A kind of this file's category that has none does not compile.
template <zb_event_kind kind>
Caption caption(const Moment& m) = delete;

template <>
Caption caption<ZB_EV_ARRIVED>(const Moment& m) {
  const Event& e = m.event;
  const QString interface = m.interface(e.c);
  const bool outgoing = e.d != 0;
  Caption caption;
  caption.headline = outgoing ? Captions::tr("%1 leaves by %2").arg(packet_name(e), interface)
                              : Captions::tr("%1 arrives at %2").arg(packet_name(e), interface);
  const QString size = outgoing ? Captions::tr("This host sends a packet of %1.").arg(bytes(e.a))
                                : Captions::tr("A packet of %1 came in from the wire.").arg(bytes(e.a));
  caption.text = joined_sentences(
      {size,
       Captions::tr("The kernel shows it to every descriptor that is attached to %1, one after the other. "
                    "Each has a filter and two buffers of its own.")
           .arg(interface)});
  caption.rules = "2.7";
  caption.manual = manual::description();
  return caption;
}

template <>
Caption caption<ZB_EV_MISSED>(const Moment& m) {
  const Event& e = m.event;
  return {Captions::tr("%1 misses a packet").arg(m.interface(e.c)),
          Captions::tr(
              "The interface’s own queue was full, because the kernel did not take packets from it as fast "
              "as they came. BPF never saw this packet of %1, and no counter of a descriptor has it. A "
              "larger bpf buffer does not help against this; a cheaper filter does.")
              .arg(bytes(e.a)),
          {},
          manual::description()};
}

template <>
Caption caption<ZB_EV_REJECTED>(const Moment& m) {
  return {
      Captions::tr("The filter rejects %1").arg(packet_within(m.event)),
      Captions::tr(
          "The filter program returned 0. The packet counts as received, and that is all: nothing is "
          "stored or copied, and nobody is woken. A packet that nobody wants costs one run of the filter."),
      "2.7", manual::filter()};
}

template <>
Caption caption<ZB_EV_ACCEPTED>(const Moment& m) {
  const Event& e = m.event;
  const QString next = Captions::tr("Now catch_packet() looks for room in the store.");
  Caption caption{Captions::tr("The filter accepts %1").arg(packet_within(e)), {}, "2.7", manual::filter()};
  if (m.now().filter_instructions == 0) {
    caption.headline = Captions::tr("%1 is accepted").arg(packet_name(e));
    caption.text = joined_sentences(
        {Captions::tr("This descriptor has no filter, so every packet is accepted, whole."), next});
    return caption;
  }
  caption.text = joined_sentences(
      {Captions::tr(
           "The filter program returned %1: up to so many bytes of the packet may be kept. It counts as "
           "received and as matched.")
           .arg(count(e.a)),
       next});
  return caption;
}

/// The kernel wrote where the reader may be reading (spec 3.5).
Caption overwrote(const Moment& m) {
  return {
      Captions::tr("The kernel writes into buffer %1, which the user owns").arg(buffer_name(m.event.buffer)),
      Captions::tr(
          "%1 was stored at offset %2, over records that were handed to the reader and not returned. "
          "This kernel took the buffer back at a reset without asking who owned it. The reader may see "
          "the old record, the new one, or half of each. Later kernels drop the packet instead.")
          .arg(packet_name(m.event), count(m.event.a)),
      "3.5, 5.5", manual::zero_copy()};
}

template <>
Caption caption<ZB_EV_STORED>(const Moment& m) {
  const Event& e = m.event;
  if (m.has_buffer() && m.buffer_then().lent)
    return overwrote(m);
  const std::uint32_t hdrlen = e.c & 0xffff, pad = e.c >> 16;
  const QString where = Captions::tr("Its record begins at offset %1: a header of %2, then %3 of the packet.")
                            .arg(count(e.a), bytes(hdrlen), bytes(e.b));
  const QString padding =
      pad == 0 ? QString()
               : Captions::tr(
                     "Before it, %1 of padding were set to zero, because records begin at multiples of 8.")
                     .arg(bytes(pad));
  const QString cut =
      e.b >= e.d ? QString()
                 : Captions::tr("The packet had %1 on the wire; the rest is not kept.").arg(bytes(e.d));
  const QString copies =
      is_zero_copy(m.now())
          ? Captions::tr("This is the only copy that is made of it, straight into the reader’s memory.")
          : Captions::tr("read(2) will have to copy it a second time.");
  const bool eager = m.now().immediate || m.now().wait == WaitState::timed_out;
  const QString next =
      eager ? QString() : Captions::tr("The reader is not told: the buffer is handed over when it is full.");
  return {Captions::tr("%1 goes into buffer %2").arg(packet_name(e), buffer_name(e.buffer)),
          joined_sentences({where, padding, cut, copies, next}), "1.5–1.7, 2.8", manual::header()};
}

/// What the kernel waits for, after a drop.
QString what_would_help(const Moment& m) {
  const DescriptorState& d = m.now();
  if (d.hold > ZB_B)
    return Captions::tr("It goes on as soon as there is a free buffer.");
  const QString hold = buffer_name(d.hold);
  if (!is_zero_copy(d))
    return Captions::
        tr("Buffer %1 waits in hold for read(2); until it has been read, whatever does not fit is dropped.")
            .arg(hold);
  return Captions::tr("Every packet is dropped until the reader returns buffer %1, which is in hold.")
      .arg(hold);
}

template <>
Caption caption<ZB_EV_DROPPED>(const Moment& m) {
  const Event& e = m.event;
  const QString packet = packet_name(e), store = buffer_name(e.buffer);
  Caption caption{Captions::tr("%1 is dropped").arg(packet), {}, "2.8, 2.9", manual::ioctls()};
  const QString counted =
      Captions::tr("The kernel does not wait for a reader: it counts the drop (bs_drop).");
  switch (e.a) {
  case ZB_DROP_FULL:
    caption.headline = Captions::tr("%1 is dropped: no room").arg(packet);
    caption.text = joined_sentences(
        {Captions::tr(
             "Its record needs %1. The store, buffer %2, is filled up to %3 of %4, and no buffer is free.")
             .arg(bytes(e.b), store, count(e.c), count(m.has_buffer() ? m.buffer().size : 0)),
         counted, what_would_help(m)});
    break;
  case ZB_DROP_LENT:
    caption.headline = Captions::tr("%1 is dropped: both buffers are lent").arg(packet);
    caption.text = joined_sentences(
        {Captions::tr(
             "The store, buffer %1, was handed over where it is, so the kernel may not write there, and no "
             "buffer is free.")
             .arg(store),
         counted, what_would_help(m)});
    break;
  case ZB_DROP_GONE:
    caption.headline = Captions::tr("%1 is dropped: its interface is gone").arg(packet);
    caption.text = joined_sentences(
        {Captions::tr("The descriptor lost its interface while the packet was on its way."), counted});
    break;
  default:
    caption.headline = Captions::tr("%1 is dropped: there is no buffer").arg(packet);
    caption.text = joined_sentences(
        {Captions::tr("The descriptor is attached and has no buffer to store into."), counted});
    break;
  }
  return caption;
}

} // namespace

Caption caption_of_packet(const Moment& m) {
  switch (m.event.kind) {
    ZB_PACKET_EVENTS(ZBUF_CAPTION)
  default:
    return {};
  }
}

} // namespace zbuf::gui::explain

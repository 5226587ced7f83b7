// SPDX-License-Identifier: GPL-3.0-or-later
// Captions of the buffers: lent, rotated, published, taken back, and what goes wrong with them (spec 2.1
// to 2.6).
#include "gui/explain/words.h"

namespace zbuf::gui::explain {

namespace {

/// The words for one kind of event. A kind of this file's category that has none does not compile.
template <zb_event_kind kind>
Caption caption(const Moment& m) = delete;

/// "the read time-out passed": why a buffer moved.
QString cause_text(std::uint32_t cause) {
  switch (cause) {
  case ZB_BY_READ:
    return Captions::tr("read(2) takes what there is.");
  case ZB_BY_ROTZBUF:
    return Captions::tr("The reader asked with BIOCROTZBUF for what there is, full or not.");
  case ZB_BY_FLUSH:
    return Captions::tr("The reader asked for it with BIOCFLUSH.");
  case ZB_BY_SETF:
    return Captions::tr("A new filter was set, and what the old one let in goes.");
  case ZB_BY_SETIF:
    return Captions::tr("BIOCSETIF starts afresh.");
  case ZB_BY_SETDLT:
    return Captions::tr("The link type was changed, which starts afresh.");
  case ZB_BY_CLOSE:
    return Captions::tr("The descriptor is closed.");
  case ZB_BY_POLL:
    return Captions::tr("The reader asked whether there is something to read, and so the kernel looked.");
  default:
    return {};
  }
}

template <>
Caption caption<ZB_EV_LOANED>(const Moment& m) {
  const Event& e = m.event;
  const QString name = buffer_name(e.buffer);
  const QString slot = e.buffer == ZB_A
                           ? Captions::tr("%1 is the store now: the next packet goes there.").arg(name)
                           : Captions::tr("%1 is free now: it becomes the store when A is full.").arg(name);
  QString overlap;
  if (m.now().aliased)
    overlap =
        Captions::tr("It is the same memory as A, header and all. This kernel does not check that, and the "
                     "process has only itself to blame.");
  else if (m.now().overlapping)
    overlap = Captions::tr("It shares memory with A. This kernel does not check that.");
  return {Captions::tr("The process lends buffer %1 to the kernel").arg(name),
          joined_sentences(
              {Captions::tr("BIOCSETZBUF has wired its pages. Behind the header of 32 bytes it has room for "
                            "%1 of records.")
                   .arg(bytes(e.a)),
               slot, Captions::tr("All numbers in its header are 0. Equal generations: the kernel owns it."),
               overlap}),
          "2.1, 4.5", manual::zero_copy()};
}

template <>
Caption caption<ZB_EV_ALLOCATED>(const Moment& m) {
  const QString name = buffer_name(m.event.buffer);
  return {Captions::tr("The kernel allocates buffer %1").arg(name),
          joined_sentences(
              {Captions::tr(
                   "In read(2) mode the two buffers, of %1 each, are the kernel’s own. The reader never sees "
                   "them: read(2) copies them out.")
                   .arg(bytes(m.event.a)),
               m.event.buffer == ZB_A ? Captions::tr("A is the store now: the next packet goes there.")
                                      : Captions::tr("B is free now: it becomes the store when A is full.")}),
          "2.1, 7.1", manual::buffered()};
}

/// Why the packet on the way could not go into the store.
QString why_no_room(const Moment& m) {
  const Event& e = m.event;
  const QString name = buffer_name(e.buffer);
  if (m.buffer_then().published)
    return Captions::tr("%1 could not be stored in %2, which was handed to the user while it was the store.")
        .arg(packet_name(e), name);
  return Captions::tr("The record of %1 does not fit behind the %2 in %3.")
      .arg(packet_within(e), bytes(e.a), name);
}

template <>
Caption caption<ZB_EV_ROTATED>(const Moment& m) {
  const Event& e = m.event;
  const QString name = buffer_name(e.buffer), store = buffer_name(e.b);
  const bool by_packet = e.c == ZB_BY_PACKET && e.packet != ZB_NO_PACKET;
  const bool given_back = m.buffer_then().published && !m.buffer_then().lent;
  const QString why =
      by_packet && !(given_back && revision_of(m.now()).settles) ? why_no_room(m) : cause_text(e.c);
  const QString move =
      Captions::tr("So %1 moves from store to hold, %2 from free to store, and free is empty.")
          .arg(name, store);
  QString next;
  if (!is_zero_copy(m.now()))
    next = Captions::tr("It waits there for read(2).");
  else if (!m.buffer_then().published)
    next = Captions::tr("Next, publish() hands it to the reader.");
  else if (given_back)
    next = Captions::tr("The reader has returned it already, so that it can go on to free.");
  else
    next = Captions::tr("It was published in the store, and a fill is published only once.");
  return {Captions::tr("Buffer %1 moves from store to hold").arg(name), joined_sentences({why, move, next}),
          "2.2", is_zero_copy(m.now()) ? manual::zero_copy() : manual::buffered()};
}

template <>
Caption caption<ZB_EV_PUBLISHED>(const Moment& m) {
  const Event& e = m.event;
  const QString name = buffer_name(e.buffer);
  const bool in_store = e.c != 0;
  const QString why = in_store ? Captions::tr("A packet does not fit into the store, and no buffer is free. "
                                              "So the kernel lends %1 where it is, in "
                                              "the store.")
                                     .arg(name)
                               : QString();
  const QString how =
      Captions::tr("The kernel wrote the length, %1, and then raised kernel_gen to %2, with release order: "
                   "whoever sees the new generation also sees the length and the records.")
          .arg(bytes(e.a), count(e.b));
  const QString now =
      in_store ? Captions::tr("Until the reader returns a buffer, there is no place for a packet.")
               : Captions::tr(
                     "From this instant the reader owns %1, although no system call was made and no byte was "
                     "copied. It returns %1 by storing %2 in user_gen.")
                     .arg(name, count(e.b));
  return {in_store ? Captions::tr("The kernel hands over buffer %1 as well, still in the store").arg(name)
                   : Captions::tr("The kernel hands buffer %1 to the reader").arg(name),
          joined_sentences({why, how, now}), in_store ? "2.4, 3.1, 3.7" : "2.2, 2.3, 3.1",
          manual::zero_copy()};
}

template <>
Caption caption<ZB_EV_RECLAIMED>(const Moment& m) {
  const Event& e = m.event;
  const QString name = buffer_name(e.buffer);
  const BufferState& b = m.buffer_then();
  Caption caption{
      Captions::tr("The kernel takes buffer %1 back").arg(name), {}, "2.5, 2.6", manual::zero_copy()};
  const QString move = Captions::tr("%1 moves from hold to free.").arg(name);
  if (!is_zero_copy(m.now())) {
    caption.rules = "2.5, 2.10";
    caption.manual = manual::buffered();
    caption.headline = Captions::tr("Buffer %1 is free again").arg(name);
    caption.text = joined_sentences(
        {e.c == ZB_BY_READ ? Captions::tr("read(2) has copied it out, so that nobody needs it any more.")
                           : cause_text(e.c),
         move});
    return caption;
  }
  if (b.lent && b.user_owned()) {
    caption.headline = Captions::tr("The kernel takes buffer %1 back from under the reader").arg(name);
    caption.rules = "2.5, 5.5";
    caption.text = joined_sentences(
        {cause_text(e.c),
         Captions::tr("The generations differ, %1 and %2, so the user owns it; this kernel does not look.")
             .arg(count(b.kernel_gen), count(b.user_gen)),
         move, Captions::tr("The next packets may be written over what the reader is reading.")});
    return caption;
  }
  if (b.lent) {
    caption.text = joined_sentences({Captions::tr("Both generations in its header are %1, so it looks "
                                                  "returned, but the reader never returned this "
                                                  "fill.")
                                         .arg(count(b.user_gen)),
                                     move, Captions::tr("What was not read yet is lost.")});
    caption.rules = "2.6, 3.4";
    return caption;
  }
  const QString who = e.c == ZB_BY_PACKET
                          ? Captions::tr("The kernel looks when a packet comes and no buffer is free.")
                          : cause_text(e.c);
  caption.text = joined_sentences(
      {who,
       Captions::tr("user_gen is %1, the generation that was published: the reader has returned the buffer.")
           .arg(count(b.user_gen)),
       move, Captions::tr("It can become the store again.")});
  return caption;
}

template <>
Caption caption<ZB_EV_EMPTIED>(const Moment& m) {
  const Event& e = m.event;
  return {Captions::tr("Buffer %1 is emptied").arg(buffer_name(e.buffer)),
          joined_sentences(
              {cause_text(e.c), Captions::tr("The %1 in the store are thrown away, unread. The buffer stays "
                                             "in the store and is filled from the beginning.")
                                    .arg(bytes(e.a))}),
          "2.17", manual::ioctls()};
}

template <>
Caption caption<ZB_EV_WIPED>(const Moment& m) {
  const Event& e = m.event;
  const QString name = buffer_name(e.buffer);
  if (!m.buffer_then().present)
    return {
        Captions::tr("The header of buffer %1 is set to zero").arg(name),
        Captions::tr(
            "BIOCSETZBUF begins with the 32 bytes of the header. Both generations are 0, so they are equal, "
            "and the kernel owns the buffer."),
        "3.1, 4.5", manual::zero_copy()};
  return {Captions::tr("The header of buffer %1 is wiped under the reader").arg(name),
          Captions::tr(
              "A second BIOCSETZBUF is refused, but this kernel zeroes the headers before it finds that out. "
              "kernel_gen was %1 and user_gen %2. Now both are 0: the buffer looks returned, and the next "
              "packet will take it.")
              .arg(count(e.a), count(e.b)),
          "4.5b", manual::zero_copy()};
}

template <>
Caption caption<ZB_EV_COPIED_OUT>(const Moment& m) {
  return {
      Captions::tr("read(2) copies %1 to the reader").arg(bytes(m.event.a)),
      Captions::tr(
          "This is the second copy of every byte: first from the interface into the kernel’s buffer %1, now "
          "from there to the reader. Zero-copy does without it. When it is done, %1 is free again.")
          .arg(buffer_name(m.event.buffer)),
      "2.10, 7.3", manual::buffered()};
}

template <>
Caption caption<ZB_EV_UNLOADED>(const Moment& m) {
  const bool loan = m.buffer_then().shared;
  const QString name = buffer_name(m.event.buffer);
  return {
      Captions::tr("The kernel lets go of buffer %1").arg(name),
      loan
          ? Captions::tr(
                "Its pages are no longer wired. Whoever owned it, the memory is the process’s alone from now "
                "on, with the header and the records as they were.")
          : Captions::tr("The kernel frees the memory. Packets in it that were not read are gone."),
      "2.19", loan ? manual::zero_copy() : manual::buffered()};
}

template <>
Caption caption<ZB_EV_RESET>(const Moment& m) {
  return {
      Captions::tr("The counters start again at 0"),
      joined_sentences({cause_text(m.event.c), Captions::tr("What BIOCGSTATS reports is counted from here."),
                        revision_of(m.now()).reset_takes_hold_back || !is_zero_copy(m.now())
                            ? QString()
                            : Captions::tr("A buffer that the user owns is left alone.")}),
      "2.17", manual::ioctls()};
}

} // namespace

Caption caption_of_buffer(const Moment& m) {
  const bool complete = m.has_buffer() && m.has_descriptor();
  if (!complete && m.event.kind != ZB_EV_RESET) // a damaged file
    return {Captions::tr("A buffer changed"), QString::fromStdString(event_sentence(m.event)) + '.'};
  switch (m.event.kind) {
    ZB_BUFFER_EVENTS(ZBUF_CAPTION)
  default:
    return {};
  }
}

} // namespace zbuf::gui::explain

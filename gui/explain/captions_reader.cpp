// SPDX-License-Identifier: GPL-3.0-or-later
// Captions of the reader: it looks, takes, handles, returns, sleeps, and sometimes misbehaves (spec 3).
#include "core/device/records.h"
#include "gui/explain/words.h"

namespace zbuf::gui::explain {

namespace {

/// The words for one kind of event. A kind of this file's category that has none does not compile.
template <zb_event_kind kind>
Caption caption(const Moment& m) = delete;

template <>
Caption caption<ZB_EV_LOOKED>(const Moment& m) {
  const Event& e = m.event;
  const QString name = buffer_name(e.buffer);
  if (e.a != e.b)
    return {
        Captions::tr("The reader sees that buffer %1 is its own").arg(name),
        Captions::tr(
            "kernel_gen is %1 and user_gen is %2: they differ. It read kernel_gen with acquire order, so the "
            "length and the records that it reads next are those that the kernel wrote before. No system "
            "call "
            "was needed.")
            .arg(count(e.a), count(e.b)),
        "3.2, 3.10", manual::zero_copy()};
  const auto times = static_cast<std::uint64_t>(joined(e.c, e.d));
  const QString what =
      times > 1 ? Captions::tr("It looked %1 times: kernel_gen and user_gen are both %2, so the kernel still "
                               "owns %3.")
                      .arg(count(times), count(e.a), name)
                : Captions::tr("kernel_gen and user_gen are both %1, so the kernel still owns %2.")
                      .arg(count(e.a), name);
  return {
      Captions::tr("The reader looks at buffer %1: nothing yet").arg(name),
      joined_sentences(
          {what, Captions::tr("Looking costs no system call. It looks at this buffer only, because the two "
                              "are handed over in turn.")}),
      "3.2, 3.6, 3.10", manual::zero_copy()};
}

template <>
Caption caption<ZB_EV_TOOK>(const Moment& m) {
  const Event& e = m.event;
  const QString name = buffer_name(e.buffer);
  if (e.buffer == ZB_USER_COPY)
    return {Captions::tr("The reader begins to read its copy"),
            Captions::tr("read(2) gave it %1. They are its own: the kernel fills its two buffers meanwhile.")
                .arg(bytes(e.a)),
            "2.10, 3.10", manual::buffered()};
  return {Captions::tr("The reader begins to read buffer %1").arg(name),
          Captions::tr("It read kernel_len: %1 of records, generation %2. They are read where the kernel put "
                       "them; nothing is "
                       "copied. While it reads, the kernel may not write here.")
              .arg(bytes(e.a), count(e.b)),
          "3.2, 3.10", manual::zero_copy()};
}

template <>
Caption caption<ZB_EV_HANDLED>(const Moment& m) {
  const Event& e = m.event;
  if (!m.has_buffer())
    return {Captions::tr("The reader handles a record"), QString::fromStdString(event_sentence(e)) + '.'};
  const BufferState& b = m.buffer();
  const QString name = buffer_name(e.buffer);
  const bool copy = e.buffer == ZB_USER_COPY;
  const QString where =
      b.handled != 0 && b.records >= b.handled
          ? (copy ? Captions::tr("Record %1 of %2 in its copy, at offset %3: %4 of the packet.")
                        .arg(count(b.handled), count(b.records), count(e.a), bytes(e.b))
                  : Captions::tr("Record %1 of %2 in %3, at offset %4: %5 of the packet.")
                        .arg(count(b.handled), count(b.records), name, count(e.a), bytes(e.b)))
          : Captions::tr("The record at offset %1: %2 of the packet.").arg(count(e.a), bytes(e.b));
  const QString broken =
      m.now().total.garbled != m.then().total.garbled
          ? Captions::tr("It is not the record that was handed over: the kernel has written here since.")
          : QString();
  const QString again = m.now().total.repeated != m.then().total.repeated
                            ? Captions::tr("It has handled this one before.")
                            : QString();
  const QString next = b.unhandled() != 0
                           ? Captions::tr("The next one begins at the following multiple of 8.")
                       : copy ? Captions::tr("That was the last one. It may call read(2) again.")
                              : Captions::tr("That was the last one. It may return the buffer now.");
  return {Captions::tr("The reader handles %1").arg(packet_within(e)),
          joined_sentences({where, broken, again, next}), "1.5, 3.10", manual::header()};
}

/// Returned before the older one, which the kernel will look at first (spec 2.9 v).
bool out_of_turn(const Moment& m) {
  const DescriptorState& d = m.then();
  if (m.event.buffer > ZB_B || d.store != m.event.buffer || d.hold > ZB_B)
    return false;
  return d.buffers.at(d.hold).user_owned();
}

template <>
Caption caption<ZB_EV_ACKNOWLEDGED>(const Moment& m) {
  const Event& e = m.event;
  const QString name = buffer_name(e.buffer);
  const QString how =
      Captions::tr("It stored %1 in user_gen, with release order: all its reads come before. One store to "
                   "memory, no system call.")
          .arg(count(e.a));
  Caption caption{
      Captions::tr("The reader returns buffer %1").arg(name), {}, "2.6, 2.8, 3.1", manual::zero_copy()};
  if (m.has_buffer() && m.buffer().kernel_gen != e.a) {
    caption.text = joined_sentences(
        {how,
         Captions::tr(
             "But kernel_gen is %1 meanwhile, so the generations still differ and the user still owns it.")
             .arg(count(m.buffer().kernel_gen))});
    return caption;
  }
  if (out_of_turn(m)) {
    caption.headline = Captions::tr("The reader returns buffer %1 first, the younger one").arg(name);
    caption.rules = "2.9, 3.6";
    caption.text = joined_sentences(
        {how,
         Captions::tr(
             "It does not help: the kernel only asks whether the hold was returned, and %1 is in the store. "
             "Until %2 comes back, every packet is dropped.")
             .arg(name, buffer_name(m.then().hold))});
    return caption;
  }
  const QString effect =
      m.now().hold == e.buffer
          ? Captions::tr("The generations are equal, so the kernel owns %1 again. It is not told: it looks "
                         "when the next "
                         "packet comes.")
                .arg(name)
          : Captions::tr(
                "The generations are equal, so the kernel owns %1 again, and will find out in its time.")
                .arg(name);
  caption.text = joined_sentences({how, effect});
  return caption;
}

QString fault_text(std::uint32_t fault) {
  switch (static_cast<RecordFault>(fault)) {
  case RecordFault::header_cut:
    return Captions::tr("There are fewer bytes left than a record header has.");
  case RecordFault::no_hdrlen:
    return Captions::tr("Its bh_hdrlen is smaller than the header itself.");
  case RecordFault::past_end:
    return Captions::tr("Its lengths reach beyond the end that was published.");
  default:
    return Captions::tr("It is not a record.");
  }
}

template <>
Caption caption<ZB_EV_BAD_RECORD>(const Moment& m) {
  const Event& e = m.event;
  return {Captions::tr("The reader refuses a record"),
          joined_sentences(
              {Captions::tr("At offset %1 of %2 there is something that cannot be a record.")
                   .arg(count(e.a), buffer_name(e.buffer)),
               fault_text(e.b),
               Captions::tr("A careful reader checks each length before it uses it, and stops here.")}),
          "1.5, 1.7", manual::header()};
}

template <>
Caption caption<ZB_EV_SCRIBBLED>(const Moment& m) {
  const Event& e = m.event;
  const QString name = buffer_name(e.buffer);
  const QString field = e.a == 0 ? "kernel_gen" : e.a == 1 ? "kernel_len" : "user_gen";
  const QString what = Captions::tr("It stored %1 over %2.").arg(count(e.b), count(e.c));
  const bool believes = !revision_of(m.now()).private_generation;
  QString effect;
  if (e.a == 0)
    effect =
        believes
            ? Captions::tr(
                  "That word is the kernel’s, but this kernel reads it back and believes it. The process "
                  "harms nobody but itself.")
            : Captions::tr(
                  "That word is the kernel’s, and this kernel never reads it back: it has the number in "
                  "its own memory.");
  else if (e.a == 1)
    effect = Captions::tr(
        "That word is the kernel’s, but it only writes it. The process deceives itself about the length.");
  else
    effect = Captions::tr(
        "That word is the user’s, but this value was not asked for: it may count as a return, now or at the "
        "next publication.");
  return {Captions::tr("The process writes %1 of buffer %2").arg(field, name),
          joined_sentences({what, effect}), "3.4", manual::zero_copy()};
}

template <>
Caption caption<ZB_EV_READER>(const Moment& m) {
  Caption caption{{}, {}, {}, manual::description()};
  switch (m.event.a) {
  case ZB_READER_STARTED:
    caption.headline = Captions::tr("A reader starts");
    caption.text = Captions::tr(
        "It has opened a descriptor and prepares it: mode, buffers, filter, and the interface last.");
    caption.rules = "3.9";
    break;
  case ZB_READER_STALLED:
    caption.headline = Captions::tr("The reader stops");
    caption.text = Captions::tr(
        "It keeps what it has and does nothing, as a process does that waits for a busy disk. It does "
        "not sleep in one of our calls, so the kernel cannot wake it. Packets keep coming.");
    break;
  case ZB_READER_CONTINUES:
    caption.headline = Captions::tr("The reader goes on");
    caption.text = Captions::tr("It takes up where it stopped. What was dropped meanwhile is gone.");
    break;
  case ZB_READER_DIED:
    caption.headline = Captions::tr("The reader dies");
    caption.text =
        Captions::tr("The process was killed. The kernel closes its descriptor and lets go of its buffers.");
    caption.rules = "2.19";
    break;
  case ZB_READER_STOPPED:
    caption.headline = Captions::tr("The reader ends");
    caption.text = Captions::tr("There is nothing more to read, and it is done.");
    break;
  default:
    caption.headline = Captions::tr("The reader does something else now");
    caption.text = Captions::tr("The recording does not say what.");
    break;
  }
  return caption;
}

template <>
Caption caption<ZB_EV_SLEPT>(const Moment& m) {
  const QString call = call_name(m.event.a);
  return {Captions::tr("The reader sleeps in %1").arg(call),
          Captions::tr("There is nothing to read. It gives up the processor; a wake-up by the kernel, or the "
                       "time-out, brings "
                       "it back."),
          m.event.a == ZB_CALL_READ ? "2.10, 2.12" : "2.12, 2.13",
          is_zero_copy(m.now()) ? manual::zero_copy() : manual::buffered()};
}

template <>
Caption caption<ZB_EV_RESUMED>(const Moment& m) {
  return {Captions::tr("The reader runs again"),
          Captions::tr("It slept for %1 in %2. The kernel now looks again whether there is something for it.")
              .arg(time(static_cast<std::uint64_t>(joined(m.event.b, m.event.c))), call_name(m.event.a)),
          m.event.a == ZB_CALL_READ ? "2.10, 2.12" : "2.12, 2.13",
          is_zero_copy(m.now()) ? manual::zero_copy() : manual::buffered()};
}

template <>
Caption caption<ZB_EV_ROUND>(const Moment& m) {
  return {
      Captions::tr("A long silence begins"),
      Captions::tr("Nothing has come for so long that the reader only repeats itself. What it does next is "
                   "one round: it looks, asks or sleeps, and finds nothing. Until something comes, each "
                   "further round is the same, and the trace does not show it."),
      "2.12, 3.10", is_zero_copy(m.now()) ? manual::zero_copy() : manual::buffered()};
}

template <>
Caption caption<ZB_EV_IDLE>(const Moment& m) {
  const Event& e = m.event;
  return {
      Captions::tr("Nothing happened for %1").arg(time(static_cast<std::uint64_t>(joined(e.c, e.d)))),
      Captions::tr("The reader repeated its last round %1 times, and found nothing. Its system calls, looks "
                   "and time-outs are counted as often.")
          .arg(count(static_cast<std::uint64_t>(joined(e.a, e.b)))),
      "2.12, 3.10", is_zero_copy(m.now()) ? manual::zero_copy() : manual::buffered()};
}

} // namespace

Caption caption_of_reader(const Moment& m) {
  switch (m.event.kind) {
    ZB_USER_EVENTS(ZBUF_CAPTION)
  default:
    return {};
  }
}

} // namespace zbuf::gui::explain

// SPDX-License-Identifier: GPL-3.0-or-later
// Captions of system calls: what each is for, and what it came back with (spec 2.10 to 2.16, 4).
#include "core/device/device.h"
#include "gui/explain/words.h"

extern "C" {
#include "kernel/engine/abi.h"
}

namespace zbuf::gui::explain {

namespace {

/// The words for one kind of event. A kind of this file's category that has none does not compile.
template <zb_event_kind kind>
Caption caption(const Moment& m) = delete;

struct RequestText {
  std::uint32_t request;
  const char* text; ///< what it is for
  const char* rules;
};

constexpr RequestText requests[] = {
    {ZB_BIOCSETBUFMODE,
     QT_TRANSLATE_NOOP("Captions", "It chooses between read(2) and zero-copy. This comes first, because "
                                   "it decides where the buffers come from."),
     "4.2"},
    {ZB_BIOCGETBUFMODE, QT_TRANSLATE_NOOP("Captions", "It asks for the buffer mode."), "4.3"},
    {ZB_BIOCGETZMAX,
     QT_TRANSLATE_NOOP("Captions",
                       "It asks how large a buffer may be that is lent: 512 pages, which is 2 MiB."),
     "1.4, 4.4"},
    {ZB_BIOCSETZBUF,
     QT_TRANSLATE_NOOP("Captions", "It lends two buffers to the kernel: page-aligned, of equal size, whole "
                                   "pages. They stay lent until the descriptor is closed."),
     "2.1, 4.5"},
    {ZB_BIOCROTZBUF,
     QT_TRANSLATE_NOOP("Captions", "It asks the kernel to hand over a buffer that is not full, so that the "
                                   "last packets need not wait for more."),
     "2.16"},
    {ZB_BIOCSETIF,
     QT_TRANSLATE_NOOP("Captions", "It names the interface. This comes last, because packets flow from then "
                                   "on."),
     "2.18, 4.6"},
    {ZB_BIOCSETF, QT_TRANSLATE_NOOP("Captions", "It sets the filter program, and resets the descriptor."),
     "4.12, 2.17"},
    {ZB_BIOCSETFNR, QT_TRANSLATE_NOOP("Captions", "It sets the filter program, without a reset."), "4.12"},
    {ZB_BIOCSETWF, QT_TRANSLATE_NOOP("Captions", "It sets the filter for packets that the process sends."),
     "4.12"},
    {ZB_BIOCFLUSH,
     QT_TRANSLATE_NOOP("Captions",
                       "It throws away what has not been handed over, and sets the counters to 0."),
     "2.17"},
    {ZB_BIOCIMMEDIATE,
     QT_TRANSLATE_NOOP("Captions", "It turns immediate mode on or off: whether every packet wakes the "
                                   "reader, or only a full buffer."),
     "2.11"},
    {ZB_BIOCSRTIMEOUT,
     QT_TRANSLATE_NOOP("Captions", "It sets how long a read may wait. The kernel counts in ticks."), "2.15"},
    {ZB_BIOCGRTIMEOUT,
     QT_TRANSLATE_NOOP("Captions", "It asks for the read time-out, as the kernel rounded it."), "2.15"},
    {ZB_BIOCSBLEN,
     QT_TRANSLATE_NOOP("Captions", "It asks for kernel buffers of a size; the kernel may give less."), "4.8"},
    {ZB_BIOCGBLEN,
     QT_TRANSLATE_NOOP("Captions", "It asks how large a buffer is: read(2) must be given exactly that much."),
     "4.9"},
    {ZB_BIOCGSTATS,
     QT_TRANSLATE_NOOP("Captions",
                       "It asks how many packets were received and dropped since the last reset."),
     "4.14"},
    {ZB_FIONREAD,
     QT_TRANSLATE_NOOP("Captions",
                       "It asks how many bytes are in store and hold. On FreeBSD that counts what "
                       "was read and returned, too, until the kernel has taken it back."),
     "4.13"},
    {ZB_FIONBIO, QT_TRANSLATE_NOOP("Captions", "It chooses whether read(2) may sleep."), "2.10"},
    {ZB_BIOCSTSTAMP,
     QT_TRANSLATE_NOOP("Captions", "It chooses the format of the time stamps in record headers."), "1.7"},
    {ZB_BIOCLOCK,
     QT_TRANSLATE_NOOP("Captions",
                       "It locks the descriptor: from now on only harmless requests are allowed."),
     "4.1"},
    {ZB_BIOCPROMISC,
     QT_TRANSLATE_NOOP("Captions", "It has the interface take packets for other hosts as well."), "4.10"},
    {ZB_BIOCSDIRECTION,
     QT_TRANSLATE_NOOP("Captions", "It chooses between incoming packets, outgoing ones, and both."),
     "2.7, 4.11"},
    {ZB_BIOCGDLT, QT_TRANSLATE_NOOP("Captions", "It asks what the packets of the interface begin with."),
     "4.10"},
};

const RequestText* text_of(std::uint32_t request) {
  for (const RequestText& text : requests)
    if (text.request == request)
      return &text;
  return nullptr;
}

QString poll_text(const Moment& m) {
  const std::uint32_t timeout_ms = m.event.c;
  const QString ask = Captions::tr("It asks whether there is something to read.");
  if (timeout_ms == 0)
    return joined_sentences({ask, Captions::tr("It does not want to wait for it.")});
  if (timeout_ms > 0x7fffffff) // -1
    return joined_sentences({ask, Captions::tr("If not, it sleeps until there is.")});
  return joined_sentences({ask, Captions::tr("If not, it sleeps until there is, at most %1.")
                                    .arg(time(std::uint64_t{timeout_ms} * 1'000'000))});
}

template <>
Caption caption<ZB_EV_CALL>(const Moment& m) {
  const Event& e = m.event;
  const QString crossing =
      Captions::tr("A system call: the processor goes from the process into the kernel and back.");
  Caption caption{Captions::tr("The reader calls %1").arg(call_name(e)), {}, {}, manual::ioctls()};
  switch (e.a) {
  case ZB_CALL_OPEN:
    caption.text = joined_sentences(
        {Captions::tr("It opens /dev/bpf: every open gives a descriptor of its own."), crossing});
    caption.rules = "4.17";
    caption.manual = manual::description();
    break;
  case ZB_CALL_CLOSE:
    caption.text = joined_sentences(
        {Captions::tr("It gives the descriptor up, and the kernel lets go of its buffers."), crossing});
    caption.rules = "2.19";
    caption.manual = manual::description();
    break;
  case ZB_CALL_READ:
    caption.text = joined_sentences({Captions::tr("It wants the next full buffer copied into its own memory, "
                                                  "%1 of it: exactly as much as BIOCGBLEN "
                                                  "said. If there is none, it sleeps.")
                                         .arg(bytes(e.c)),
                                     crossing});
    caption.rules = "2.10";
    caption.manual = manual::buffered();
    break;
  case ZB_CALL_WRITE:
    caption.text =
        joined_sentences({Captions::tr("It wants to send a packet of %1.").arg(bytes(e.c)), crossing});
    caption.rules = "4.16";
    caption.manual = manual::description();
    break;
  case ZB_CALL_POLL:
    caption.text = joined_sentences({poll_text(m), crossing});
    caption.rules = "2.11, 2.13";
    caption.manual = is_zero_copy(m.now()) ? manual::zero_copy() : manual::buffered();
    break;
  default:
    const RequestText* const request = text_of(e.b);
    caption.text =
        joined_sentences({request != nullptr ? Captions::tr(request->text)
                                             : Captions::tr("It makes a request of the descriptor."),
                          crossing});
    caption.rules = request != nullptr ? request->rules : "4.1";
    break;
  }
  return caption;
}

/// FreeBSD's error numbers, and what they mean here.
QString error_text(const Event& e) {
  switch (e.c) {
  case ZB_EINVAL:
    if (e.a == ZB_CALL_IOCTL && e.b == ZB_BIOCSETZBUF)
      return Captions::tr(
          "The buffers must be two, not there yet, page-aligned and whole pages long, and the descriptor "
          "must not be attached.");
    return Captions::tr("The kernel does not accept the argument, or not now.");
  case ZB_EBUSY:
    return Captions::tr("It is too late: there are buffers already, or an interface.");
  case ZB_EFAULT:
    return Captions::tr("The memory is not there, or may not be written.");
  case ZB_EPERM:
    return Captions::tr("The descriptor is locked.");
  case ZB_ENXIO:
    return Captions::tr("There is no such interface, or it is gone.");
  case ZB_EOPNOTSUPP:
    return Captions::tr("The buffer mode is the other one.");
  case ZB_EWOULDBLOCK:
    return Captions::tr("There is nothing to read, and the reader does not want to wait.");
  case ZB_EINTR:
    return Captions::tr("A signal interrupted it.");
  default:
    return {};
  }
}

QString poll_result(const Moment& m) {
  const std::uint32_t ready = m.event.d;
  if (ready == 0)
    return Captions::tr("There is nothing to read, and the time is up.");
  if ((ready & ZB_POLLHUP) != 0)
    return Captions::tr("The interface is gone; there may be something left to read.");
  return Captions::tr("There is something to read.");
}

template <>
Caption caption<ZB_EV_RETURN>(const Moment& m) {
  const Event& e = m.event;
  const QString call = call_name(e);
  const RequestText* const request = e.a == ZB_CALL_IOCTL ? text_of(e.b) : nullptr;
  Caption caption{Captions::tr("%1 returns").arg(call),
                  {},
                  request != nullptr ? request->rules : "4.1",
                  manual::ioctls()};
  if (e.a == ZB_CALL_READ)
    caption.rules = "2.10";
  else if (e.a == ZB_CALL_POLL)
    caption.rules = "2.11, 2.13";
  else if (e.a == ZB_CALL_OPEN)
    caption.rules = "4.17";
  if (e.c != 0) {
    const auto name = QString::fromStdString(std::string(error_name(static_cast<int>(e.c))));
    caption.headline = Captions::tr("%1 fails: %2").arg(call, name);
    caption.text = joined_sentences(
        {Captions::tr("The kernel returned error %1, %2.").arg(e.c).arg(name), error_text(e)});
    return caption;
  }
  switch (e.a) {
  case ZB_CALL_READ:
    caption.manual = manual::buffered();
    caption.headline = e.d == 0 ? Captions::tr("read(2) returns nothing")
                                : Captions::tr("read(2) returns %1").arg(bytes(e.d));
    caption.text =
        e.d == 0
            ? Captions::tr("The read time-out passed, and no packet was stored meanwhile.")
            : Captions::tr("They are the records of one hold buffer, in the reader’s own memory now. It may "
                           "take its time with them: the kernel has its buffer back.");
    break;
  case ZB_CALL_POLL:
    caption.manual = is_zero_copy(m.now()) ? manual::zero_copy() : manual::buffered();
    caption.headline =
        e.d == 0 ? Captions::tr("poll(2) returns: nothing") : Captions::tr("poll(2) returns: ready");
    caption.text = joined_sentences(
        {poll_result(m),
         is_zero_copy(m.now())
             ? Captions::tr("What there is, the generations tell, not this call: next the reader looks.")
             : QString()});
    break;
  case ZB_CALL_IOCTL:
    if (e.b == ZB_BIOCROTZBUF)
      caption.text = Captions::tr(
          "Its answer can name a buffer that was read already, so a reader does not use it: it looks "
          "at the generations again.");
    else
      caption.text = Captions::tr("The kernel did what it was asked to. The process runs on.");
    break;
  default:
    caption.text = Captions::tr("The kernel did what it was asked to. The process runs on.");
    caption.manual = manual::description();
    break;
  }
  return caption;
}

} // namespace

Caption caption_of_call(const Moment& m) {
  switch (m.event.kind) {
    ZB_CALL_EVENTS(ZBUF_CAPTION)
  default:
    return {};
  }
}

} // namespace zbuf::gui::explain

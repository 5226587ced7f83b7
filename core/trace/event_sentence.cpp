// SPDX-License-Identifier: BSD-2-Clause
// A sentence for each event, in the words of the field.
#include "core/trace/event.h"

#include <fmt/format.h>

namespace zbuf {
namespace {

/// "a packet did not fit": why a buffer moved or somebody woke.
const char* reason(std::uint32_t cause) {
  static constexpr const char* texts[] = {"for no stated reason",
                                          "a packet came",
                                          "read(2) asked",
                                          "BIOCROTZBUF asked",
                                          "BIOCFLUSH",
                                          "a filter was set",
                                          "an interface was set",
                                          "the link type was set",
                                          "the read time-out ran out",
                                          "the interface went away",
                                          "the descriptor was closed",
                                          "a packet came in immediate mode or after the time-out",
                                          "readiness was asked"};
  return cause < std::size(texts) ? texts[cause] : texts[0];
}

std::string which_text(const Event& e) {
  switch (e.buffer) {
  case ZB_A:
    return "A";
  case ZB_B:
    return "B";
  case ZB_USER_COPY:
    return "the reader's copy";
  default:
    return "no buffer";
  }
}

std::string packet_text(const Event& e) {
  return e.packet == ZB_NO_PACKET ? std::string("A packet") : fmt::format("Packet {}", e.packet);
}

std::string call_text(const Event& e) {
  if (e.a != ZB_CALL_IOCTL)
    return call_name(e.a);
  const char* name = request_name(e.b);
  return name != nullptr ? fmt::format("ioctl {}", name) : fmt::format("ioctl {:#010x}", e.b);
}

const char* scribbled_field(std::uint32_t field) {
  return field == 0 ? "kernel_gen" : field == 1 ? "kernel_len" : "user_gen";
}

std::string summarize_packet(const Event& e) {
  const std::string packet = packet_text(e);
  switch (e.kind) {
  case ZB_EV_ARRIVED:
    return fmt::format("{} of {} bytes {} interface {}", packet, e.a, e.d != 0 ? "left by" : "arrived at",
                       e.c);
  case ZB_EV_MISSED:
    return fmt::format("{} of {} bytes was missed: the queue of interface {} was full", packet, e.a, e.c);
  case ZB_EV_REJECTED:
    return fmt::format("{} was rejected by the filter", packet);
  case ZB_EV_ACCEPTED:
    return e.a == 0xffffffffu ? fmt::format("{} was accepted whole", packet)
                              : fmt::format("{} was accepted, up to {} bytes", packet, e.a);
  case ZB_EV_STORED:
    return fmt::format("{} was stored in {} at offset {}: {} of {} bytes after a header of {}", packet,
                       which_text(e), e.a, e.b, e.d, e.c & 0xffff);
  default:
    break;
  }
  switch (e.a) { // dropped
  case ZB_DROP_FULL:
    return fmt::format("{} was dropped: its {} bytes do not fit after the {} in {}, and no buffer is free",
                       packet, e.b, e.c, which_text(e));
  case ZB_DROP_LENT:
    return fmt::format("{} was dropped: {} is already lent to the user, and no buffer is free", packet,
                       which_text(e));
  case ZB_DROP_GONE:
    return fmt::format("{} was dropped: the interface is gone", packet);
  default:
    return fmt::format("{} was dropped: there is no buffer", packet);
  }
}

std::string describe_buffer(const Event& e) {
  const std::string which = which_text(e);
  switch (e.kind) {
  case ZB_EV_LOANED:
    if (e.buffer == ZB_A)
      return fmt::format("A was loaned to the kernel: {} bytes for records; it is store now", e.a);
    return fmt::format("{} was loaned to the kernel: {} bytes for records, {} bytes from A; it is free now",
                       which, e.a, joined(e.b, e.c));
  case ZB_EV_ALLOCATED:
    return fmt::format("{} was allocated in the kernel: {} bytes; it is {} now", which, e.a,
                       e.buffer == ZB_A ? "store" : "free");
  case ZB_EV_ROTATED:
    return fmt::format("{} rotated from store to hold with {} bytes; {} is the store now ({})", which, e.a,
                       which_name(e.b), e.c == ZB_BY_PACKET ? "a packet did not fit" : reason(e.c));
  case ZB_EV_PUBLISHED:
    return fmt::format("{} was published with {} bytes as generation {}{}", which, e.a, e.b,
                       e.c != 0 ? ", still in store: it is full" : "");
  case ZB_EV_RECLAIMED:
    return fmt::format("{} was reclaimed: from hold to free ({})", which, reason(e.c));
  case ZB_EV_EMPTIED:
    return fmt::format("{} was emptied: its {} bytes are gone, and it stays in store ({})", which, e.a,
                       reason(e.c));
  case ZB_EV_WIPED:
    return fmt::format(
        "The header of {} was zeroed by BIOCSETZBUF: it had generations {} and {} and length {}", which, e.a,
        e.b, e.c);
  case ZB_EV_COPIED_OUT:
    return fmt::format("read(2) copied {} bytes of {} to the reader", e.a, which);
  case ZB_EV_UNLOADED:
    return fmt::format("{} was let go", which);
  default:
    return fmt::format("The descriptor was reset: counters are zero ({})", reason(e.c));
  }
}

std::string describe_setting(const Event& e) {
  switch (e.kind) {
  case ZB_EV_MODE:
    return e.a == 2 ? "The buffer mode is zero-copy" : "The buffer mode is read(2)";
  case ZB_EV_ATTACHED:
    return fmt::format("Attached to interface {}, link type {} with {} header bytes", e.a, e.b, e.c);
  case ZB_EV_DETACHED:
    return fmt::format("Detached from interface {} ({})", e.a, reason(e.c));
  case ZB_EV_IMMEDIATE:
    return fmt::format("Immediate mode is {}", e.a != 0 ? "on" : "off");
  case ZB_EV_TIMEOUT_SET:
    return e.a == 0 ? "The read time-out is 0 ticks: wait for ever"
                    : fmt::format("The read time-out is {} ticks", e.a);
  case ZB_EV_FILTER_SET:
    if (e.a == 0)
      return fmt::format("The {} filter was removed", e.b != 0 ? "write" : "read");
    return fmt::format("A {} filter of {} instructions was set{}", e.b != 0 ? "write" : "read", e.a,
                       e.c != 0 ? ", without a reset" : "");
  default: // wrote
    return e.c == 0 ? fmt::format("write(2) sent a packet of {} bytes", e.a)
                    : fmt::format("write(2) of {} bytes failed with errno {}", e.a, e.c);
  }
}

std::string describe_descriptor(const Event& e) {
  switch (e.kind) {
  case ZB_EV_WOKEN:
    return fmt::format("Whoever waits was woken ({})", reason(e.c));
  case ZB_EV_TIMER_ARMED:
    return fmt::format("The read timer was armed: {} ticks", e.a);
  case ZB_EV_TIMER_CANCELLED:
    return "The read timer was cancelled";
  case ZB_EV_TIMED_OUT:
    return "The read time-out ran out";
  case ZB_EV_OPENED:
    return fmt::format("The descriptor was opened (revision {}, {} ticks a second)", e.a, e.b);
  case ZB_EV_CLOSED:
    return "The descriptor was closed";
  default:
    return describe_setting(e);
  }
}

std::string describe_call(const Event& e) {
  if (e.kind == ZB_EV_CALL)
    return fmt::format("The reader calls {}", call_text(e));
  if (e.c != 0)
    return fmt::format("{} fails with errno {}", call_text(e), e.c);
  return fmt::format("{} returns {}", call_text(e), e.d);
}

std::string describe_interface(const Event& e) {
  const char* what = e.kind == ZB_EV_IF_UP ? "is up" : e.kind == ZB_EV_IF_DOWN ? "is down" : "is gone";
  return fmt::format("Interface {} {}", e.c, what);
}

std::string describe_user(const Event& e) {
  const std::string which = which_text(e);
  switch (e.kind) {
  case ZB_EV_LOOKED:
    if (e.a != e.b)
      return fmt::format("The reader looked at {}: generation {} is there, {} was acknowledged", which, e.a,
                         e.b);
    return e.c > 1
               ? fmt::format("The reader looked at {} {} times: nothing there, both generations are {}",
                             which, e.c, e.a)
               : fmt::format("The reader looked at {}: nothing there, both generations are {}", which, e.a);
  case ZB_EV_TOOK:
    return e.buffer == ZB_USER_COPY
               ? fmt::format("The reader begins to read the {} bytes that read(2) gave it", e.a)
               : fmt::format("The reader begins to read {}: {} bytes, generation {}", which, e.a, e.b);
  case ZB_EV_HANDLED:
    return fmt::format("The reader handled {} at offset {} of {}: {} of {} bytes",
                       e.packet == ZB_NO_PACKET ? std::string("the record")
                                                : fmt::format("packet {}", e.packet),
                       e.a, which, e.b, e.d);
  case ZB_EV_ACKNOWLEDGED:
    return fmt::format("The reader acknowledged {}: user_gen is {}", which, e.a);
  case ZB_EV_BAD_RECORD:
    return fmt::format("The reader refused the record at offset {} of {}: fault {}", e.a, which, e.b);
  case ZB_EV_SCRIBBLED:
    return fmt::format("The reader wrote {} over {} in {} of {}", e.b, e.c, scribbled_field(e.a), which);
  case ZB_EV_READER:
    return fmt::format(
        "The reader {}{}",
        e.a == ZB_READER_STARTED || e.a == ZB_READER_CONTINUES || e.a == ZB_READER_DIED ? "" : "has ",
        reader_state_name(e.a));
  case ZB_EV_SLEPT:
    return fmt::format("The reader sleeps in {}", call_name(e.a));
  default: // resumed
    return fmt::format("The reader runs again: it slept {} ns in {}", e.b, call_name(e.a));
  }
}

std::string describe_run(const Event& e) {
  switch (e.kind) {
  case ZB_EV_MARK:
    return fmt::format("{} {}, at event {}", e.b != 0 ? "Fault" : "Chapter", e.a, joined(e.c, e.d));
  case ZB_EV_LOST_EVENTS:
    return fmt::format("{} events were lost: the source could not keep up", e.a);
  default:
    return "The run ended";
  }
}

} // namespace

std::string event_sentence(const Event& e) {
  switch (kind_info(e.kind).category) {
  case Category::packet:
    return summarize_packet(e);
  case Category::buffer:
    return describe_buffer(e);
  case Category::descriptor:
    return describe_descriptor(e);
  case Category::call:
    return describe_call(e);
  case Category::interface:
    return describe_interface(e);
  case Category::user:
    return describe_user(e);
  case Category::run:
    return describe_run(e);
  case Category::unknown:
    break;
  }
  return fmt::format("An event of unknown kind {}", e.kind);
}

} // namespace zbuf

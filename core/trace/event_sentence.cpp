// SPDX-License-Identifier: BSD-2-Clause
// A sentence for each event, in the words of the field. Most are in the table of events; those that depend on
// what is in the fields are here.
#include "core/trace/event.h"

#include <fmt/args.h>
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

/// The sentence of a kind that the table has none for. One that is missing here does not compile.
template <zb_event_kind kind>
std::string told(const Event& e) = delete;

template <>
std::string told<ZB_EV_ARRIVED>(const Event& e) {
  return fmt::format("{} of {} bytes {} interface {}", packet_text(e), e.a,
                     e.d != 0 ? "left by" : "arrived at", e.c);
}

template <>
std::string told<ZB_EV_ACCEPTED>(const Event& e) {
  return e.a == 0xffffffffu ? fmt::format("{} was accepted whole", packet_text(e))
                            : fmt::format("{} was accepted, up to {} bytes", packet_text(e), e.a);
}

template <>
std::string told<ZB_EV_DROPPED>(const Event& e) {
  const std::string packet = packet_text(e);
  switch (e.a) {
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

template <>
std::string told<ZB_EV_LOANED>(const Event& e) {
  if (e.buffer == ZB_A)
    return fmt::format("A was loaned to the kernel: {} bytes for records; it is store now", e.a);
  return fmt::format("{} was loaned to the kernel: {} bytes for records, {} bytes from A; it is free now",
                     which_text(e), e.a, joined(e.b, e.c));
}

template <>
std::string told<ZB_EV_ALLOCATED>(const Event& e) {
  return fmt::format("{} was allocated in the kernel: {} bytes; it is {} now", which_text(e), e.a,
                     e.buffer == ZB_A ? "store" : "free");
}

template <>
std::string told<ZB_EV_ROTATED>(const Event& e) {
  return fmt::format("{} rotated from store to hold with {} bytes; {} is the store now ({})", which_text(e),
                     e.a, which_name(e.b), e.c == ZB_BY_PACKET ? "a packet did not fit" : reason(e.c));
}

template <>
std::string told<ZB_EV_PUBLISHED>(const Event& e) {
  return fmt::format("{} was published with {} bytes as generation {}{}", which_text(e), e.a, e.b,
                     e.c != 0 ? ", still in store: it is full" : "");
}

template <>
std::string told<ZB_EV_MODE>(const Event& e) {
  return e.a == 2 ? "The buffer mode is zero-copy" : "The buffer mode is read(2)";
}

template <>
std::string told<ZB_EV_IMMEDIATE>(const Event& e) {
  return fmt::format("Immediate mode is {}", e.a != 0 ? "on" : "off");
}

template <>
std::string told<ZB_EV_TIMEOUT_SET>(const Event& e) {
  return e.a == 0 ? "The read time-out is 0 ticks: wait for ever"
                  : fmt::format("The read time-out is {} ticks", e.a);
}

template <>
std::string told<ZB_EV_FILTER_SET>(const Event& e) {
  if (e.a == 0)
    return fmt::format("The {} filter was removed", e.b != 0 ? "write" : "read");
  return fmt::format("A {} filter of {} instructions was set{}", e.b != 0 ? "write" : "read", e.a,
                     e.c != 0 ? ", without a reset" : "");
}

template <>
std::string told<ZB_EV_WROTE>(const Event& e) {
  return e.c == 0 ? fmt::format("write(2) sent a packet of {} bytes", e.a)
                  : fmt::format("write(2) of {} bytes failed with errno {}", e.a, e.c);
}

template <>
std::string told<ZB_EV_CALL>(const Event& e) {
  return fmt::format("The reader calls {}", call_text(e));
}

template <>
std::string told<ZB_EV_RETURN>(const Event& e) {
  return e.c != 0 ? fmt::format("{} fails with errno {}", call_text(e), e.c)
                  : fmt::format("{} returns {}", call_text(e), e.d);
}

template <>
std::string told<ZB_EV_LOOKED>(const Event& e) {
  const std::string which = which_text(e);
  if (e.a != e.b)
    return fmt::format("The reader looked at {}: generation {} is there, {} was acknowledged", which, e.a,
                       e.b);
  const std::int64_t times = joined(e.c, e.d);
  return times > 1
             ? fmt::format("The reader looked at {} {} times: nothing there, both generations are {}", which,
                           times, e.a)
             : fmt::format("The reader looked at {}: nothing there, both generations are {}", which, e.a);
}

template <>
std::string told<ZB_EV_TOOK>(const Event& e) {
  return e.buffer == ZB_USER_COPY
             ? fmt::format("The reader begins to read the {} bytes that read(2) gave it", e.a)
             : fmt::format("The reader begins to read {}: {} bytes, generation {}", which_text(e), e.a, e.b);
}

template <>
std::string told<ZB_EV_HANDLED>(const Event& e) {
  return fmt::format("The reader handled {} at offset {} of {}: {} of {} bytes",
                     e.packet == ZB_NO_PACKET ? std::string("the record")
                                              : fmt::format("packet {}", e.packet),
                     e.a, which_text(e), e.b, e.d);
}

template <>
std::string told<ZB_EV_SCRIBBLED>(const Event& e) {
  return fmt::format("The reader wrote {} over {} in {} of {}", e.b, e.c, scribbled_field(e.a),
                     which_text(e));
}

template <>
std::string told<ZB_EV_READER>(const Event& e) {
  return fmt::format("The reader {}{}",
                     e.a == ZB_READER_STARTED || e.a == ZB_READER_CONTINUES || e.a == ZB_READER_DIED ? ""
                                                                                                     : "has ",
                     reader_state_name(e.a));
}

template <>
std::string told<ZB_EV_MARK>(const Event& e) {
  return fmt::format("{} {}, at event {}", e.b != 0 ? "Fault" : "Chapter", e.a, joined(e.c, e.d));
}

/// `high`: the field after it.
std::string field_text(FieldType type, std::uint32_t value, std::uint32_t high) {
  switch (type) {
  case FieldType::low:
    return fmt::to_string(joined(value, high));
  case FieldType::which:
    return which_name(value);
  case FieldType::drop:
    return drop_name(value);
  case FieldType::cause:
    return reason(value);
  case FieldType::call:
    return call_name(value);
  case FieldType::reader:
    return reader_state_name(value);
  case FieldType::layout:
    return fmt::to_string(value & 0xffff);
  default:
    return fmt::to_string(value);
  }
}

/// The sentence of the table, filled in.
std::string filled(const KindInfo& info, const Event& e) {
  fmt::dynamic_format_arg_store<fmt::format_context> words;
  words.push_back(fmt::arg("which", which_text(e)));
  words.push_back(fmt::arg("packet", packet_text(e)));
  const std::uint32_t values[] = {e.a, e.b, e.c, e.d, 0};
  for (std::size_t i = 0; i < std::size(info.fields); ++i)
    if (const Field& field = info.fields[i]; field.name != nullptr)
      words.push_back(fmt::arg(field.name, field_text(field.type, values[i], values[i + 1])));
  return fmt::vformat(info.sentence, words);
}

template <zb_event_kind kind>
std::string sentence_of(const Event& e) {
  constexpr const KindInfo& info = kind_table[kind];
  if constexpr (*info.sentence != '\0')
    return filled(info, e);
  else
    return told<kind>(e);
}

} // namespace

std::string event_sentence(const Event& e) {
  switch (e.kind) {
#define ZBUF_SENTENCE(number, NAME, ...)                                                                     \
  case number:                                                                                               \
    return sentence_of<ZB_EV_##NAME>(e);
    ZB_EVENTS(ZBUF_SENTENCE)
#undef ZBUF_SENTENCE
  default:
    return fmt::format("An event of unknown kind {}", e.kind);
  }
}

} // namespace zbuf

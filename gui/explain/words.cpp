// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/explain/words.h"

namespace zbuf::gui::explain {

QString buffer_name(std::uint32_t which) {
  switch (which) {
  case ZB_A:
    return "A";
  case ZB_B:
    return "B";
  case ZB_USER_COPY:
    return Captions::tr("the reader’s copy");
  default:
    return Captions::tr("no buffer");
  }
}

QString packet_name(const Event& event) {
  return event.packet == ZB_NO_PACKET ? Captions::tr("A packet")
                                      : Captions::tr("Packet %1").arg(count(event.packet));
}

QString packet_within(const Event& event) {
  return event.packet == ZB_NO_PACKET ? Captions::tr("a packet")
                                      : Captions::tr("packet %1").arg(count(event.packet));
}

QString call_name(std::uint32_t call) {
  switch (call) {
  case ZB_CALL_OPEN:
    return "open(2)";
  case ZB_CALL_CLOSE:
    return "close(2)";
  case ZB_CALL_IOCTL:
    return "ioctl(2)";
  case ZB_CALL_READ:
    return "read(2)";
  case ZB_CALL_WRITE:
    return "write(2)";
  case ZB_CALL_POLL:
    return "poll(2)";
  default:
    return Captions::tr("a system call");
  }
}

QString call_name(const Event& event) {
  if (event.a != ZB_CALL_IOCTL)
    return call_name(event.a);
  if (const char* const name = request_name(event.b))
    return name;
  return Captions::tr("ioctl(2) 0x%1").arg(event.b, 8, 16, QChar('0'));
}

const zb_revision& revision_of(const DescriptorState& descriptor) {
  const bool known = descriptor.known && descriptor.revision < ZB_REVISIONS;
  return zb_revisions[known ? descriptor.revision : std::uint32_t{ZB_FREEBSD}];
}

bool is_zero_copy(const DescriptorState& descriptor) {
  return descriptor.mode == 2 || descriptor.a().shared || descriptor.b().shared;
}

std::uint8_t other_buffer(std::uint8_t which) {
  return which == ZB_A ? ZB_B : ZB_A;
}

QString joined_sentences(std::initializer_list<QString> sentences) {
  QString text;
  for (const QString& sentence : sentences) {
    if (sentence.isEmpty())
      continue;
    if (!text.isEmpty())
      text += ' ';
    text += sentence;
  }
  return text;
}

namespace manual {

QString description() {
  return Captions::tr("bpf(4), DESCRIPTION");
}
QString buffered() {
  return Captions::tr("bpf(4), Buffered read mode");
}
QString zero_copy() {
  return Captions::tr("bpf(4), Zero-copy buffer mode");
}
QString ioctls() {
  return Captions::tr("bpf(4), IOCTLS");
}
QString header() {
  return Captions::tr("bpf(4), BPF HEADER");
}
QString filter() {
  return Captions::tr("bpf(4), FILTER MACHINE");
}

} // namespace manual

} // namespace zbuf::gui::explain

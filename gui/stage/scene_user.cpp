// SPDX-License-Identifier: GPL-3.0-or-later
// The upper part of the stage: the reader and what it does, and the boundary with its counters.
#include "gui/stage/scene_builder.h"

#include "gui/stage/words.h"
#include "gui/theme/format.h"

#include <algorithm>

namespace zbuf::gui::stage {

namespace {

QString call_text(std::uint8_t call) {
  switch (call) {
  case ZB_CALL_OPEN:
    return QStringLiteral("open(2)");
  case ZB_CALL_CLOSE:
    return QStringLiteral("close(2)");
  case ZB_CALL_IOCTL:
    return QStringLiteral("ioctl(2)");
  case ZB_CALL_READ:
    return QStringLiteral("read(2)");
  case ZB_CALL_WRITE:
    return QStringLiteral("write(2)");
  default:
    return QStringLiteral("poll(2)");
  }
}

} // namespace

void SceneBuilder::add_titles() {
  const auto title = [&](const QRectF& rect, const QString& name, Ink ink, const QString& rest) {
    const double width = std::min(rect.width(), type_.width(name, Face::ui_bold, 9) + u(1));
    scene_.texts.push_back(
        type_.set({rect.left(), rect.top(), width, rect.height()}, name, Face::ui_bold, 9, ink));
    const QRectF right = rect.adjusted(width + u(10), 0, 0, 0);
    if (!rest.isEmpty() && right.width() > u(30))
      scene_.texts.push_back(type_.set(right, rest, Face::mono, 8.5, Ink::muted, // tethers pass on the left
                                       (layout_.tall ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
  };
  const QString mode = d_.mode == 2   ? Words::tr("zero-copy")
                       : d_.mode == 1 ? QStringLiteral("read(2)")
                                      : QString();
  title(layout_.user_title, Words::tr("USER PROCESS"), Ink::user, mode);
  title(layout_.kernel_title, Words::tr("KERNEL"), Ink::kernel, kernel_name());
}

QString SceneBuilder::kernel_name() const {
  return c_.facts.revision.isEmpty() ? QString()
                                     : Words::tr("%1, bpf%2").arg(c_.facts.revision).arg(in_.descriptor);
}

/// Where the words on the right of it begin.
double SceneBuilder::kernel_name_left() const {
  return layout_.kernel_title.right() - (layout_.tall ? type_.width(kernel_name(), Face::mono, 8.5) : 0);
}

/// Where the words on the left of it end.
double SceneBuilder::kernel_title_right() const {
  const double title = layout_.kernel_title.left() + type_.width(Words::tr("KERNEL"), Face::ui_bold, 9);
  return layout_.tall || kernel_name().isEmpty()
             ? title
             : title + u(11) + type_.width(kernel_name(), Face::mono, 8.5);
}

std::uint8_t SceneBuilder::being_read() const {
  for (const std::uint8_t which : {ZB_USER_COPY, ZB_A, ZB_B}) {
    const BufferState& b = shown_.buffers[which];
    if (b.taken && (b.unhandled() > 0 || (b.damaged && b.user_owned())))
      return which;
  }
  return ZB_NO_BUFFER;
}

SceneBuilder::ReaderWords SceneBuilder::reader_words() const {
  ReaderWords words;
  const std::uint8_t which = being_read();
  if (which != ZB_NO_BUFFER) {
    const BufferState& b = shown_.buffers[which];
    words.detail = b.damaged ? Words::tr("in %1, overwritten").arg(buffer_name(which))
                             : Words::tr("record %1 of %2 in %3")
                                   .arg(count(b.handled + 1), count(b.records), buffer_name(which));
  }
  if (in_.descriptor >= in_.state->descriptors.size()) {
    words.status = Words::tr("has not opened bpf yet");
  } else if (shown_.reader == ZB_READER_DIED) {
    words = {Words::tr("was killed"), Words::tr("the kernel closed its descriptor"), Ink::danger};
  } else if (shown_.reader == ZB_READER_STALLED) {
    words.status = Words::tr("stalled: does nothing");
    words.ink = Ink::danger;
  } else if (shown_.known && !shown_.open) {
    words.status = Words::tr("has closed its descriptor");
  } else if (shown_.reader_asleep) {
    words.status = Words::tr("asleep in %1").arg(call_text(shown_.call));
    words.detail = Words::tr("until the kernel wakes it");
  } else if (shown_.call != 0) {
    words.status = Words::tr("in a system call: %1").arg(call_text(shown_.call));
    words.ink = Ink::text;
  } else if (which != ZB_NO_BUFFER) {
    words.status = Words::tr("handles records");
    words.ink = Ink::user;
  } else if (shown_.reader == ZB_READER_STOPPED) {
    words.status = Words::tr("has ended");
  } else if (!shown_.attached && shown_.known) {
    words.status = Words::tr("prepares its descriptor");
  } else if (const unsigned waiting = shown_.user_owned(); waiting > 0 && shown_.mode == 2) {
    words.status = waiting == 1 ? Words::tr("has a buffer to read") : Words::tr("has two buffers to read");
    words.ink = Ink::user;
  } else {
    words.status = Words::tr("has nothing to read");
  }
  return words;
}

void SceneBuilder::add_reader() {
  Panel& panel = scene_.reader;
  panel.rect = layout_.reader;
  const ReaderWords words = reader_words();
  const QString name = c_.facts.reader(in_.descriptor);
  panel.alarm = words.ink == Ink::danger;
  scene_.reader_stalled = panel.alarm;
  const double margin = u(layout_.tall ? 4 : 7);
  const QRectF inner = panel.rect.adjusted(u(11), margin, -u(11), -margin);
  const double name_line = type_.line(Face::ui_bold, 11), line = type_.line(Face::ui, 9.5);
  const std::uint8_t which = being_read();
  const bool bar = which != ZB_NO_BUFFER && shown_.buffers[which].records > 0;
  if (layout_.tall) { // side by side
    const double half = inner.width() * 0.46;
    panel.texts.push_back(
        type_.set({inner.left(), inner.top(), half, name_line}, name, Face::ui_bold, 11, Ink::text));
    panel.texts.push_back(type_.set({inner.left(), inner.top() + name_line, half, line}, words.status,
                                    Face::ui, 9.5, words.ink));
    const QRectF right = inner.adjusted(half + u(12), 0, 0, 0);
    panel.texts.push_back(type_.set({right.left(), right.top(), right.width(), name_line}, words.detail,
                                    Face::mono, 9, Ink::muted));
    if (bar)
      scene_.progress = {right.left(), right.top() + name_line + u(5), right.width(), u(7)};
  } else {
    double y = inner.top();
    panel.texts.push_back(
        type_.set({inner.left(), y, inner.width(), name_line}, name, Face::ui_bold, 11, Ink::text));
    y += name_line + u(2);
    panel.texts.push_back(
        type_.set({inner.left(), y, inner.width(), line}, words.status, Face::ui, 9.5, words.ink));
    y += line + u(5);
    if (bar) {
      scene_.progress = {inner.left(), y, inner.width(), u(7)};
      y += u(11);
    }
    if (!words.detail.isEmpty())
      type_.set_lines(panel.texts, {inner.left(), y, inner.width(), inner.bottom() - y}, words.detail,
                      bar ? Face::mono : Face::ui, 8.5, Ink::muted);
  }
  if (bar)
    scene_.progress_done = static_cast<double>(shown_.buffers[which].handled) / shown_.buffers[which].records;
  element(Part::reader, 0, panel.rect, Words::tr("Reader %1").arg(name),
          words.detail.isEmpty() ? words.status : Words::tr("%1, %2").arg(words.status, words.detail));
}

/// An arrow from the reader to what it reads; over the other buffers, if they are between.
void SceneBuilder::add_reading() {
  const std::uint8_t which = being_read();
  if (which == ZB_NO_BUFFER)
    return;
  const Card* target = nullptr;
  for (const Card& card : scene_.cards)
    if (card.which == which && !card.ghost)
      target = &card;
  if (target == nullptr || target->owner != Owner::user || target->moving)
    return;
  const QRectF& from = layout_.reader;
  const QRectF& to = target->rect;
  if (layout_.tall)
    scene_.reading = {{to.center().x(), from.bottom()}, {to.center().x(), to.top()}};
  else if (to.left() - from.right() < u(60))
    scene_.reading = {{from.right(), from.center().y()}, {to.left(), from.center().y()}};
  else
    scene_.reading = {{from.right(), from.top() + u(16)},
                      {from.right() + u(14), from.top() + u(16)},
                      {from.right() + u(14), to.top() - u(13)},
                      {to.center().x(), to.top() - u(13)},
                      {to.center().x(), to.top()}};
}

void SceneBuilder::add_pill() {
  const Counters& total = d_.total;
  // Into the buffer once, and out of it once more with read(2) (spec 7.3).
  const QString copies = total.stored == 0             ? QStringLiteral("–")
                         : total.bytes_copied_user > 0 ? QStringLiteral("2")
                                                       : QStringLiteral("1");
  const QString text = Words::tr("system calls %1 · copies per packet %2 · wake-ups %3")
                           .arg(count(total.syscalls), copies, count(total.wakeups));
  const double spare =
      std::max(0.0, (layout_.pill.width() - type_.width(text, Face::ui_bold, 9)) / 2 - u(18));
  scene_.pill.rect = layout_.pill.adjusted(spare, 0, -spare, 0);
  scene_.pill.texts = {type_.set(scene_.pill.rect.adjusted(u(8), 0, -u(8), 0), text, Face::ui_bold, 9,
                                 Ink::text, Qt::AlignCenter)};
  element(Part::boundary, 0, scene_.pill.rect, Words::tr("Boundary between user and kernel"), text);
}

} // namespace zbuf::gui::stage

// SPDX-License-Identifier: GPL-3.0-or-later
// The values box of a caption: the state before the event and after it, side by side.
#include "gui/explain/words.h"

#include <algorithm>
#include <array>

namespace zbuf::gui::explain {

namespace {

constexpr std::size_t most_lines = 9;

class Lines {
 public:
  void put(const QString& name, const QString& before, const QString& after, const QString& note = {}) {
    lines_.push_back({name, before, after, note});
  }
  void number(const QString& name, std::uint64_t before, std::uint64_t after, const QString& note = {}) {
    put(name, count(before), count(after), note);
  }
  void changed_number(const QString& name, std::uint64_t before, std::uint64_t after) {
    if (before != after)
      number(name, before, after);
  }
  void changed(const QString& name, const QString& before, const QString& after) {
    if (before != after)
      put(name, before, after);
  }
  std::vector<ValueLine> take() {
    if (lines_.size() > most_lines)
      lines_.resize(most_lines);
    return std::move(lines_);
  }

 private:
  std::vector<ValueLine> lines_;
};

/// Events after which the header of their buffer is worth a look, changed or not.
constexpr KindMask about_header =
    kinds_with(ZB_MOVES_HEADER | ZB_SHOWS_HEADER) | mask_of({ZB_EV_TOOK, ZB_EV_RECLAIMED});
/// ... and the slots.
constexpr KindMask about_slots = mask_of({ZB_EV_ROTATED, ZB_EV_RECLAIMED, ZB_EV_LOANED, ZB_EV_ALLOCATED});

QString generation_note(const Moment& m) {
  const BufferState& b = m.buffer();
  switch (m.event.kind) {
  case ZB_EV_PUBLISHED:
    return Captions::tr("user must store %1 to return it").arg(count(b.kernel_gen));
  case ZB_EV_LOOKED:
    return b.user_owned() ? Captions::tr("≠ user owns") : Captions::tr("= kernel owns");
  default:
    return {};
  }
}

QString user_note(const Moment& m) {
  if (m.event.kind != ZB_EV_ACKNOWLEDGED)
    return {};
  return m.buffer().user_owned() ? Captions::tr("≠ user owns") : Captions::tr("= kernel owns");
}

void put_header(Lines& lines, const Moment& m, const QString& name, const BufferState& before,
                const BufferState& after, bool whole, bool of_event) {
  if (!after.shared && !before.shared)
    return;
  if (whole || before.kernel_len != after.kernel_len)
    lines.number(name + ".kernel_len", before.kernel_len, after.kernel_len);
  if (whole || before.kernel_gen != after.kernel_gen)
    lines.number(name + ".kernel_gen", before.kernel_gen, after.kernel_gen,
                 of_event ? generation_note(m) : QString());
  if (whole || before.user_gen != after.user_gen)
    lines.number(name + ".user_gen", before.user_gen, after.user_gen, of_event ? user_note(m) : QString());
}

QString slot_name(std::uint8_t which) {
  return which <= ZB_B ? buffer_name(which) : Captions::tr("none");
}

QString wait_name(WaitState wait) {
  static const std::array names{QT_TRANSLATE_NOOP("Captions", "idle"),
                                QT_TRANSLATE_NOOP("Captions", "waiting"),
                                QT_TRANSLATE_NOOP("Captions", "timed out")};
  return Captions::tr(names.at(static_cast<std::size_t>(wait)));
}

QString yes_no(bool yes) {
  return yes ? Captions::tr("yes") : Captions::tr("no");
}

QString mode_name(std::uint8_t mode) {
  return mode == 1 ? "read(2)" : mode == 2 ? Captions::tr("zero-copy") : Captions::tr("not known");
}

void put_slots(Lines& lines, const DescriptorState& before, const DescriptorState& after, bool whole) {
  const auto put = [&](const char* name, std::uint8_t from, std::uint8_t to) {
    if (whole || from != to)
      lines.put(name, slot_name(from), slot_name(to));
  };
  put("store", before.store, after.store);
  put("hold", before.hold, after.hold);
  put("free", before.free, after.free);
}

void put_settings(Lines& lines, const DescriptorState& before, const DescriptorState& after) {
  lines.changed("mode", mode_name(before.mode), mode_name(after.mode));
  lines.changed("attached", yes_no(before.attached), yes_no(after.attached));
  lines.changed("immediate", yes_no(before.immediate), yes_no(after.immediate));
  lines.changed_number("timeout_ticks", before.timeout_ticks, after.timeout_ticks);
  lines.changed_number("filter_instructions", before.filter_instructions, after.filter_instructions);
  lines.changed("timer", wait_name(before.wait), wait_name(after.wait));
  lines.changed("asleep", yes_no(before.reader_asleep), yes_no(after.reader_asleep));
}

void put_counters(Lines& lines, const DescriptorState& before, const DescriptorState& after) {
  std::vector<std::uint64_t> old;
  for_each_counter(before.total, [&](const char*, std::uint64_t value) { old.push_back(value); });
  std::size_t i = 0;
  for_each_counter(after.total, [&](const char* name, std::uint64_t value) {
    lines.changed_number(name, old[i++], value);
  });
}

std::vector<ValueLine> interface_values(const Moment& m) {
  Lines lines;
  const std::uint32_t number = m.event.c;
  if (number >= m.after.interfaces.size())
    return {};
  const InterfaceState& after = m.after.interfaces[number];
  const InterfaceState before =
      number < m.before.interfaces.size() ? m.before.interfaces[number] : InterfaceState{};
  lines.changed_number("arrived", before.arrived, after.arrived);
  lines.changed_number("missed", before.missed, after.missed);
  lines.changed("up", yes_no(before.up), yes_no(after.up));
  return lines.take();
}

std::vector<ValueLine> descriptor_values(const Moment& m) {
  Lines lines;
  const DescriptorState &before = m.then(), &after = m.now();
  const std::uint8_t kind = m.event.kind;
  const bool pair = m.event.buffer <= ZB_B;
  if (contains(about_slots, kind) && kind != ZB_EV_LOANED)
    put_slots(lines, before, after, true);
  for (std::uint8_t which = ZB_A; which <= ZB_B; ++which) {
    const bool of_event = pair && which == m.event.buffer;
    put_header(lines, m, buffer_name(which), before.buffers.at(which), after.buffers.at(which),
               of_event && contains(about_header, kind), of_event);
  }
  if (!contains(about_slots, kind) || kind == ZB_EV_LOANED)
    put_slots(lines, before, after, false);
  lines.changed_number("store_length", before.store_length, after.store_length);
  lines.changed_number("hold_length", before.hold_length, after.hold_length);
  put_settings(lines, before, after);
  if (kind == ZB_EV_RESET) {
    lines.number("bs_recv", before.since_reset.received, after.since_reset.received);
    lines.number("bs_drop", before.since_reset.dropped, after.since_reset.dropped);
  }
  put_counters(lines, before, after);
  return lines.take();
}

} // namespace

std::vector<ValueLine> values_of(const Moment& m) {
  const Category category = kind_info(m.event.kind).category;
  if (m.event.kind == ZB_EV_ARRIVED || m.event.kind == ZB_EV_MISSED || category == Category::interface)
    return interface_values(m);
  return m.has_descriptor() ? descriptor_values(m) : std::vector<ValueLine>{};
}

} // namespace zbuf::gui::explain

// SPDX-License-Identifier: GPL-3.0-or-later
// The lower part of the stage but for the buffers: interface, filter, slots, and what is counted.
#include "gui/stage/scene_builder.h"

#include "gui/stage/words.h"
#include "gui/theme/format.h"

#include <algorithm>

namespace zbuf::gui::stage {

namespace {

const InterfaceState* interface_in(const State& state, std::uint32_t number) {
  return number < state.interfaces.size() && state.interfaces[number].seen ? &state.interfaces[number]
                                                                           : nullptr;
}

QString per_second(double hz) {
  return zbuf::gui::rate(hz);
}

} // namespace

void SceneBuilder::add_interface() {
  constexpr std::uint64_t enough_for_a_rate = 10;
  Panel& panel = scene_.interface;
  panel.rect = layout_.interface;
  const InterfaceState* state = interface_in(*in_.state, d_.interface);
  const bool gone = state != nullptr && state->gone;
  const bool attached = d_.attached && !gone;
  panel.dashed = !attached;
  panel.alarm = gone;
  QString name = c_.facts.interface(d_.interface), rest;
  if (gone) {
    rest = Words::tr("is gone");
  } else if (!attached) {
    name = Words::tr("no interface");
    rest = Words::tr("not attached");
  } else if (state != nullptr && !state->up) {
    rest = Words::tr("is down");
  } else if (c_.motion.rates.received >= enough_for_a_rate) {
    rest = per_second(c_.motion.rates.received_hz);
  } else {
    rest = d_.total.received == 1 ? Words::tr("1 packet")
                                  : Words::tr("%1 packets").arg(count(d_.total.received));
  }
  const QString missed =
      state != nullptr && state->missed > 0 ? Words::tr("%1 missed").arg(count(state->missed)) : QString();
  const QRectF inner = panel.rect.adjusted(u(5), u(5), -u(5), -u(5));
  const double name_line = type_.line(Face::mono_bold, 11), line = type_.line(Face::ui, 8.5);
  const double height = name_line + line * (missed.isEmpty() ? 1 : 2);
  double y = inner.center().y() - height / 2;
  const auto add = [&](const QString& text, Face face, double points, Ink ink, double tall) {
    panel.texts.push_back(
        type_.set({inner.left(), y, inner.width(), tall}, text, face, points, ink, Qt::AlignCenter));
    y += tall;
  };
  add(name, attached || gone ? Face::mono_bold : Face::ui, attached || gone ? 11 : 9,
      gone       ? Ink::danger
      : attached ? Ink::text
                 : Ink::muted,
      name_line);
  add(rest, Face::ui, 8.5, gone ? Ink::danger : Ink::muted, line);
  if (!missed.isEmpty())
    add(missed, Face::ui, 8.5, Ink::danger, line);
  element(Part::interface, 0, panel.rect, Words::tr("Interface %1").arg(name),
          missed.isEmpty() ? rest : Words::tr("%1, %2 by its own queue").arg(rest, missed));
}

void SceneBuilder::add_filter() {
  const QRectF& f = layout_.funnel;
  scene_.funnel = {f.topLeft(), QPointF(f.right(), f.top() + f.height() * 0.27),
                   QPointF(f.right(), f.bottom() - f.height() * 0.27), f.bottomLeft()};
  const InterfaceState* state = interface_in(*in_.state, d_.interface);
  scene_.filter_open = d_.attached && (state == nullptr || !state->gone);
  const QRectF& from = layout_.interface;
  scene_.wire = {{from.right(), f.center().y()}, {f.left(), f.center().y()}};
  scene_.texts.push_back(
      type_.set(layout_.filter_name, Words::tr("filter"), Face::ui_bold, 9, Ink::text,
                layout_.tall ? Qt::AlignLeft | Qt::AlignVCenter : Qt::Alignment(Qt::AlignCenter)));

  const auto reader = c_.facts.readers.find(in_.descriptor);
  QString expression = reader != c_.facts.readers.end() ? reader->second.filter : QString();
  const std::uint32_t instructions = d_.filter_instructions;
  if (expression.isEmpty() && instructions == 0)
    expression = Words::tr("every packet");
  QString numbers;
  if (instructions > 0)
    numbers = instructions == 1 ? Words::tr("1 instruction")
                                : Words::tr("%1 instructions").arg(count(instructions));
  if (d_.total.rejected > 0) {
    const QString rejected = Words::tr("%1 rejected").arg(count(d_.total.rejected));
    numbers = numbers.isEmpty() ? rejected : Words::tr("%1 · %2").arg(numbers, rejected);
  }
  const QRectF& words = layout_.filter_text;
  const double line = type_.line(Face::mono, 9);
  scene_.texts.push_back(
      type_.set({words.left(), words.top(), words.width(), line}, expression, Face::mono, 9, Ink::text));
  scene_.texts.push_back(
      type_.set({words.left(), words.top() + line, words.width(), line}, numbers, Face::ui, 8.5, Ink::muted));
  element(Part::filter, 0, f, Words::tr("Filter"),
          numbers.isEmpty() ? expression : Words::tr("%1, %2").arg(expression, numbers));

  // Around the slots, from below, to where the store is.
  const QRectF& store = layout_.berths[1];
  const QPointF begin(f.right(), f.center().y());
  if (layout_.tall) {
    const QPointF end(store.left() + store.width() * 0.72, store.bottom());
    scene_.way = {begin, QPointF(begin.x() + u(50), begin.y()), QPointF(end.x(), begin.y()), end};
  } else {
    const QPointF end(store.left() + store.width() * 0.7, store.bottom());
    const double low = store.bottom() + u(72);
    scene_.way = {begin, QPointF(begin.x() + u(2), low), QPointF(end.x() - u(70), low), end};
  }
  scene_.way_open = scene_.filter_open && d_.store != ZB_NO_BUFFER;
}

void SceneBuilder::add_slots() {
  const std::uint8_t held[] = {shown_.hold, shown_.store, shown_.free};
  const bool any = shown_.a().present || shown_.b().present;
  for (std::size_t i = 0; i < 3; ++i) {
    Slot& slot = scene_.berths[i];
    slot.rect = layout_.berths[i];
    slot.deduced = in_.track->deduced;
    const QRectF& line = layout_.slot_names[i];
    const QString name = slot.deduced ? Words::tr("%1 (deduced)").arg(slot_name(i)) : slot_name(i);
    slot.name = type_.set({line.left() + line.width() * 0.08, line.top(), line.width() * 0.6, line.height()},
                          name, Face::ui_bold, 9, Ink::kernel);
    const std::uint8_t which = held[i];
    const bool away = which <= ZB_B && pose_of(shown_, which).up > 0;
    slot.occupied = which <= ZB_B && !away;
    const QString note = away            ? Words::tr("%1 is lent out").arg(buffer_name(which))
                         : slot.occupied ? Words::tr("buffer %1").arg(buffer_name(which))
                         : any           ? Words::tr("empty")
                                         : Words::tr("no buffer");
    slot.note = type_.set(slot.rect.adjusted(u(6), 0, -u(6), 0), slot.occupied ? QString() : note, Face::ui,
                          9.5, Ink::muted, Qt::AlignCenter);
    element(Part::slot, static_cast<int>(i), slot.rect, Words::tr("Slot %1").arg(name), note);
  }
}

void SceneBuilder::add_bin() {
  const Counters& total = d_.total;
  Panel& panel = scene_.bin;
  panel.rect = layout_.bin;
  panel.alarm = total.dropped > 0;
  QStringList reasons;
  const auto reason = [&](std::uint64_t number, const QString& alone, const QString& among_others) {
    if (number > 0)
      reasons.append(number == total.dropped ? alone : among_others.arg(count(number)));
  };
  reason(total.dropped_full, Words::tr("store full, no free buffer"), Words::tr("%1 store full"));
  reason(total.dropped_lent, Words::tr("store lent, no free buffer"), Words::tr("%1 store lent"));
  reason(total.dropped_gone, Words::tr("the interface is gone"), Words::tr("%1 interface gone"));
  reason(total.dropped_no_buffer, Words::tr("there are no buffers"), Words::tr("%1 no buffers"));
  const QString why = reasons.isEmpty() ? Words::tr("nothing so far") : reasons.join(QStringLiteral(" · "));
  const QRectF inner = panel.rect.adjusted(u(10), u(6), -u(10), -u(5));
  const double line = type_.line(Face::mono_bold, 12);
  const Ink ink = panel.alarm ? Ink::danger : Ink::muted;
  panel.texts.push_back(type_.set({inner.left(), inner.top(), inner.width() * 0.5, line},
                                  Words::tr("dropped"), Face::ui_bold, 9.5, ink));
  panel.texts.push_back(
      type_.set({inner.left() + inner.width() * 0.5, inner.top(), inner.width() * 0.5, line},
                count(total.dropped), Face::mono_bold, 12, ink, Qt::AlignRight | Qt::AlignVCenter));
  type_.set_lines(panel.texts, inner.adjusted(0, line + u(1), 0, 0), why, Face::ui, 8.5, Ink::muted);
  element(Part::dropped, 0, panel.rect, Words::tr("Dropped: %1").arg(count(total.dropped)), why);
}

void SceneBuilder::add_counters() {
  const Counters& total = d_.total;
  Panel& panel = scene_.counters;
  panel.rect = layout_.counters;
  struct Column {
    QString name;
    std::uint64_t number;
    Ink ink = Ink::text;
  };
  std::vector<Column> columns{{Words::tr("received"), total.received},
                              {Words::tr("matched"), total.accepted},
                              {Words::tr("delivered"), total.delivered},
                              {Words::tr("in buffers"), d_.in_buffers()}};
  if (total.lost > 0)
    columns.push_back({Words::tr("lost"), total.lost, Ink::danger});
  else if (total.flushed + total.unread > 0)
    columns.push_back({Words::tr("discarded"), total.flushed + total.unread});
  const QRectF inner = panel.rect.adjusted(u(10), u(8), -u(8), -u(8));
  const double gap = u(6);
  const double width =
      (inner.width() - gap * static_cast<double>(columns.size() - 1)) / static_cast<double>(columns.size());
  double x = inner.left();
  QStringList words;
  for (const Column& column : columns) {
    panel.texts.push_back(
        type_.set({x, inner.top(), width, inner.height() * 0.46}, column.name, Face::ui, 8.5, Ink::muted));
    panel.texts.push_back(type_.set({x, inner.top() + inner.height() * 0.46, width, inner.height() * 0.54},
                                    count(column.number), Face::mono_bold, 10.5, column.ink));
    words.append(Words::tr("%1 %2").arg(column.name, count(column.number)));
    x += width + gap;
  }
  element(Part::counters, 0, panel.rect, Words::tr("Packets"), words.join(QStringLiteral(", ")));
}

void SceneBuilder::add_quiz() {
  if (layout_.quiz.isEmpty() || in_.filming)
    return;
  Panel& panel = scene_.quiz;
  panel.rect = layout_.quiz;
  const QRectF inner = panel.rect.adjusted(u(10), u(6), -u(8), -u(8));
  const double line = type_.line(Face::ui, 8.5);
  const bool answered = in_.answer && in_.answer->done == in_.done;
  QString question = Words::tr("next event, predict it:");
  Ink ink = Ink::muted;
  if (answered) {
    question = in_.answer->right ? Words::tr("✓ right: %1. And next?").arg(in_.answer->text)
                                 : Words::tr("✗ it was: %1. And next?").arg(in_.answer->text);
    ink = in_.answer->right ? Ink::good : Ink::danger;
  } else if (in_.playing) {
    question = Words::tr("pause to predict what comes next");
  } else if (!in_.quiz) {
    question = Words::tr("the other run is asked what comes next");
  } else if (in_.done == 0) {
    question = Words::tr("nothing has happened yet");
  } else if (c_.quiz.choices.empty()) {
    question = Words::tr("nothing more happens here");
  }
  const bool choices = !c_.quiz.choices.empty();
  panel.texts.push_back(type_.set({inner.left(), inner.top(), inner.width(), choices ? line : inner.height()},
                                  question, Face::ui, 8.5, ink));
  if (!choices)
    return;
  const double gap = u(5);
  const auto number = static_cast<double>(c_.quiz.choices.size());
  const double width = (inner.width() - gap * (number - 1)) / number;
  const double top = inner.top() + line + u(4);
  double x = inner.left();
  int index = 0;
  for (const Choice& choice : c_.quiz.choices) {
    const QRectF rect(x, top, width, inner.bottom() - top);
    scene_.guesses.push_back({rect,
                              type_.set(rect.adjusted(u(4), 0, -u(4), 0), choice.text, Face::ui_bold, 8.5,
                                        Ink::text, Qt::AlignCenter),
                              true});
    element(Part::guess, index++, rect, Words::tr("Guess: %1").arg(choice.text), question, true);
    x += width + gap;
  }
}

void SceneBuilder::add_notice() {
  QString text;
  bool alarm = false;
  const auto& rates = c_.motion.rates;
  if (in_.state->lost_events > 0) {
    text = Words::tr("%1 events were lost before this: from there on nothing is certain")
               .arg(count(in_.state->lost_events));
    alarm = true;
  } else if (c_.motion.hurried) {
    text = Words::tr("buffers change hands too fast to follow: they are shown as they were at %1")
               .arg(short_time(c_.shown.time_ns));
  } else if (c_.motion.streams) {
    QStringList streams{Words::tr("%1 stored").arg(per_second(rates.stored_hz))};
    if (rates.rejected_hz > 0)
      streams.append(Words::tr("%1 rejected").arg(per_second(rates.rejected_hz)));
    if (rates.dropped_hz > 0)
      streams.append(Words::tr("%1 dropped").arg(per_second(rates.dropped_hz)));
    text =
        Words::tr("too many packets to draw each; the streams: %1").arg(streams.join(QStringLiteral(", ")));
  } else if (d_.known && !d_.open && d_.total.opens + d_.total.closes > 0) {
    text = Words::tr("the descriptor is closed");
  } else if (in_.track->deduced) {
    text = Words::tr("this kernel does not show its slots: they are deduced from what the reader sees");
  } else if (d_.overlapping) {
    text = d_.aliased ? Words::tr("A and B are the same memory, with one header for both")
                      : Words::tr("A and B share memory");
    alarm = true;
  }
  if (text.isEmpty())
    return;
  scene_.notice.rect = layout_.notice;
  scene_.notice.alarm = alarm;
  scene_.notice.texts = {type_.set(layout_.notice.adjusted(u(8), 0, -u(8), 0), text, Face::ui, 8.5,
                                   alarm ? Ink::danger : Ink::text, Qt::AlignCenter)};
}

} // namespace zbuf::gui::stage

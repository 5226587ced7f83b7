// SPDX-License-Identifier: GPL-3.0-or-later
// The buffers: whose they are, what their headers say, and the records in them.
#include "gui/stage/scene_builder.h"

#include "gui/stage/words.h"
#include "gui/theme/format.h"

#include <algorithm>
#include <cmath>

namespace zbuf::gui::stage {

namespace {

double fraction(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : std::clamp(static_cast<double>(part) / static_cast<double>(whole), 0.0, 1.0);
}

/// Whole numbers, but never 0 % of something or 100 % of less than all.
QString percent(std::uint64_t part, std::uint64_t whole) {
  const double exact = 100 * fraction(part, whole);
  if (exact > 0 && exact < 1)
    return QStringLiteral("<1 %");
  return QStringLiteral("%1 %").arg(exact < 100 ? std::min(99, static_cast<int>(std::lround(exact))) : 100);
}

} // namespace

QRectF SceneBuilder::place(const Pose& pose) const {
  const double column = std::clamp(pose.column, 0.0, 2.0);
  const auto left = static_cast<std::size_t>(std::min(1.0, std::floor(column)));
  const double share = column - static_cast<double>(left);
  const auto between = [](const QRectF& a, const QRectF& b, double x) {
    return QRectF(a.left() + (b.left() - a.left()) * x, a.top() + (b.top() - a.top()) * x,
                  a.width() + (b.width() - a.width()) * x, a.height() + (b.height() - a.height()) * x);
  };
  const QRectF below = between(layout_.berths[left], layout_.berths[left + 1], share);
  const QRectF above = between(layout_.up[left], layout_.up[left + 1], share);
  constexpr double depth = 0.75; // of its height
  return between(below, above, std::clamp(pose.up, 0.0, 1.0))
      .translated(0, pose.below * below.height() * depth);
}

/// What is not as it should be, in a few words.
QString SceneBuilder::mark_of(const BufferState& b) const {
  if (b.damaged && b.user_owned())
    return Words::tr("the kernel wrote here!");
  if (b.orphaned)
    return Words::tr("taken back unread");
  if (b.shared && b.lent && !b.user_owned())
    return Words::tr("header wiped, not back");
  if (b.shared && b.user_owned() && !b.lent && b.last_generation != b.kernel_gen && !shown_.aliased)
    return Words::tr("header scribbled on");
  return {};
}

QString SceneBuilder::description_of(std::uint8_t which, const BufferState& b) const {
  QStringList parts;
  if (which == ZB_USER_COPY)
    parts.append(Words::tr("the reader's own memory"));
  else if (b.shared)
    parts.append(b.user_owned() ? Words::tr("user owns") : Words::tr("kernel owns"));
  else
    parts.append(Words::tr("kernel memory"));
  for (std::size_t i = 0; i < 3; ++i)
    if (which <= ZB_B && (i == 0 ? shown_.hold : i == 1 ? shown_.store : shown_.free) == which)
      parts.append(Words::tr("slot %1").arg(slot_name(i)));
  if (b.shared)
    parts.append(Words::tr("kernel_gen %1, user_gen %2, kernel_len %3")
                     .arg(count(b.kernel_gen), count(b.user_gen), count(b.kernel_len)));
  parts.append(Words::tr("%1 records, %2 handled, %3 full")
                   .arg(count(b.records), count(b.handled), percent(b.bytes, b.size)));
  if (const QString mark = mark_of(b); !mark.isEmpty())
    parts.append(mark);
  return parts.join(QStringLiteral(", "));
}

void SceneBuilder::write_header(Card& card, const QString& letter, const QString& owner) const {
  const QRectF inner = card.header.adjusted(u(9), 0, -u(9), 0);
  const double wide = std::max(type_.width(letter, Face::ui_bold, 12), u(14));
  card.texts.push_back(type_.set({inner.left(), inner.top(), wide + u(1), inner.height()}, letter,
                                 Face::ui_bold, 12, Ink::on_accent));
  card.texts.push_back(type_.set(inner.adjusted(wide + u(6), 0, 0, 0), owner, Face::ui_bold, 9,
                                 Ink::on_accent, Qt::AlignRight | Qt::AlignVCenter));
}

void SceneBuilder::write_generations(Card& card, const BufferState& b, const QRectF& rows) const {
  const double line = rows.height() / 3;
  const double sign = std::max(type_.width(QStringLiteral("≠"), Face::ui_bold, 15), u(18));
  const double label = type_.width(QStringLiteral("kernel_gen "), Face::mono, 8.5);
  const double right = rows.width() - sign - u(4);
  const auto row = [&](int n, const QString& name, std::uint32_t number, double right, Ink ink) {
    const QString digits = count(number);
    const double wide = std::min(right, type_.width(digits, Face::mono_bold, 9) + u(1));
    const double y = rows.top() + n * line;
    card.texts.push_back(type_.set({rows.left(), y, right - wide, line}, name, Face::mono, 8.5, Ink::muted));
    card.texts.push_back(type_.set({rows.left() + right - wide, y, wide, line}, digits, Face::mono_bold, 9,
                                   ink, Qt::AlignRight | Qt::AlignVCenter));
  };
  const bool equal = !b.user_owned();
  row(0, QStringLiteral("kernel_gen"), b.kernel_gen, right, Ink::text);
  row(1, QStringLiteral("user_gen"), b.user_gen, right, Ink::text);
  // The sign stands beside the first two rows only: a long number may use its room in the third.
  const double number = type_.width(count(b.kernel_len), Face::mono_bold, 9);
  const bool long_number = number > right - label;
  const bool no_room = label * 0.85 > rows.width() - number;
  row(2, no_room ? QStringLiteral("len") : QStringLiteral("kernel_len"), b.kernel_len,
      long_number ? rows.width() : right, b.kernel_len > b.size ? Ink::danger : Ink::text);
  card.texts.push_back(type_.set({rows.right() - sign, rows.top(), sign, line * 2},
                                 equal ? QStringLiteral("=") : QStringLiteral("≠"), Face::ui_bold, 15,
                                 equal ? Ink::good : Ink::user, Qt::AlignCenter));
}

void SceneBuilder::write_words(Card& card, const QRectF& rows, const QString& text) const {
  type_.set_lines(card.texts, rows, text, Face::ui, 8.5, Ink::muted);
}

void SceneBuilder::write_footer(Card& card, const BufferState& b, const QRectF& line) const {
  const QString mark = mark_of(b);
  if (!mark.isEmpty()) {
    card.texts.push_back(type_.set(line, mark, Face::ui_bold, 8.5, Ink::danger));
    return;
  }
  const QString records =
      b.records == 1 ? Words::tr("1 record") : Words::tr("%1 records").arg(count(b.records));
  QString filled = Words::tr("%1 of %2").arg(percent(b.bytes, b.size), count(b.size));
  // Each gets what it needs, as far as there is room.
  const double wanted = type_.width(records, Face::ui, 8.5);
  double other = type_.width(filled, Face::ui, 8.5);
  constexpr double crowded = 1.12; // what shrinking can make up for
  if (wanted + other > line.width() * crowded) {
    filled = percent(b.bytes, b.size);
    other = type_.width(filled, Face::ui, 8.5);
  }
  const double left = line.width() * std::clamp(wanted / std::max(1.0, wanted + other), 0.25, 0.75);
  card.texts.push_back(
      type_.set({line.left(), line.top(), left, line.height()}, records, Face::ui, 8.5, Ink::muted));
  card.texts.push_back(type_.set(line.adjusted(left + u(2), 0, 0, 0), filled, Face::ui, 8.5, Ink::muted,
                                 Qt::AlignRight | Qt::AlignVCenter));
}

void SceneBuilder::add_blocks(Card& card, const BufferState& b) const {
  if (b.size == 0)
    return;
  const double scale = card.strip.width() / b.size;
  const double thinnest = std::max(2.0, u(2));
  const auto& records =
      c_.fills.records(*in_.track->recording, in_.descriptor, shown_, card.which, c_.shown_done);
  std::vector<std::uint32_t> landing;
  for (const Flight& flight : c_.motion.flights)
    if (flight.fate == Fate::stored && flight.buffer == card.which && flight.progress < 1)
      landing.push_back(flight.packet);
  const Selection& selection = in_.selection;
  const auto selected = [&](const FillRecord& record) {
    return (selection.packet && record.packet == *selection.packet) ||
           (selection.buffer && *selection.buffer == card.which && selection.record_offset == record.offset);
  };
  for (std::size_t i = 0; i < records.size();) {
    const FillRecord& first = records[i];
    const double left = first.offset * scale;
    Block block;
    block.flow = c_.flows.of(*in_.track->recording, first.packet, d_.link_type);
    block.handled = b.handled != 0 && first.offset <= b.handled_offset;
    double right = left;
    for (; i < records.size() && (right - left < thinnest || &records[i] == &first); ++i) {
      right = std::max(right, std::min(card.strip.width(), records[i].end * scale));
      block.selected |= selected(records[i]);
      block.fresh |= records[i].event + 1 == c_.shown_done;
      block.landing |= std::find(landing.begin(), landing.end(), records[i].packet) != landing.end();
    }
    if (i < records.size()) // up to the next one, over what pads it
      right = std::max(right, std::min(card.strip.width(), records[i].offset * scale));
    block.shade = card.blocks.size() % 2 == 1;
    const double gap = right - left > u(6) ? u(1) : 0;
    block.rect = {card.strip.left() + left, card.strip.top(), std::max(1.0, right - left - gap),
                  card.strip.height()};
    card.blocks.push_back(block);
  }
  const std::uint32_t promised = std::min(b.kernel_len, b.size);
  if (b.shared && b.user_owned() && b.damaged && promised > b.bytes)
    card.stale = {card.strip.left() + b.bytes * scale, card.strip.top(), (promised - b.bytes) * scale,
                  card.strip.height()};
}

Card SceneBuilder::card_of(std::uint8_t which, const QRectF& rect) const {
  const BufferState& b = shown_.buffers[which];
  Card card;
  card.which = which;
  card.rect = rect;
  card.owner = which == ZB_USER_COPY || (b.shared && b.user_owned()) ? Owner::user : Owner::kernel;
  card.idle = which <= ZB_B && shown_.free == which && card.owner == Owner::kernel;
  card.overwritten = b.damaged && b.user_owned();
  card.focused = in_.selection.buffer == which;
  const double header = type_.line(Face::ui_bold, 12) + u(3);
  card.header = {rect.left(), rect.top(), rect.width(), header};
  const QRectF inner = rect.adjusted(u(9), header + u(4), -u(9), -u(4));
  const double line = type_.line(Face::mono, 8.5), footer = type_.line(Face::ui, 8.5);
  // A strip in which records can be told apart comes first: lines of a tall font may stand closer.
  const double strip = std::max(u(8), 8.0), others = inner.height() - footer - u(5) - strip;
  const double rows = b.shared ? std::min({line * 3, inner.height() * 0.52, others}) : line;
  const QRectF top(inner.left(), inner.top(), inner.width(), rows);
  card.strip = {inner.left(), inner.top() + rows + u(3), inner.width(),
                inner.height() - rows - footer - u(5)};
  const QRectF bottom(inner.left(), inner.bottom() - footer, inner.width(), footer);

  if (which == ZB_USER_COPY)
    write_header(card, Words::tr("copy"), Words::tr("▲ user's own"));
  else
    write_header(card, buffer_name(which),
                 card.owner == Owner::user ? Words::tr("▲ user owns") : Words::tr("▼ kernel owns"));
  if (which == ZB_USER_COPY)
    write_words(card, top, Words::tr("what read(2) copied out"));
  else if (b.shared)
    write_generations(card, b, top);
  else
    write_words(card, top, Words::tr("kernel memory, no header"));
  add_blocks(card, b);
  write_footer(card, b, bottom);
  return card;
}

void SceneBuilder::add_buffers() {
  for (const std::uint8_t which : {ZB_A, ZB_B}) {
    const BufferState& b = shown_.buffers[which];
    if (!b.present)
      continue;
    const Pose pose = c_.motion.hurried ? pose_of(shown_, which) : c_.motion.poses[which];
    Card card = card_of(which, place(pose));
    card.moving = pose.moving;
    const std::uint8_t berths[] = {shown_.hold, shown_.store, shown_.free};
    for (std::size_t i = 0; i < 3; ++i)
      if (berths[i] == which && pose.up > 0.02) {
        card.tethered = true;
        card.home = {layout_.berths[i].center().x(), layout_.berths[i].top()};
      }
    if (card.overwritten) {
      const BufferState& other = shown_.buffers[which ^ 1];
      const std::uint64_t written = shown_.overlapping ? std::max(b.fill_ns, other.fill_ns) : b.fill_ns;
      const std::uint64_t window = window_of(in_.speed, in_.track->recording->last_ns());
      const double age =
          static_cast<double>(in_.time_ns - std::min(written, in_.time_ns)) / static_cast<double>(window);
      card.flash = std::clamp(1 - age, 0.0, 1.0);
    }
    element(Part::buffer, which, card.rect, Words::tr("Buffer %1").arg(buffer_name(which)),
            description_of(which, b), true);
    scene_.cards.push_back(std::move(card));
  }
  const bool nothing_up = std::none_of(scene_.cards.begin(), scene_.cards.end(), [](const Card& card) {
    return card.owner == Owner::user || card.moving;
  });
  if (nothing_up && shown_.mode == 2 && shown_.a().present)
    scene_.texts.push_back(type_.set(layout_.up[0].united(layout_.up[2]),
                                     Words::tr("no buffer is lent to this process"), Face::ui, 9.5,
                                     Ink::muted, Qt::AlignCenter));
  // Whatever moves passes over what lies still.
  std::stable_partition(scene_.cards.begin(), scene_.cards.end(),
                        [](const Card& card) { return !card.moving; });
}

/// The reader's own buffer of read(2), and what is on its way into it.
void SceneBuilder::add_copy() {
  if (shown_.mode == 2 || !(shown_.a().present || shown_.buffers[ZB_USER_COPY].fill > 0))
    return;
  const QRectF& rect = layout_.up[0];
  Card card = card_of(ZB_USER_COPY, rect);
  if (card.blocks.empty() && d_.user_copy().size == 0) { // nothing was read yet
    card.texts.pop_back();
    card.texts.pop_back();
  }
  element(Part::buffer, ZB_USER_COPY, rect, Words::tr("The reader's copy"),
          description_of(ZB_USER_COPY, shown_.user_copy()), true);
  scene_.cards.push_back(std::move(card));
  if (!c_.motion.copy)
    return;
  const CopyFlight& copy = *c_.motion.copy;
  const QRectF& hold = layout_.berths[0];
  const double x = hold.center().x() - hold.width() * 0.3;
  scene_.copy_arrow = {{x, hold.top()}, {x, rect.bottom()}};
  const double gap_top = layout_.pill.bottom(), gap_bottom = hold.top();
  double left = x + u(8);
  if (layout_.kernel_title.bottom() > gap_top) // beside what stands there
    left = std::max(left, kernel_title_right() + u(8));
  const QString copied = Words::tr("%1 copied").arg(bytes(copy.bytes));
  const double width =
      std::min(type_.width(copied, Face::ui_bold, 8.5) + u(2), kernel_name_left() - u(8) - left);
  scene_.copy_text =
      type_.set({left, gap_top, width, gap_bottom - gap_top}, copied, Face::ui_bold, 8.5, Ink::user);
  if (copy.progress >= 1)
    return;
  Card ghost = scene_.cards.back();
  ghost.ghost = true;
  ghost.moving = true;
  ghost.texts.clear();
  const double along = copy.progress * copy.progress * (3 - 2 * copy.progress);
  const QPointF away(hold.left() - rect.left(), (hold.top() - rect.top()) * (1 - along));
  for (QRectF* part : {&ghost.rect, &ghost.header, &ghost.strip})
    part->translate(away);
  for (Block& block : ghost.blocks) {
    block.rect.translate(away);
    block.handled = false;
  }
  scene_.cards.push_back(std::move(ghost));
}

} // namespace zbuf::gui::stage

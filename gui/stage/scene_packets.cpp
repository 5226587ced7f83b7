// SPDX-License-Identifier: GPL-3.0-or-later
// Packets on their way: one by one, or as streams.
#include "gui/stage/scene_builder.h"

#include <algorithm>
#include <cmath>

namespace zbuf::gui::stage {

namespace {

QPointF on_curve(const std::array<QPointF, 4>& curve, double t) {
  const double s = 1 - t;
  return curve[0] * (s * s * s) + curve[1] * (3 * s * s * t) + curve[2] * (3 * s * t * t) +
         curve[3] * (t * t * t);
}

std::array<QPointF, 4> straight(const QPointF& from, const QPointF& to) {
  return {from, from + (to - from) / 3, from + (to - from) * 2 / 3, to};
}

/// From the mouth of the filter into the bin.
std::array<QPointF, 4> to_bin(const Scene& scene, const QRectF& bin) {
  const QPointF begin = scene.way[0];
  const QPointF end(bin.right() - bin.width() * 0.14, bin.top() + 1);
  return {begin, QPointF(begin.x() + bin.width() * 0.3, begin.y() + (end.y() - begin.y()) * 0.2),
          QPointF(std::max(end.x(), begin.x()) + bin.width() * 0.12, end.y() - (end.y() - begin.y()) * 0.25),
          end};
}

/// A stream of one packet in a hundred is thin; that of all is thick.
double width_of(double hz, double all_hz, double unit) {
  return hz <= 0 || all_hz <= 0 ? 0 : unit * (2 + 9 * std::sqrt(std::min(1.0, hz / all_hz)));
}

constexpr double at_the_filter = 0.3; ///< of the way

} // namespace

/// Where its record will lie; the mouth of the way if the buffer is not there.
QPointF SceneBuilder::landing_place(const Flight& flight) const {
  for (const Card& card : scene_.cards)
    if (card.which == flight.buffer && !card.ghost && d_.buffers[flight.buffer].size > 0) {
      const double at = static_cast<double>(flight.offset) / d_.buffers[flight.buffer].size;
      return {card.strip.left() + std::min(1.0, at) * card.strip.width(), card.strip.center().y()};
    }
  return scene_.way[3];
}

void SceneBuilder::add_packets() {
  const QPointF gate = scene_.wire[0];
  const QPointF mouth = scene_.wire[1];
  std::size_t waiting = 0;
  for (const Flight& flight : c_.motion.flights) {
    const double t = flight.progress;
    if (flight.fate == Fate::stored && t >= 1)
      continue; // its block lies there
    Packet packet;
    packet.number = flight.packet;
    packet.flow = c_.flows.of(*in_.track->recording, flight.packet, d_.link_type);
    packet.size = u(11);
    packet.selected = in_.selection.packet == flight.packet;
    packet.dropped = flight.fate == Fate::dropped;
    const double after = std::clamp((t - at_the_filter) / (1 - at_the_filter), 0.0, 1.0);
    if (flight.fate == Fate::waiting) {
      packet.centre = gate + QPointF(u(7), -u(14) * static_cast<double>(std::min<std::size_t>(waiting++, 3)));
    } else if (t < at_the_filter) {
      packet.centre = gate + (scene_.way[0] - gate) * (t / at_the_filter);
    } else if (flight.fate == Fate::rejected) {
      packet.centre = {mouth.x() + layout_.funnel.width() * 0.5,
                       mouth.y() + (layout_.funnel.height() * 0.5 + u(40)) * after * after};
      packet.opacity = t >= 1 ? 0.55 : 1 - 0.75 * after;
    } else if (flight.fate == Fate::dropped) {
      packet.centre = on_curve(to_bin(scene_, layout_.bin), after);
    } else {
      // Along the way to its end, and from there to where its record will lie.
      constexpr double last_leap = 0.82;
      const QPointF target = flight.fate == Fate::stored ? landing_place(flight) : scene_.way[3];
      packet.centre = after < last_leap ? on_curve(scene_.way, after / last_leap)
                                        : scene_.way[3] + (target - scene_.way[3]) *
                                                              ((after - last_leap) / (1 - last_leap));
    }
    scene_.packets.push_back(packet);
  }
}

void SceneBuilder::add_streams() {
  const Rates& rates = c_.motion.rates;
  const std::uint64_t window = window_of(in_.speed, in_.track->recording->last_ns());
  const double phase = static_cast<double>(in_.time_ns % window) / static_cast<double>(window);
  const auto add = [&](const std::array<QPointF, 4>& curve, double hz, Ink ink) {
    if (const double width = width_of(hz, rates.received_hz, layout_.unit); width > 0)
      scene_.streams.push_back({curve, width, phase, ink});
  };
  const QPointF middle(layout_.funnel.center().x(), layout_.funnel.bottom() - layout_.funnel.height() * 0.15);
  add(straight(scene_.wire[0], scene_.wire[1]), rates.received_hz, Ink::kernel);
  add(straight(middle, middle + QPointF(0, u(21))), rates.rejected_hz, Ink::muted);
  add(to_bin(scene_, layout_.bin), rates.dropped_hz, Ink::danger);
  add(scene_.way, rates.stored_hz, Ink::kernel);
}

} // namespace zbuf::gui::stage

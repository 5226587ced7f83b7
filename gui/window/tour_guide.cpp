// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/tour_guide.h"

#include "gui/window/lessons_panel.h"

namespace zbuf::gui {

TourGuide::TourGuide(QWidget& window, Settings& settings, const Sights& sights)
    : window_(window), settings_(settings), sights_(sights) {}

QList<Tour::Stop> TourGuide::stops() const {
  return {
      {nullptr, tr("Welcome to zbuf lab"),
       tr("See how FreeBSD's zero-copy BPF hands packets from the kernel to a process: play it, stop it, "
          "step back, and ask who owns which buffer.")},
      {&sights_.lessons, tr("Lessons"),
       tr("%1 runs, each with a story in chapters. Begin with the first.")
           .arg(sights_.lessons.lessons().size())},
      {&sights_.header, tr("Play and step"),
       tr("Blank plays and pauses, the arrows step. Slow it down as far as you like, or let it stop at a "
          "condition such as drops > 0.")},
      {&sights_.stage, tr("The stage"),
       tr("The process above, the kernel below. Orange and ▲: the user owns the buffer. Blue and ▼: the "
          "kernel does.")},
      {&sights_.tabs, tr("Why"),
       tr("Every event in plain words, with the line of code that ran; the header bytes, the filter, the "
          "packets. “What if” tries other values.")},
      {&sights_.over_time, tr("Over time"),
       tr("Drag to go anywhere in the run. F finds the next drop. Ctrl+K finds everything else, ? shows the "
          "keys.")}};
}

void TourGuide::greet() {
  if (settings_.tour_seen() || tour_ != nullptr)
    return;
  tour_ = new Tour(stops(), &window_);
  connect(tour_, &Tour::ended, this, [this] {
    settings_.set_tour_seen(true);
    tour_->deleteLater();
    tour_ = nullptr;
    Q_EMIT ended();
  });
}

bool TourGuide::has(const QWidget& widget) const {
  return tour_ != nullptr && tour_->isAncestorOf(&widget);
}

} // namespace zbuf::gui

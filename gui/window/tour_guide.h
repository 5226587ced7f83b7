// SPDX-License-Identifier: GPL-3.0-or-later
// Shows the tour to whoever is here for the first time.
#pragma once

#include "gui/window/settings.h"
#include "gui/window/tour.h"

#include <QPointer>

namespace zbuf::gui {

class LessonsPanel;

class TourGuide : public QObject {
  Q_OBJECT
 public:
  /// What the tour comes by.
  struct Sights {
    LessonsPanel& lessons;
    QWidget& header;
    QWidget& stage;
    QWidget& tabs;
    QWidget& over_time;
  };
  /// All outlive it.
  TourGuide(QWidget& window, Settings& settings, const Sights& sights);

  /// The tour, if nobody has seen it yet.
  void greet();
  /// Whether this is a part of the tour that is shown now.
  [[nodiscard]] bool has(const QWidget& widget) const;

 signals:
  void ended();

 private:
  [[nodiscard]] QList<Tour::Stop> stops() const;

  QWidget& window_;
  Settings& settings_;
  Sights sights_;
  QPointer<Tour> tour_{};
};

} // namespace zbuf::gui

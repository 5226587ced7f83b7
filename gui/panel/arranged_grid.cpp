// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/panel/arranged_grid.h"

#include <algorithm>

namespace zbuf::gui {

namespace {

bool contains(const std::vector<Place>& places, const QWidget* widget) {
  return std::any_of(places.begin(), places.end(),
                     [&](const Place& place) { return place.widget == widget; });
}

} // namespace

ArrangedGrid::ArrangedGrid(QWidget* parent) : QGridLayout(parent) {
  setContentsMargins(0, 0, 0, 0);
}

bool ArrangedGrid::arrange(std::vector<Place> places) {
  if (places == places_)
    return false;
  for (const Place& before : places_) {
    removeWidget(before.widget);
    if (!contains(places, before.widget))
      before.widget->hide();
  }
  for (const Place& now : places) {
    addWidget(now.widget, now.row, now.column, 1, now.column_span);
    if (!contains(places_, now.widget))
      now.widget->show();
  }
  places_ = std::move(places);
  return true;
}

int columns_in(int width, int readable, int most) {
  return std::clamp(width / std::max(readable, 1), 1, most);
}

} // namespace zbuf::gui

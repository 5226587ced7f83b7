// SPDX-License-Identifier: GPL-3.0-or-later
// Widgets whose places depend on the room there is: in one row or two, in more columns or fewer.
#pragma once

#include <QGridLayout>
#include <QWidget>

#include <vector>

namespace zbuf::gui {

/// Where a widget stands.
struct Place {
  QWidget* widget = nullptr;
  int row = 0;
  int column = 0;
  int column_span = 1;
  bool operator==(const Place&) const = default;
};

/// A grid that can be asked at every change of size: it moves widgets only if their places are others.
class ArrangedGrid : public QGridLayout {
  Q_OBJECT
 public:
  explicit ArrangedGrid(QWidget* parent = nullptr);

  /// A widget that comes is shown, and one that goes is hidden. False: all is as it was.
  bool arrange(std::vector<Place> places);

 private:
  std::vector<Place> places_{};
};

/// How many columns of `readable` pixels `width` has room for: 1 to `most`.
[[nodiscard]] int columns_in(int width, int readable, int most);

/// The first ones beside each other, or above each other.
enum class Order { across, down };
template <typename Widget>
[[nodiscard]] std::vector<Place> in_columns(const std::vector<Widget*>& widgets, int columns, Order order) {
  const int count = static_cast<int>(widgets.size());
  const int rows = (count + columns - 1) / columns;
  std::vector<Place> places;
  for (int i = 0; i < count; ++i)
    places.push_back({widgets[static_cast<std::size_t>(i)], order == Order::across ? i / columns : i % rows,
                      order == Order::across ? i % columns : i / rows});
  return places;
}

} // namespace zbuf::gui

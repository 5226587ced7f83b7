// SPDX-License-Identifier: GPL-3.0-or-later
// How panels follow the playback, and where they put what is in them.
#include "gui/panel/arranged_grid.h"
#include "gui/panel/refresher.h"

#include <QTest>

#include <gtest/gtest.h>

namespace zbuf::gui {
namespace {

TEST(Refresher, DrawsWhatCanBeSeenAndCatchesUpOnWhatCannot) {
  Playback playback;
  QWidget panel;
  int drawn = 0;
  Refresher refresher(playback, panel, [&] { ++drawn; });
  Q_EMIT playback.moved();
  EXPECT_EQ(drawn, 0) << "it cannot be seen";
  panel.show();
  EXPECT_EQ(drawn, 1) << "it missed something";
  Q_EMIT playback.moved();
  EXPECT_EQ(drawn, 2);
  panel.hide();
  panel.show();
  EXPECT_EQ(drawn, 2) << "nothing happened meanwhile";
  panel.hide();
  Q_EMIT playback.tracks_changed();
  refresher.refresh();
  EXPECT_EQ(drawn, 3) << "somebody asked";
  panel.show();
  EXPECT_EQ(drawn, 3) << "it is up to date";
}

class ArrangedGridTest : public testing::Test {
 protected:
  ArrangedGridTest() {
    for (int i = 0; i < 5; ++i)
      widgets_.push_back(new QWidget(&panel_));
    panel_.show();
  }
  /// Row and column of a widget.
  std::pair<int, int> cell(int widget) {
    int row = 0, column = 0, rows = 0, columns = 0;
    grid_->getItemPosition(grid_->indexOf(widgets_[static_cast<std::size_t>(widget)]), &row, &column, &rows,
                           &columns);
    return {row, column};
  }

  QWidget panel_{};
  ArrangedGrid* grid_ = new ArrangedGrid(&panel_);
  std::vector<QWidget*> widgets_{};
};

using Cell = std::pair<int, int>;

TEST_F(ArrangedGridTest, FillsRowsOrColumns) {
  EXPECT_TRUE(grid_->arrange(in_columns(widgets_, 2, Order::across)));
  EXPECT_EQ(cell(1), Cell(0, 1));
  EXPECT_EQ(cell(4), Cell(2, 0));
  EXPECT_TRUE(grid_->arrange(in_columns(widgets_, 2, Order::down)));
  EXPECT_EQ(cell(1), Cell(1, 0));
  EXPECT_EQ(cell(4), Cell(1, 1));
}

TEST_F(ArrangedGridTest, MovesNothingThatIsWhereItBelongs) {
  EXPECT_TRUE(grid_->arrange(in_columns(widgets_, 3, Order::across)));
  EXPECT_FALSE(grid_->arrange(in_columns(widgets_, 3, Order::across)));
  EXPECT_TRUE(grid_->arrange(in_columns(widgets_, 2, Order::across)));
}

TEST_F(ArrangedGridTest, HidesWhatHasNoPlaceAnyMore) {
  grid_->arrange(in_columns(widgets_, 2, Order::across));
  QWidget* const last = widgets_.back();
  EXPECT_TRUE(last->isVisible());
  widgets_.pop_back();
  EXPECT_TRUE(grid_->arrange(in_columns(widgets_, 2, Order::across)));
  EXPECT_FALSE(last->isVisible());
  EXPECT_EQ(grid_->count(), 4);
  widgets_.push_back(last);
  grid_->arrange(in_columns(widgets_, 2, Order::across));
  EXPECT_TRUE(last->isVisible());
}

TEST(Columns, AreAtLeastOneAndAtMostAsManyAsWanted) {
  EXPECT_EQ(columns_in(0, 100, 3), 1);
  EXPECT_EQ(columns_in(199, 100, 3), 1);
  EXPECT_EQ(columns_in(200, 100, 3), 2);
  EXPECT_EQ(columns_in(2000, 100, 3), 3);
}

} // namespace
} // namespace zbuf::gui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/stage/layout.h"

#include <algorithm>

namespace zbuf::gui::stage {

namespace {

/// A drawing board of fixed size, stretched over the rectangle that there is.
class Board {
 public:
  Board(const QRectF& target, double width, double height)
      : target_(target), x_(target.width() / width), y_(target.height() / height) {}
  [[nodiscard]] QRectF operator()(double x, double y, double width, double height) const {
    return {target_.left() + x * x_, target_.top() + y * y_, width * x_, height * y_};
  }
  [[nodiscard]] double unit() const { return std::min(x_, y_); }

 private:
  QRectF target_;
  double x_, y_;
};

void arrange_wide(Layout& layout, const Board& at) {
  layout.user = at(0, 0, 820, 177);
  layout.kernel = at(0, 177, 820, 329);
  layout.user_title = at(15, 8, 190, 20);
  layout.kernel_title = at(15, 186, 236, 20);
  layout.reader = at(18, 42, 178, 106);
  constexpr double columns[] = {226, 428, 630};
  for (std::size_t i = 0; i < 3; ++i) {
    layout.up[i] = at(columns[i], 30, 174, 131);
    layout.berths[i] = at(columns[i], 219, 174, 131);
    layout.slot_names[i] = at(columns[i], 352, 174, 16);
  }
  layout.pill = at(206, 164, 420, 26);
  layout.interface = at(18, 238, 80, 82);
  layout.funnel = at(128, 243, 50, 72);
  layout.filter_name = at(113, 222, 80, 18);
  layout.filter_text = at(18, 326, 200, 42);
  layout.bin = at(18, 430, 190, 64);
  layout.counters = at(218, 430, 290, 64);
  layout.quiz = at(518, 430, 286, 64);
  layout.notice = at(218, 405, 586, 20);
}

void arrange_tall(Layout& layout, const Board& at) {
  layout.user = at(0, 0, 480, 236);
  layout.kernel = at(0, 236, 480, 404);
  layout.user_title = at(12, 6, 456, 20);
  layout.kernel_title = at(12, 250, 456, 18);
  layout.reader = at(12, 28, 456, 58);
  constexpr double columns[] = {12, 168, 324};
  for (std::size_t i = 0; i < 3; ++i) {
    layout.up[i] = at(columns[i], 96, 144, 122);
    layout.berths[i] = at(columns[i], 272, 144, 122);
    layout.slot_names[i] = at(columns[i], 396, 144, 16);
  }
  layout.pill = at(12, 224, 456, 24);
  layout.interface = at(12, 424, 108, 68);
  layout.funnel = at(148, 428, 50, 60);
  layout.filter_name = at(290, 424, 178, 16);
  layout.filter_text = at(290, 440, 178, 40);
  layout.bin = at(12, 522, 180, 56);
  layout.counters = at(200, 522, 268, 56);
  layout.quiz = at(12, 584, 456, 52);
  layout.notice = at(12, 498, 456, 20);
}

/// As tall, but for a low place: the question is left out rather than everything made small.
void arrange_low(Layout& layout, const Board& at) {
  layout.user = at(0, 0, 480, 192);
  layout.kernel = at(0, 192, 480, 288);
  layout.user_title = at(12, 3, 456, 18);
  layout.kernel_title = at(12, 203, 456, 16);
  layout.reader = at(12, 22, 456, 50);
  constexpr double columns[] = {12, 168, 324};
  for (std::size_t i = 0; i < 3; ++i) {
    layout.up[i] = at(columns[i], 76, 144, 103);
    layout.berths[i] = at(columns[i], 220, 144, 103);
    layout.slot_names[i] = at(columns[i], 324, 144, 16);
  }
  layout.pill = at(12, 181, 456, 22);
  layout.interface = at(12, 344, 108, 48);
  layout.funnel = at(148, 346, 46, 44);
  layout.filter_name = at(290, 346, 178, 15);
  layout.filter_text = at(290, 361, 178, 30);
  layout.notice = at(12, 396, 456, 18);
  layout.bin = at(12, 419, 180, 55);
  layout.counters = at(200, 419, 268, 55);
}

} // namespace

Layout layout_for(const QSizeF& size, std::size_t descriptors) {
  constexpr double narrow = 1.2; // below this ratio the wide arrangement would be too thin
  constexpr double smallest_font = 0.84;
  Layout layout;
  layout.tall = size.width() < narrow * size.height();
  const double board_width = layout.tall ? 480 : 820;
  constexpr double low = 520; // below this height the tall arrangement would be too small to read
  const bool is_low = layout.tall && size.height() < low;
  const double board_height = is_low ? 480 : layout.tall ? 640 : 506;
  constexpr double overview_height = 50;
  double top = 0;
  if (descriptors > 1) {
    const double unit =
        std::min(size.width() / board_width, size.height() / (board_height + overview_height));
    top = overview_height * std::max(unit, 0.74);
    layout.overview = QRectF(0, 0, size.width(), top).adjusted(8 * unit, 5 * unit, -8 * unit, -5 * unit);
  }
  const Board board(QRectF(0, top, size.width(), std::max(1.0, size.height() - top)), board_width,
                    board_height);
  layout.unit = std::max(0.3, board.unit());
  layout.font_scale = std::max(smallest_font, layout.unit);
  if (is_low)
    arrange_low(layout, board);
  else if (layout.tall)
    arrange_tall(layout, board);
  else
    arrange_wide(layout, board);
  return layout;
}

} // namespace zbuf::gui::stage

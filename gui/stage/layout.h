// SPDX-License-Identifier: GPL-3.0-or-later
// Where the parts of the stage lie, for any size of it.
#pragma once

#include <QPointF>
#include <QRectF>

#include <array>

namespace zbuf::gui::stage {

struct Layout {
  double unit = 1;       ///< 1 at 820 x 506
  double font_scale = 1; ///< of the stage's fonts: never so small that they cannot be read
  bool tall = false;     ///< the arrangement for a narrow place, such as one of two stages side by side

  QRectF overview{}; ///< empty with one descriptor
  QRectF user{}, kernel{};
  QRectF user_title{}, kernel_title{};
  QRectF reader{};
  std::array<QRectF, 3> up{};     ///< where a buffer lies that the user owns, above hold, store, free
  std::array<QRectF, 3> berths{}; ///< hold, store, free
  std::array<QRectF, 3> slot_names{};
  QRectF pill{};
  QRectF interface {
  }, funnel{}, filter_name{}, filter_text{};
  QRectF bin{}, counters{};
  QRectF quiz{}; ///< empty where there is no room for it
  QRectF notice{};
};

/// `descriptors`: how many the overview must show; none is shown for one.
[[nodiscard]] Layout layout_for(const QSizeF& size, std::size_t descriptors);

} // namespace zbuf::gui::stage

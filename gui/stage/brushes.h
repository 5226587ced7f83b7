// SPDX-License-Identifier: GPL-3.0-or-later
// The few strokes that the pictures of the stage are made of.
#pragma once

#include "gui/stage/scene.h"

#include <QColor>

class QPainter;

namespace zbuf::gui::stage {

[[nodiscard]] QColor colour_of(Ink ink);
[[nodiscard]] QColor colour_of(Owner owner);

void draw_arrow_head(QPainter& painter, const QPointF& from, const QPointF& tip, double size,
                     const QColor& colour);

/// Slanting lines over a rectangle.
void hatch(QPainter& painter, const QRectF& rect, double spacing, const QColor& colour, double width);

/// Pixels of the device to one of the painter: right also where a widget is drawn into a picture.
[[nodiscard]] double pixel_ratio(const QPainter& painter);

/// A rectangle on whole pixels, so that its edges are sharp.
[[nodiscard]] QRectF sharp(const QPainter& painter, const QRectF& rect);

/// A frame with the ground of a panel.
void draw_frame(QPainter& painter, const Panel& panel, double radius);

} // namespace zbuf::gui::stage

// SPDX-License-Identifier: GPL-3.0-or-later
// Puts words into rectangles of the stage: measures them, and makes them fit, so that nothing is ever
// clipped.
#pragma once

#include "gui/stage/scene.h"

#include <QFont>
#include <QHash>

#include <array>

namespace zbuf::gui::stage {

class Typesetter {
 public:
  /// `scale` multiplies every font of the stage.
  explicit Typesetter(double scale);

  [[nodiscard]] QFont font(Face face, double points) const;
  [[nodiscard]] double width(const QString& text, Face face, double points) const;
  /// From one line to the next.
  [[nodiscard]] double line(Face face, double points) const;

  /// The text in the rectangle: smaller by up to a quarter if it is too long, and then with an ellipsis.
  [[nodiscard]] Text set(const QRectF& rect, const QString& text, Face face, double points, Ink ink,
                         Qt::Alignment align = Qt::AlignLeft | Qt::AlignVCenter) const;
  /// The same over several lines, broken at spaces; what does not fit the height ends with an ellipsis.
  void set_lines(std::vector<Text>& into, const QRectF& rect, const QString& text, Face face, double points,
                 Ink ink, Qt::Alignment align = Qt::AlignLeft) const;

 private:
  double scale_;
  mutable QHash<QString, double> widths_; ///< by face, size and text
};

} // namespace zbuf::gui::stage

// SPDX-License-Identifier: GPL-3.0-or-later
// For tests: pictures of a panel, light and dark, small and large, once and twice the pixels.
#pragma once

#include "gui/theme/theme.h"

#include <QImage>
#include <QTest>
#include <QWidget>

#include <gtest/gtest.h>

namespace zbuf::gui {

/// Draws the widget as it is. It must show something: more than one colour. With ZBUF_PICTURES set, the
/// pictures are kept in that folder, to be looked at.
inline void render(QWidget& widget, const QString& name, QSize small = {380, 620}, QSize large = {620, 900}) {
  const QString folder = qEnvironmentVariable("ZBUF_PICTURES");
  for (const bool dark : {false, true}) {
    theme().set_scheme(dark ? Theme::Scheme::dark : Theme::Scheme::light);
    for (const int pixels : {1, 2}) {
      widget.resize(pixels == 1 ? small : large);
      QTest::qWait(120); // whatever is late comes
      QImage image(widget.size() * pixels, QImage::Format_RGB32);
      image.setDevicePixelRatio(pixels);
      image.fill(theme().panel());
      widget.render(&image);
      const QRgb corner = image.pixel(1, 1);
      bool several = false;
      for (int y = 0; y < image.height() && !several; ++y)
        for (int x = 0; x < image.width() && !several; ++x)
          several = image.pixel(x, y) != corner;
      EXPECT_TRUE(several) << name.toStdString();
      if (!folder.isEmpty()) {
        EXPECT_TRUE(
            image.save(QString("%1/%2-%3-%4x.png").arg(folder, name, dark ? "dark" : "light").arg(pixels)));
      }
    }
  }
  theme().set_scheme(Theme::Scheme::light);
}

} // namespace zbuf::gui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/theme/page.h"

#include "core/base/assert.h"

#include <QBuffer>
#include <QImage>
#include <QPageSize>
#include <QPdfWriter>
#include <QSvgGenerator>

namespace zbuf::gui {

bool is_page_kind(const QString& kind) {
  return kind == QLatin1String("pdf") || kind == QLatin1String("svg") || kind == QLatin1String("png");
}

QByteArray draw_page(const QString& kind, QSize size, const QString& title,
                     const std::function<void(QPaintDevice&, double scale)>& draw) {
  ZBUF_ASSERT(is_page_kind(kind));
  QByteArray bytes;
  QBuffer out(&bytes);
  out.open(QIODevice::WriteOnly);
  if (kind == QLatin1String("pdf")) {
    constexpr int dots_per_inch = 96;
    QPdfWriter pdf(&out);
    pdf.setResolution(dots_per_inch);
    pdf.setPageSize(QPageSize(QSizeF(size) * 72.0 / dots_per_inch, QPageSize::Point));
    pdf.setPageMargins({});
    pdf.setTitle(title);
    draw(pdf, 1);
  } else if (kind == QLatin1String("svg")) {
    QSvgGenerator svg;
    svg.setOutputDevice(&out);
    svg.setSize(size);
    svg.setViewBox(QRect({}, size));
    svg.setTitle(title);
    draw(svg, 1);
  } else {
    constexpr int scale = 2;
    QImage image(size * scale, QImage::Format_RGB32);
    draw(image, scale);
    image.save(&out, "PNG");
  }
  return bytes;
}

} // namespace zbuf::gui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/files/page.h"

#include "gui/files/write_file.h"

#include <QBuffer>
#include <QCoreApplication>
#include <QImage>
#include <QPageSize>
#include <QPdfWriter>
#include <QSvgGenerator>

namespace zbuf::gui {

std::optional<QString> save_page(const QString& path, QSize size, const QString& title,
                                 const std::function<void(QPaintDevice&, double scale)>& draw) {
  const QString kind = path.section('/', -1).section('.', 1).section('.', -1).toLower();
  if (kind != QLatin1String("pdf") && kind != QLatin1String("svg") && kind != QLatin1String("png"))
    return QCoreApplication::translate(
               "save_page", "%1: the name of a plot ends in .png, .svg or .pdf; this one does not.")
        .arg(path);
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
  return write_file(path, bytes);
}

} // namespace zbuf::gui

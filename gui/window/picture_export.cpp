// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/picture_export.h"

#include "gui/files/write_file.h"

#include <QBuffer>
#include <QCoreApplication>
#include <QPainter>
#include <QSvgGenerator>

#include <algorithm>

namespace zbuf::gui {

namespace {

QString tr(const char* text) {
  return QCoreApplication::translate("PictureExport", text);
}

void render_svg(QWidget& widget, QIODevice& out) {
  QSvgGenerator generator;
  generator.setOutputDevice(&out);
  generator.setSize(widget.size());
  generator.setViewBox(widget.rect());
  generator.setTitle(widget.accessibleName().isEmpty() ? tr("zbuf lab") : widget.accessibleName());
  QPainter painter(&generator);
  widget.render(&painter);
}

} // namespace

QImage picture_of(QWidget& widget, double scale) {
  QImage image((QSizeF(widget.size()) * scale).toSize(), QImage::Format_ARGB32_Premultiplied);
  image.setDevicePixelRatio(scale);
  image.fill(widget.palette().color(QPalette::Window));
  widget.render(&image);
  return image;
}

std::optional<QString> save_picture(QWidget& widget, const QString& path) {
  QByteArray bytes;
  QBuffer buffer(&bytes);
  buffer.open(QIODevice::WriteOnly);
  if (path.endsWith(".svg", Qt::CaseInsensitive))
    render_svg(widget, buffer);
  else
    picture_of(widget, std::max(2.0, widget.devicePixelRatioF())).save(&buffer, "PNG");
  return write_file(path, bytes);
}

} // namespace zbuf::gui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/compare/plot_export.h"

#include "gui/theme/theme.h"

#include <QFile>
#include <QImageWriter>
#include <QPdfWriter>
#include <QSvgGenerator>

namespace zbuf::gui {

namespace {

constexpr QSize plot_size{520, 240};
constexpr int title_height = 36;
constexpr int note_height = 28;
constexpr int margin = 12;

QSize page_size(std::size_t plots) {
  const int columns = plots > 1 ? 2 : 1;
  const int lines = (static_cast<int>(plots) + columns - 1) / columns;
  return {columns * plot_size.width() + 2 * margin, title_height + lines * plot_size.height() + note_height};
}

/// What is written, whatever it is written as.
struct Page {
  const std::vector<ComparePlot*>& plots;
  const QString& title;
  const QString& note;
  [[nodiscard]] QSize size() const { return page_size(plots.size()); }
};

bool draw(QPaintDevice& device, double scale, bool vectors, const Page& page) {
  QCPPainter painter;
  if (!painter.begin(&device))
    return false;
  painter.setMode(vectors ? QCPPainter::pmVectorized : QCPPainter::pmDefault);
  painter.setMode(QCPPainter::pmNoCaching);
  painter.scale(scale, scale);
  const QSize size = page.size();
  painter.fillRect(QRect(QPoint(0, 0), size), theme().panel());
  painter.setPen(theme().text());
  painter.setFont(theme().ui(11, true));
  painter.drawText(QRect(margin, 0, size.width() - 2 * margin, title_height),
                   Qt::AlignLeft | Qt::AlignVCenter, page.title);
  painter.setPen(theme().muted());
  painter.setFont(theme().ui(8.5));
  painter.drawText(QRect(margin, size.height() - note_height, size.width() - 2 * margin, note_height),
                   Qt::AlignLeft | Qt::AlignVCenter, page.note);
  for (std::size_t i = 0; i < page.plots.size(); ++i) {
    const auto at = static_cast<int>(i);
    painter.save();
    painter.translate(margin + at % 2 * plot_size.width(), title_height + at / 2 * plot_size.height());
    page.plots[i]->draw_to(painter, plot_size);
    painter.restore();
  }
  return painter.end();
}

bool to_pdf(const Page& page, const QString& path) {
  QPdfWriter pdf(path);
  const QSize size = page.size();
  constexpr int dots_per_inch = 96;
  pdf.setResolution(dots_per_inch);
  pdf.setPageSize(QPageSize(QSizeF(size) * 72.0 / dots_per_inch, QPageSize::Point));
  pdf.setPageMargins({});
  pdf.setTitle(page.title);
  return draw(pdf, 1, true, page);
}

bool to_svg(const Page& page, const QString& path) {
  QSvgGenerator svg;
  svg.setFileName(path);
  svg.setSize(page.size());
  svg.setViewBox(QRect(QPoint(0, 0), page.size()));
  svg.setTitle(page.title);
  return draw(svg, 1, true, page);
}

bool to_picture(const Page& page, const QString& path) {
  constexpr double scale = 2;
  QImage image(page.size() * scale, QImage::Format_RGB32);
  return draw(image, scale, false, page) && image.save(path);
}

} // namespace

bool export_plots(const std::vector<ComparePlot*>& plots, const QString& title, const QString& note,
                  const QString& path) {
  const QString kind = path.section('.', -1).toLower();
  const bool vectors = kind == QLatin1String("pdf") || kind == QLatin1String("svg");
  if (plots.empty() || (!vectors && !QImageWriter::supportedImageFormats().contains(kind.toLatin1())))
    return false;
  // Generators do not tell when they cannot write.
  QFile file(path);
  if (!file.open(QIODevice::WriteOnly))
    return false;
  file.close();
  const Page page{plots, title, note};
  const bool written = kind == QLatin1String("pdf")   ? to_pdf(page, path)
                       : kind == QLatin1String("svg") ? to_svg(page, path)
                                                      : to_picture(page, path);
  if (!written)
    (void)file.remove();
  return written;
}

} // namespace zbuf::gui

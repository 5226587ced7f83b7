// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/compare/plot_export.h"

#include "gui/files/page.h"
#include "gui/theme/theme.h"

#include <QCoreApplication>

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

void draw(QPaintDevice& device, double scale, const Page& page) {
  QCPPainter painter;
  if (!painter.begin(&device))
    return;
  painter.setMode(scale == 1 ? QCPPainter::pmVectorized : QCPPainter::pmDefault);
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
}

} // namespace

std::optional<QString> export_plots(const std::vector<ComparePlot*>& plots, const QString& title,
                                    const QString& note, const QString& path) {
  if (plots.empty())
    return QCoreApplication::translate("ComparePanel", "There are no plots to draw yet.");
  const Page page{plots, title, note};
  return save_page(path, page.size(), title,
                   [&](QPaintDevice& device, double scale) { draw(device, scale, page); });
}

} // namespace zbuf::gui

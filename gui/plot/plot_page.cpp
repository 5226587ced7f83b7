// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/plot/plot_page.h"

#include "gui/files/page.h"
#include "gui/theme/theme.h"

namespace zbuf::gui {

namespace {

PlotPage::Draw words(const QString& text, const QFont& font, const QColor& colour, int flags) {
  return [=](QCPPainter& painter, const QRect& where) {
    painter.setFont(font);
    painter.setPen(colour);
    painter.drawText(where, flags, text);
  };
}

} // namespace

PlotPage::PlotPage(std::vector<Plot*> plots, const Look& look)
    : plots_(std::move(plots)), look_(look), bottom_(look.margins.top()) {}

int PlotPage::width() const {
  return columns() * look_.plot.width() + (columns() - 1) * look_.gap;
}

void PlotPage::add(int space_above, int height, Draw draw) {
  const QRect where(look_.margins.left(), bottom_ + space_above, width(), height);
  parts_.push_back({where, std::move(draw)});
  bottom_ = where.y() + height;
}

void PlotPage::add_text(int space_above, const QString& text, const QFont& font, const QColor& colour) {
  constexpr int flags = Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap;
  constexpr int below = 4;
  const QRect needed = QFontMetrics(font).boundingRect(QRect(0, 0, width(), 1 << 20), flags, text);
  add(space_above, needed.height() + below, words(text, font, colour, flags));
}

void PlotPage::add_line(int height, const QString& text, const QFont& font, const QColor& colour) {
  add(0, height, words(text, font, colour, Qt::AlignLeft | Qt::AlignVCenter));
}

void PlotPage::add_plots(int space_above) {
  const QSize cell = look_.plot + QSize(look_.gap, look_.gap);
  const int lines = (static_cast<int>(plots_.size()) + columns() - 1) / columns();
  add(space_above, lines * cell.height(),
      [plots = plots_, plot = look_.plot, cell](QCPPainter& painter, const QRect& where) {
        for (int i = 0; i < static_cast<int>(plots.size()); ++i) {
          const QPoint corner(i % 2 * cell.width(), i / 2 * cell.height());
          plots[static_cast<std::size_t>(i)]->draw_to(painter, {where.topLeft() + corner, plot});
        }
      });
}

QSize PlotPage::size() const {
  return {look_.margins.left() + width() + look_.margins.right(), bottom_ + look_.margins.bottom()};
}

void PlotPage::draw(QPaintDevice& device, double scale) const {
  QCPPainter painter;
  if (!painter.begin(&device))
    return;
  painter.setMode(scale == 1 ? QCPPainter::pmVectorized : QCPPainter::pmDefault);
  painter.setMode(QCPPainter::pmNoCaching);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.scale(scale, scale);
  painter.fillRect(QRect({}, size()), theme().panel());
  for (const Part& part : parts_)
    part.draw(painter, part.where);
}

std::optional<QString> PlotPage::save(const QString& path, const QString& title) const {
  return save_page(path, size(), title, [this](QPaintDevice& device, double scale) { draw(device, scale); });
}

} // namespace zbuf::gui

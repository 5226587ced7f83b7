// SPDX-License-Identifier: GPL-3.0-or-later
// Plots as a file: two beside each other on one page, with what is to be read above and below them.
#pragma once

#include "gui/plot/plot.h"

#include <QMargins>

#include <functional>
#include <optional>
#include <vector>

namespace zbuf::gui {

/// What is added stands below what was added before. All sizes are in points of the screen.
class PlotPage {
 public:
  struct Look {
    QSize plot{};
    QMargins margins{};
    int gap = 0; ///< to the right of a plot and below it
  };
  using Draw = std::function<void(QCPPainter&, const QRect&)>;

  /// The plots outlive it.
  PlotPage(std::vector<Plot*> plots, const Look& look);

  /// Of what is between the margins.
  [[nodiscard]] int width() const;
  void add(int space_above, int height, Draw draw);
  /// As many lines as it needs.
  void add_text(int space_above, const QString& text, const QFont& font, const QColor& colour);
  /// One line in the middle of a room so high.
  void add_line(int height, const QString& text, const QFont& font, const QColor& colour);
  void add_plots(int space_above);

  /// The ending says how: .pdf, .svg, .png. The error as a sentence: the file is then as before.
  [[nodiscard]] std::optional<QString> save(const QString& path, const QString& title) const;

 private:
  struct Part {
    QRect where{};
    Draw draw{};
  };
  [[nodiscard]] int columns() const { return plots_.size() > 1 ? 2 : 1; }
  [[nodiscard]] QSize size() const;
  void draw(QPaintDevice& device, double scale) const;

  std::vector<Plot*> plots_;
  Look look_;
  std::vector<Part> parts_{};
  int bottom_;
};

} // namespace zbuf::gui

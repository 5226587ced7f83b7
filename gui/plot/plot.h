// SPDX-License-Identifier: GPL-3.0-or-later
// A plot as all are: two axes in the theme's colours, and a title above.
#pragma once

#include <qcustomplot.h>

namespace zbuf::gui {

class Plot : public QCustomPlot {
  Q_OBJECT
 public:
  /// At another size, as it is now.
  void draw_to(QCPPainter& painter, const QRect& where);

  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override;

 protected:
  /// Heights are in lines of text.
  Plot(const QString& title, int usual_lines, int least_lines, QWidget* parent);

  struct Look {
    QFont ticks{};         ///< of the figures at the axes
    QColor axes{};         ///< their lines
    int tick_padding = 0;  ///< pixels between line and figures
    double grid_width = 0; ///< pixels; 0: the thinnest there is
    double title_points = 0;
    double title_lines = 0; ///< how high its room is, in lines of it
    int letters_left = 0;   ///< room for figures, so that plots above each other have axes above each other
    int letters_right = 0;
  };
  void dress(const Look& look);

  /// Where words stand, and how many, depends on the width. Called when that is another.
  virtual void place_words(double width) = 0;
  /// Shortens the title to `room` pixels, from `left` on.
  void place_title(double left, double room);
  /// Of the middle of the title.
  [[nodiscard]] double title_middle() const { return axisRect()->margins().top() / 2.0; }
  [[nodiscard]] QCPItemText& title() { return *title_; }

  void resizeEvent(QResizeEvent* event) override;

 private:
  QString whole_title_;
  int usual_lines_;
  int least_lines_;
  QCPItemText* title_;
};

/// "2.5" for "2.50", "2" for "2.0".
[[nodiscard]] QString without_idle_zeros(QString number);

} // namespace zbuf::gui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/measure/measure_plot.h"

#include "gui/measure/legend.h"
#include "gui/theme/theme.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace zbuf::gui {

namespace {

/// "20 M", without zeros behind the point.
QString tick_label(double tick) {
  if (tick < 0)
    return {};
  QString number = figure_number(tick);
  const qsizetype end = number.back().isLetter() ? number.size() - 2 : number.size();
  return without_idle_zeros(number.left(end)) + number.mid(end);
}

class NumberTicker : public QCPAxisTicker {
 public:
  NumberTicker() { setTickCount(4); }

 protected:
  QString getTickLabel(double tick, const QLocale&, QChar, int) override { return tick_label(tick); }
};

/// 1, 2, 5, 10, ...; over more decades 1, 3, 10, ..., and over many 1, 10, 100, ...
class DecadeTicker : public NumberTicker {
 protected:
  QVector<double> createTickVector(double, const QCPRange& range) override {
    QVector<double> ticks;
    const double decades = std::log10(range.upper / range.lower);
    const std::vector<double> digits = decades > 4     ? std::vector<double>{1}
                                       : decades > 2.1 ? std::vector<double>{1, 3}
                                                       : std::vector<double>{1, 2, 5};
    for (double decade = std::pow(10, std::floor(std::log10(range.lower))); decade <= range.upper;
         decade *= 10)
      for (const double digit : digits)
        if (const double tick = digit * decade; tick >= range.lower && tick <= range.upper)
          ticks += tick;
    return ticks;
  }
};

/// The points of all series, as the legend has them: drawn as shapes, so that they are sharp in every kind of
/// file.
class Signs : public QCPAbstractItem {
 public:
  Signs(MeasurePlot& plot, std::function<double(const SeriesPoint&, std::size_t)> place)
      : QCPAbstractItem(&plot), plot_(plot), place_(std::move(place)) {}
  double selectTest(const QPointF&, bool, QVariant*) const override { return -1; }

 protected:
  void draw(QCPPainter* painter) override {
    const double size = QFontMetricsF(theme().ui()).height() * 0.42;
    painter->setAntialiasing(true);
    for (std::size_t i = 0; i < plot_.series().size(); ++i)
      for (const SeriesPoint& point : plot_.series()[i].points)
        draw_sign(
            *painter,
            {plot_.xAxis->coordToPixel(place_(point, i)), plot_.yAxis->coordToPixel(point.value.median)},
            size, plot_.series()[i]);
  }

 private:
  MeasurePlot& plot_;
  std::function<double(const SeriesPoint&, std::size_t)> place_;
};

} // namespace

MeasurePlot::MeasurePlot(MeasuredFigure figure, QWidget* parent)
    : Plot(figure_title(figure), 11, 10, parent), figure_(figure) {
  setFocusPolicy(Qt::NoFocus);
  addLayer(QStringLiteral("signs"), layer(QStringLiteral("main")), limAbove);
  auto* const signs =
      new Signs(*this, [this](const SeriesPoint& point, std::size_t i) { return place(point, i); });
  signs->setLayer(QStringLiteral("signs"));
  signs->setClipToAxisRect(false);
  apply_theme();
}

bool MeasurePlot::set_result(const BenchResult& result) {
  axis_ = axis_of(result);
  series_ = series_of(result, figure_);
  // What is measured lies above what is modelled.
  std::stable_sort(series_.begin(), series_.end(),
                   [](const Series& a, const Series& b) { return a.modelled > b.modelled; });
  QStringList spoken;
  for (const Series& series : series_)
    for (const SeriesPoint& point : series.points) {
      const auto found = std::find(axis_.values.begin(), axis_.values.end(), point.at);
      if (found != axis_.values.end())
        spoken += QStringLiteral("%1, %2: %3")
                      .arg(series_title(series),
                           axis_.labels[static_cast<std::size_t>(found - axis_.values.begin())],
                           figure_number(point.value.median));
    }
  setAccessibleDescription(spoken.join(QStringLiteral("; ")));
  apply_theme();
  const bool has_two = figure_ != MeasuredFigure::ratio || !series_.empty();
  return has_two && (figure_ != MeasuredFigure::calls || highest() > 0);
}

double MeasurePlot::highest() const {
  double most = 0;
  for (const Series& series : series_)
    for (const SeriesPoint& point : series.points)
      most = std::max(most, point.value.high);
  return most;
}

double MeasurePlot::lowest() const {
  double least = highest();
  for (const Series& series : series_)
    for (const SeriesPoint& point : series.points)
      least = std::min(least, point.value.low);
  return least;
}

/// Names stand side by side, and so do the points of a name.
double MeasurePlot::place(const SeriesPoint& point, std::size_t series) const {
  if (axis_.is_logarithmic())
    return point.at;
  const double step = 0.6 / static_cast<double>(std::max<std::size_t>(series_.size(), 1));
  return point.at + step * (static_cast<double>(series) - (static_cast<double>(series_.size()) - 1) / 2);
}

void MeasurePlot::add_series(const Series& series) {
  const std::size_t index = static_cast<std::size_t>(&series - series_.data());
  QVector<double> at, median, low, high, below, above;
  for (const SeriesPoint& point : series.points) {
    at.push_back(place(point, index));
    median.push_back(point.value.median);
    low.push_back(point.value.low);
    high.push_back(point.value.high);
    below.push_back(point.value.median - point.value.low);
    above.push_back(point.value.high - point.value.median);
  }
  const QColor colour = way_colour(series.way);
  if (!series.modelled && axis_.is_logarithmic()) {
    QCPGraph* const bottom = addGraph();
    QCPGraph* const top = addGraph();
    bottom->setData(at, low, true);
    top->setData(at, high, true);
    bottom->setPen(Qt::NoPen);
    top->setPen(Qt::NoPen);
    QColor pale = colour;
    pale.setAlphaF(0.16f);
    top->setBrush(pale);
    top->setChannelFillGraph(bottom);
  }
  QCPGraph* const line = addGraph();
  line->setData(at, median, true);
  line->setName(series_title(series));
  line->setPen(axis_.is_logarithmic() ? series_pen(series, 2) : QPen(Qt::NoPen));
  if (series.modelled)
    return;
  auto* const bars = new QCPErrorBars(xAxis, yAxis);
  bars->setDataPlottable(line);
  bars->setData(below, above);
  bars->setPen(QPen(colour, 1.4));
  bars->setWhiskerWidth(QFontMetricsF(theme().ui()).averageCharWidth());
  bars->setSymbolGap(0);
}

std::pair<double, double> MeasurePlot::ends() const {
  if (axis_.values.empty())
    return {0, 1};
  if (!axis_.is_logarithmic())
    return {axis_.values.front() - 0.6, axis_.values.back() + 0.6};
  const double room = std::pow(axis_.values.back() / axis_.values.front(), 0.04);
  return {axis_.values.front() / room, axis_.values.back() * room};
}

void MeasurePlot::scale_axes() {
  const auto [first, last] = ends();
  xAxis->setScaleType(axis_.is_logarithmic() ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
  xAxis->setRange(first, last);
  double most = highest();
  if (figure_ == MeasuredFigure::ratio)
    most = std::max(most, 1.0);
  const double least = lowest();
  constexpr double wide = 20; // the small ones could not be told apart on a linear axis
  const bool logarithmic =
      axis_.is_logarithmic() && figure_ != MeasuredFigure::ratio && least > 0 && most > wide * least;
  yAxis->setScaleType(logarithmic ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
  if (logarithmic) {
    yAxis->setTicker(QSharedPointer<DecadeTicker>::create());
    yAxis->setRange(least / 1.3, most * 1.3);
  } else {
    yAxis->setTicker(QSharedPointer<NumberTicker>::create());
    yAxis->setRange(0, most > 0 ? most * 1.1 : 1);
  }
}

void MeasurePlot::apply_theme() {
  dress({.ticks = theme().ui(8),
         .axes = theme().muted(),
         .tick_padding = 3,
         .grid_width = 1,
         .title_points = 9.5,
         .title_lines = 1.5,
         .letters_left = 8,
         .letters_right = 2});
  xAxis->setLabel(axis_.title);
  clearPlottables();
  for (QCPAbstractItem* const line : findChildren<QCPItemStraightLine*>())
    removeItem(line);
  if (figure_ == MeasuredFigure::ratio) {
    auto* const one = new QCPItemStraightLine(this);
    one->setPen(QPen(theme().muted(), 1, Qt::DashLine));
    one->point1->setCoords(1, 1);
    one->point2->setCoords(2, 1);
  }
  scale_axes();
  for (const Series& series : series_)
    add_series(series);
  place_words(width());
  replot(rpQueuedReplot);
}

/// As many labels as there is room for between the two ends, which always have theirs.
void MeasurePlot::place_words(double width) {
  place_title(QFontMetricsF(title().font()).averageCharWidth(), width * 0.97);
  auto ticker = QSharedPointer<QCPAxisTickerText>::create();
  const QFontMetricsF metrics(xAxis->tickLabelFont());
  const double letter = metrics.averageCharWidth();
  const double room = std::max(width - letter * 11, 1.0);
  const auto [first, last] = ends();
  const auto pixel = [&, first = first, last = last](double value) {
    return axis_.is_logarithmic() ? room * std::log(value / first) / std::log(last / first)
                                  : room * (value - first) / (last - first);
  };
  const auto half = [&](std::size_t i) {
    return metrics.horizontalAdvance(axis_.labels[i]) / 2 + letter * 0.35;
  };
  double free_from = -1e9;
  for (std::size_t i = 0; i < axis_.values.size(); ++i) {
    const std::size_t end = axis_.values.size() - 1;
    const bool fits = pixel(axis_.values[i]) - half(i) >= free_from &&
                      (i == end || pixel(axis_.values[i]) + half(i) <= pixel(axis_.values[end]) - half(end));
    ticker->addTick(axis_.values[i], fits || i == end ? axis_.labels[i] : QString());
    if (fits)
      free_from = pixel(axis_.values[i]) + half(i);
  }
  xAxis->setTicker(ticker);
}

} // namespace zbuf::gui

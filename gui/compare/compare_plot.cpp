// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/compare/compare_plot.h"

#include "gui/theme/format.h"
#include "gui/theme/theme.h"

#include <algorithm>
#include <cmath>

namespace zbuf::gui {

namespace {

/// Labels of the axis of values as the figures are written.
class FigureTicker : public QCPAxisTicker {
 public:
  explicit FigureTicker(Curve curve) : curve_(curve) { setTickCount(3); }

 protected:
  QString getTickLabel(double tick, const QLocale&, QChar, int) override {
    if (tick < 0)
      return {};
    if (is_count() && tick != std::floor(tick))
      return {}; // half a packet is none
    const QString text = curve_text(curve_, tick);
    const bool decimal = curve_ == Curve::copied_per_packet || curve_ == Curve::calls_per_thousand;
    return decimal ? without_idle_zeros(text) : text;
  }

 private:
  [[nodiscard]] bool is_count() const { return curve_ == Curve::drops; }

  Curve curve_;
};

/// Of the axis of time, with the unit: there is no line for it below.
class TimeTicker : public QCPAxisTicker {
 public:
  explicit TimeTicker(const QString& unit) : unit_(unit) { setTickCount(5); }

 protected:
  QString getTickLabel(double tick, const QLocale&, QChar, int) override {
    return tick < 0 ? QString() : QString::number(tick, 'g', 6) + QChar(0x202f) + unit_;
  }

 private:
  QString unit_;
};

} // namespace

QColor track_colour(std::size_t track) {
  switch (track) {
  case 0:
    return theme().user();
  case 1:
    return theme().kernel();
  default:
    return theme().flow(static_cast<std::uint32_t>(track - 1));
  }
}

Qt::PenStyle track_dash(std::size_t track) {
  static constexpr Qt::PenStyle styles[] = {Qt::SolidLine, Qt::DashLine, Qt::DotLine, Qt::DashDotLine};
  return styles[track % std::size(styles)];
}

ComparePlot::ComparePlot(Curve curve, QWidget* parent)
    : Plot(curve_title(curve), 8, 6, parent), curve_(curve) {
  setFocusPolicy(Qt::TabFocus);
  addLayer(QStringLiteral("instant"), layer(QStringLiteral("main")), limAbove);
  layer(QStringLiteral("instant"))->setMode(QCPLayer::lmBuffered);
  setCurrentLayer(QStringLiteral("instant"));
  line_ = new QCPItemStraightLine(this);
  title().setLayer(QStringLiteral("instant"));
  setCurrentLayer(QStringLiteral("main"));
  yAxis->setTicker(QSharedPointer<FigureTicker>::create(curve));
  apply_theme();
}

// ---- What is drawn ----

bool ComparePlot::set_runs(const std::vector<QString>& names, const std::vector<Samples>& samples,
                           std::uint64_t end_ns) {
  names_ = names;
  end_ns_ = end_ns;
  values_.clear();
  settled_.clear();
  for (const Samples& run : samples) {
    values_.push_back(curve_values(curve_, run, end_ns));
    // A ratio over the first few packets says nothing, and would press all that follows flat.
    const std::uint64_t enough = run.empty() ? 0 : run.back().delivered / 20 + 1;
    const auto first =
        std::find_if(run.begin(), run.end(), [&](const Sample& s) { return s.delivered >= enough; });
    settled_.push_back(static_cast<std::uint64_t>(first - run.begin()));
  }
  unit_ns_ = end_ns >= 1'000'000'000 ? 1e9 : end_ns >= 1'000'000 ? 1e6 : end_ns >= 1000 ? 1e3 : 1;
  clearGraphs();
  for (std::size_t track = 0; track < values_.size(); ++track) {
    QCPGraph* const graph = addGraph();
    QVector<double> x, y;
    for (std::size_t i = 0; i < values_[track].size(); ++i) {
      x.push_back(static_cast<double>(end_ns) / unit_ns_ * static_cast<double>(i) /
                  static_cast<double>(sample_steps));
      y.push_back(values_[track][i]);
    }
    graph->setData(x, y, true);
    graph->setName(names_[track]);
  }
  for (QCPItemText* words : words_)
    removeItem(words);
  words_.clear();
  setCurrentLayer(QStringLiteral("instant"));
  for (std::size_t track = 0; track < values_.size(); ++track)
    words_.push_back(new QCPItemText(this));
  setCurrentLayer(QStringLiteral("main"));
  scale_axes();
  apply_theme();
  const bool always = curve_ == Curve::delivered_rate;
  return !values_.empty() && (always || highest() > 0);
}

double ComparePlot::highest() const {
  double most = 0;
  const bool ratio = curve_ == Curve::copied_per_packet || curve_ == Curve::calls_per_thousand;
  for (std::size_t track = 0; track < values_.size(); ++track)
    for (std::size_t i = ratio ? settled_[track] : 0; i < values_[track].size(); ++i)
      if (!std::isnan(values_[track][i]))
        most = std::max(most, values_[track][i]);
  return most;
}

void ComparePlot::scale_axes() {
  const double most = highest();
  xAxis->setRange(0, std::max(static_cast<double>(end_ns_) / unit_ns_, 1e-9));
  yAxis->setRange(-0.02 * most, most > 0 ? most * 1.12 : 1);
}

void ComparePlot::apply_theme() {
  dress({.ticks = theme().mono(7.5),
         .axes = theme().border(),
         .tick_padding = 2,
         .grid_width = 0,
         .title_points = 8.5,
         .title_lines = 1.35,
         .letters_left = 9,
         .letters_right = 1});
  const char* const unit = unit_ns_ == 1e9 ? "s" : unit_ns_ == 1e6 ? "ms" : unit_ns_ == 1e3 ? "µs" : "ns";
  xAxis->setTicker(QSharedPointer<TimeTicker>::create(QCoreApplication::translate("Format", unit)));
  for (int track = 0; track < graphCount(); ++track) {
    QPen pen(track_colour(static_cast<std::size_t>(track)), 1.8, track_dash(static_cast<std::size_t>(track)));
    graph(track)->setPen(pen);
  }
  line_->setPen(QPen(theme().text(), 1.4));
  place_words(width());
  replot(rpQueuedReplot);
}

/// The title at the left above the curves, the values at the right, as many as there is room for; the title
/// gives way.
void ComparePlot::place_words(double width) {
  const double gap = QFontMetricsF(theme().ui(8.5)).averageCharWidth() * 1.5;
  double right = width - gap / 2;
  const double least_title = std::min(width * 0.3, 120.0);
  QStringList spoken;
  std::vector<double> widths(words_.size());
  double needed = 0;
  const QFont font = theme().ui(8.5, true);
  const QFontMetricsF metrics(font);
  for (std::size_t track = 0; track < words_.size(); ++track) {
    const QString value = curve_text(curve_, value_at(track, time_ns_));
    const QString text = names_[track].isEmpty() ? value : names_[track] + QStringLiteral("\u2002") + value;
    words_[track]->setText(text);
    spoken += text;
    widths[track] = metrics.horizontalAdvance(text) + gap;
    needed += widths[track];
  }
  const bool fits = needed + least_title < width;
  for (std::size_t i = words_.size(); i > 0; --i) {
    QCPItemText* const words = words_[i - 1];
    words->setVisible(fits || words_.size() == 1);
    words->setFont(font);
    words->setColor(track_colour(i - 1));
    words->setClipToAxisRect(false);
    words->setPositionAlignment(Qt::AlignRight | Qt::AlignVCenter);
    words->position->setType(QCPItemPosition::ptAbsolute);
    words->position->setCoords(right, title_middle());
    if (words->visible())
      right -= widths[i - 1];
  }
  place_title(gap / 2, std::max(right - gap, 1.0));
  setToolTip(curve_title(curve_) + '\n' + spoken.join('\n'));
  setAccessibleDescription(spoken.join(QStringLiteral("; ")));
}

double ComparePlot::value_at(std::size_t track, std::uint64_t time_ns) const {
  if (track >= values_.size() || values_[track].empty())
    return no_figure;
  const double part = end_ns_ == 0 ? 0 : static_cast<double>(time_ns) / static_cast<double>(end_ns_);
  const auto at = static_cast<std::size_t>(std::clamp(part, 0.0, 1.0) * static_cast<double>(sample_steps));
  return values_[track][std::min(at, values_[track].size() - 1)];
}

void ComparePlot::set_instant(std::uint64_t time_ns) {
  time_ns_ = time_ns;
  const double x = static_cast<double>(time_ns) / unit_ns_;
  line_->point1->setCoords(x, 0);
  line_->point2->setCoords(x, 1);
  place_words(width());
  layer(QStringLiteral("instant"))->replot();
}

// ---- Mouse and keys ----

void ComparePlot::ask_for(double x) {
  const double ns = std::clamp(xAxis->pixelToCoord(x) * unit_ns_, 0.0, static_cast<double>(end_ns_));
  Q_EMIT seek_wanted(static_cast<std::uint64_t>(ns));
}

void ComparePlot::mousePressEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton)
    ask_for(event->position().x());
}

void ComparePlot::mouseMoveEvent(QMouseEvent* event) {
  if (event->buttons().testFlag(Qt::LeftButton))
    ask_for(event->position().x());
}

void ComparePlot::keyPressEvent(QKeyEvent* event) {
  const std::uint64_t step = std::max<std::uint64_t>(end_ns_ / sample_steps, 1);
  if (event->key() == Qt::Key_Left)
    Q_EMIT seek_wanted(time_ns_ > step ? time_ns_ - step : 0);
  else if (event->key() == Qt::Key_Right)
    Q_EMIT seek_wanted(std::min(time_ns_ + step, end_ns_));
  else
    Plot::keyPressEvent(event);
}

} // namespace zbuf::gui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/measure/results_page.h"

#include "gui/files/page.h"
#include "gui/measure/legend.h"
#include "gui/measure/measure_plot.h"
#include "gui/theme/theme.h"

#include <algorithm>
#include <memory>

namespace zbuf::gui {

namespace {

constexpr int plot_width = 520;
constexpr int plot_height = 270;
constexpr int margin = 16;
constexpr int gap = 12;

QString tr(const char* text) {
  return QCoreApplication::translate("Measure", text);
}

class Page {
 public:
  explicit Page(const BenchResult& result) : legend_(legend_of(result)) {
    for (std::size_t i = 0; i < measured_figures; ++i) {
      auto plot = std::make_unique<MeasurePlot>(static_cast<MeasuredFigure>(i));
      if (plot->set_result(result))
        plots_.push_back(std::move(plot));
    }
    const SweepAxis axis = axis_of(result);
    title_ = tr("Zero-copy and read(2), measured: %1").arg(axis.rest);
    const bool modelled =
        std::any_of(legend_.begin(), legend_.end(), [](const Series& one) { return one.modelled; });
    below_title_ = how_measured(result) + '\n' +
                   tr("Points are medians of the rounds, bars and bands their middle half.");
    if (modelled)
      below_title_ +=
          ' ' + tr("Hollow and dashed: modelled, with the costs of this machine from zbuf calibrate.");
    verdict_ = verdict_of(result);
    noisy_ = result.noise.noisy();
    QStringList notes;
    for (const std::string& remark : result.remarks)
      notes += QString::fromStdString(remark);
    notes_ = notes.join('\n');
    lay_out();
  }

  [[nodiscard]] QSize size() const { return size_; }
  [[nodiscard]] QString title() const { return title_; }

  void draw(QPaintDevice& device, double scale) {
    QCPPainter painter;
    if (!painter.begin(&device))
      return;
    painter.setMode(scale == 1 ? QCPPainter::pmVectorized : QCPPainter::pmDefault);
    painter.setMode(QCPPainter::pmNoCaching);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.scale(scale, scale);
    painter.fillRect(QRect({}, size_), theme().panel());
    write(painter, title_at_, title_font(), theme().text(), title_);
    write(painter, below_at_, small_font(), theme().muted(), below_title_);
    draw_legend(&painter, legend_at_.topLeft(), legend_at_.width(), legend_);
    for (std::size_t i = 0; i < plots_.size(); ++i)
      plots_[i]->draw_to(painter, plot_at(i));
    write(painter, verdict_at_, verdict_font(), noisy_ ? theme().danger() : theme().good(), verdict_);
    write(painter, notes_at_, small_font(), theme().muted(), notes_);
  }

 private:
  static QFont title_font() { return theme().ui(13, true); }
  static QFont verdict_font() { return theme().ui(9, true); }
  static QFont small_font() { return theme().ui(8.5); }

  static void write(QPainter& painter, const QRect& where, const QFont& font, const QColor& colour,
                    const QString& text) {
    painter.setFont(font);
    painter.setPen(colour);
    painter.drawText(where, Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap, text);
  }

  static QRect text_room(const QFont& font, const QString& text, int width, int y) {
    const QRect needed = QFontMetrics(font).boundingRect(
        QRect(0, 0, width, 1 << 20), Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap, text);
    return {margin, y, width, needed.height() + 4};
  }

  void lay_out() {
    const int columns = plots_.size() > 1 ? 2 : 1;
    const int width = columns * plot_width + (columns - 1) * gap;
    title_at_ = text_room(title_font(), title_, width, margin);
    below_at_ = text_room(small_font(), below_title_, width, title_at_.bottom() + 4);
    legend_at_ = {margin, below_at_.bottom() + 8, width, draw_legend(nullptr, {}, width, legend_)};
    plots_y_ = legend_at_.bottom() + 8;
    const int lines = (static_cast<int>(plots_.size()) + columns - 1) / columns;
    verdict_at_ = text_room(verdict_font(), verdict_, width, plots_y_ + lines * (plot_height + gap));
    notes_at_ = text_room(small_font(), notes_, width, verdict_at_.bottom() + 2);
    size_ = {width + 2 * margin, notes_at_.bottom() + margin};
  }

  [[nodiscard]] QRect plot_at(std::size_t i) const {
    const int at = static_cast<int>(i);
    return {margin + at % 2 * (plot_width + gap), plots_y_ + at / 2 * (plot_height + gap), plot_width,
            plot_height};
  }

  std::vector<std::unique_ptr<MeasurePlot>> plots_{};
  std::vector<Series> legend_;
  QString title_, below_title_, verdict_, notes_;
  bool noisy_ = false;
  QRect title_at_, below_at_, legend_at_, verdict_at_, notes_at_;
  int plots_y_ = 0;
  QSize size_;
};

} // namespace

std::optional<QString> save_results_page(const BenchResult& result, const QString& path) {
  if (rounds_done(result) == 0)
    return tr("There are no measurements to draw: no round was complete.");
  Page page(result);
  return save_page(path, page.size(), page.title(),
                   [&](QPaintDevice& device, double scale) { page.draw(device, scale); });
}

std::optional<QString> plot_file(const QString& results, const QString& picture) {
  const auto result = load_bench_json(results.toStdString());
  if (!result)
    return QString::fromStdString(result.error().text());
  theme().set_scheme(Theme::Scheme::light);
  return save_results_page(*result, picture);
}

} // namespace zbuf::gui

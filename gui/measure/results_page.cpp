// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/measure/results_page.h"

#include "gui/measure/legend.h"
#include "gui/measure/measure_plot.h"
#include "gui/plot/plot_page.h"
#include "gui/theme/theme.h"

#include <algorithm>
#include <memory>

namespace zbuf::gui {

namespace {

QString tr(const char* text) {
  return QCoreApplication::translate("Measure", text);
}

QString how_to_read(const BenchResult& result, const std::vector<Series>& entries) {
  QString text =
      how_measured(result) + '\n' + tr("Points are medians of the rounds, bars and bands their middle half.");
  if (std::any_of(entries.begin(), entries.end(), [](const Series& one) { return one.modelled; }))
    text += ' ' + tr("Hollow and dashed: modelled, with the costs of this machine from zbuf calibrate.");
  return text;
}

} // namespace

std::optional<QString> save_results_page(const BenchResult& result, const QString& path) {
  if (rounds_done(result) == 0)
    return tr("There are no measurements to draw: no round was complete.");
  std::vector<std::unique_ptr<MeasurePlot>> all;
  std::vector<Plot*> plots;
  for (std::size_t i = 0; i < measured_figures; ++i) {
    all.push_back(std::make_unique<MeasurePlot>(static_cast<MeasuredFigure>(i)));
    if (all.back()->set_result(result))
      plots.push_back(all.back().get());
  }
  const std::vector<Series> entries = legend_of(result);
  const QString title = tr("Zero-copy and read(2), measured: %1").arg(axis_of(result).rest);
  const QFont small = theme().ui(8.5);
  QStringList remarks;
  for (const std::string& remark : result.remarks)
    remarks += QString::fromStdString(remark);

  PlotPage page(plots, {.plot = {520, 270}, .margins = {16, 16, 16, 15}, .gap = 12});
  page.add_text(0, title, theme().ui(13, true), theme().text());
  page.add_text(3, how_to_read(result, entries), small, theme().muted());
  page.add(7, draw_legend(nullptr, {}, page.width(), entries), [&](QCPPainter& painter, const QRect& where) {
    draw_legend(&painter, where.topLeft(), where.width(), entries);
  });
  page.add_plots(7);
  page.add_text(0, verdict_of(result), theme().ui(9, true),
                result.noise.noisy() ? theme().danger() : theme().good());
  page.add_text(1, remarks.join('\n'), small, theme().muted());
  return page.save(path, title);
}

std::optional<QString> plot_file(const QString& results, const QString& picture) {
  const auto result = load_bench_json(results.toStdString());
  if (!result)
    return QString::fromStdString(result.error().text());
  theme().set_scheme(Theme::Scheme::light);
  return save_results_page(*result, picture);
}

} // namespace zbuf::gui

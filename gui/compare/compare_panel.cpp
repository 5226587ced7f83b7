// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/compare/compare_panel.h"

#include "gui/panel/dress.h"
#include "gui/plot/plot_page.h"
#include "gui/theme/theme.h"

#include <QVBoxLayout>

#include <atomic>
#include <mutex>
#include <thread>
#include <utility>

namespace zbuf::gui {

/// Samples runs on a thread of its own; a new question ends the one before.
struct ComparePanel::Reader {
  std::thread thread;
  std::atomic<bool> stop = false;
  std::atomic<bool> busy = false;
  std::mutex mutex;
  std::vector<Samples> samples; ///< under the mutex
  bool fresh = false;           ///< under the mutex

  ~Reader() { end(); }

  void end() {
    stop = true;
    if (thread.joinable())
      thread.join();
    stop = false;
    const std::lock_guard lock(mutex);
    fresh = false;
  }

  void begin(ComparePanel& panel) {
    end();
    std::vector<std::pair<std::shared_ptr<const Recording>, std::uint16_t>> runs;
    for (std::size_t i = 0; i < panel.playback_.track_count(); ++i)
      runs.emplace_back(panel.playback_.track(i).recording, panel.playback_.descriptor(i));
    busy = true;
    thread = std::thread([this, &panel, runs = std::move(runs), end_ns = panel.sampled_end_ns_] {
      std::vector<Samples> all;
      for (const auto& [recording, descriptor] : runs) {
        std::optional<Samples> run = sample_run(recording, descriptor, end_ns, stop);
        if (!run)
          return;
        all.push_back(std::move(*run));
      }
      {
        const std::lock_guard lock(mutex);
        samples = std::move(all);
        fresh = true;
      }
      QMetaObject::invokeMethod(&panel, &ComparePanel::receive, Qt::QueuedConnection);
    });
  }
};

ComparePanel::ComparePanel(Playback& playback, QWidget* parent)
    : QWidget(parent), playback_(playback), reader_(std::make_unique<Reader>()) {
  setAccessibleName(tr("Comparison of the runs"));
  title_ = new QLabel;
  legend_ = new QLabel;
  legend_->setTextFormat(Qt::RichText);
  legend_->setWordWrap(true);
  note_ = new QLabel;
  note_->setWordWrap(true);
  auto* const inside = new QWidget;
  grid_ = new ArrangedGrid;
  for (std::size_t i = 0; i < curve_count; ++i) {
    plots_[i] = new ComparePlot(static_cast<Curve>(i), inside);
    plots_[i]->hide();
    connect(plots_[i], &ComparePlot::seek_wanted, &playback_, &Playback::seek_time);
  }
  totals_ = new TotalsTable;
  auto* const column = new QVBoxLayout(inside);
  column->setContentsMargins(8, 4, 8, 6);
  column->addWidget(title_);
  column->addWidget(legend_);
  column->addLayout(grid_, 1);
  column->addWidget(totals_);
  column->addWidget(note_);
  scroll_ = fill_with_scrolled(*this, inside);
  connect(&playback_, &Playback::tracks_changed, this, &ComparePanel::renew);
  connect(&playback_, &Playback::focus_changed, this, &ComparePanel::renew);
  connect(&playback_, &Playback::grown, this, &ComparePanel::grow);
  again_.setSingleShot(true);
  connect(&again_, &QTimer::timeout, this, &ComparePanel::renew);
  connect(&playback_, &Playback::moved, this, &ComparePanel::move_to_instant);
  connect(&theme(), &Theme::changed, this, &ComparePanel::apply_theme);
  apply_theme();
  renew();
}

ComparePanel::~ComparePanel() = default;

// ---- What is compared ----

QString ComparePanel::title() const {
  if (playback_.track_count() < 2)
    return tr("THIS RUN");
  QStringList names;
  for (std::size_t i = 0; i < playback_.track_count(); ++i)
    names += playback_.track(i).name;
  if (names.size() > 3)
    return tr("%1 RUNS, SAME TRAFFIC").arg(names.size());
  return tr("%1, SAME TRAFFIC").arg(names.join(tr(" vs ")));
}

/// A dash in the colour of each, its name, and what it is.
QString ComparePanel::legend() const {
  QStringList parts;
  for (std::size_t i = 0; i < playback_.track_count(); ++i) {
    const Track& track = playback_.track(i);
    QString what;
    for (const ReaderReport& reader : track.report.readers)
      if (reader.descriptor == playback_.descriptor(i))
        what = QString::fromStdString(reader.description);
    static constexpr const char* dashes[] = {"━━", "╍╍", "┅┅", "━·"};
    parts += QStringLiteral("<span style='color:%1'><b>%2 %3</b></span> %4")
                 .arg(track_colour(i).name(), QString::fromUtf8(dashes[i % std::size(dashes)]),
                      track.name.toHtmlEscaped(), what.toHtmlEscaped());
  }
  return parts.join(QStringLiteral(" &nbsp; "));
}

void ComparePanel::renew() {
  title_->setText(title());
  legend_->setText(legend());
  legend_->setVisible(playback_.track_count() > 1);
  bool modelled = false, measured = false;
  for (std::size_t i = 0; i < playback_.track_count(); ++i)
    (playback_.track(i).modelled ? modelled : measured) = true;
  note_->setText(
      modelled && measured ? tr("Times of some of these runs are modelled, of the others measured.")
      : modelled ? tr("Counts are exact. Times, and so rates, are modelled: they come from the cost model.")
                 : tr("Times are measured."));
  note_->setVisible(playback_.track_count() > 0);
  totals_->set_runs(playback_);
  totals_->setVisible(playback_.track_count() > 0);
  since_begun_.start();
  again_.stop();
  grown_meanwhile_ = false;
  sampled_end_ns_ = playback_.end_ns();
  reader_->begin(*this);
}

/// As rarely as it is dear: the longer the run, the longer it takes to read.
void ComparePanel::grow() {
  if (reader_->busy)
    grown_meanwhile_ = true;
  else if (!again_.isActive())
    again_.start(pause_ms_);
}

void ComparePanel::receive() {
  std::vector<Samples> samples;
  {
    const std::lock_guard lock(reader_->mutex);
    if (!reader_->fresh)
      return;
    reader_->fresh = false;
    samples = std::move(reader_->samples);
  }
  std::vector<QString> names;
  for (std::size_t i = 0; i < playback_.track_count(); ++i)
    names.push_back(playback_.track(i).name);
  shown_.clear();
  for (ComparePlot* const plot : plots_)
    if (plot->set_runs(names, samples, sampled_end_ns_))
      shown_.push_back(plot);
  arrange();
  move_to_instant();
  reader_->busy = false;
  constexpr int share = 6;
  constexpr int least_pause_ms = 1000;
  pause_ms_ = std::max(least_pause_ms, share * static_cast<int>(since_begun_.elapsed()));
  if (grown_meanwhile_)
    again_.start(pause_ms_);
}

bool ComparePanel::idle() const {
  return !reader_->busy && !again_.isActive();
}

void ComparePanel::move_to_instant() {
  if (!isVisible())
    return;
  for (ComparePlot* const plot : shown_)
    plot->set_instant(playback_.time_ns());
  totals_->set_instant(playback_);
}

// ---- How it looks ----

/// As many beside each other as can be read.
void ComparePanel::arrange() {
  const int columns = columns_in(width(), plots_[0]->sizeHint().width(), 3);
  grid_->arrange(in_columns(shown_, columns, Order::across));
}

void ComparePanel::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  arrange();
}

void ComparePanel::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  move_to_instant();
}

void ComparePanel::apply_theme() {
  lay_ground(*this);
  lay_ground(*scroll_->viewport());
  title_->setFont(theme().ui(9, true));
  legend_->setFont(theme().ui(9));
  note_->setFont(theme().ui(8.5));
  const QString muted = QStringLiteral("color: %1").arg(theme().muted().name());
  title_->setStyleSheet(muted);
  note_->setStyleSheet(muted);
  legend_->setText(legend());
  for (ComparePlot* plot : plots_)
    plot->apply_theme();
  totals_->apply_theme();
}

std::optional<QString> ComparePanel::save_plots(const QString& path) const {
  if (shown_.empty())
    return tr("There are no plots to draw yet.");
  PlotPage page({shown_.begin(), shown_.end()}, {.plot = {520, 240}, .margins = {12, 0, 12, 0}, .gap = 0});
  page.add_line(36, title(), theme().ui(11, true), theme().text());
  page.add_plots(0);
  page.add_line(28, note_->text(), theme().ui(8.5), theme().muted());
  return page.save(path, title());
}

} // namespace zbuf::gui

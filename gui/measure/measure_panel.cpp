// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/measure/measure_panel.h"

#include "gui/files/write_file.h"
#include "gui/measure/results_page.h"
#include "gui/model/zbuf_program.h"
#include "gui/panel/dress.h"
#include "gui/theme/theme.h"

#include <QFileInfo>
#include <QHBoxLayout>
#include <QStandardPaths>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace zbuf::gui {

namespace {

constexpr int calm_ms = 300; ///< between two paintings while something is measured

/// Whether it has measured what the goals need; rounds and times may differ.
bool has_goals(const BenchPlan& plan) {
  const BenchPlan wanted = goals_plan();
  return plan.ways == wanted.ways && plan.buffer_bytes == wanted.buffer_bytes &&
         plan.policies == wanted.policies &&
         std::equal(plan.packets.begin(), plan.packets.end(), wanted.packets.begin(), wanted.packets.end(),
                    [](const PacketChoice& a, const PacketChoice& b) { return a.name() == b.name(); });
}

} // namespace

MeasurePanel::MeasurePanel(const QString& costs, QWidget* parent)
    : QWidget(parent), program_(find_zbuf()),
      costs_(costs.isEmpty()
                 ? QStandardPaths::writableLocation(QStandardPaths::AppDataLocation) + "/costs.toml"
                 : costs) {
  setObjectName("measure");
  setAccessibleName(tr("Measure"));
  soon_.setSingleShot(true);
  soon_.setInterval(calm_ms);
  auto* const inside = new QWidget;
  auto* const column = new QVBoxLayout(inside);
  column->setContentsMargins(14, 12, 14, 12);
  column->setSpacing(8);
  column->addWidget(build_controls());
  column->addWidget(build_results());
  column->addStretch(1);
  scroll_ = fill_with_scrolled(*this, inside);

  connect(start_, &QPushButton::clicked, this, [this] { is_running() ? stop() : start(); });
  connect(open_, &QPushButton::clicked, this, &MeasurePanel::open_wanted);
  connect(save_json_, &QPushButton::clicked, this, &MeasurePanel::save_results_wanted);
  connect(save_plots_, &QPushButton::clicked, this, &MeasurePanel::save_plots_wanted);
  connect(form_, &SweepForm::changed, this, &MeasurePanel::show_state);
  connect(&child_, &BenchChild::state_changed, this, &MeasurePanel::show_state);
  const auto later = [this] {
    if (!soon_.isActive())
      soon_.start();
  };
  connect(&child_, &BenchChild::advanced, this, later);
  connect(&child_, &BenchChild::round_done, this, later);
  connect(&child_, &BenchChild::ended, this, &MeasurePanel::end);
  connect(&soon_, &QTimer::timeout, this, [this] {
    show_progress();
    if (rounds_done(child_.follower().so_far()) != rounds_done(result_)) {
      result_ = child_.follower().so_far();
      show_result();
    }
  });
  connect(&theme(), &Theme::changed, this, &MeasurePanel::apply_theme);
  apply_theme();
  show_result();
  show_state();
}

QWidget* MeasurePanel::build_controls() {
  auto* const controls = new QWidget;
  auto* const column = new QVBoxLayout(controls);
  column->setContentsMargins(0, 0, 0, 0);
  form_ = new SweepForm;
  start_ = new QPushButton;
  start_->setObjectName("measure_start");
  start_->setProperty("primary", true);
  open_ = new QPushButton(tr("Open…"));
  open_->setToolTip(tr("Results that zbuf bench --json wrote"));
  open_->setObjectName("measure_open");
  save_json_ = new QPushButton(tr("Save figures…"));
  save_json_->setToolTip(tr("Every round as JSON, for this window and for zbuf bench --from"));
  save_json_->setObjectName("measure_save");
  save_plots_ = new QPushButton(tr("Save plots…"));
  save_plots_->setToolTip(tr("PNG, SVG or PDF"));
  save_plots_->setObjectName("measure_save_plots");
  progress_ = new QProgressBar;
  progress_->setTextVisible(false);
  progress_->setAccessibleName(tr("How much is measured"));
  status_ = text_label();
  status_->setObjectName("measure_status");
  error_ = text_label();
  error_->setObjectName("measure_error");
  buttons_ = new QBoxLayout(QBoxLayout::TopToBottom);
  auto* const files = new QHBoxLayout;
  for (QPushButton* const button : {open_, save_json_, save_plots_})
    files->addWidget(button);
  buttons_->addWidget(start_, 1);
  buttons_->addLayout(files);
  column->addWidget(form_);
  column->addLayout(buttons_);
  column->addWidget(progress_);
  column->addWidget(status_);
  column->addWidget(error_);
  return controls;
}

QWidget* MeasurePanel::build_results() {
  results_ = new QWidget;
  auto* const column = new QVBoxLayout(results_);
  column->setContentsMargins(0, 0, 0, 0);
  title_ = text_label();
  how_ = text_label();
  verdict_ = text_label();
  verdict_->setObjectName("measure_verdict");
  legend_ = new Legend;
  grid_ = new ArrangedGrid;
  for (std::size_t i = 0; i < measured_figures; ++i) {
    plots_[i] = new MeasurePlot(static_cast<MeasuredFigure>(i), results_);
    plots_[i]->hide();
  }
  figures_ = new FiguresTable;
  figures_->setObjectName("measure_figures");
  goals_ = new FiguresTable;
  goals_->setObjectName("measure_goals");
  remarks_ = text_label();
  column->addWidget(title_);
  column->addWidget(how_);
  column->addWidget(verdict_);
  column->addWidget(legend_);
  column->addLayout(grid_);
  column->addWidget(goals_);
  column->addWidget(figures_);
  column->addWidget(remarks_);
  return results_;
}

// ---- Measuring ----

void MeasurePanel::start() {
  if (is_running())
    return;
  BenchChild::Wish wish;
  wish.program = program_;
  wish.arguments = form_->arguments();
  if (form_->wants_model()) {
    wish.costs = costs_;
    wish.calibrates = form_->wants_calibration() || !QFileInfo::exists(costs_);
  }
  error_->clear();
  result_ = {};
  show_result();
  since_.start();
  child_.start(wish);
}

void MeasurePanel::end(const QString& error) {
  soon_.stop();
  form_->calibration_done();
  error_->setText(error);
  result_ = child_.follower().so_far();
  show_result();
  show_state();
  Q_EMIT finished();
}

/// What can be done now.
void MeasurePanel::show_state() {
  const bool running = is_running();
  const bool measured = rounds_done(result_) > 0;
  form_->setVisible(!running); // what it says is above the plots, which get its room
  start_->setText(running ? tr("Stop") : tr("Measure"));
  start_->setToolTip(running ? tr("What is complete stays") : tr("Runs zbuf bench with these values"));
  open_->setEnabled(!running);
  save_json_->setEnabled(!running && measured);
  save_plots_->setEnabled(measured);
  progress_->setVisible(running);
  error_->setVisible(!error_->text().isEmpty());
  if (child_.state() == BenchChild::State::measuring && child_.follower().done() == 0)
    since_.restart();
  show_progress();
}

void MeasurePanel::show_progress() {
  const auto done = static_cast<double>(child_.follower().done());
  const auto total = static_cast<double>(child_.follower().total());
  const bool known = child_.state() == BenchChild::State::measuring && total > 0;
  progress_->setRange(0, known ? static_cast<int>(total) : 1);
  progress_->setValue(known ? static_cast<int>(done) : 0);
  const auto about = [](double seconds) { return static_cast<int>(std::ceil(seconds)); };
  if (child_.stopping())
    status_->setText(tr("Stopping after this measurement …"));
  else if (child_.state() == BenchChild::State::calibrating)
    status_->setText(tr("Measuring this machine's costs for the model: about ten seconds …"));
  else if (known)
    status_->setText(
        tr("%1 of %2 measurements; about %3 s to go")
            .arg(done)
            .arg(total)
            .arg(about(static_cast<double>(since_.elapsed()) / 1000 * (total / std::max(done, 1.0) - 1))));
  else if (is_running())
    status_->setText(tr("Getting ready …"));
  else
    status_->setText(tr("Takes about %1 s; the window draws little meanwhile.").arg(about(form_->seconds())));
}

// ---- Results ----

std::optional<QString> MeasurePanel::open_results(const QString& path) {
  if (is_running())
    return tr("Something is being measured; stop that first.");
  auto result = load_bench_json(path.toStdString());
  if (!result)
    return QString::fromStdString(result.error().text());
  result_ = std::move(*result);
  error_->clear();
  show_result();
  show_state();
  return std::nullopt;
}

std::optional<QString> MeasurePanel::save_results(const QString& path) const {
  return write_file(path, QByteArray::fromStdString(bench_as_json(result_)));
}

std::optional<QString> MeasurePanel::save_plots(const QString& path) const {
  return save_results_page(result_, path);
}

void MeasurePanel::show_result() {
  const bool measured = rounds_done(result_) > 0;
  results_->setVisible(!result_.cases.empty());
  save_plots_->setEnabled(measured);
  arrange();
  if (result_.cases.empty())
    return;
  title_->setText(axis_of(result_).rest);
  how_->setText(how_measured(result_));
  const bool noisy = result_.noise.noisy();
  verdict_->setText((noisy ? QStringLiteral("⚠ ") : QStringLiteral("✓ ")) + verdict_of(result_));
  verdict_->setStyleSheet(
      QStringLiteral("color: %1").arg((noisy ? theme().danger() : theme().good()).name()));
  legend_->set_entries(legend_of(result_));
  shown_.clear();
  for (MeasurePlot* const plot : plots_)
    if (plot->set_result(result_))
      shown_.push_back(plot);
  arrange();
  figures_->show_result(result_);
  const bool with_goals = measured && has_goals(result_.plan);
  goals_->setVisible(with_goals);
  if (with_goals)
    goals_->show_goals(judge_goals(result_));
  QStringList remarks;
  for (const std::string& remark : result_.remarks)
    remarks += QString::fromStdString(remark);
  for (const CaseResult& one : result_.cases)
    if (!one.not_run.empty())
      remarks += tr("%1 was not run: %2")
                     .arg(QString::fromStdString(case_name(result_.plan, one.one)),
                          QString::fromStdString(one.not_run));
  remarks_->setText(remarks.join('\n'));
}

// ---- How it looks ----

/// As many beside each other as can be read.
void MeasurePanel::arrange() {
  const QMargins margins = scroll_->widget()->layout()->contentsMargins();
  const int room = scroll_->viewport()->width() - margins.left() - margins.right();
  form_->set_wide(form_->wide_width() <= room);
  int in_a_row = 0;
  for (const QPushButton* const button : {start_, open_, save_json_, save_plots_})
    in_a_row += button->sizeHint().width() + buttons_->spacing();
  buttons_->setDirection(in_a_row <= room ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
  const int columns = columns_in(width(), plots_[0]->minimumSizeHint().width() * 5 / 4, 3);
  if (grid_->arrange(in_columns(shown_, columns, Order::across)))
    for (MeasurePlot* const plot : shown_)
      plot->setMinimumHeight(plot->minimumSizeHint().height());
}

void MeasurePanel::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  arrange();
}

void MeasurePanel::apply_theme() {
  lay_ground(*this);
  lay_ground(*scroll_->viewport());
  form_->apply_theme();
  title_->setFont(theme().ui(11, true));
  verdict_->setFont(theme().ui(9.5, true));
  for (QLabel* const label : {status_, how_, remarks_}) {
    label->setFont(theme().ui(8.5));
    label->setStyleSheet(QStringLiteral("color: %1").arg(theme().muted().name()));
  }
  error_->setFont(theme().ui(9.5));
  error_->setStyleSheet(QStringLiteral("color: %1").arg(theme().danger().name()));
  for (MeasurePlot* const plot : plots_)
    plot->apply_theme();
  figures_->apply_theme();
  goals_->apply_theme();
  show_result();
}

} // namespace zbuf::gui

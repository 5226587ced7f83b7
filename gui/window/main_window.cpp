// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/main_window.h"

#include "gui/theme/theme.h"
#include "gui/window/transport_commands.h"

#include <QApplication>
#include <QCloseEvent>
#include <QDropEvent>
#include <QMimeData>
#include <QScreen>
#include <QVBoxLayout>

#include <algorithm>

namespace zbuf::gui {

namespace {

/// Comes before all parts: they have the right colours from the beginning.
Settings& with_its_colours(Settings& settings) {
  theme().set_scheme(settings.scheme());
  return settings;
}

} // namespace

MainWindow::MainWindow(Settings& settings)
    : settings_(with_its_colours(settings)), session_(playback_), live_(playback_, session_),
      commands_(*this), menu_(commands_, settings_), header_(new HeaderBar(playback_, session_, menu_)),
      lessons_(new LessonsPanel(find_lessons())), notice_(new NoticeBar),
      chapter_(new ChapterBar(playback_, session_)), live_bar_(new LiveBar(playback_, live_)),
      stage_(new StagePair(playback_)), tabs_(new SideTabs(playback_, session_)),
      timeline_(new TimelineView(playback_)), checks_(new ChecksPanel(session_)),
      compare_(new ComparePanel(playback_)), over_time_(lay_out()), palette_(new CommandPalette(this)),
      sheet_(new ShortcutSheet(commands_, this)), dialogs_(*this),
      measure_(*tabs_, *notice_, dialogs_, settings_),
      opener_(playback_, session_, settings_, dialogs_, measure_,
              {*this, *lessons_, *notice_, header_->mode(), tabs_->what_if(), *timeline_}),
      live_control_(*this, live_, playback_, opener_, *notice_),
      exports_(*this, playback_, session_, settings_, dialogs_, *notice_, *stage_, *compare_),
      presentation_(*this, {header_, lessons_, tabs_, &over_time_}, *chapter_, *live_bar_, stage_->stage()),
      guide_(*this, settings_, {*lessons_, *header_, *stage_, *tabs_, over_time_}),
      focus_keys_(*palette_, *sheet_, guide_) {
  setWindowTitle(tr("zbuf lab"));
  setAcceptDrops(true);
  setAccessibleName(tr("zbuf lab"));
  playback_.set_speed(settings_.speed());
  add_commands();
  connect_parts();
  restore_geometry();
  // Under a style sheet a widget forgets its fonts when it is given a parent: now that all have one, they
  // dress again.
  Q_EMIT theme().changed();
  stage_->stage().setFocus();
  if (settings_.damage())
    notice_->show_notice(*settings_.damage());
}

MainWindow::~MainWindow() = default;

/// Returns what is below the stage.
QWidget& MainWindow::lay_out() {
  auto* const centre = new QWidget;
  auto* const centre_column = new QVBoxLayout(centre);
  centre_column->setContentsMargins(0, 0, 0, 0);
  centre_column->setSpacing(0);
  centre_column->addWidget(notice_);
  centre_column->addWidget(chapter_);
  centre_column->addWidget(live_bar_);
  centre_column->addWidget(stage_, 1);

  auto* const top = borders_.add("top", Qt::Horizontal, {lessons_, centre, tabs_});
  auto* const time_and_checks = borders_.add("time", Qt::Vertical, {timeline_, checks_});
  auto* const bottom = borders_.add("bottom", Qt::Horizontal, {time_and_checks, compare_});
  auto* const body = borders_.add("body", Qt::Vertical, {top, bottom});
  top->setStretchFactor(1, 1);
  bottom->setStretchFactor(0, 1);
  body->setStretchFactor(0, 1);
  time_and_checks->setStretchFactor(0, 1);

  auto* const column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addWidget(header_);
  column->addWidget(body, 1);
  return *bottom;
}

void MainWindow::connect_parts() {
  connect(&menu_, &MainMenu::open_wanted, this, &MainWindow::open);
  connect(&opener_, &Opener::opening, this, [this] { exports_.cancel_video(); });
  connect(notice_, &NoticeBar::stop_wanted, this, [this] {
    exports_.cancel_video();
    session_.cancel();
    notice_->end_progress();
  });
  connect(chapter_, &ChapterBar::finished, this, &MainWindow::mark_lesson_done);
  connect(&header_->mode(), &ModeSwitch::comparing_changed, stage_, &StagePair::set_comparing);
  connect(&tabs_->what_if(), &WhatIfPanel::save_wanted, this, [this] { exports_.save_scenario(); });
  connect(tabs_, &SideTabs::wanted, this, [this] { set_presenting(false); });
  connect(tabs_, &SideTabs::currentChanged, this, &MainWindow::share_room); // plots want more of it
  connect(&playback_, &Playback::speed_changed, this, [this](double speed) {
    if (!playback_.growing()) // what is live has a speed of its own
      settings_.set_speed(speed);
  });
  connect(&playback_, &Playback::stopped_by_condition, this, [this] { chapter_->set_lesson_shown(false); });
  connect(&guide_, &TourGuide::ended, this, [this] { stage_->stage().setFocus(); });
  connect(&theme(), &Theme::changed, this, &MainWindow::dress);
  lessons_->set_done(settings_.lessons_done());
}

void MainWindow::mark_lesson_done() {
  const Opened* const opened = session_.opened_now();
  if (opened == nullptr || opened->is_trace || opened->report.number == 0 || !opened->complete)
    return;
  settings_.set_lesson_done(opened->report.number);
  lessons_->set_done(settings_.lessons_done());
}

// ---- Size and looks ----

void MainWindow::dress() {
  setMinimumSize(std::min(980, screen()->availableSize().width()),
                 std::min(620, screen()->availableSize().height()));
  tabs_->dress();
  compare_->setMinimumWidth(QFontMetrics(theme().ui()).averageCharWidth() * 46);
  update();
}

/// As it was left, or as large as suits the screen.
void MainWindow::restore_geometry() {
  if (!restoreGeometry(settings_.geometry("window")))
    resize(QSize(1600, 1000).boundedTo(screen()->availableSize()));
  borders_.restore(settings_);
  share_room();
}

void MainWindow::share_room() {
  const bool measured = tabs_->shows_measured();
  if (measured)
    borders_.share("top", width(), {15, 40, 45});
  else
    borders_.share("top", width(), {15, 58, 27});
  borders_.share("bottom", width(), {64, 36});
  if (measured)
    borders_.share("body", height(), {72, 22});
  else
    borders_.share("body", height(), {56, 38});
  borders_.share("time", height(), {27, 11});
}

void MainWindow::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  palette_->hide();
  sheet_->hide();
  share_room();
}

void MainWindow::closeEvent(QCloseEvent* event) {
  exports_.cancel_video();
  set_presenting(false);
  settings_.set_geometry("window", saveGeometry());
  borders_.save(settings_);
  QWidget::closeEvent(event);
}

// ---- Files dropped on the window ----

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
  const QList<QUrl> urls = event->mimeData()->urls();
  if (!urls.isEmpty() && urls.front().isLocalFile())
    event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event) {
  if (const QList<QUrl> urls = event->mimeData()->urls(); !urls.isEmpty())
    open(urls.front().toLocalFile());
}

// ---- Everything that can be done, in the order of the menu ----

void MainWindow::add_commands() {
  add_play_commands(commands_, playback_, header_->transport());
  add_go_commands(commands_, playback_, *notice_);
  add_view_commands();
  live_control_.add_commands(commands_);
  measure_.add_commands(commands_);
  opener_.add_commands(commands_);
  exports_.add_commands(commands_, {{tr("the window"), this},
                                    {tr("the stage"), stage_},
                                    {tr("the panel on the right"), tabs_},
                                    {tr("the timeline"), timeline_},
                                    {tr("the comparison"), compare_},
                                    {tr("the checks"), checks_}});
  commands_.add(Group::file, tr("Quit"), {QKeySequence::Quit}, [this] { close(); });
  add_help_commands();
  menu_.fill();
}

void MainWindow::add_view_commands() {
  add_run_commands(commands_, playback_, header_->mode());
  tabs_->add_commands(commands_);
  commands_.add(Group::view, tr("Text of the lesson, or to the live edge"), {Qt::Key_L}, [this] {
    if (live_.open())
      playback_.follow();
    else
      chapter_->set_lesson_shown(!chapter_->lesson_shown());
  });
  add_timeline_commands(commands_, *timeline_);
  commands_.add(Group::view, tr("Present: large type, only the stage"), {Qt::Key_F5, Qt::Key_P},
                [this] { set_presenting(!presenting()); });
  commands_.add(Group::view, tr("Full screen"), {Qt::Key_F11},
                [this] { setWindowState(windowState() ^ Qt::WindowFullScreen); });
  const std::pair<Theme::Scheme, QString> schemes[] = {{Theme::Scheme::system, tr("Colours: as the system")},
                                                       {Theme::Scheme::light, tr("Colours: light")},
                                                       {Theme::Scheme::dark, tr("Colours: dark")}};
  for (const auto& [scheme, text] : schemes)
    commands_.add(Group::view, text, {}, [this, scheme = scheme] {
      settings_.set_scheme(scheme);
      theme().set_scheme(scheme);
    });
}

void MainWindow::add_help_commands() {
  const auto add = [this](const QString& text, const QList<QKeySequence>& keys, std::function<void()> run) {
    commands_.add(Group::help, text, keys, std::move(run));
  };
  add(tr("Find a command"), {QKeySequence(Qt::CTRL | Qt::Key_K)},
      [this] { palette_->open(menu_.palette_entries(lessons_->lessons(), playback_)); });
  add(tr("All keys"), {QKeySequence("?"), QKeySequence::HelpContents}, [this] { sheet_->open(); });
  add(tr("Menu"), {Qt::Key_F10}, [this] { header_->open_menu(); });
  add(tr("Leave or close"), {Qt::Key_Escape}, [this] { escape(); });
  add(tr("The tour"), {}, [this] {
    settings_.set_tour_seen(false);
    greet();
  });
  add(tr("Reset all settings"), {}, [this] {
    settings_.reset();
    theme().set_scheme(settings_.scheme());
    playback_.set_speed(settings_.speed());
    lessons_->set_done({});
    notice_->show_notice(tr("All settings are as at the first start."));
  });
  add(tr("About zbuf lab"), {}, [this] {
    notice_->show_notice(
        tr("zbuf lab %1\nThe window is free software under the GNU General Public License, version 3 or "
           "later; everything else under the BSD 2-Clause licence.\nQt %2")
            .arg(QApplication::applicationVersion(), qVersion()));
  });
}

/// What is in front goes first.
void MainWindow::escape() {
  if (!notice_->text().isEmpty())
    notice_->clear();
  else if (chapter_->lesson_shown())
    chapter_->set_lesson_shown(false);
  else
    set_presenting(false);
}

} // namespace zbuf::gui

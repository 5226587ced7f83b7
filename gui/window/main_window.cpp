// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/main_window.h"

#include "gui/bytes/bytes_panel.h"
#include "gui/compare/compare_panel.h"
#include "gui/explain/explain_panel.h"
#include "gui/filter/filter_panel.h"
#include "gui/packets/packets_panel.h"
#include "gui/theme/theme.h"
#include "gui/timeline/timeline_view.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAbstractSlider>
#include <QApplication>
#include <QCloseEvent>
#include <QComboBox>
#include <QDropEvent>
#include <QMimeData>
#include <QScreen>
#include <QTabBar>
#include <QVBoxLayout>

#include <algorithm>

namespace zbuf::gui {

MainWindow::MainWindow(Settings& settings)
    : settings_(settings), session_(playback_), live_(playback_, session_), commands_(*this) {
  setWindowTitle(tr("zbuf lab"));
  setAcceptDrops(true);
  setAccessibleName(tr("zbuf lab"));
  theme().set_scheme(settings_.scheme());
  playback_.set_speed(settings_.speed());
  lay_out();
  add_commands();
  connect_parts();
  restore_geometry();
  // Under a style sheet a widget forgets its fonts when it is given a parent: now that all have one, they
  // dress again.
  Q_EMIT theme().changed();
  stage_->stage().setFocus();
  if (settings_.damage())
    notice_->show_notice(*settings_.damage());
  qApp->installEventFilter(this);
}

MainWindow::~MainWindow() {
  qApp->removeEventFilter(this);
}

void MainWindow::lay_out() {
  header_ = new HeaderBar(playback_, session_, menu_);
  lessons_ = new LessonsPanel(find_lessons());
  notice_ = new NoticeBar;
  chapter_ = new ChapterBar(playback_, session_);
  live_bar_ = new LiveBar(playback_, live_);
  stage_ = new StagePair(playback_);
  tabs_ = new QTabWidget;
  what_if_ = new WhatIfPanel(playback_, session_);
  timeline_ = new TimelineView(playback_);
  checks_ = new ChecksPanel(session_);
  compare_ = new ComparePanel(playback_);

  tabs_->setObjectName("tabs");
  tabs_->setDocumentMode(true);
  tabs_->setUsesScrollButtons(true);
  tabs_->tabBar()->setElideMode(Qt::ElideNone);
  tabs_->tabBar()->setExpanding(false);
  tabs_->addTab(new ExplainPanel(playback_), tr("Explain"));
  tabs_->addTab(new BytesPanel(playback_), tr("Header bytes"));
  tabs_->addTab(new FilterPanel(playback_), tr("Filter"));
  tabs_->addTab(new PacketsPanel(playback_), tr("Packets"));
  tabs_->addTab(what_if_, tr("What if"));
  add_measure_tab();

  auto* const centre = new QWidget;
  auto* const centre_column = new QVBoxLayout(centre);
  centre_column->setContentsMargins(0, 0, 0, 0);
  centre_column->setSpacing(0);
  centre_column->addWidget(notice_);
  centre_column->addWidget(chapter_);
  centre_column->addWidget(live_bar_);
  centre_column->addWidget(stage_, 1);

  const auto splitter = [this](const QString& name, Qt::Orientation orientation, QList<QWidget*> parts) {
    auto* const made = new QSplitter(orientation);
    made->setObjectName(name);
    made->setChildrenCollapsible(false);
    for (QWidget* const part : parts)
      made->addWidget(part);
    splitters_[name] = made;
    return made;
  };
  auto* const top = splitter("top", Qt::Horizontal, {lessons_, centre, tabs_});
  auto* const time_and_checks = splitter("time", Qt::Vertical, {timeline_, checks_});
  auto* const bottom = splitter("bottom", Qt::Horizontal, {time_and_checks, compare_});
  auto* const body = splitter("body", Qt::Vertical, {top, bottom});
  top->setStretchFactor(1, 1);
  bottom->setStretchFactor(0, 1);
  body->setStretchFactor(0, 1);
  time_and_checks->setStretchFactor(0, 1);

  auto* const column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addWidget(header_);
  column->addWidget(body, 1);

  palette_ = new CommandPalette(this);
  sheet_ = new ShortcutSheet(commands_, this);
  video_ = new VideoExport(playback_, *stage_, this);
  pictures_ = {{tr("the window"), this},
               {tr("the stage"), stage_},
               {tr("the panel on the right"), tabs_},
               {tr("the timeline"), timeline_},
               {tr("the comparison"), compare_},
               {tr("the checks"), checks_}};
}

void MainWindow::connect_parts() {
  connect(lessons_, &LessonsPanel::lesson_chosen, this, &MainWindow::open);
  connect(lessons_, &LessonsPanel::open_wanted, this, &MainWindow::choose_file);
  connect(&session_, &Session::opened, this, &MainWindow::show_opened);
  connect(&session_, &Session::failed, this, [this](const QString& what, const QStringList& errors) {
    compare_when_opened_ = read_when_opened_ = false;
    notice_->show_errors(what, errors, !tried_.isEmpty());
  });
  connect(&session_, &Session::started, this, [this](const QString& what) {
    constexpr int patience_ms = 250; // what is there at once needs no bar
    QTimer::singleShot(patience_ms, this, [this, what] {
      if (session_.is_busy())
        notice_->show_progress(tr("Running %1 …").arg(what));
    });
  });
  connect(&session_, &Session::progress, notice_, &NoticeBar::set_fraction);
  connect(&session_, &Session::idle, notice_, &NoticeBar::end_progress);
  connect(notice_, &NoticeBar::stop_wanted, this, [this] {
    video_->cancel();
    session_.cancel();
    notice_->end_progress();
  });
  connect(notice_, &NoticeBar::again_wanted, this, [this] { open(tried_); });
  connect(chapter_, &ChapterBar::finished, this, [this] {
    const Opened* const opened = session_.opened_now();
    if (opened == nullptr || opened->is_trace || opened->report.number == 0 || !opened->complete)
      return;
    settings_.set_lesson_done(opened->report.number);
    lessons_->set_done(settings_.lessons_done());
  });
  connect(&header_->mode(), &ModeSwitch::comparing_changed, stage_, &StagePair::set_comparing);
  connect(&header_->mode(), &ModeSwitch::read_wanted, this, [this](bool compare) {
    compare_when_opened_ = compare;
    read_when_opened_ = !compare;
    what_if_->add_read_mode();
  });
  connect(what_if_, &WhatIfPanel::save_wanted, this, &MainWindow::save_scenario);
  connect(&playback_, &Playback::speed_changed, this, [this](double speed) {
    if (!playback_.growing()) // what is live has a speed of its own
      settings_.set_speed(speed);
  });
  connect(&playback_, &Playback::stopped_by_condition, this, [this] { chapter_->set_lesson_shown(false); });
  connect(timeline_, &TimelineView::bookmarks_changed, this, [this] {
    if (session_.opened_now() != nullptr)
      settings_.set_bookmarks(session_.opened_now()->path, timeline_->saved_bookmarks());
  });
  connect(video_, &VideoExport::progress, notice_, &NoticeBar::set_fraction);
  connect(video_, &VideoExport::finished, this, [this](const QString& path) {
    stage_->set_filming(false);
    notice_->show_notice(tr("The video is in %1.").arg(path));
  });
  connect(video_, &VideoExport::failed, this, [this](const QString& error) {
    stage_->set_filming(false);
    notice_->show_notice(error);
  });
  connect(&theme(), &Theme::changed, this, &MainWindow::dress);
  connect_live();
  lessons_->set_done(settings_.lessons_done());
}

void MainWindow::dress() {
  setMinimumSize(std::min(980, screen()->availableSize().width()),
                 std::min(620, screen()->availableSize().height()));
  tabs_->tabBar()->setFont(theme().ui(9.5));
  const int letter = QFontMetrics(theme().ui()).averageCharWidth();
  tabs_->setMinimumWidth(letter * 42);
  compare_->setMinimumWidth(letter * 46);
  update();
}

/// As it was left, or as large as suits the screen.
void MainWindow::restore_geometry() {
  if (!restoreGeometry(settings_.geometry("window")))
    resize(QSize(1600, 1000).boundedTo(screen()->availableSize()));
  for (auto it = splitters_.begin(); it != splitters_.end(); ++it) {
    QSplitter* const splitter = it.value();
    if (splitter->restoreState(settings_.geometry(it.key())))
      own_sizes_.insert(it.key());
    connect(splitter, &QSplitter::splitterMoved, this, [this, name = it.key()] { own_sizes_.insert(name); });
  }
  share_room();
}

/// Until somebody moves the borders, every part has its share of the window.
void MainWindow::share_room() {
  const auto share = [this](const QString& name, int room, std::initializer_list<int> percent) {
    QList<int> sizes;
    for (const int part : percent)
      sizes += room * part / 100;
    if (!own_sizes_.contains(name))
      splitters_[name]->setSizes(sizes);
  };
  if (shows_measured())
    share("top", width(), {15, 40, 45});
  else
    share("top", width(), {15, 58, 27});
  share("bottom", width(), {64, 36});
  if (shows_measured())
    share("body", height(), {72, 22});
  else
    share("body", height(), {56, 38});
  share("time", height(), {27, 11});
}

void MainWindow::closeEvent(QCloseEvent* event) {
  video_->cancel();
  set_presenting(false);
  settings_.set_geometry("window", saveGeometry());
  for (const QString& name : own_sizes_)
    settings_.set_geometry(name, splitters_[name]->saveState());
  QWidget::closeEvent(event);
}

void MainWindow::open(const QString& path) {
  QString wanted = path;
  if (wanted.isEmpty()) {
    const auto done = settings_.lessons_done();
    const auto& lessons = lessons_->lessons();
    const auto next = std::find_if(lessons.begin(), lessons.end(),
                                   [&](const Lesson& lesson) { return !done.contains(lesson.number); });
    if (lessons.empty()) {
      notice_->show_notice(tr(
          "The lessons are not where they should be. Set ZBUF_SCENARIOS to their folder, or open a file."));
      return;
    }
    wanted = (next == lessons.end() ? lessons.front() : *next).path;
  }
  if (is_measured(wanted)) {
    open_measured(wanted);
    return;
  }
  video_->cancel();
  tried_ = wanted;
  session_.open(wanted);
}

void MainWindow::show_opened() {
  const Opened& opened = *session_.opened_now();
  const QString title = QString::fromStdString(opened.report.title);
  tried_.clear();
  if (!opened.live) {
    settings_.add_recent(opened.path);
    playback_.set_speed(settings_.speed());
  }
  setWindowTitle(tr("%1 – zbuf lab").arg(title));
  lessons_->set_current(opened.path);
  timeline_->restore_bookmarks(settings_.bookmarks(opened.path));
  last_folder_ = opened.is_trace && !opened.live ? QFileInfo(opened.path).absolutePath() : last_folder_;
  notice_->clear();
  if (!opened.notice.isEmpty())
    notice_->show_notice(opened.notice);
  header_->mode().set_can_add_read(what_if_->can_add_read_mode());
  if (opened.complete && playback_.track_count() > 1) {
    if (read_when_opened_)
      playback_.set_focus(1);
    if (compare_when_opened_)
      header_->mode().set_comparing(true);
  }
  if (opened.complete)
    compare_when_opened_ = read_when_opened_ = false;
}

// ---- The keyboard goes to what has it first ----

/// Keys of the transport mean something else to a control that has the focus: arrows move in a list, a blank
/// presses a button.
bool MainWindow::eventFilter(QObject* object, QEvent* event) {
  if (event->type() != QEvent::ShortcutOverride || QApplication::focusWidget() == nullptr ||
      object != QApplication::focusWidget())
    return QWidget::eventFilter(object, event);
  const auto* const key = static_cast<QKeyEvent*>(event);
  const QWidget* const focus = QApplication::focusWidget();
  const bool moves = (key->modifiers() & ~Qt::KeypadModifier) == Qt::NoModifier &&
                     (key->key() == Qt::Key_Left || key->key() == Qt::Key_Right ||
                      key->key() == Qt::Key_Home || key->key() == Qt::Key_End);
  const bool presses = key->key() == Qt::Key_Space && key->modifiers() == Qt::NoModifier;
  const bool has_arrows = focus->inherits("QAbstractSlider") || focus->inherits("QTabBar") ||
                          focus->inherits("QAbstractItemView") || focus->inherits("QComboBox") ||
                          focus->inherits("QAbstractSpinBox") || focus->inherits("QRadioButton");
  const bool has_blank = focus->inherits("QAbstractButton") || focus->inherits("QAbstractItemView") ||
                         focus->inherits("QComboBox");
  // What lies over the window has the keyboard for itself, and Escape leaves a field before it leaves
  // anything else.
  const bool in_front = sheet_->isAncestorOf(focus) || sheet_ == focus || palette_->isAncestorOf(focus) ||
                        (tour_ != nullptr && tour_->isAncestorOf(focus));
  const bool leaves = key->key() == Qt::Key_Escape && (in_front || focus->inherits("QLineEdit"));
  const bool takes_any = sheet_ == focus;
  if ((moves && (has_arrows || in_front)) || (presses && has_blank) || leaves || takes_any) {
    event->accept();
    return true;
  }
  return QWidget::eventFilter(object, event);
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

void MainWindow::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  palette_->hide();
  sheet_->hide();
  share_room();
}

// ---- For a class ----

/// Large type, the stage and the author's words, and nothing else.
void MainWindow::set_presenting(bool presenting) {
  if (presenting == presenting_)
    return;
  presenting_ = presenting;
  if (presenting)
    was_full_screen_ = isFullScreen();
  for (QWidget* const part : std::initializer_list<QWidget*>{header_, lessons_, tabs_, splitters_["bottom"]})
    part->setVisible(!presenting);
  chapter_->set_presenting(presenting);
  live_bar_->set_presenting(presenting);
  constexpr double large = 1.6;
  theme().set_scale(presenting ? large : 1);
  setWindowState(presenting || was_full_screen_ ? windowState() | Qt::WindowFullScreen
                                                : windowState() & ~Qt::WindowFullScreen);
  if (presenting)
    stage_->stage().setFocus();
}

void MainWindow::greet() {
  if (settings_.tour_seen() || tour_ != nullptr)
    return;
  tour_ = new Tour(
      {{nullptr, tr("Welcome to zbuf lab"),
        tr("See how FreeBSD's zero-copy BPF hands packets from the kernel to a process: play it, stop it, "
           "step "
           "back, and ask who owns which buffer.")},
       {lessons_, tr("Lessons"),
        tr("%1 runs, each with a story in chapters. Begin with the first.").arg(lessons_->lessons().size())},
       {header_, tr("Play and step"),
        tr("Blank plays and pauses, the arrows step. Slow it down as far as you like, or let it stop at a "
           "condition such as drops > 0.")},
       {stage_, tr("The stage"),
        tr("The process above, the kernel below. Orange and ▲: the user owns the buffer. Blue and ▼: the "
           "kernel does.")},
       {tabs_, tr("Why"),
        tr("Every event in plain words, with the line of code that ran; the header bytes, the "
           "filter, the packets. “What if” tries other values.")},
       {splitters_["bottom"], tr("Over time"),
        tr("Drag to go anywhere in the run. F finds the next drop. Ctrl+K finds everything else, ? shows the "
           "keys.")}},
      this);
  connect(tour_, &Tour::ended, this, [this] {
    settings_.set_tour_seen(true);
    tour_->deleteLater();
    tour_ = nullptr;
    stage_->stage().setFocus();
  });
}

} // namespace zbuf::gui

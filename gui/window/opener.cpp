// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/opener.h"

#include "gui/timeline/timeline_view.h"
#include "gui/window/lessons_panel.h"
#include "gui/window/mode_switch.h"

#include <QFileInfo>
#include <QTimer>

#include <algorithm>

namespace zbuf::gui {

Opener::Opener(Playback& playback, Session& session, Settings& settings, FileDialogs& dialogs,
               MeasureControl& measure, const Views& views)
    : playback_(playback), session_(session), settings_(settings), dialogs_(dialogs), measure_(measure),
      views_(views) {
  connect(&views_.lessons, &LessonsPanel::lesson_chosen, this, &Opener::open);
  connect(&views_.lessons, &LessonsPanel::open_wanted, this, &Opener::choose_file);
  connect(&views_.notice, &NoticeBar::again_wanted, this, [this] { open(tried_); });
  connect(&views_.mode, &ModeSwitch::read_wanted, this,
          [this](bool compare) { add_read_run(compare ? ReadRun::compare : ReadRun::look_at); });
  connect(&views_.timeline, &TimelineView::bookmarks_changed, this, [this] {
    if (session_.opened_now() != nullptr)
      settings_.set_bookmarks(session_.opened_now()->path, views_.timeline.saved_bookmarks());
  });
  connect(&session_, &Session::opened, this, &Opener::show_opened);
  connect(&session_, &Session::failed, this, [this](const QString& what, const QStringList& errors) {
    forget_read_run();
    views_.notice.show_errors(what, errors, !tried_.isEmpty());
  });
  connect(&session_, &Session::started, this, &Opener::show_started);
  connect(&session_, &Session::progress, &views_.notice, &NoticeBar::set_fraction);
  connect(&session_, &Session::idle, &views_.notice, &NoticeBar::end_progress);
  auto* const looks = new QTimer(this);
  connect(looks, &QTimer::timeout, this, &Opener::look_at_file);
  constexpr int pause_between_looks_ms = 1000;
  looks->start(pause_between_looks_ms);
}

void Opener::add_commands(Commands& commands) {
  commands.add(Group::file, tr("Open…"), {QKeySequence::Open}, [this] { choose_file(); });
  commands.add(Group::file, tr("Run it again"), {QKeySequence(Qt::CTRL | Qt::Key_R)}, [this] {
    if (session_.opened_now() != nullptr)
      open(session_.opened_now()->path);
  });
}

/// Empty: there are no lessons.
QString Opener::next_lesson() const {
  const auto& lessons = views_.lessons.lessons();
  if (lessons.empty())
    return {};
  const auto done = settings_.lessons_done();
  const auto next = std::find_if(lessons.begin(), lessons.end(),
                                 [&](const Lesson& lesson) { return !done.contains(lesson.number); });
  return (next == lessons.end() ? lessons.front() : *next).path;
}

void Opener::open(const QString& path) {
  const QString wanted = path.isEmpty() ? next_lesson() : path;
  if (wanted.isEmpty()) {
    views_.notice.show_notice(
        tr("The lessons are not where they should be. Set ZBUF_SCENARIOS to their folder, or open a file."));
  } else if (MeasureControl::is_measured(wanted)) {
    measure_.open(wanted);
  } else {
    Q_EMIT opening();
    tried_ = wanted;
    session_.open(wanted);
  }
}

void Opener::choose_file() {
  const QString path = dialogs_.ask_what_to_open(tr("Open a recording, a scenario or a capture"),
                                                 tr("Recordings, scenarios and captures (*.zbt *.toml *.pcap "
                                                    "*.pcapng *.cap *.pcap.gz *.pcap.zst);;All files (*)"));
  if (!path.isEmpty())
    open(path);
}

void Opener::add_read_run(ReadRun then) {
  read_run_ = then;
  views_.what_if.add_read_mode();
}

void Opener::make_way(ReadRun then) {
  Q_EMIT opening();
  views_.notice.clear();
  read_run_ = then;
}

void Opener::show_started(const QString& what) {
  constexpr int patience_ms = 250; // what is there at once needs no bar
  QTimer::singleShot(patience_ms, this, [this, what] {
    if (session_.is_busy())
      views_.notice.show_progress(tr("Running %1 …").arg(what));
  });
}

void Opener::look_at_file() {
  const Opened* const opened = session_.opened_now();
  if (fate_told_ || opened == nullptr || !opened->is_trace || session_.is_busy())
    return;
  for (std::size_t i = 0; i < playback_.track_count() && !fate_told_; ++i)
    if (const auto fate = playback_.track(i).recording->fate()) {
      fate_told_ = true;
      tried_ = opened->path;
      views_.notice.show_errors(QString::fromStdString(opened->report.title),
                                {QString::fromStdString(fate->text())}, true);
    }
}

void Opener::show_opened() {
  const Opened& opened = *session_.opened_now();
  fate_told_ = false;
  tried_.clear();
  if (!opened.live) {
    settings_.add_recent(opened.path);
    playback_.set_speed(settings_.speed());
  }
  views_.window.setWindowTitle(tr("%1 – zbuf lab").arg(QString::fromStdString(opened.report.title)));
  views_.lessons.set_current(opened.path);
  views_.timeline.restore_bookmarks(settings_.bookmarks(opened.path));
  if (opened.is_trace && !opened.live)
    dialogs_.set_folder(QFileInfo(opened.path).absolutePath());
  views_.notice.clear();
  if (!opened.notice.isEmpty())
    views_.notice.show_notice(opened.notice);
  views_.mode.set_can_add_read(views_.what_if.can_add_read_mode());
  if (!opened.complete)
    return;
  if (playback_.track_count() > 1) {
    if (read_run_ == ReadRun::look_at)
      playback_.set_focus(1);
    if (read_run_ == ReadRun::compare)
      views_.mode.set_comparing(true);
  }
  forget_read_run();
}

} // namespace zbuf::gui

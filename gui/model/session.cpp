// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/model/session.h"

#include "gui/model/run_job.h"
#include "gui/model/trace_file.h"

#include "core/base/assert.h"

#include <QDir>
#include <QFileInfo>

#include <algorithm>

namespace zbuf::gui {

Session::Session(Playback& playback, QObject* parent) : QObject(parent), playback_(playback) {}

Session::~Session() {
  for (const auto& job : jobs_)
    job->discard();
  jobs_.clear(); // waits for each
}

bool Session::is_busy() const {
  return !jobs_.empty() && !jobs_.back()->is_discarded();
}

void Session::open(const QString& path) {
  RunJob::Task task;
  task.path = QFileInfo(path).absoluteFilePath();
  start(std::move(task));
}

void Session::run_what_if(std::vector<WhatIf> values, std::uint64_t time_ns) {
  ZBUF_ASSERT(opened_ != nullptr && !opened_->is_trace);
  std::string text = opened_->scenario;
  for (const WhatIf& value : values) {
    auto edited = with_setting(text, value.place, value.value);
    if (!edited) {
      Q_EMIT failed(QFileInfo(opened_->path).fileName(), {QString::fromStdString(edited.error().text())});
      return;
    }
    text = std::move(*edited);
  }
  RunJob::Task task;
  task.path = opened_->path;
  task.scenario = opened_->scenario;
  task.edited = std::move(text);
  task.what_if = std::move(values);
  task.time_ns = time_ns;
  std::uint64_t events = 0;
  for (const VariantReport& run : opened_->report.runs)
    events += run.events;
  task.preview = events > RunJob::preview_events;
  start(std::move(task));
}

std::string Session::scenario_text() const {
  if (opened_ == nullptr || opened_->is_trace)
    return {};
  std::string text = opened_->scenario;
  for (const WhatIf& value : opened_->what_if)
    text = *with_setting(text, value.place, value.value); // it could be set, or it would not have been opened
  return text;
}

void Session::cancel() {
  if (is_busy())
    jobs_.back()->interrupt();
}

void Session::discard() {
  for (const auto& job : jobs_)
    job->discard();
  Q_EMIT idle();
}

void Session::show_live(Opened opened, std::vector<Track> tracks) {
  discard();
  opened_ = std::make_unique<Opened>(std::move(opened));
  playback_.set_tracks(std::move(tracks));
  playback_.set_growing(true);
  Q_EMIT this->opened();
}

void Session::update_live(Opened opened) {
  ZBUF_ASSERT(opened_ != nullptr);
  *opened_ = std::move(opened);
  Q_EMIT updated();
}

void Session::start(RunJob::Task task) {
  for (const auto& job : jobs_)
    job->discard();
  const QString what = QFileInfo(task.path).fileName();
  const std::uint64_t number = next_job_++;
  task.folder = folder_.filePath(QString::number(number));
  QDir().mkpath(task.folder);
  jobs_.push_back(std::make_unique<RunJob>(
      number, std::move(task),
      // From the job's thread. The job is joined before this object goes.
      [this](const std::shared_ptr<RunJob::Outcome>& outcome) {
        QMetaObject::invokeMethod(
            this, [this, outcome] { take(*outcome); }, Qt::QueuedConnection);
      },
      [this, number](double fraction) {
        QMetaObject::invokeMethod(
            this,
            [this, number, fraction] {
              if (is_busy() && jobs_.back()->number() == number)
                Q_EMIT progress(fraction);
            },
            Qt::QueuedConnection);
      }));
  Q_EMIT started(what);
  jobs_.back()->start();
}

void Session::take(RunJob::Outcome& outcome) {
  const auto job = std::find_if(jobs_.begin(), jobs_.end(),
                                [&](const auto& other) { return other->number() == outcome.job; });
  ZBUF_ASSERT(job != jobs_.end());
  const bool counts = !(*job)->is_discarded();
  if (outcome.last)
    jobs_.erase(job);
  if (!counts)
    return;
  if (outcome.errors.isEmpty())
    show(outcome);
  else
    Q_EMIT failed(outcome.what, outcome.errors);
  if (outcome.last)
    Q_EMIT idle();
}

/// Puts it in the place of what was open.
void Session::show(RunJob::Outcome& outcome) {
  const bool goes_on = opened_ != nullptr && !opened_->complete && outcome.opened->path == opened_->path;
  const bool was_playing = goes_on && playback_.playing();
  const Track* const focused = playback_.focused();
  if ((goes_on || outcome.again) && focused != nullptr) {
    outcome.place.focus = focused->name;
    if (goes_on) // the same run, and now all of it
      outcome.place.time_ns = playback_.time_ns();
  }
  *(opened_ != nullptr ? opened_.get() : (opened_ = std::make_unique<Opened>()).get()) =
      std::move(*outcome.opened);
  playback_.set_tracks(std::move(outcome.tracks));
  for (std::size_t i = 0; i < playback_.track_count(); ++i)
    if (!outcome.place.focus.isEmpty() && playback_.track(i).name == outcome.place.focus)
      playback_.set_focus(i);
  if (outcome.place.event)
    playback_.seek_event(*outcome.place.event);
  else
    playback_.seek_time(outcome.place.time_ns);
  if (was_playing)
    playback_.set_playing(true);
  if (!folder_in_use_.isEmpty() && folder_in_use_ != outcome.folder)
    QDir(folder_in_use_).removeRecursively(); // what is still mapped lives on
  folder_in_use_ = outcome.folder;
  Q_EMIT opened();
}

std::optional<QString> Session::save_trace(const QString& path) const {
  if (playback_.track_count() == 0)
    return tr("There is nothing to save yet.");
  SavedPlace place{playback_.time_ns(), playback_.event_index(), playback_.focused()->name};
  for (std::size_t i = 0; i < playback_.track_count(); ++i) {
    const Track& track = playback_.track(i);
    if (i > 0 && track.recording == playback_.track(0).recording)
      continue; // another descriptor in the same one
    const QFileInfo file(path);
    const QString name = i == 0 ? file.fileName()
                                : QString("%1.%2.%3").arg(file.completeBaseName(), track.name, file.suffix());
    if (auto error = save_recording(*track.recording, file.dir().filePath(name), place))
      return error;
  }
  return std::nullopt;
}

} // namespace zbuf::gui

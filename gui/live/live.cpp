// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/live/live.h"

#include "gui/model/trace_file.h"

#include <QFile>
#include <QFileInfo>

#include <unistd.h>
#include <utility>

namespace zbuf::gui {

namespace {

constexpr std::uint64_t rate_over_ns = 1'000'000'000;

/// zbuf gives root up for who called sudo, and must still be able to write there.
void give_to_caller(const QString& folder) {
  bool user = false;
  bool group = false;
  const uint uid = qEnvironmentVariable("SUDO_UID").toUInt(&user);
  const uint gid = qEnvironmentVariable("SUDO_GID").toUInt(&group);
  if (::geteuid() == 0 && user && group)
    (void)!::chown(QFile::encodeName(folder).constData(), uid, gid);
}

} // namespace

Live::Live(Playback& playback, Session& session, QObject* parent)
    : QObject(parent), playback_(playback), session_(session) {
  connect(&playback_, &Playback::moved, this, &Live::publish_held);
  connect(&playback_, &Playback::following_changed, this, &Live::publish_held);
  // Something else was opened.
  connect(&session_, &Session::opened, this, [this] {
    if (!path_.isEmpty() && (session_.opened_now()->path != path_ || !session_.opened_now()->live))
      abandon();
  });
}

Live::~Live() = default;

// ---- Beginning and ending ----

void Live::capture(const CaptureOptions& options) {
  abandon();
  own_ = true;
  subject_ = options.filter.isEmpty() ? options.interface : options.interface + " · " + options.filter;
  folder_ = std::make_unique<QTemporaryDir>(); // the one before goes with all that is in it
  if (!folder_->isValid()) {
    Q_EMIT failed(what_failed(),
                  {tr("No folder for the recording can be made: %1. Set TMPDIR to a folder that you "
                      "may write to.")
                       .arg(folder_->errorString())});
    return;
  }
  give_to_caller(folder_->path());
  options_ = options;
  const QString path = folder_->filePath("live.zbt");
  process_ = std::make_unique<CaptureProcess>(options);
  connect(process_.get(), &CaptureProcess::ended, this, &Live::capture_ended);
  connect(process_.get(), &CaptureProcess::complained, this, [this](const QStringList& lines) {
    if (!shown_)
      return; // it is why it cannot begin
    told_ += lines;
    Q_EMIT told(lines.join('\n'));
  });
  begin(path);
  process_->start(path);
}

void Live::follow(const QString& path) {
  abandon();
  own_ = false;
  subject_ = QFileInfo(path).fileName();
  begin(QFileInfo(path).absoluteFilePath());
}

void Live::begin(const QString& path) {
  session_.discard(); // or what is being opened would take its place later
  path_ = path;
  figures_ = {};
  figures_.subject = subject_;
  rate_from_ns_ = rate_from_arrived_ = 0;
  over_ = false;
  errors_.clear();
  told_.clear();
  since_news_.start();
  follower_ = std::make_unique<Follower>(path);
  connect(follower_.get(), &Follower::updated, this, &Live::take);
  connect(follower_.get(), &Follower::failed, this, [this](const QString& error) { errors_ += error; });
  connect(follower_.get(), &Follower::ended, this, &Live::following_ended);
  Q_EMIT changed();
}

void Live::stop() {
  if (process_ != nullptr)
    process_->stop(); // and the rest follows from that
  else if (follower_ != nullptr)
    follower_->finish();
}

/// Something else comes in its place.
void Live::abandon() {
  follower_.reset();
  process_.reset();
  held_ = {};
  path_.clear();
  if (std::exchange(shown_, false))
    playback_.set_growing(false);
  Q_EMIT changed();
}

void Live::capture_ended(const QStringList& errors, const QString& notice) {
  errors_ += errors;
  process_.release()->deleteLater(); // it is what called
  if (!notice.isEmpty())
    Q_EMIT told(notice);
  if (follower_ != nullptr)
    follower_->finish();
  tell_end();
  Q_EMIT changed();
}

void Live::following_ended() {
  take();
  follower_.release()->deleteLater();
  over_ = true;
  if (process_ != nullptr &&
      !errors_.isEmpty()) // its recording cannot be read on, so there is no point in it
    process_->stop();
  if (!holding())
    playback_.set_growing(false);
  tell_end();
  Q_EMIT changed();
}

/// Once both have ended: the recording often has its end a moment before zbuf says why.
void Live::tell_end() {
  if (running())
    return;
  if (shown_)
    errors_.removeIf([this](const QString& error) { return told_.contains(error); });
  if (!errors_.isEmpty() && shown_)
    Q_EMIT told(errors_.join('\n'));
  else if (!errors_.isEmpty())
    Q_EMIT failed(what_failed(), errors_);
  else if (!shown_)
    Q_EMIT told(tr("%1: nothing was recorded.").arg(subject_));
  if (!shown_)
    path_.clear();
}

QString Live::what_failed() const {
  return own_ ? tr("%1 cannot be captured.").arg(subject_) : tr("%1 cannot be followed.").arg(subject_);
}

// ---- Going on ----

void Live::take() {
  if (follower_ == nullptr)
    return;
  Follower::Update update = follower_->take();
  if (update.recording == nullptr)
    return;
  since_news_.start();
  measure(*update.recording);
  show(std::move(update));
  Q_EMIT changed();
}

void Live::measure(const Recording& recording) {
  const State end = recording.state_after(recording.event_count());
  figures_.duration_ns = end.time_ns;
  figures_.gone_ns = recording.events_dropped() == 0 ? 0 : recording.first_ns();
  figures_.arrived = end.arrived();
  figures_.dropped = end.total().dropped;
  const std::uint64_t passed_ns = end.time_ns - rate_from_ns_;
  if (passed_ns >= rate_over_ns) {
    figures_.rate =
        static_cast<double>(figures_.arrived - rate_from_arrived_) * 1e9 / static_cast<double>(passed_ns);
    rate_from_ns_ = end.time_ns;
    rate_from_arrived_ = figures_.arrived;
  }
}

Opened Live::opened(const std::shared_ptr<const Recording>& recording) const {
  Opened opened;
  opened.path = path_;
  opened.is_trace = true;
  opened.live = true;
  opened.report.runs = {report_};
  report_of_trace(tracks(recording).front(), opened.report);
  return opened;
}

std::vector<Track> Live::tracks(const std::shared_ptr<const Recording>& recording) const {
  std::vector<Track> all = tracks_of(recording, path_, report_);
  if (all.size() == 1)
    all.front().name.clear();
  return all;
}

void Live::show(Follower::Update update) {
  if (!shown_) {
    report_ = std::move(*update.report); // the first one has it
    shown_ = true;
    const Opened first = opened(update.recording);
    if (process_ == nullptr) // what it is says more than where it lies
      figures_.subject = QString::fromStdString(first.report.title);
    session_.show_live(first, tracks(update.recording));
    playback_.follow();
    return;
  }
  const bool drops = playback_.track_count() > 0 &&
                     update.recording->events_dropped() != playback_.track(0).recording->events_dropped();
  const bool in_sight = drops && !playback_.following() && playback_.time_ns() < update.recording->first_ns();
  if (!in_sight) {
    held_ = {};
    publish(update);
    return;
  }
  if (!update.report)
    update.report = std::move(held_.report);
  held_ = std::move(update);
}

void Live::publish(const Follower::Update& update) {
  if (update.report)
    report_ = *update.report;
  playback_.grow(tracks(update.recording));
  if (update.report)
    session_.update_live(opened(update.recording));
}

/// Who has looked enough at what is gone is shown what is there.
void Live::publish_held() {
  if (!holding() || (!playback_.following() && playback_.time_ns() < held_.recording->first_ns()))
    return;
  publish(std::exchange(held_, {}));
  if (over_)
    playback_.set_growing(false);
  Q_EMIT changed();
}

Live::Figures Live::figures() const {
  Figures figures = figures_;
  figures.silent_ms = static_cast<std::uint64_t>(since_news_.isValid() ? since_news_.elapsed() : 0);
  if (!running())
    figures.rate.reset();
  else if (figures.silent_ms > silence_ms)
    figures.rate = 0;
  return figures;
}

} // namespace zbuf::gui

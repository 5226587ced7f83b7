// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/live/follower.h"

#include "core/scenario/recorded.h"
#include "core/trace/followed.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace zbuf::gui {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto pause_between_looks = 40ms;
constexpr auto pause_between_reports = 500ms;
/// Of the thread's time, for reports: the longer the recording, the rarer they are.
constexpr int share_of_reports = 10;

} // namespace

struct Follower::Worker {
  Worker(Follower& owner, std::string path)
      : follower(owner), path_(std::move(path)), thread_([this] { run(); }) {}
  ~Worker() {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }

  void finish() {
    {
      const std::lock_guard lock(mutex_);
      last_look_ = true;
    }
    wake_.notify_one();
  }
  Update take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(update_, {});
  }

  std::atomic<bool> complete = false;

 private:
  void run() {
    for (bool last = false;;) {
      const bool over = !look(last) || last || complete;
      std::unique_lock lock(mutex_);
      if (over)
        break;
      wake_.wait_for(lock, pause_between_looks, [this] { return ending_ || last_look_; });
      if (ending_)
        return;
      last = last_look_;
    }
    QMetaObject::invokeMethod(&follower, &Follower::ended, Qt::QueuedConnection);
  }

  /// False: there is no point in looking again.
  bool look(bool last) {
    if (!followed_) {
      if (FollowedRecording::too_early(path_))
        return true;
      auto opened = FollowedRecording::open(path_);
      if (!opened)
        return fail(opened.error());
      followed_.emplace(std::move(*opened));
      give(last);
      return true;
    }
    const auto more = followed_->refresh();
    if (!more) {
      give(true);
      return fail(more.error());
    }
    if (*more || last)
      give(last);
    return true;
  }

  void give(bool last) {
    complete = followed_->complete();
    if (followed_->event_count() == 0)
      return;
    Update update;
    update.recording = std::make_shared<const Recording>(followed_->now());
    const auto began = Clock::now();
    if (last || complete || began >= next_report_) {
      update.report = report_of_recording(*update.recording);
      const auto now = Clock::now();
      next_report_ = now + std::max<Clock::duration>(pause_between_reports, share_of_reports * (now - began));
    }
    {
      const std::lock_guard lock(mutex_);
      if (!update.report)
        update.report = std::move(update_.report);
      update_ = std::move(update);
    }
    QMetaObject::invokeMethod(&follower, &Follower::updated, Qt::QueuedConnection);
  }

  bool fail(Error error) {
    error.file = path_;
    QMetaObject::invokeMethod(
        &follower, [this, text = QString::fromStdString(error.text())] { Q_EMIT follower.failed(text); },
        Qt::QueuedConnection);
    return false;
  }

  Follower& follower;
  const std::string path_;
  std::optional<FollowedRecording> followed_; ///< the thread's
  Clock::time_point next_report_{};           ///< the thread's
  std::mutex mutex_;                          ///< over what follows
  std::condition_variable wake_;
  bool ending_ = false;
  bool last_look_ = false;
  Update update_{};
  std::thread thread_; ///< last: it uses all of the above
};

Follower::Follower(const QString& path, QObject* parent)
    : QObject(parent), worker_(std::make_unique<Worker>(*this, path.toStdString())) {}
Follower::~Follower() = default;

void Follower::finish() {
  worker_->finish();
}

Follower::Update Follower::take() {
  return worker_->take();
}

bool Follower::complete() const {
  return worker_->complete;
}

} // namespace zbuf::gui

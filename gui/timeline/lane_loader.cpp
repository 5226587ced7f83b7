// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/timeline/lane_loader.h"

#include "gui/timeline/run_survey.h"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace zbuf::gui {

/// The thread, and what it shares with the GUI's. One lock for all of it; nothing slow is done under it.
struct LaneLoader::Worker {
  explicit Worker(LaneLoader& loader) : loader_(loader), thread_([this] { run(); }) {}
  ~Worker() {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
      stop_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }

  void set_recordings(std::vector<std::shared_ptr<const Recording>> recordings) {
    {
      const std::lock_guard lock(mutex_);
      sources_.clear();
      for (auto& recording : recordings)
        sources_.push_back({std::move(recording), nullptr});
      ++generation_;
      part_.reset();
      whole_.reset();
      asked_part_.reset();
      asked_whole_.reset();
      answered_ = {};
      stop_ = true; // whatever it does now is of no use any more
    }
    wake_.notify_one();
  }

  void ask(const LaneQuery& part, const LaneQuery& whole) {
    {
      const std::lock_guard lock(mutex_);
      asked_part_ = part;
      asked_whole_ = whole;
    }
    wake_.notify_one();
  }

  /// What came since the last time.
  struct Answers {
    std::shared_ptr<const LaneData> part{};
    std::shared_ptr<const LaneData> whole{};
  };
  Answers collect() {
    const std::lock_guard lock(mutex_);
    return {std::move(part_), std::move(whole_)};
  }
  bool idle() {
    const std::lock_guard lock(mutex_);
    return !busy_ && !part_ && !whole_ && !work();
  }

 private:
  struct Answered {
    std::optional<LaneQuery> part{}, whole{};
    bool part_complete = true, whole_complete = true;
  };

  [[nodiscard]] bool part_is_due() const {
    return asked_part_ && (answered_.part != asked_part_ || (!answered_.part_complete && surveyed()));
  }
  [[nodiscard]] bool whole_is_due() const {
    return asked_whole_ && (answered_.whole != asked_whole_ || (!answered_.whole_complete && surveyed()));
  }
  [[nodiscard]] bool surveyed() const {
    for (const LaneSource& source : sources_)
      if (!source.survey)
        return false;
    return true;
  }
  [[nodiscard]] bool work() const { return part_is_due() || whole_is_due() || !surveyed(); }

  void run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      wake_.wait(lock, [this] { return ending_ || work(); });
      if (ending_)
        return;
      stop_ = false;
      busy_ = true;
      // What is on the screen first.
      if (part_is_due())
        load(lock, *asked_part_, part_, &Answered::part, &Answered::part_complete);
      else if (whole_is_due())
        load(lock, *asked_whole_, whole_, &Answered::whole, &Answered::whole_complete);
      else
        make_survey(lock);
      busy_ = false;
    }
  }

  void load(std::unique_lock<std::mutex>& lock, const LaneQuery query, std::shared_ptr<const LaneData>& into,
            std::optional<LaneQuery> Answered::*answered, bool Answered::*complete) {
    const std::vector<LaneSource> sources = sources_;
    const std::uint64_t generation = generation_;
    lock.unlock();
    std::optional<LaneData> data = load_lanes(sources, query, stop_);
    lock.lock();
    if (!data || generation != generation_)
      return;
    bool all = true;
    for (const TrackLanes& lanes : data->tracks)
      all = all && lanes.complete;
    answered_.*answered = query;
    answered_.*complete = all;
    into = std::make_shared<const LaneData>(std::move(*data));
    QMetaObject::invokeMethod(&loader_, &LaneLoader::receive, Qt::QueuedConnection);
  }

  void make_survey(std::unique_lock<std::mutex>& lock) {
    std::size_t number = 0;
    while (sources_[number].survey)
      ++number;
    const std::shared_ptr<const Recording> recording = sources_[number].recording;
    const std::uint64_t generation = generation_;
    lock.unlock();
    std::shared_ptr<const Survey> made = survey_of(recording, stop_);
    lock.lock();
    if (made && generation == generation_)
      sources_[number].survey = std::move(made);
  }

  LaneLoader& loader_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<bool> stop_ = false;
  bool ending_ = false;
  bool busy_ = false;
  std::uint64_t generation_ = 0; ///< of the recordings
  std::vector<LaneSource> sources_;
  std::optional<LaneQuery> asked_part_, asked_whole_;
  Answered answered_;
  std::shared_ptr<const LaneData> part_, whole_; ///< not collected yet
  std::thread thread_;                           ///< last: it uses all of the above
};

LaneLoader::LaneLoader(QObject* parent) : QObject(parent), worker_(std::make_unique<Worker>(*this)) {}
LaneLoader::~LaneLoader() = default;

void LaneLoader::set_recordings(std::vector<std::shared_ptr<const Recording>> recordings) {
  worker_->set_recordings(std::move(recordings));
  part_.reset();
  whole_.reset();
}

void LaneLoader::ask(const LaneQuery& part, const LaneQuery& whole) {
  worker_->ask(part, whole);
}

bool LaneLoader::idle() const {
  return worker_->idle();
}

void LaneLoader::receive() {
  Worker::Answers answers = worker_->collect();
  if (!answers.part && !answers.whole)
    return;
  if (answers.part)
    part_ = std::move(answers.part);
  if (answers.whole)
    whole_ = std::move(answers.whole);
  Q_EMIT loaded();
}

} // namespace zbuf::gui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/timeline/lane_loader.h"

#include "gui/timeline/run_survey.h"

#include <algorithm>
#include <chrono>
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

  void set_sources(std::vector<LaneSource> sources) {
    {
      const std::lock_guard lock(mutex_);
      sources_ = std::move(sources);
      outdated_.assign(sources_.size(), false);
      next_survey_ = {};
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

  /// What is being read is of use, and goes on.
  void grow(std::vector<LaneSource> sources) {
    {
      const std::lock_guard lock(mutex_);
      for (std::size_t i = 0; i < sources_.size() && i < sources.size(); ++i)
        sources_[i].recording = std::move(sources[i].recording);
      outdated_.assign(sources_.size(), true);
      ++growth_;
      answered_.part.reset();
      answered_.whole.reset();
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
    return !busy_ && !part_ && !whole_ && !work() && next_to_survey() == sources_.size();
  }

 private:
  using Clock = std::chrono::steady_clock;

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
    return std::all_of(sources_.begin(), sources_.end(),
                       [](const LaneSource& source) { return source.survey != nullptr; });
  }
  /// The one without a survey, or with one of its shorter days.
  [[nodiscard]] std::size_t next_to_survey() const {
    std::size_t i = 0;
    while (i < sources_.size() && sources_[i].survey && !outdated_[i])
      ++i;
    return i;
  }
  /// The first one at once; one of a run that has grown only now and then.
  [[nodiscard]] bool survey_is_due() const {
    const std::size_t i = next_to_survey();
    return i < sources_.size() && (!sources_[i].survey || Clock::now() >= next_survey_);
  }
  [[nodiscard]] bool work() const { return part_is_due() || whole_is_due() || survey_is_due(); }

  void run() {
    std::unique_lock lock(mutex_);
    while (!ending_) {
      if (!work()) {
        if (next_to_survey() < sources_.size())
          wake_.wait_until(lock, next_survey_);
        else
          wake_.wait(lock);
        continue;
      }
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
    const std::uint64_t growth = growth_;
    lock.unlock();
    std::optional<LaneData> data = load_lanes(sources, query, stop_);
    lock.lock();
    if (!data || generation != generation_)
      return;
    bool all = true;
    for (const TrackLanes& lanes : data->tracks)
      all = all && lanes.complete;
    if (growth == growth_) // else it is of use, but not the last word
      answered_.*answered = query;
    answered_.*complete = all;
    into = std::make_shared<const LaneData>(std::move(*data));
    QMetaObject::invokeMethod(&loader_, &LaneLoader::receive, Qt::QueuedConnection);
  }

  void make_survey(std::unique_lock<std::mutex>& lock) {
    const std::size_t number = next_to_survey();
    const auto began = Clock::now();
    const std::shared_ptr<const Recording> recording = sources_[number].recording;
    const std::uint64_t generation = generation_;
    const std::uint64_t growth = growth_;
    lock.unlock();
    std::shared_ptr<const Survey> made = survey_of(recording, stop_);
    lock.lock();
    if (!made || generation != generation_)
      return;
    if (sources_[number].survey) { // lanes were drawn with the old one
      answered_.part.reset();
      answered_.whole.reset();
    }
    sources_[number].survey = std::move(made);
    outdated_[number] = growth != growth_;
    const auto now = Clock::now();
    next_survey_ = now + std::max<Clock::duration>(std::chrono::seconds(1), 8 * (now - began));
  }

  LaneLoader& loader_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<bool> stop_ = false;
  bool ending_ = false;
  bool busy_ = false;
  std::uint64_t generation_ = 0; ///< of the recordings
  std::uint64_t growth_ = 0;
  std::vector<LaneSource> sources_;
  std::vector<bool> outdated_;      ///< surveys that were made before the run grew
  Clock::time_point next_survey_{}; ///< when an outdated one is made anew
  std::optional<LaneQuery> asked_part_, asked_whole_;
  Answered answered_;
  std::shared_ptr<const LaneData> part_, whole_; ///< not collected yet
  std::thread thread_;                           ///< last: it uses all of the above
};

LaneLoader::LaneLoader(QObject* parent) : QObject(parent), worker_(std::make_unique<Worker>(*this)) {}
LaneLoader::~LaneLoader() = default;

void LaneLoader::set_sources(std::vector<LaneSource> sources) {
  worker_->set_sources(std::move(sources));
  part_.reset();
  whole_.reset();
}

void LaneLoader::grow(std::vector<LaneSource> sources) {
  worker_->grow(std::move(sources));
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

// SPDX-License-Identifier: GPL-3.0-or-later
// One run of a scenario, or the opening of a recording, on a thread of its own. Private to this room.
#pragma once

#include "gui/model/opened.h"
#include "gui/model/trace_file.h"

#include "core/scenario/runner.h"

#include <QStringList>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace zbuf::gui {

class RunJob {
 public:
  struct Task {
    QString path{};                ///< absolute
    QString folder{};              ///< for recordings
    std::string scenario{};        ///< as the file has it
    std::string edited{};          ///< what to run instead; empty: the file itself
    std::vector<WhatIf> what_if{}; ///< how `edited` came from `scenario`
    std::uint64_t time_ns = 0;     ///< where to go in it
    bool preview = false;          ///< show the beginning first
  };

  /// One or two of them for each job.
  struct Outcome {
    std::uint64_t job = 0;
    bool last = true;
    QString what{};       ///< name of the file
    QStringList errors{}; ///< sentences; if there are any, the rest means nothing
    std::unique_ptr<Opened> opened{};
    std::vector<Track> tracks{};
    SavedPlace place{};
    bool again = false; ///< the same scenario as before, with other values
    QString folder{};   ///< where its recordings are
  };

  using Deliver = std::function<void(std::shared_ptr<Outcome>)>;
  using Progress = std::function<void(double)>;

  /// A run of more events than these is shown from its beginning before it is complete.
  static constexpr std::uint64_t preview_events = 600'000;

  /// `deliver` and `progress` are called from the job's thread.
  RunJob(std::uint64_t number, Task task, Deliver deliver, Progress progress);
  /// Waits until it is over.
  ~RunJob();
  RunJob(const RunJob&) = delete;
  RunJob& operator=(const RunJob&) = delete;

  void start();
  /// The run ends soon, with what it has.
  void interrupt();
  /// It is of no interest any more, and ends soon.
  void discard();

  [[nodiscard]] std::uint64_t number() const { return number_; }
  [[nodiscard]] bool is_discarded() const { return discarded_.load(); }

 private:
  void work();
  std::shared_ptr<Outcome> outcome() const;
  std::shared_ptr<Outcome> open_trace() const;
  std::shared_ptr<Outcome> run_scenario(const std::string& text, const Overrides& overrides,
                                        const QString& folder);

  const std::uint64_t number_;
  Task task_;
  Deliver deliver_;
  Progress progress_;
  std::atomic<bool> discarded_ = false;
  std::atomic<bool> interrupted_ = false;
  std::mutex mutex_;         ///< of what follows
  Runner* runner_ = nullptr; ///< while one runs
  std::thread thread_;
};

} // namespace zbuf::gui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/model/run_job.h"

#include "core/scenario/capture_scenario.h"
#include "core/scenario/recorded.h"
#include "core/trace/followed.h"
#include "core/traffic/unpack.h"

#include <QCoreApplication>
#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QFileInfo>

#include <algorithm>

namespace zbuf::gui {

namespace {

QString tr(const char* text) {
  return QCoreApplication::translate("RunJob", text);
}

QStringList sentences(const Errors& errors) {
  QStringList texts;
  for (const Error& error : errors)
    texts += QString::fromStdString(error.text());
  return texts;
}

bool is_recording(const QString& path) {
  QFile file(path);
  return path.endsWith(".zbt", Qt::CaseInsensitive) ||
         (file.open(QIODevice::ReadOnly) && file.read(4) == QByteArray("\x89ZBT", 4));
}

/// What a run that did not come to its end says about itself.
QString notice_of(const ScenarioReport& report) {
  QStringList lines;
  for (const VariantReport& run : report.runs) {
    for (const Error& error : run.errors)
      lines += QString::fromStdString(error.text());
    if (run.end == RunEnd::failed)
      lines += tr("The run ended early; what it has is shown.");
    else if (run.end == RunEnd::interrupted)
      lines += tr("The run was stopped; what it has is shown.");
  }
  for (const std::string& warning : report.warnings)
    lines += QString::fromStdString(warning);
  lines.removeDuplicates();
  return lines.join('\n');
}

/// Holds a runner where another thread can interrupt it.
class RunnerGuard {
 public:
  RunnerGuard(std::mutex& mutex, Runner*& place, Runner& runner) : mutex_(mutex), place_(place) {
    const std::lock_guard lock(mutex_);
    place_ = &runner;
  }
  ~RunnerGuard() {
    const std::lock_guard lock(mutex_);
    place_ = nullptr;
  }
  RunnerGuard(const RunnerGuard&) = delete;
  RunnerGuard& operator=(const RunnerGuard&) = delete;

 private:
  std::mutex& mutex_;
  Runner*& place_;
};

} // namespace

RunJob::RunJob(std::uint64_t number, Task task, Deliver deliver, Progress progress)
    : number_(number), task_(std::move(task)), deliver_(std::move(deliver)), progress_(std::move(progress)) {}

RunJob::~RunJob() {
  if (thread_.joinable())
    thread_.join();
}

void RunJob::start() {
  thread_ = std::thread([this] { work(); });
}

void RunJob::interrupt() {
  interrupted_.store(true);
  const std::lock_guard lock(mutex_);
  if (runner_ != nullptr)
    runner_->interrupt();
}

void RunJob::discard() {
  discarded_.store(true);
  interrupt();
}

std::shared_ptr<RunJob::Outcome> RunJob::outcome() const {
  auto made = std::make_shared<Outcome>();
  made->job = number_;
  made->what = QFileInfo(task_.path).fileName();
  made->opened = std::make_unique<Opened>();
  made->opened->path = task_.path;
  made->place.time_ns = task_.time_ns;
  made->again = !task_.edited.empty();
  return made;
}

void RunJob::work() {
  if (task_.edited.empty() && is_recording(task_.path)) {
    deliver_(open_trace());
    return;
  }
  if (task_.edited.empty()) {
    QFile file(task_.path);
    if (!file.open(QIODevice::ReadOnly)) {
      auto failed = outcome();
      failed->errors += tr("%1 cannot be read: %2").arg(task_.path, file.errorString());
      deliver_(std::move(failed));
      return;
    }
    constexpr qint64 longest_scenario = 4 << 20;
    const std::string path = task_.path.toStdString();
    task_.scenario =
        looks_like_capture(path) ? scenario_of_capture(path) : file.read(longest_scenario).toStdString();
  }
  const std::string& text = task_.edited.empty() ? task_.scenario : task_.edited;
  if (task_.preview) {
    Overrides beginning;
    beginning.until = "events >= " + std::to_string(preview_events / 4);
    auto first = run_scenario(text, beginning, task_.folder + "/beginning");
    if (first->errors.isEmpty() && !discarded_.load()) {
      first->last = false;
      first->opened->complete = false;
      for (CheckReport& check : first->opened->report.checks)
        check.evaluated = false;
      deliver_(std::move(first));
    }
  }
  deliver_(run_scenario(text, {}, task_.folder + "/run"));
}

std::shared_ptr<RunJob::Outcome> RunJob::open_trace() const {
  auto result = outcome();
  result->opened->is_trace = true;
  ScenarioReport& report = result->opened->report;
  for (const QString& path : QStringList{task_.path} + companions(task_.path)) {
    auto recording = Recording::open(path.toStdString(), Recording::Damage::salvage);
    if (!recording || (recording->damage() && recording->event_count() == 0)) {
      Error error = recording ? *recording->damage() : recording.error();
      error.file = path.toStdString();
      if (path == task_.path)
        result->errors += QString::fromStdString(error.text());
      continue;
    }
    if (recording->damage())
      result->opened->notice +=
          tr("%1 is damaged; what precedes the damage is shown. %2\n")
              .arg(QFileInfo(path).fileName(), QString::fromStdString(recording->damage()->message));
    // The part before, of one of bounded size; a damaged end has no say in that.
    if (recording->part() > 1)
      if (const auto parts = FollowedRecording::open(path.toStdString()))
        *recording = parts->now();
    if (recording->events_dropped() != 0)
      result->opened->notice += beginning_dropped(*recording) + '\n';
    const auto shared = std::make_shared<const Recording>(std::move(*recording));
    if (path == task_.path)
      result->place = saved_place(*shared).value_or(SavedPlace{});
    report.runs.push_back(report_of_recording(*shared));
    for (Track& track : tracks_of(shared, path, report.runs.back()))
      result->tracks.push_back(std::move(track));
  }
  if (result->errors.isEmpty())
    report_of_trace(result->tracks.front(), report);
  if (result->tracks.size() == 1)
    result->tracks.front().name.clear();
  result->opened->notice = result->opened->notice.trimmed();
  return result;
}

std::shared_ptr<RunJob::Outcome> RunJob::run_scenario(const std::string& text, const Overrides& overrides,
                                                      const QString& folder) {
  auto result = outcome();
  result->folder = task_.folder;
  result->opened->scenario = task_.scenario;
  result->opened->what_if = task_.what_if;
  const auto scenario = parse_scenario(text, task_.path.toStdString(),
                                       QFileInfo(task_.path).absolutePath().toStdString(), overrides);
  if (!scenario) {
    result->errors = sentences(scenario.error());
    return result;
  }
  QDir().mkpath(folder);
  QElapsedTimer since_told;
  RunOptions options;
  options.trace_path = (folder + "/run.zbt").toStdString();
  // Who tries values wants the picture at once: of packets beyond these the bytes are not kept, all else is.
  if (!task_.what_if.empty())
    options.packets_limit_bytes = 4 << 20;
  options.on_progress = [&](const RunProgress& at) {
    constexpr qint64 pause_ms = 40;
    if (since_told.isValid() && since_told.elapsed() < pause_ms)
      return;
    since_told.start();
    progress_(at.fraction < 0 ? -1
                              : (static_cast<double>(at.run) + at.fraction) / static_cast<double>(at.runs));
  };
  Runner runner(*scenario, std::move(options));
  if (const Errors errors = runner.prepare(); !errors.empty()) {
    result->errors = sentences(errors);
    return result;
  }
  ScenarioReport& report = result->opened->report;
  {
    const RunnerGuard guard(mutex_, runner_, runner);
    if (interrupted_.load())
      runner.interrupt();
    report = runner.run();
  }
  if (report.runs.empty())
    result->errors += tr("The run was stopped before it began.");
  for (const VariantReport& run : report.runs) {
    auto recording = Recording::open(run.trace_path, Recording::Damage::salvage);
    if (!recording) {
      result->errors += QString::fromStdString(recording.error().text());
      continue;
    }
    Track track;
    track.name = report.runs.size() > 1 ? QString::fromStdString(run.name) : QString();
    track.recording = std::make_shared<const Recording>(std::move(*recording));
    track.report = run;
    result->tracks.push_back(std::move(track));
  }
  result->opened->notice = notice_of(report);
  return result;
}

} // namespace zbuf::gui

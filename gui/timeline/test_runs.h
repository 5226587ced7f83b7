// SPDX-License-Identifier: GPL-3.0-or-later
// Runs of the lessons, and recordings made event by event, for tests of what draws them.
#pragma once

#include "core/scenario/recorded.h"
#include "core/scenario/runner.h"
#include "core/trace/test_recording.h"
#include "gui/model/playback.h"

#include <QCoreApplication>
#include <QDeadlineTimer>
#include <QThread>

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

namespace zbuf::gui::testing_support {

/// A folder that is gone when the test is.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    static int count = 0;
    path_ = std::filesystem::temp_directory_path() /
            ("zbuf-gui-" + std::to_string(::getpid()) + "-" + std::to_string(count++));
    std::filesystem::create_directories(path_);
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

/// The files of all lessons.
inline std::vector<std::string> lessons() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(ZBUF_SOURCE_DIR "/scenarios"))
    if (entry.path().extension() == ".toml")
      files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  return files;
}

/// All runs of a lesson. The folder must outlive them.
inline std::vector<Track> run_lesson(const std::string& file, const TemporaryFolder& folder) {
  const auto scenario = load_scenario(file);
  if (!scenario) {
    ADD_FAILURE() << file << ": " << scenario.error().front().text();
    return {};
  }
  RunOptions options;
  options.trace_path = folder.file("run.zbt");
  Runner runner(*scenario, options);
  EXPECT_TRUE(runner.prepare().empty()) << file;
  ScenarioReport report = runner.run();
  std::vector<Track> tracks;
  for (VariantReport& run : report.runs) {
    auto recording = Recording::open(run.trace_path);
    if (!recording) {
      ADD_FAILURE() << recording.error().text();
      continue;
    }
    Track track;
    track.name = QString::fromStdString(run.name);
    track.recording = std::make_shared<const Recording>(std::move(*recording));
    track.report = std::move(run);
    tracks.push_back(std::move(track));
  }
  return tracks;
}

/// Of lesson 4: zero-copy and read(2), with a thousand drops in the middle.
inline std::vector<Track> slow_reader(const TemporaryFolder& folder) {
  return run_lesson(ZBUF_SOURCE_DIR "/scenarios/04-the-slow-reader.toml", folder);
}

/// A track with these events.
inline Track track_of(const std::vector<Event>& events, const zbuf::testing_support::TemporaryFile& file) {
  zbuf::testing_support::record(file, events, 0);
  Track track;
  track.recording = std::make_shared<const Recording>(zbuf::testing_support::opened(file));
  track.report = report_of_recording(*track.recording);
  return track;
}

/// Lets the event loop run until the widget says that nothing is under way.
template <typename View>
void settle(const View& view) {
  const QDeadlineTimer deadline(30'000);
  do {
    QCoreApplication::processEvents();
    QThread::msleep(2);
  } while (!view.idle() && !deadline.hasExpired());
  EXPECT_TRUE(view.idle());
  for (int i = 0; i < 20; ++i) { // what was put off to the next frame
    QThread::msleep(1);
    QCoreApplication::processEvents();
  }
}

} // namespace zbuf::gui::testing_support

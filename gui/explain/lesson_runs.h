// SPDX-License-Identifier: GPL-3.0-or-later
// For tests: the recordings of every run of every lesson.
#pragma once

#include "core/scenario/runner.h"
#include "core/scenario/scenario.h"
#include "gui/model/playback.h"

#include <QTemporaryDir>

#include <algorithm>
#include <filesystem>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace zbuf::gui {

/// Files of lessons, in order.
inline std::vector<std::string> lesson_files() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(ZBUF_SOURCE_DIR "/scenarios"))
    if (entry.path().extension() == ".toml")
      files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  return files;
}

/// The file of a lesson, by the beginning of its name: "04".
inline std::string lesson_file(const std::string& number) {
  for (const std::string& file : lesson_files())
    if (std::filesystem::path(file).filename().string().rfind(number + "-", 0) == 0)
      return file;
  return {};
}

/// Runs a scenario and opens its recordings, which lie in the folder as long as it does.
inline std::vector<Track> run_lesson(const std::string& file, const QTemporaryDir& folder) {
  auto scenario = load_scenario(file);
  EXPECT_TRUE(scenario) << file;
  if (!scenario)
    return {};
  const std::string stem = std::filesystem::path(file).stem().string();
  RunOptions options;
  options.trace_path = folder.filePath(QString::fromStdString(stem + ".zbt")).toStdString();
  Runner runner(*scenario, options);
  for (const Error& error : runner.prepare())
    ADD_FAILURE() << error.text();
  const ScenarioReport report = runner.run();
  std::vector<Track> tracks;
  for (const VariantReport& run : report.runs) {
    auto recording = Recording::open(run.trace_path);
    EXPECT_TRUE(recording) << recording.error().text();
    if (!recording)
      return {};
    tracks.push_back({report.runs.size() > 1 ? QString::fromStdString(run.name) : QString(),
                      std::make_shared<const Recording>(std::move(*recording)), run});
  }
  return tracks;
}

} // namespace zbuf::gui

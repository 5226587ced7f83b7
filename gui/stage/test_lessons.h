// SPDX-License-Identifier: GPL-3.0-or-later
// For tests of the stage: every run of every lesson, run once, and instants of them worth looking at.
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

namespace zbuf::gui::stage {

struct Lesson {
  std::string name{};
  std::vector<Track> tracks{};
};

inline Lesson run_lesson(const std::filesystem::path& file, const QTemporaryDir& folder) {
  Lesson lesson{file.stem().string(), {}};
  const auto scenario = load_scenario(file.string());
  if (!scenario) {
    ADD_FAILURE() << file;
    return lesson;
  }
  RunOptions options;
  options.trace_path = folder.filePath(QString::fromStdString(lesson.name + ".zbt")).toStdString();
  Runner runner(*scenario, options);
  for (const Error& error : runner.prepare())
    ADD_FAILURE() << error.text();
  for (VariantReport& run : runner.run().runs) {
    auto recording = Recording::open(run.trace_path);
    if (!recording) {
      ADD_FAILURE() << recording.error().text();
      continue;
    }
    lesson.tracks.push_back({QString::fromStdString(run.name),
                             std::make_shared<const Recording>(std::move(*recording)), std::move(run)});
  }
  return lesson;
}

/// In the order of their numbers. They are run when somebody asks first.
inline const std::vector<Lesson>& lessons() {
  static const QTemporaryDir folder;
  static const std::vector<Lesson> all = [] {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(ZBUF_SOURCE_DIR "/scenarios"))
      if (entry.path().extension() == ".toml")
        files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    std::vector<Lesson> run;
    for (const auto& file : files)
      run.push_back(run_lesson(file, folder));
    return run;
  }();
  return all;
}

/// The lesson whose name begins so, and its run of that name; the first run for an empty name.
inline std::vector<Track> track_of(const std::string& number, const std::string& run = {}) {
  for (const Lesson& lesson : lessons())
    if (lesson.name.rfind(number, 0) == 0)
      for (const Track& track : lesson.tracks)
        if (run.empty() || track.name.toStdString() == run)
          return {track};
  ADD_FAILURE() << "no run " << run << " of lesson " << number;
  return {};
}

/// Events worth stopping at: the first of each kind, some evenly spread ones, and the last.
inline std::vector<std::uint64_t> sampled_events(const Recording& recording, std::uint64_t spread) {
  std::vector<std::uint64_t> events;
  for (unsigned kind = 1; kind < event_kinds; ++kind)
    if (const auto first = recording.next(KindMask{1} << kind, 0))
      events.push_back(*first);
  const std::uint64_t count = recording.event_count();
  for (std::uint64_t i = 0; i < spread && count > 0; ++i)
    events.push_back(count * i / spread);
  if (count > 0)
    events.push_back(count - 1);
  std::sort(events.begin(), events.end());
  events.erase(std::unique(events.begin(), events.end()), events.end());
  return events;
}

} // namespace zbuf::gui::stage

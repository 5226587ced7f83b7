// SPDX-License-Identifier: BSD-2-Clause
// A recording that somebody else is writing, of bounded size or not, followed part by part.
#pragma once

#include "core/base/result.h"
#include "core/trace/recording.h"

#include <cstdint>
#include <optional>
#include <string>

namespace zbuf {

/// What is at a path now, and whatever is added there. Of a recording of bounded size it holds two parts, as
/// the disk does (Recorder::Options::limit_bytes); the parts before them are gone.
///
/// One thread at a time; what now() returns is for any thread.
class FollowedRecording {
 public:
  /// Errors: those of Recording::open(). not_found, and bad_input of a file whose header is not written yet,
  /// only mean that it is too early: see too_early().
  static Result<FollowedRecording> open(const std::string& path);

  /// The writer may not have come to it yet: try again.
  [[nodiscard]] static bool too_early(const std::string& path);

  /// Takes in what was added, in this file or in the one that the recording goes on in. True: something was.
  /// Errors: those of Recording::refresh(), and bad_input where another recording has the name now. What was
  /// there before stays good.
  Result<bool> refresh();

  /// All that is there, as one recording. It stays as it is, whatever is added or dropped.
  [[nodiscard]] Recording now() const;

  /// It has its end, and nothing follows.
  [[nodiscard]] bool complete() const { return complete_; }
  [[nodiscard]] std::uint64_t event_count() const {
    return current_.event_count() + (older_ ? older_->event_count() : 0);
  }

 private:
  /// Which file it is, whatever its name is by now.
  struct File {
    std::uint64_t device = 0;
    std::uint64_t number = 0;
    bool operator==(const File&) const = default;
  };

  FollowedRecording(std::string path, File file, Recording current);
  static std::optional<File> file_at(const std::string& path);
  void find_older();
  [[nodiscard]] bool is_another_recording() const;
  bool go_on();

  std::string path_;
  File file_;
  Recording current_;
  std::optional<Recording> older_{}; ///< the part before
  bool complete_ = false;
};

} // namespace zbuf

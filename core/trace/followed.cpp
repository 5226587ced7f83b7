// SPDX-License-Identifier: BSD-2-Clause
#include "core/trace/followed.h"

#include "core/trace/format.h"
#include "core/trace/recorder.h"

#include <cerrno>
#include <sys/stat.h>

namespace zbuf {

FollowedRecording::FollowedRecording(std::string path, File file, Recording current)
    : path_(std::move(path)), file_(file), current_(std::move(current)) {}

std::optional<FollowedRecording::File> FollowedRecording::file_at(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0)
    return std::nullopt;
  return File{static_cast<std::uint64_t>(status.st_dev), static_cast<std::uint64_t>(status.st_ino)};
}

bool FollowedRecording::too_early(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0)
    return errno == ENOENT;
  return S_ISREG(status.st_mode) && static_cast<std::size_t>(status.st_size) < sizeof(format::FileHeader);
}

Result<FollowedRecording> FollowedRecording::open(const std::string& path) {
  constexpr int tries = 8; // the file may be exchanged for the next part meanwhile
  for (int i = 0;; ++i) {
    const auto file = file_at(path);
    auto current = Recording::open(path, Recording::Damage::salvage);
    if (!current)
      return fail(current.error());
    if (file && file == file_at(path)) {
      FollowedRecording followed(path, *file, std::move(*current));
      followed.find_older();
      (void)followed.refresh();
      return followed;
    }
    if (i == tries)
      return fail(Error{Error::Code::io, "the file is exchanged for another all the time", path});
  }
}

/// The part before, where it is kept and is the one.
void FollowedRecording::find_older() {
  older_.reset();
  if (current_.part() == 1)
    return;
  auto older = Recording::open(older_part(path_));
  if (older && Recording::join(*older, current_))
    older_ = std::move(*older);
}

Result<bool> FollowedRecording::refresh() {
  if (complete_)
    return false;
  const std::uint64_t part = current_.part();
  const auto added = current_.refresh();
  if (!added)
    return fail(added.error());
  if (!older_ && current_.part() != part) // its metadata came just now
    find_older();
  bool more = *added != 0;
  while (!complete_) {
    const auto file = file_at(path_);
    if (file == file_) {
      complete_ = current_.complete();
      more = more || complete_;
      break;
    }
    if (file && is_another_recording())
      return fail(
          Error{Error::Code::bad_input,
                "the recording was replaced by another one while it was followed. What is shown is what "
                "was there. Open it again to see the new one",
                path_});
    if (!current_.complete() || !go_on())
      break;
    more = true;
  }
  return more;
}

/// What has the name now is no later part: a part has its beginning before it has its name.
bool FollowedRecording::is_another_recording() const {
  const auto next = Recording::open(path_, Recording::Damage::salvage);
  return next ? next->part() <= current_.part() : next.error().code == Error::Code::bad_input;
}

/// In the file that has the name now. False: it is not there yet, or has no metadata yet.
bool FollowedRecording::go_on() {
  const auto file = file_at(path_);
  auto next = Recording::open(path_, Recording::Damage::salvage);
  if (!file || !next || file != file_at(path_) || next->part() <= current_.part())
    return false;
  older_ = std::move(current_);
  current_ = std::move(*next);
  file_ = *file;
  if (!Recording::join(*older_, current_))
    find_older(); // more than one part was written since the last time
  return true;
}

Recording FollowedRecording::now() const {
  if (older_)
    if (auto joined = Recording::join(*older_, current_))
      return std::move(*joined);
  return current_;
}

} // namespace zbuf

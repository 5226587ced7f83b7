// SPDX-License-Identifier: BSD-2-Clause
#include "core/base/output_place.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace zbuf {

namespace {

namespace fs = std::filesystem;

/// Of a name of 255 bytes, which is all that file systems take, a part: the sibling's own must fit as well.
constexpr std::size_t most_of_a_name = 200;

tl::unexpected<Error> refused(const std::string& path, int error) {
  return fail(Error{Error::Code::io,
                    fmt::format("cannot be written: {}. Choose a file in a folder that you may write to",
                                std::strerror(error)),
                    path});
}

/// Where symbolic links lead in the end, also where nothing is there yet.
fs::path end_of_links(fs::path path) {
  constexpr int most_links = 40;
  std::error_code error;
  for (int i = 0; i < most_links && fs::is_symlink(fs::symlink_status(path, error)); ++i)
    path = path.parent_path() / fs::read_symlink(path, error);
  return path;
}

bool is_there(int folder, const std::string& name) {
  struct stat status {};
  return ::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
}

} // namespace

Result<OutputPlace> OutputPlace::open(const std::string& path) {
  OutputPlace place;
  const fs::path end = end_of_links(path);
  place.name_ = end.filename().string();
  place.folder_path_ = end.parent_path().string();
  const char* const folder = place.folder_path_.empty() ? "." : place.folder_path_.c_str();
  place.folder_ = ::open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (place.folder_ < 0)
    return refused(path, errno);
  if (place.name_.empty())
    return refused(path, path.empty() ? ENOENT : EISDIR);
  struct stat status {};
  if (::fstatat(place.folder_, place.name_.c_str(), &status, 0) != 0)
    return errno == ENOENT ? Result<OutputPlace>(std::move(place)) : refused(path, errno);
  if (S_ISDIR(status.st_mode))
    return refused(path, EISDIR);
  if (!S_ISREG(status.st_mode)) {
    place.device_ = ::openat(place.folder_, place.name_.c_str(), O_WRONLY | O_CLOEXEC);
    if (place.device_ < 0)
      return refused(path, errno);
  } else if (::faccessat(place.folder_, place.name_.c_str(), W_OK, AT_EACCESS) != 0) {
    return refused(path, errno);
  }
  return place;
}

OutputPlace::~OutputPlace() {
  drop();
  for (const int descriptor : {folder_, device_})
    if (descriptor >= 0)
      ::close(descriptor);
}

int OutputPlace::create() {
  if (direct())
    return ::fcntl(device_, F_DUPFD_CLOEXEC, 0);
  drop();
  static std::atomic<unsigned> count = 0;
  int descriptor = -1;
  do {
    sibling_ = fmt::format(".{}.{}-{}.new", name_.substr(0, most_of_a_name), ::getpid(), ++count);
    descriptor = ::openat(folder_, sibling_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  } while (descriptor < 0 && errno == EEXIST);
  if (descriptor < 0) {
    sibling_.clear();
    return -1;
  }
  struct stat status {};
  if (::fstatat(folder_, name_.c_str(), &status, 0) == 0) { // as far as it is allowed
    (void)!::fchown(descriptor, status.st_uid, status.st_gid);
    (void)!::fchmod(descriptor, status.st_mode & 0777);
  }
  return descriptor;
}

bool OutputPlace::show() {
  if (sibling_.empty())
    return true;
  if (::renameat(folder_, sibling_.c_str(), folder_, name_.c_str()) != 0)
    return false;
  sibling_.clear();
  return true;
}

void OutputPlace::drop() {
  if (!sibling_.empty())
    ::unlinkat(folder_, sibling_.c_str(), 0);
  sibling_.clear();
}

std::string OutputPlace::unused_name(const std::string& name) const {
  std::string unused = name + '~';
  for (int i = 2; is_there(folder_, unused); ++i)
    unused = fmt::format("{}~{}~", name, i);
  return unused;
}

bool OutputPlace::keep_old(const std::string& other) {
  struct stat status {};
  if (direct() || ::fstatat(folder_, name_.c_str(), &status, 0) != 0 || status.st_size == 0)
    return true;
  const std::string away = unused_name(name_);
  if (!also_name(away))
    return false;
  kept_.push_back(away);
  if (!other.empty() && is_there(folder_, other)) {
    const std::string other_away = unused_name(other);
    if (::renameat(folder_, other.c_str(), folder_, other_away.c_str()) != 0)
      return false;
    kept_.push_back(other_away);
  }
  return true;
}

std::string OutputPlace::kept() const {
  return kept_.empty() ? std::string() : (fs::path(folder_path_) / kept_.front()).string();
}

void OutputPlace::forget_old() {
  for (const std::string& name : std::exchange(kept_, {}))
    ::unlinkat(folder_, name.c_str(), 0);
}

bool OutputPlace::also_name(const std::string& other) {
  if (direct())
    return true;
  // By way of a third name, because a link replaces nothing.
  const std::string link = fmt::format(".{}.{}.link", name_.substr(0, most_of_a_name), ::getpid());
  ::unlinkat(folder_, link.c_str(), 0);
  if (::linkat(folder_, name_.c_str(), folder_, link.c_str(), 0) != 0) // a file system without hard links
    return ::renameat(folder_, name_.c_str(), folder_, other.c_str()) == 0;
  if (::renameat(folder_, link.c_str(), folder_, other.c_str()) == 0)
    return true;
  const int error = errno;
  ::unlinkat(folder_, link.c_str(), 0);
  errno = error;
  return false;
}

bool OutputPlace::take_name_of(const std::string& other) {
  return direct() || ::renameat(folder_, other.c_str(), folder_, name_.c_str()) == 0;
}

} // namespace zbuf

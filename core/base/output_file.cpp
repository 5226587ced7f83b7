// SPDX-License-Identifier: BSD-2-Clause
#include "core/base/output_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <unistd.h>
#include <utility>

namespace zbuf {

tl::unexpected<Error> OutputFile::refused() const {
  Error error{Error::Code::io, fmt::format("cannot be written: {}", std::strerror(errno))};
  error.file = is_standard_output() ? "standard output" : path_;
  if (const std::string old = kept(); !old.empty())
    error.message += ". What was there before is now " + old;
  return fail(std::move(error));
}

Result<OutputFile> OutputFile::open(const std::string& path, Kind kind) {
  OutputFile file;
  file.path_ = path;
  file.kind_ = kind;
  if (path.empty() || path == "-")
    return file;
  auto place = OutputPlace::open(path);
  if (!place)
    return fail(place.error());
  file.place_ = std::move(*place);
  // That a file can be made there is known now; one that nobody writes should not lie there meanwhile.
  const int descriptor = file.place_.create();
  if (descriptor < 0) {
    auto error = file.refused();
    error.value().message += ". Choose a file in a folder that you may write to";
    return error;
  }
  ::close(descriptor);
  file.place_.drop();
  return file;
}

OutputFile::~OutputFile() {
  if (descriptor_ >= 0)
    ::close(descriptor_);
}

OutputFile& OutputFile::operator=(OutputFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(kind_, other.kind_);
  std::swap(place_, other.place_);
  std::swap(length_, other.length_);
  std::swap(named_, other.named_);
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

Result<void> OutputFile::begin() {
  descriptor_ = is_standard_output() ? ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0) : place_.create();
  return descriptor_ < 0 ? refused() : Result<void>{};
}

Result<void> OutputFile::append(std::string_view bytes) {
  if (path_.empty())
    return {};
  if (descriptor_ < 0)
    if (auto begun = begin(); !begun)
      return begun;
  while (!bytes.empty()) {
    const ssize_t done = ::write(descriptor_, bytes.data(), bytes.size());
    if (done < 0 && errno == EINTR)
      continue;
    if (done <= 0) {
      errno = done == 0 ? ENOSPC : errno;
      return refused();
    }
    length_ += static_cast<std::uint64_t>(done);
    bytes.remove_prefix(static_cast<std::size_t>(done));
  }
  if (kind_ == Kind::grows && !std::exchange(named_, true) && !is_standard_output() &&
      !(place_.keep_old() && place_.show()))
    return refused();
  return {};
}

Result<void> OutputFile::complete() {
  if (path_.empty())
    return {};
  if (descriptor_ < 0)
    if (auto begun = begin(); !begun)
      return begun;
  if (::close(std::exchange(descriptor_, -1)) != 0)
    return refused();
  if (!is_standard_output() && !place_.show())
    return refused();
  place_.forget_old();
  return {};
}

Result<void> OutputFile::write(std::string_view bytes) {
  auto written = append(bytes);
  return written ? complete() : written;
}

void OutputFile::cut(std::uint64_t length) {
  if (descriptor_ >= 0)
    (void)!::ftruncate(descriptor_, static_cast<off_t>(length)); // a pipe cannot be cut
}

Result<ScratchFile> ScratchFile::create() {
  std::error_code error;
  std::filesystem::path folder = std::filesystem::temp_directory_path(error);
  if (error)
    folder = ".";
  std::string path = (folder / "zbuf-XXXXXX").string();
  const int descriptor = ::mkstemp(path.data());
  if (descriptor < 0)
    return fail(
        Error{Error::Code::io, fmt::format("a scratch file cannot be made: {}", std::strerror(errno)), path});
  ::close(descriptor);
  ScratchFile file;
  file.path_ = std::move(path);
  return file;
}

ScratchFile::~ScratchFile() {
  if (!path_.empty())
    ::unlink(path_.c_str());
}

ScratchFile& ScratchFile::operator=(ScratchFile&& other) noexcept {
  std::swap(path_, other.path_);
  return *this;
}

} // namespace zbuf

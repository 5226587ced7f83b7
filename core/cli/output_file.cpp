// SPDX-License-Identifier: BSD-2-Clause
#include "core/cli/output_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <unistd.h>
#include <utility>

namespace zbuf {

namespace {

tl::unexpected<Error> refused(const std::string& path, std::string_view what) {
  Error error{Error::Code::io, fmt::format("{}: {}", what, std::strerror(errno))};
  error.file = path;
  return fail(std::move(error));
}

} // namespace

Result<OutputFile> OutputFile::open(const std::string& path) {
  OutputFile file;
  file.path_ = path;
  if (path.empty() || path == "-") {
    file.descriptor_ = path.empty() ? -1 : STDOUT_FILENO;
    return file;
  }
  file.descriptor_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  file.created_ = file.descriptor_ >= 0;
  if (!file.created_ && errno == EEXIST)
    file.descriptor_ = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file.descriptor_ < 0) {
    file.path_.clear();
    auto error = refused(path, "cannot be written");
    error.value().message += ". Choose a file in a folder that you may write to";
    return error;
  }
  return file;
}

OutputFile::~OutputFile() {
  if (path_.empty() || is_standard_output())
    return;
  ::close(descriptor_);
  if (created_ && !written_)
    ::unlink(path_.c_str());
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : path_(std::exchange(other.path_, {})), descriptor_(std::exchange(other.descriptor_, -1)),
      created_(other.created_), written_(other.written_) {}

OutputFile& OutputFile::operator=(OutputFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(created_, other.created_);
  std::swap(written_, other.written_);
  return *this;
}

Result<void> OutputFile::write(std::string_view bytes) {
  if (path_.empty())
    return {};
  // What is no regular file (a terminal, a pipe, /dev/null) cannot be cut, and need not be.
  if (!written_ && !is_standard_output() && std::filesystem::is_regular_file(path_) &&
      ftruncate(descriptor_, 0) != 0)
    return refused(path_, "cannot be written");
  written_ = true;
  while (!bytes.empty()) {
    const ssize_t done = ::write(descriptor_, bytes.data(), bytes.size());
    if (done < 0 && errno == EINTR)
      continue;
    if (done < 0)
      return refused(is_standard_output() ? "standard output" : path_, "cannot be written");
    bytes.remove_prefix(static_cast<std::size_t>(done));
  }
  return {};
}

Result<ScratchFile> ScratchFile::create() {
  std::error_code error;
  std::filesystem::path folder = std::filesystem::temp_directory_path(error);
  if (error)
    folder = ".";
  std::string path = (folder / "zbuf-XXXXXX").string();
  const int descriptor = ::mkstemp(path.data());
  if (descriptor < 0)
    return refused(path, "a scratch file cannot be made");
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

// SPDX-License-Identifier: BSD-2-Clause
// Files that are written at the end of a run, and known to be writable before it begins.
#pragma once

#include "core/base/result.h"

#include <string>
#include <string_view>

namespace zbuf {

/// A file to be written, or standard output for "-".
class OutputFile {
 public:
  /// Opens it without changing what is in it. An empty path: no file; then write() does nothing.
  /// Errors: io, with the system's words.
  static Result<OutputFile> open(const std::string& path);

  OutputFile() = default;
  /// A file that open() created and nobody wrote is removed again.
  ~OutputFile();
  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&& other) noexcept;
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  [[nodiscard]] bool is_standard_output() const { return path_ == "-"; }
  [[nodiscard]] explicit operator bool() const { return !path_.empty(); }
  [[nodiscard]] const std::string& path() const { return path_; }

  /// Replaces what the file held, the first time; appends after that. Errors: io.
  Result<void> write(std::string_view bytes);

 private:
  std::string path_{};
  int descriptor_ = -1;
  bool created_ = false;
  bool written_ = false;
};

/// A path for a scratch file, which is removed when this goes.
class ScratchFile {
 public:
  static Result<ScratchFile> create();
  ScratchFile() = default;
  ~ScratchFile();
  ScratchFile(ScratchFile&& other) noexcept : path_(std::move(other.path_)) { other.path_.clear(); }
  ScratchFile& operator=(ScratchFile&& other) noexcept;
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_{};
};

} // namespace zbuf

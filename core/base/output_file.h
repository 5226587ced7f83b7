// SPDX-License-Identifier: BSD-2-Clause
// Files that are written at the end of a run, and known to be writable before it begins.
#pragma once

#include "core/base/output_place.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace zbuf {

/// A file to be written, or standard output for "-".
///
/// A file that is `finished` gets its name when all of it is there, so that the name always has the old file
/// or the new one. One that `grows` has its name from the first piece on, for others to follow; what had that
/// name is moved away (OutputPlace::keep_old()), and removed when the new file is complete.
class OutputFile {
 public:
  enum class Kind : bool { finished, grows };

  /// Leaves what is there as it is. An empty path: no file; then all functions do nothing.
  /// Errors: io, with the system's words.
  static Result<OutputFile> open(const std::string& path, Kind kind = Kind::finished);

  OutputFile() = default;
  /// Of a file that is not complete nothing is left, but of one that grows.
  ~OutputFile();
  OutputFile(OutputFile&& other) noexcept { *this = std::move(other); }
  OutputFile& operator=(OutputFile&& other) noexcept;
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  [[nodiscard]] bool is_standard_output() const { return path_ == "-"; }
  [[nodiscard]] explicit operator bool() const { return !path_.empty(); }
  [[nodiscard]] const std::string& path() const { return path_; }

  /// All of it: append(), and complete(). Errors: io.
  Result<void> write(std::string_view bytes);

  /// A piece of it. Errors: io.
  Result<void> append(std::string_view bytes);

  /// There is no more to come. Errors: io.
  Result<void> complete();

  /// How much append() has written, in bytes, also where it failed.
  [[nodiscard]] std::uint64_t length() const { return length_; }

  /// Cuts what append() wrote to so many bytes, where that can be done.
  void cut(std::uint64_t length);

  /// Where what was there before is now (only where the file grows): a path, or empty.
  [[nodiscard]] std::string kept() const { return place_.kept(); }

 private:
  [[nodiscard]] tl::unexpected<Error> refused() const;
  Result<void> begin();

  std::string path_{};
  Kind kind_ = Kind::finished;
  OutputPlace place_{};
  std::uint64_t length_ = 0;
  bool named_ = false;  ///< of one that grows
  int descriptor_ = -1; ///< from the first byte on
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

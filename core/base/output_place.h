// SPDX-License-Identifier: BSD-2-Clause
// A file's place: how something new gets a name without a moment in which that name has neither old nor new.
#pragma once

#include "core/base/result.h"

#include <string>
#include <utility>
#include <vector>

namespace zbuf {

/// A name in a folder. The folder stays open, and all that follows is done within it: a process that has shut
/// itself in (capsicum(4)) has no paths any more. Symbolic links are followed once, by open().
///
/// What is new is written to a sibling, a file of another name in the same folder, and takes the name in one
/// step: kill -9 and a full disk leave what was there, or what is new. What is no regular file (a terminal, a
/// pipe, /dev/null) is written directly, and then the other functions do nothing, with success.
///
/// Functions that return bool leave the reason in errno. Single-threaded.
class OutputPlace {
 public:
  /// Changes nothing. Errors: io, with the system's words: no such folder, a file that may not be written.
  static Result<OutputPlace> open(const std::string& path);

  OutputPlace() = default;
  /// As drop().
  ~OutputPlace();
  OutputPlace(OutputPlace&& other) noexcept { swap(other); }
  OutputPlace& operator=(OutputPlace&& other) noexcept {
    swap(other);
    return *this;
  }
  OutputPlace(const OutputPlace&) = delete;
  OutputPlace& operator=(const OutputPlace&) = delete;

  /// What is there is no regular file.
  [[nodiscard]] bool direct() const { return device_ >= 0; }

  /// Makes the sibling, with the mode and owner of what has the name. Returns a descriptor for the caller to
  /// close, or -1 with errno.
  [[nodiscard]] int create();

  /// The sibling takes the name.
  bool show();

  /// Removes the sibling, if it has not taken the name.
  void drop();

  /// Moves away what the next show() would replace, and a file of the folder that belongs to it (`other`, or
  /// none): their names end in "~" from then on, see kept(). Empty files are not worth it.
  bool keep_old(const std::string& other = {});

  /// What keep_old() moved away: a path, or empty.
  [[nodiscard]] std::string kept() const;

  /// Removes what keep_old() moved away.
  void forget_old();

  /// The file that has the name gets `other`, too, and may lose its own with the next show().
  bool also_name(const std::string& other);

  /// The file `other` takes the name, and loses its own.
  bool take_name_of(const std::string& other);

 private:
  void swap(OutputPlace& other) noexcept {
    std::swap(folder_, other.folder_);
    std::swap(device_, other.device_);
    std::swap(folder_path_, other.folder_path_);
    std::swap(name_, other.name_);
    std::swap(sibling_, other.sibling_);
    std::swap(kept_, other.kept_);
  }
  [[nodiscard]] std::string unused_name(const std::string& name) const;

  int folder_ = -1;
  int device_ = -1;
  std::string folder_path_{};
  std::string name_{};
  std::string sibling_{}; ///< empty: there is none
  std::vector<std::string> kept_{};
};

} // namespace zbuf

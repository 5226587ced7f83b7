// SPDX-License-Identifier: BSD-2-Clause
// A file in memory that somebody else may cut meanwhile.
#pragma once

#include "core/base/result.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace zbuf {

/// A regular file, mapped to be read, which may grow.
///
/// Where the file is cut, or its disk fails, the system answers a look at what is gone with SIGBUS. The first
/// mapping gives that signal a handler for the process: within a MappedFile what is gone reads as zeros from
/// then on, and lost() says so; any other SIGBUS goes to the handler that was there before.
///
/// Opening and mapping: one thread. Reading, lost() and fate(): any.
class MappedFile {
 public:
  MappedFile() = default;
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  /// Opens and maps all of it. `what` begins the sentence of an error: "the recording". Errors: not_found,
  /// bad_input (no regular file), io.
  Result<void> open(const std::string& path, const std::string& what);

  /// Maps what was added since. Spans that were handed out stay good: a file that has outgrown its mapping is
  /// mapped again, twice as long as it is, and the older mappings stay. Errors: io; bad_input: it has fewer
  /// than `least` bytes now.
  Result<void> map_new_bytes(std::size_t least);

  /// All that there is, as last seen.
  [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }
  [[nodiscard]] bool is_open() const { return file_ >= 0; }

  /// What was read need not stay in memory.
  void forget_pages() const;

  /// Something was read as zeros because it was gone.
  [[nodiscard]] bool lost() const { return lost_.load(std::memory_order_relaxed); }

  /// What became of the file since it was opened; nothing: it is as it was, or has grown.
  /// bad_input: it was cut or written over, so what is read is not to be believed; not_found: its name leads
  /// to another file or to none, and what is read is that which was opened. `whole`: it was not to grow any
  /// more.
  [[nodiscard]] std::optional<Error> fate(bool whole) const;

 private:
  int map(std::size_t length);

  std::span<const std::byte> bytes_{};
  std::vector<std::span<std::byte>> mapped_{};
  std::string path_{}, what_{};
  int file_ = -1;
  std::int64_t written_s_ = 0, written_ns_ = 0; ///< last, when it was mapped
  std::atomic<bool> lost_ = false;
};

} // namespace zbuf

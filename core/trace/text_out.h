// SPDX-License-Identifier: BSD-2-Clause
// Formatted text to a stream through one small buffer. Private to the exports.
#pragma once

#include "core/base/result.h"

#include <fmt/format.h>
#include <iterator>
#include <ostream>
#include <string_view>

namespace zbuf {

class TextOut {
 public:
  explicit TextOut(std::ostream& out) : out_(out) {}

  template <typename... T>
  void print(fmt::format_string<T...> format, T&&... values) {
    fmt::format_to(std::back_inserter(buffer_), format, std::forward<T>(values)...);
    if (buffer_.size() >= flush_bytes)
      flush();
  }
  void write(std::string_view text) {
    buffer_.append(text.data(), text.data() + text.size());
    if (buffer_.size() >= flush_bytes)
      flush();
  }
  /// The stream has failed: nothing more will reach it.
  [[nodiscard]] bool failed() const { return !out_.good(); }

  /// To be called last.
  Result<void> finish() {
    flush();
    out_.flush();
    if (failed())
      return fail(Error::Code::io,
                  "the export could not be written: the disk may be full. Choose another place");
    return {};
  }

 private:
  static constexpr std::size_t flush_bytes = 1u << 16;
  void flush() {
    out_.write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    buffer_.clear();
  }

  std::ostream& out_;
  fmt::memory_buffer buffer_;
};

} // namespace zbuf

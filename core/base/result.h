// SPDX-License-Identifier: BSD-2-Clause
// Errors that a caller can meet are values. This is the value.
// Programming errors are assertions instead (assert.h beside this file), and stay on in release builds.
#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace zbuf {

/// What went wrong, where, and what to do about it.
///
/// `message` is one sentence or more for a person: what was wrong (with the offending value), what was
/// expected, and what to do. The place is kept apart from it, so that a window can jump there.
struct Error {
  enum class Code {
    bad_input,   ///< a file, an option or an expression that cannot be used
    not_found,   ///< a file, an interface or a name that does not exist
    unsupported, ///< understood, but not to be had here
    io,          ///< the operating system refused: `message` has its words
    interrupted, ///< stopped on request
  };

  Code code = Code::bad_input;
  std::string message;
  std::string file{};       ///< empty where there is none
  std::uint32_t line = 0;   ///< from 1; 0 where lines mean nothing
  std::uint32_t column = 0; ///< from 1; 0 where columns mean nothing
  std::uint64_t offset = 0; ///< bytes from the start of `file`
  bool has_offset = false;

  /// `file:line:col: message`, or `file: offset N: message`, or the message alone.
  [[nodiscard]] std::string text() const;
};

template <typename T>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> fail(Error::Code code, std::string message) {
  return tl::make_unexpected(Error{code, std::move(message)});
}
[[nodiscard]] inline tl::unexpected<Error> fail(Error error) {
  return tl::make_unexpected(std::move(error));
}

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
// What is wrong with a scenario, all of it at once: each fault with its place, and what was probably meant.
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace zbuf {

/// A place in a file: line and column from 1, columns in characters. 0: no place, it came from elsewhere.
struct Place {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  auto operator<=>(const Place&) const = default;
};

/// A text of the file, and where it stands.
struct LocatedText {
  std::string text{};
  Place place{};
};

/// Of the candidates, the one that was probably meant; empty if none comes near. Two letters that changed
/// places count as one mistake; about one mistake in three letters is still near.
[[nodiscard]] std::string_view nearest(std::string_view name, std::span<const std::string_view> candidates);

/// `; did you mean "snaplen"?`, or nothing.
[[nodiscard]] std::string suggestion(std::string_view name, std::span<const std::string_view> candidates);

/// Collects the faults of one file.
class Diagnostics {
 public:
  /// `source` is the file's text; it outlives this.
  Diagnostics(std::string file, std::string_view source) : file_(std::move(file)), source_(source) {}

  void report(Place place, std::string message);

  /// The place of a character of a text: `position` in bytes from its start. Exact where the file has the
  /// text as it is, between quotes on one line; else the place of the whole text.
  [[nodiscard]] Place within(const LocatedText& text, std::size_t position) const;

  [[nodiscard]] bool empty() const { return errors_.empty(); }
  [[nodiscard]] const std::string& file() const { return file_; }

  /// In order of place, each once.
  [[nodiscard]] std::vector<Error> take();

 private:
  std::string file_;
  std::string_view source_;
  std::vector<Error> errors_;
};

} // namespace zbuf

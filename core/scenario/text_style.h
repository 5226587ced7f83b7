// SPDX-License-Identifier: BSD-2-Clause
// Ink for a terminal: colours where there are any, and widths of what is written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace zbuf {

/// What the reader of a text has in front of him.
struct TextStyle {
  bool colour = false;    ///< escape sequences, 256 colours
  bool unicode = true;    ///< blocks and marks; else ASCII
  std::size_t width = 80; ///< columns; reports need 80
};

/// What a piece of text is; each has its colour.
enum class Ink {
  plain,
  strong,
  faint,
  good,
  bad,
  warning,
  packets,
  drops,
  calls,
  user,
  store,
  hold,
  free,
  mark
};

/// The text in that ink. Nothing is added without colours.
[[nodiscard]] std::string paint(const TextStyle& style, Ink ink, std::string_view text);
/// A bar in `above` that stands on `below`: for cells that are partly the one, partly the other.
[[nodiscard]] std::string paint_over(const TextStyle& style, Ink above, Ink below, std::string_view text);

/// Where nothing but ASCII can be shown: the nearest letters for everything else. Else the text as it is.
[[nodiscard]] std::string presentable(const TextStyle& style, std::string text);

/// Columns that a text without escape sequences takes.
[[nodiscard]] std::size_t columns_of(std::string_view text);
[[nodiscard]] std::string pad_left(std::string_view text, std::size_t columns);
[[nodiscard]] std::string pad_right(std::string_view text, std::size_t columns);
/// Cut to so many columns, with an ellipsis.
[[nodiscard]] std::string shorten(const TextStyle& style, std::string_view text, std::size_t columns);
/// Lines of at most so many columns, broken at blanks. Blank lines separate paragraphs and are kept.
[[nodiscard]] std::vector<std::string> wrap(std::string_view text, std::size_t columns);

/// An eighth of a cell for each step of `value` from 0 to `most`; anything above 0 is seen.
[[nodiscard]] std::string_view bar(const TextStyle& style, double value, double most);

} // namespace zbuf

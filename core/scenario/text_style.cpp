// SPDX-License-Identifier: BSD-2-Clause
#include "core/scenario/text_style.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

namespace zbuf {

namespace {

/// SGR parameters. Blue and orange are told apart by everybody.
std::string_view sgr(Ink ink) {
  switch (ink) {
  case Ink::plain:
    return "";
  case Ink::strong:
    return "1";
  case Ink::faint:
    return "2";
  case Ink::good:
    return "38;5;71";
  case Ink::bad:
    return "1;38;5;196";
  case Ink::warning:
    return "38;5;178";
  case Ink::packets:
    return "38;5;109";
  case Ink::drops:
    return "38;5;196";
  case Ink::calls:
    return "38;5;140";
  case Ink::user:
    return "38;5;16;48;5;214";
  case Ink::store:
    return "38;5;255;48;5;31";
  case Ink::hold:
    return "38;5;252;48;5;24";
  case Ink::free:
    return "38;5;245;48;5;236";
  case Ink::mark:
    return "1;38;5;16;48;5;222";
  }
  return "";
}

int background(Ink ink) {
  switch (ink) {
  case Ink::user:
    return 214;
  case Ink::store:
    return 31;
  case Ink::hold:
    return 24;
  default:
    return 236;
  }
}

bool begins_character(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
}

/// The first so many characters.
std::string_view head(std::string_view text, std::size_t columns) {
  std::size_t at = 0;
  for (; at < text.size(); ++at)
    if (begins_character(text[at]) && columns-- == 0)
      break;
  return text.substr(0, at);
}

void wrap_paragraph(std::string_view text, std::size_t columns, std::vector<std::string>& lines) {
  std::string line;
  std::size_t at = 0;
  while ((at = text.find_first_not_of(" \n\t", at)) != std::string_view::npos) {
    const std::size_t end = std::min(text.find_first_of(" \n\t", at), text.size());
    const std::string_view word = text.substr(at, end - at);
    if (!line.empty() && columns_of(line) + 1 + columns_of(word) > columns) {
      lines.push_back(std::move(line));
      line.clear();
    }
    line += (line.empty() ? "" : " ");
    line += word;
    at = end;
  }
  if (!line.empty())
    lines.push_back(std::move(line));
}

} // namespace

std::string paint(const TextStyle& style, Ink ink, std::string_view text) {
  if (!style.colour || ink == Ink::plain || text.empty())
    return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", sgr(ink), text);
}

std::string paint_over(const TextStyle& style, Ink above, Ink below, std::string_view text) {
  if (!style.colour)
    return std::string(text);
  return fmt::format("\x1b[38;5;{};48;5;{}m{}\x1b[0m", background(above), background(below), text);
}

std::string presentable(const TextStyle& style, std::string text) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 9> nearest_letters{{{"µ", "u"},
                                                                                                 {"×", "x"},
                                                                                                 {"÷", "/"},
                                                                                                 {"…", "..."},
                                                                                                 {"↔", "<->"},
                                                                                                 {"–", "-"},
                                                                                                 {"—", "-"},
                                                                                                 {"’", "'"},
                                                                                                 {"·", "."}}};
  if (style.unicode)
    return text;
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view character = head(std::string_view(text).substr(at), 1);
    const auto found = std::find_if(nearest_letters.begin(), nearest_letters.end(),
                                    [&](const auto& pair) { return pair.first == character; });
    if (found != nearest_letters.end())
      out += found->second;
    else if (character.size() == 1 && static_cast<unsigned char>(character[0]) < 0x80)
      out += character;
    else
      out += '?';
    at += std::max<std::size_t>(character.size(), 1);
  }
  return out;
}

std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
}

std::string pad_left(std::string_view text, std::size_t columns) {
  return std::string(columns - std::min(columns, columns_of(text)), ' ').append(text);
}

std::string pad_right(std::string_view text, std::size_t columns) {
  return std::string(text).append(columns - std::min(columns, columns_of(text)), ' ');
}

std::string shorten(const TextStyle& style, std::string_view text, std::size_t columns) {
  if (columns_of(text) <= columns)
    return std::string(text);
  const std::string_view dots = style.unicode ? "…" : "...";
  const std::size_t room = columns - std::min(columns, columns_of(dots));
  return std::string(head(text, room)).append(dots);
}

std::vector<std::string> wrap(std::string_view text, std::size_t columns) {
  std::vector<std::string> lines;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t gap = std::min(text.find("\n\n", from), text.size());
    const std::size_t before = lines.size();
    if (!lines.empty())
      lines.emplace_back();
    wrap_paragraph(text.substr(from, gap - from), columns, lines);
    if (lines.size() == before + 1 && lines.back().empty())
      lines.pop_back(); // nothing but blanks
    from = gap + 2;
  }
  return lines;
}

std::string_view bar(const TextStyle& style, double value, double most) {
  static constexpr std::array<std::string_view, 9> blocks{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  static constexpr std::array<std::string_view, 9> letters{" ", ".", ".", ":", ":", "+", "+", "#", "#"};
  if (value <= 0 || most <= 0)
    return " ";
  const auto eighths = static_cast<std::size_t>(std::ceil(std::min(1.0, value / most) * 8));
  return style.unicode ? blocks[eighths] : letters[eighths];
}

} // namespace zbuf

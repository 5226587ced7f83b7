// SPDX-License-Identifier: BSD-2-Clause
#include "core/cli/terminal.h"

#include "core/scenario/units.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace zbuf {

namespace {

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view{} : value;
}

bool locale_is_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    std::string value(environment(name));
    if (value.empty())
      continue;
    std::transform(value.begin(), value.end(), value.begin(), [](unsigned char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : static_cast<char>(c);
    });
    return value.find("utf-8") != std::string::npos || value.find("utf8") != std::string::npos;
  }
  return true; // nobody says: a container, as a rule, seen from a terminal that can
}

std::size_t width_of(int descriptor) {
  winsize size{};
  if (ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    return size.ws_col;
  std::size_t columns = 0;
  const std::string_view text = environment("COLUMNS");
  std::from_chars(text.data(), text.data() + text.size(), columns);
  return columns >= 20 && columns <= 1000 ? columns : 80;
}

} // namespace

bool is_terminal(int descriptor) {
  return isatty(descriptor) == 1;
}

TextStyle style_of(int descriptor, Colour colour) {
  TextStyle style;
  const bool wanted =
      is_terminal(descriptor) && environment("NO_COLOR").empty() && environment("TERM") != "dumb";
  style.colour = colour == Colour::always || (colour == Colour::automatic && wanted);
  style.unicode = locale_is_utf8();
  style.width = width_of(descriptor);
  return style;
}

ProgressBar::ProgressBar(std::string title, bool enabled, Colour colour)
    : title_(std::move(title)), enabled_(enabled && is_terminal(STDERR_FILENO)),
      style_(style_of(STDERR_FILENO, colour)) {}

ProgressBar::~ProgressBar() {
  if (drawn_)
    fmt::print(stderr, "\r\x1b[K");
}

void ProgressBar::show(const RunProgress& progress) {
  using namespace std::chrono_literals;
  const auto now = Clock::now();
  if (!enabled_ || now - began_ < 1s || now - last_ < 100ms)
    return;
  last_ = now;
  const std::string where = progress.runs > 1
                                ? fmt::format("{} ({} of {})", progress.name, progress.run + 1, progress.runs)
                                : std::string(progress.name);
  const std::string figures =
      fmt::format(" {}, {} packets", show_duration(progress.now_ns), show_count(progress.packets));
  std::string bar;
  if (progress.fraction >= 0) {
    constexpr std::size_t columns = 24;
    const auto full = static_cast<std::size_t>(progress.fraction * columns);
    const std::string_view block = style_.unicode ? "█" : "#";
    for (std::size_t i = 0; i < columns; ++i)
      bar += i < full ? block : style_.unicode ? "░" : "-";
    bar = fmt::format(" {} {:3.0f}%", paint(style_, Ink::good, bar), progress.fraction * 100);
  }
  const std::string text = shorten(style_, fmt::format("{}, {}", title_, where), style_.width / 3);
  fmt::print(stderr, "\r{}{}{}\x1b[K", text, bar, figures);
  std::fflush(stderr);
  drawn_ = true;
}

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
#include "core/scenario/diagnostics.h"

#include <algorithm>
#include <fmt/format.h>
#include <tuple>

namespace zbuf {

namespace {

constexpr std::size_t longest_name = 48; // beyond it nobody mistypes, and the table below stays small

/// Insertions, deletions, replacements and neighbours that changed places (optimal string alignment).
std::size_t distance(std::string_view x, std::string_view y) {
  std::vector<std::size_t> before(y.size() + 1), last(y.size() + 1), row(y.size() + 1);
  for (std::size_t j = 0; j <= y.size(); ++j)
    last[j] = j;
  for (std::size_t i = 1; i <= x.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= y.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (x[i - 1] == y[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && x[i - 1] == y[j - 2] && x[i - 2] == y[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(row);
  }
  return last[y.size()];
}

/// Where the character at a place begins; npos if there is none.
std::size_t offset_of(std::string_view source, Place place) {
  std::size_t at = 0;
  for (std::uint32_t line = 1; line < place.line; ++line) {
    at = source.find('\n', at);
    if (at == std::string_view::npos)
      return at;
    ++at;
  }
  for (std::uint32_t column = 1; column < place.column; ++column) {
    if (at >= source.size() || source[at] == '\n')
      return std::string_view::npos;
    do
      ++at;
    while (at < source.size() && (static_cast<unsigned char>(source[at]) & 0xc0) == 0x80);
  }
  return at;
}

} // namespace

std::string_view nearest(std::string_view name, std::span<const std::string_view> candidates) {
  if (name.empty() || name.size() > longest_name)
    return {};
  std::string_view best;
  std::size_t least = std::max<std::size_t>(1, name.size() / 3) + 1;
  for (const std::string_view candidate : candidates) {
    if (candidate.size() > longest_name || candidate == name)
      continue;
    const std::size_t mistakes = distance(name, candidate);
    if (mistakes < least && mistakes < candidate.size()) {
      least = mistakes;
      best = candidate;
    }
  }
  return best;
}

std::string suggestion(std::string_view name, std::span<const std::string_view> candidates) {
  const std::string_view near = nearest(name, candidates);
  return near.empty() ? std::string{} : fmt::format("; did you mean \"{}\"?", near);
}

void Diagnostics::report(Place place, std::string message) {
  Error error{Error::Code::bad_input, std::move(message)};
  error.file = file_;
  error.line = place.line;
  error.column = place.column;
  errors_.push_back(std::move(error));
}

Place Diagnostics::within(const LocatedText& text, std::size_t position) const {
  if (text.place.line == 0)
    return text.place;
  const std::size_t quote = offset_of(source_, text.place);
  if (quote == std::string_view::npos || quote >= source_.size() ||
      (source_[quote] != '"' && source_[quote] != '\''))
    return text.place;
  if (source_.substr(quote + 1, text.text.size()) != text.text || text.text.find('\n') != std::string::npos)
    return text.place;
  const std::string_view before = std::string_view(text.text).substr(0, position);
  const auto characters = std::count_if(
      before.begin(), before.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
  return {text.place.line, text.place.column + 1 + static_cast<std::uint32_t>(characters)};
}

std::vector<Error> Diagnostics::take() {
  const auto key = [](const Error& e) { return std::tie(e.line, e.column, e.message); };
  std::stable_sort(errors_.begin(), errors_.end(),
                   [&](const Error& x, const Error& y) { return key(x) < key(y); });
  errors_.erase(std::unique(errors_.begin(), errors_.end(),
                            [&](const Error& x, const Error& y) { return key(x) == key(y); }),
                errors_.end());
  return std::move(errors_);
}

} // namespace zbuf

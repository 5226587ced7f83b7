// SPDX-License-Identifier: BSD-2-Clause
#include "core/scenario/units.h"

#include <array>
#include <fmt/format.h>
#include <span>

namespace zbuf {

namespace {

struct Unit {
  std::string_view name;
  std::uint64_t base;
};

constexpr std::array durations{Unit{"ns", 1},         Unit{"us", 1'000},        Unit{"µs", 1'000},
                               Unit{"ms", 1'000'000}, Unit{"s", 1'000'000'000}, Unit{"min", 60'000'000'000}};
constexpr std::array sizes{Unit{"B", 1},         Unit{"kB", 1'000},    Unit{"MB", 1'000'000},
                           Unit{"KiB", 1 << 10}, Unit{"MiB", 1 << 20}, Unit{"GiB", 1 << 30}};
constexpr std::array rates{Unit{"pps", 1}, Unit{"/s", 1}, Unit{"kpps", 1'000}, Unit{"Mpps", 1'000'000}};
constexpr std::array bit_rates{Unit{"bit/s", 1}, Unit{"kbit/s", 1'000}, Unit{"Mbit/s", 1'000'000},
                               Unit{"Gbit/s", 1'000'000'000}};

std::span<const Unit> units_of(Quantity quantity) {
  switch (quantity) {
  case Quantity::duration:
    return durations;
  case Quantity::size:
    return sizes;
  case Quantity::rate:
    return rates;
  case Quantity::bit_rate:
    return bit_rates;
  }
  return {};
}

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Digits with underscores as TOML has them, and a fraction: value = digits / 10^places.
struct Decimal {
  unsigned __int128 digits = 0;
  unsigned places = 0;
};

/// Takes the number off the front of the text.
std::optional<Decimal> take_decimal(std::string_view& text) {
  constexpr unsigned most_digits = 20;
  Decimal decimal;
  unsigned digits = 0;
  bool fraction = false;
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '.' && !fraction && digits > 0) {
      fraction = true;
    } else if (is_digit(c)) {
      if (++digits > most_digits)
        return std::nullopt;
      decimal.digits = decimal.digits * 10 + static_cast<unsigned>(c - '0');
      decimal.places += fraction ? 1 : 0;
    } else if (c != '_' || digits == 0) {
      break;
    }
  }
  if (digits == 0 || (fraction && decimal.places == 0))
    return std::nullopt;
  text.remove_prefix(at);
  return decimal;
}

std::string_view trim(std::string_view text) {
  const std::size_t from = text.find_first_not_of(" \t");
  if (from == std::string_view::npos)
    return {};
  return text.substr(from, text.find_last_not_of(" \t") + 1 - from);
}

/// value / base with at most three digits that count, without zeros at the end.
std::string short_decimal(std::uint64_t value, std::uint64_t base) {
  const std::uint64_t whole = value / base;
  const unsigned places = whole >= 100 ? 0 : whole >= 10 ? 1 : 2;
  std::string text = fmt::format("{:.{}f}", static_cast<double>(value) / static_cast<double>(base), places);
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.')
      text.pop_back();
  }
  return text;
}

} // namespace

std::optional<std::uint64_t> parse_quantity(std::string_view text, Quantity quantity) {
  text = trim(text);
  const auto decimal = take_decimal(text);
  if (!decimal)
    return std::nullopt;
  const std::string_view name = trim(text);
  std::uint64_t base = name.empty() ? 1 : 0;
  for (const Unit& unit : units_of(quantity))
    if (unit.name == name)
      base = unit.base;
  if (base == 0)
    return std::nullopt;
  unsigned __int128 value = decimal->digits * base;
  for (unsigned i = 0; i < decimal->places; ++i)
    value /= 10;
  if (value > UINT64_MAX)
    return std::nullopt;
  return static_cast<std::uint64_t>(value);
}

std::string_view quantity_example(Quantity quantity) {
  switch (quantity) {
  case Quantity::duration:
    return "a duration such as \"5 ms\", or a number of nanoseconds";
  case Quantity::size:
    return "a size such as \"32 KiB\", or a number of bytes";
  case Quantity::rate:
    return "a rate such as \"1.5 Mpps\", or a number of packets per second";
  case Quantity::bit_rate:
    return "a bit rate such as \"1 Gbit/s\", or a number of bits per second";
  }
  return "";
}

std::string show_duration(std::uint64_t time_ns) {
  if (time_ns < 1'000)
    return fmt::format("{} ns", time_ns);
  if (time_ns < 999'500)
    return short_decimal(time_ns, 1'000) + " µs";
  if (time_ns < 999'500'000)
    return short_decimal(time_ns, 1'000'000) + " ms";
  return short_decimal(time_ns, 1'000'000'000) + " s";
}

std::string show_size(std::uint64_t bytes) {
  if (bytes < 1024)
    return fmt::format("{} B", bytes);
  if (bytes < 1024 * 1024)
    return short_decimal(bytes, 1024) + " KiB";
  if (bytes < 1024 * 1024 * 1024)
    return short_decimal(bytes, 1024 * 1024) + " MiB";
  return short_decimal(bytes, 1024 * 1024 * 1024) + " GiB";
}

std::string show_exactly(std::uint64_t value, Quantity quantity) {
  Unit best = units_of(quantity).front();
  for (const Unit& unit : units_of(quantity))
    if (value != 0 && value % unit.base == 0 && unit.base > best.base)
      best = unit;
  return value == 0 ? "0" : fmt::format("{} {}", value / best.base, best.name);
}

std::string show_count(std::uint64_t count, std::string_view what) {
  return fmt::format("{} {}{}", show_count(count), what, count == 1 ? "" : "s");
}

std::string show_count(std::uint64_t count) {
  std::string digits = fmt::format("{}", count);
  for (std::size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, 1, ',');
  }
  return digits;
}

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
// Reads the keys of a TOML table, each with its type and range; what is wrong goes to the Diagnostics, and
// what nobody asked for is an unknown key.
#pragma once

#include "core/scenario/diagnostics.h"
#include "core/scenario/units.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <toml++/toml.h>
#include <utility>
#include <vector>

namespace zbuf {

[[nodiscard]] Place place_of(const toml::node& node);
[[nodiscard]] Place place_of(const toml::key& key);
/// A name of an interface, reader or run: 1 to 15 letters, digits and _, not beginning with a digit.
[[nodiscard]] bool is_good_name(std::string_view name);
/// "a string", "an integer", ...
[[nodiscard]] std::string_view type_name(const toml::node& node);

/// Every function returns nothing where the key is absent, or wrong and reported.
class TableReader {
 public:
  /// `name` is how messages call the table: "[kernel]". The table outlives this.
  TableReader(const toml::table& table, std::string name, Diagnostics& diagnostics)
      : table_(table), name_(std::move(name)), diagnostics_(diagnostics) {}

  [[nodiscard]] Place place() const { return place_of(table_); }
  [[nodiscard]] Diagnostics& diagnostics() const { return diagnostics_; }
  [[nodiscard]] const std::string& name() const { return name_; }

  /// The raw value, for keys with types of their own.
  const toml::node* find(std::string_view key);
  /// Reports that a key must be there.
  void missing(std::string_view key, std::string_view expected);
  /// Reports a key that is known, but means nothing here. Pre: not asked for otherwise.
  void refuse(std::string_view key, std::string_view why);

  std::optional<LocatedText> text(std::string_view key);
  /// The path of a capture: not empty.
  std::optional<LocatedText> path(std::string_view key);
  /// A name of an interface, reader or run.
  std::optional<LocatedText> good_name(std::string_view key);
  std::optional<bool> flag(std::string_view key);
  std::optional<std::uint64_t> number(std::string_view key, std::uint64_t low, std::uint64_t high);
  std::optional<double> real(std::string_view key, double low, double high);
  std::optional<std::uint64_t> quantity(std::string_view key, Quantity quantity, std::uint64_t low,
                                        std::uint64_t high);
  /// Packets per second, which may be below one.
  std::optional<double> rate(std::string_view key, double low, double high);
  std::optional<std::vector<LocatedText>> texts(std::string_view key);

  template <typename Value>
  using Choices = std::vector<std::pair<std::string_view, Value>>;
  /// One of some words.
  template <typename Value>
  std::optional<Value> choice(std::string_view key, const Choices<Value>& choices) {
    const auto word = text(key);
    if (!word)
      return std::nullopt;
    std::vector<std::string_view> names;
    for (const auto& [name, value] : choices) {
      if (name == word->text)
        return value;
      names.push_back(name);
    }
    not_a_choice(key, *word, names);
    return std::nullopt;
  }

  const toml::table* table(std::string_view key);
  /// [[key]]; also without, in which case there are none.
  std::vector<const toml::table*> tables(std::string_view key);

  /// Reports what nobody asked for. Last.
  void finish();

  /// Reports `"key" is VALUE; expected EXPECTED`.
  void wrong(std::string_view key, const toml::node& value, std::string_view expected);
  void not_a_choice(std::string_view key, const LocatedText& word,
                    const std::vector<std::string_view>& names);

  /// A quantity from an integer or a text with a unit; nothing, unreported, if it is neither.
  static std::optional<std::uint64_t> as_quantity(const toml::node& node, Quantity quantity);

 private:
  const toml::table& table_;
  std::string name_;
  Diagnostics& diagnostics_;
  std::set<std::string, std::less<>> asked_;
};

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
#include "core/scenario/table_reader.h"

#include <cmath>
#include <fmt/format.h>

namespace zbuf {

namespace {

/// A value as it stands in the file, shortened.
std::string shown(const toml::node& node) {
  constexpr std::size_t longest = 60;
  if (const auto* text = node.as_string()) {
    const std::string& value = text->get();
    if (value.size() <= longest && value.find('\n') == std::string::npos)
      return fmt::format("\"{}\"", value);
    return "a long text";
  }
  if (const auto* number = node.as_integer())
    return fmt::format("{}", number->get());
  if (const auto* number = node.as_floating_point())
    return fmt::format("{}", number->get());
  if (const auto* flag = node.as_boolean())
    return flag->get() ? "true" : "false";
  return std::string(type_name(node));
}

} // namespace

Place place_of(const toml::node& node) {
  return {node.source().begin.line, node.source().begin.column};
}
Place place_of(const toml::key& key) {
  return {key.source().begin.line, key.source().begin.column};
}

bool is_good_name(std::string_view name) {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
  constexpr std::string_view digits = "0123456789";
  constexpr std::size_t longest = 15;
  if (name.empty() || name.size() > longest || letters.find(name.front()) == std::string_view::npos)
    return false;
  for (const char c : name)
    if (letters.find(c) == std::string_view::npos && digits.find(c) == std::string_view::npos)
      return false;
  return true;
}

std::string_view type_name(const toml::node& node) {
  switch (node.type()) {
  case toml::node_type::table:
    return "a table";
  case toml::node_type::array:
    return "an array";
  case toml::node_type::string:
    return "a string";
  case toml::node_type::integer:
    return "an integer";
  case toml::node_type::floating_point:
    return "a decimal number";
  case toml::node_type::boolean:
    return "true or false";
  default:
    return "a date or time";
  }
}

const toml::node* TableReader::find(std::string_view key) {
  asked_.emplace(key);
  return table_.get(key);
}

void TableReader::missing(std::string_view key, std::string_view expected) {
  asked_.emplace(key);
  if (table_.get(key) == nullptr)
    diagnostics_.report(place(), fmt::format("{} has no \"{}\"; expected {}", name_, key, expected));
}

void TableReader::refuse(std::string_view key, std::string_view why) {
  if (const toml::node* node = find(key))
    diagnostics_.report(place_of(*node), fmt::format("\"{}\" means nothing here: {}", key, why));
}

void TableReader::wrong(std::string_view key, const toml::node& value, std::string_view expected) {
  diagnostics_.report(place_of(value), fmt::format("\"{}\" is {}; expected {}", key, shown(value), expected));
}

void TableReader::not_a_choice(std::string_view key, const LocatedText& word,
                               const std::vector<std::string_view>& names) {
  diagnostics_.report(word.place,
                      fmt::format("\"{}\" is \"{}\"; expected {}{}", key, word.text,
                                  names.size() == 1 ? fmt::format("\"{}\"", names[0])
                                                    : fmt::format("one of {}", fmt::join(names, ", ")),
                                  suggestion(word.text, names)));
}

std::optional<LocatedText> TableReader::text(std::string_view key) {
  const toml::node* node = find(key);
  if (node == nullptr)
    return std::nullopt;
  if (const auto* value = node->as_string())
    return LocatedText{value->get(), place_of(*node)};
  wrong(key, *node, "a string");
  return std::nullopt;
}

std::optional<LocatedText> TableReader::path(std::string_view key) {
  auto path = text(key);
  if (path && path->text.empty())
    diagnostics_.report(path->place, fmt::format("\"{}\" is empty; expected the path of a capture", key));
  return path;
}

std::optional<LocatedText> TableReader::good_name(std::string_view key) {
  auto name = text(key);
  if (name && !is_good_name(name->text))
    diagnostics_.report(name->place,
                        fmt::format("\"{}\" is \"{}\"; expected 1 to 15 letters, digits and _, the first of "
                                    "them not a digit",
                                    key, name->text));
  return name;
}

std::optional<bool> TableReader::flag(std::string_view key) {
  const toml::node* node = find(key);
  if (node == nullptr)
    return std::nullopt;
  if (const auto* value = node->as_boolean())
    return value->get();
  wrong(key, *node, "true or false");
  return std::nullopt;
}

std::optional<std::uint64_t> TableReader::number(std::string_view key, std::uint64_t low,
                                                 std::uint64_t high) {
  const toml::node* node = find(key);
  if (node == nullptr)
    return std::nullopt;
  const auto* value = node->as_integer();
  if (value != nullptr && value->get() >= 0 && static_cast<std::uint64_t>(value->get()) >= low &&
      static_cast<std::uint64_t>(value->get()) <= high)
    return static_cast<std::uint64_t>(value->get());
  wrong(key, *node, fmt::format("an integer, {} to {}", low, high));
  return std::nullopt;
}

std::optional<double> TableReader::real(std::string_view key, double low, double high) {
  const toml::node* node = find(key);
  if (node == nullptr)
    return std::nullopt;
  const auto value = node->value<double>();
  if (node->is_number() && value && *value >= low && *value <= high)
    return *value;
  wrong(key, *node, fmt::format("a number, {} to {}", low, high));
  return std::nullopt;
}

std::optional<std::uint64_t> TableReader::as_quantity(const toml::node& node, Quantity quantity) {
  if (const auto* number = node.as_integer(); number != nullptr && number->get() >= 0)
    return static_cast<std::uint64_t>(number->get());
  if (const auto* text = node.as_string())
    return parse_quantity(text->get(), quantity);
  return std::nullopt;
}

std::optional<std::uint64_t> TableReader::quantity(std::string_view key, Quantity quantity, std::uint64_t low,
                                                   std::uint64_t high) {
  const toml::node* node = find(key);
  if (node == nullptr)
    return std::nullopt;
  const auto value = as_quantity(*node, quantity);
  if (value && *value >= low && *value <= high)
    return value;
  const auto show = [&](std::uint64_t bound) {
    return quantity == Quantity::duration ? show_duration(bound)
           : quantity == Quantity::size   ? show_size(bound)
                                          : fmt::format("{}", bound);
  };
  wrong(key, *node, fmt::format("{}, {} to {}", quantity_example(quantity), show(low), show(high)));
  return std::nullopt;
}

std::optional<double> TableReader::rate(std::string_view key, double low, double high) {
  const toml::node* node = find(key);
  if (node == nullptr)
    return std::nullopt;
  std::optional<double> value;
  if (const auto whole = as_quantity(*node, Quantity::rate))
    value = static_cast<double>(*whole);
  else if (node->is_floating_point())
    value = node->value<double>();
  if (value && *value >= low && *value <= high)
    return value;
  wrong(key, *node, fmt::format("{}, {} to {}", quantity_example(Quantity::rate), low, high));
  return std::nullopt;
}

std::optional<std::vector<LocatedText>> TableReader::texts(std::string_view key) {
  const toml::node* node = find(key);
  if (node == nullptr)
    return std::nullopt;
  const toml::array* array = node->as_array();
  if (array == nullptr) {
    wrong(key, *node, "an array of strings");
    return std::nullopt;
  }
  std::vector<LocatedText> all;
  for (const toml::node& element : *array) {
    if (const auto* value = element.as_string())
      all.push_back({value->get(), place_of(element)});
    else
      wrong(key, element, "strings only");
  }
  return all;
}

const toml::table* TableReader::table(std::string_view key) {
  const toml::node* node = find(key);
  if (node == nullptr || node->is_table())
    return node == nullptr ? nullptr : node->as_table();
  wrong(key, *node, fmt::format("a table, [{}]", key));
  return nullptr;
}

std::vector<const toml::table*> TableReader::tables(std::string_view key) {
  std::vector<const toml::table*> all;
  const toml::node* node = find(key);
  if (node == nullptr)
    return all;
  const toml::array* array = node->as_array();
  if (array == nullptr) {
    const std::string_view twice = node->is_table() ? " (with two brackets: there may be several)" : "";
    wrong(key, *node, fmt::format("an array of tables, [[{}]]{}", key, twice));
    return all;
  }
  for (const toml::node& element : *array) {
    if (const toml::table* table = element.as_table())
      all.push_back(table);
    else
      wrong(key, element, fmt::format("tables only, [[{}]]", key));
  }
  return all;
}

void TableReader::finish() {
  const std::vector<std::string_view> known(asked_.begin(), asked_.end());
  for (const auto& [key, node] : table_) {
    if (asked_.contains(key.str()))
      continue;
    const std::string suggested = suggestion(key.str(), known);
    diagnostics_.report(
        place_of(key),
        fmt::format("{} has no key \"{}\"{}", name_, key.str(),
                    suggested.empty() ? fmt::format("; it has {}", fmt::join(known, ", ")) : suggested));
  }
}

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
#include "core/scenario/edit.h"

#include "core/scenario/key_info.h"

#include <fmt/format.h>
#include <toml++/toml.h>

namespace zbuf {

namespace {

std::optional<toml::table> parse(std::string_view text) {
  try {
    return toml::parse(text);
  } catch (const toml::parse_error&) {
    return std::nullopt;
  }
}

/// Bytes from the start of the text; lines and columns count from 1, columns in characters.
std::size_t offset_of(std::string_view text, const toml::source_position& at) {
  std::size_t offset = 0;
  for (toml::source_index line = 1; line < at.line && offset < text.size(); ++line)
    offset = std::min(text.find('\n', offset), text.size() - 1) + 1;
  for (toml::source_index column = 1; column < at.column && offset < text.size(); ++column) {
    ++offset;
    while (offset < text.size() && (static_cast<unsigned char>(text[offset]) & 0xc0) == 0x80)
      ++offset;
  }
  return offset;
}

/// The table that the key belongs in; null if there is none.
const toml::table* table_of(const toml::table& document, const SettingPlace& place) {
  if (place.section.empty())
    return &document;
  const toml::node* const node = document.get(place.section);
  if (node == nullptr)
    return nullptr;
  if (const toml::array* elements = node->as_array())
    return place.element < elements->size() ? elements->get(place.element)->as_table() : nullptr;
  return node->as_table();
}

tl::unexpected<Error> no_such_section(const SettingPlace& place) {
  return fail(Error::Code::bad_input, fmt::format("there is no [[{}]] number {} in which to set \"{}\"",
                                                  place.section, place.element + 1, place.key));
}

/// Where a new key of the table goes, and what stands around it.
std::string inserted(std::string_view text, const toml::table& table, const std::string& line) {
  std::size_t at = 0; // the scenario itself: its keys come before every section
  if (table.source().begin != toml::source_position{1, 1} || text.starts_with('[')) {
    at = offset_of(text, table.source().begin);
    if (at >= text.size() || text[at] != '[')
      return {}; // an inline table
    at = std::min(text.find('\n', at), text.size());
  }
  const bool after_a_line = at > 0;
  std::string result(text.substr(0, at));
  result += after_a_line ? "\n" + line : line + "\n";
  result += text.substr(at);
  return result;
}

} // namespace

Result<std::string> with_setting(std::string_view toml, const SettingPlace& place, std::string_view value) {
  const auto document = parse(toml);
  if (!document)
    return fail(Error::Code::bad_input, "the scenario is not TOML; mend it first");
  const toml::table* const table = table_of(*document, place);
  const std::string line = fmt::format("{} = {}", place.key, value);
  std::string result;
  if (table == nullptr) {
    if (is_repeated_section(place.section) || document->contains(place.section))
      return no_such_section(place);
    result = fmt::format("{}{}\n[{}]\n{}\n", toml, toml.ends_with('\n') ? "" : "\n", place.section, line);
  } else if (const toml::node* old = table->get(place.key)) {
    const std::size_t begin = offset_of(toml, old->source().begin);
    const std::size_t end = offset_of(toml, old->source().end);
    result = fmt::format("{}{}{}", toml.substr(0, begin), value, toml.substr(end));
  } else {
    result = inserted(toml, *table, line);
    if (result.empty())
      return no_such_section(place);
  }
  if (!parse(result))
    return fail(Error::Code::bad_input,
                fmt::format("{} = {} is not TOML; expected a number, true, false, or a text in quotes",
                            place.key, value));
  return result;
}

std::optional<std::string> setting_in(std::string_view toml, const SettingPlace& place) {
  const auto document = parse(toml);
  const toml::table* const table = document ? table_of(*document, place) : nullptr;
  const toml::node* const node = table == nullptr ? nullptr : table->get(place.key);
  if (node == nullptr)
    return std::nullopt;
  const std::size_t begin = offset_of(toml, node->source().begin);
  return std::string(toml.substr(begin, offset_of(toml, node->source().end) - begin));
}

std::string toml_string(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      quoted += '\\', quoted += c;
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      quoted += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
    else
      quoted += c;
  }
  return quoted + '"';
}

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
// A key of a scenario file: what its value may be, where it goes, and what documents say about it, in one row
// of a table (keys.cpp). Private to this room.
#pragma once

#include "core/scenario/key_info.h"
#include "core/scenario/table_reader.h"

#include <fmt/format.h>
#include <functional>
#include <type_traits>

namespace zbuf {

/// `Section` is what the keys of a table are read into. A row begins with one of the makers of KeyOf.
template <typename Section>
struct Key : KeyInfo {
  std::function<void(TableReader&, Section&)> read{};
  std::string expected{};                        ///< said where it is missing; empty: it need not be there
  std::function<bool(const Section&)> applies{}; ///< asked once all keys above have been read; none: always
  std::string useless{};                         ///< why it does not apply

  /// It must be there. `what` completes "has no ...; expected".
  Key required(std::string what) && {
    fallback = "required";
    expected = std::move(what);
    return std::move(*this);
  }
  /// What holds without it, where that is not the value with which the section begins.
  Key otherwise(const std::string& text) && {
    fallback = text;
    return std::move(*this);
  }
  /// Its value may be a table, and is then set as a whole.
  Key or_table() && {
    may_be_table = true;
    return std::move(*this);
  }
  /// It means nothing unless a key above has said so.
  Key only_if(std::function<bool(const Section&)> condition, std::string why_not) && {
    applies = std::move(condition);
    useless = std::move(why_not);
    return std::move(*this);
  }
};

template <typename Section>
using Keys = std::vector<Key<Section>>;

/// Reads the keys of a table, in their order.
template <typename Section>
void read_keys(TableReader& reader, const Keys<Section>& keys, Section& section) {
  for (const Key<Section>& key : keys) {
    if (key.applies && !key.applies(section)) {
      reader.refuse(key.name, key.useless);
      continue;
    }
    key.read(reader, section);
    if (!key.expected.empty())
      reader.missing(key.name, key.expected);
  }
}

/// Refuses all of them, if they are there.
template <typename Section>
void refuse_keys(TableReader& reader, const Keys<Section>& keys, std::string_view why) {
  for (const Key<Section>& key : keys)
    reader.refuse(key.name, why);
}

/// The member of a section at that path, as KeyOf takes it.
#define KEY_AT(path)                                                                                         \
  [](auto& section) -> auto& {                                                                               \
    return section.path;                                                                                     \
  }

namespace key_detail {

template <typename Value>
struct Bare {
  using type = Value;
};
template <typename Value>
struct Bare<std::optional<Value>> {
  using type = Value;
};

/// What a member holds: of an optional, the value in it.
template <typename Section, typename Member>
using ValueOf = typename Bare<std::remove_cvref_t<std::invoke_result_t<Member, Section&>>>::type;

/// The default, in words. `show` does it for what is not told otherwise.
template <typename Value, typename Show>
std::string fallback(const Value& value, const Show& show) {
  return show(value);
}
template <typename Value, typename Show>
std::string fallback(const std::optional<Value>& value, const Show& show) {
  return value ? show(*value) : "none";
}

inline std::string in_code(std::string_view text) {
  return text.empty() ? std::string{} : fmt::format("`{}`", text);
}

/// "`a`, `b`"
template <typename Names>
std::string listed(const Names& names) {
  std::string all;
  for (const std::string_view name : names)
    all += (all.empty() ? "" : ", ") + in_code(name);
  return all;
}

} // namespace key_detail

/// Makes the keys of a section. `member` says where the value goes: a function from Section& to the member's
/// reference (KEY_AT). The default is what stands there in a section newly made. Quantities have the base
/// units of units.h.
template <typename Section>
struct KeyOf {
  using Read = std::function<void(TableReader&, Section&)>;

  /// Whatever else. `type`: in words, for documents.
  static Key<Section> custom(std::string name, std::string type, std::string meaning, Read read) {
    return {
        {std::move(name), std::move(type), "none", std::move(meaning), false}, std::move(read), {}, {}, {}};
  }

  template <typename Member>
  static Key<Section> text(std::string name, Member member, std::string meaning) {
    return stored(std::move(name), "string", std::move(meaning), member, show_text, &TableReader::text);
  }
  template <typename Member>
  static Key<Section> expression(std::string name, Member member, std::string meaning) {
    return stored(std::move(name), "expression", std::move(meaning), member, show_text, &TableReader::text);
  }
  template <typename Member>
  static Key<Section> path(std::string name, Member member, std::string meaning) {
    return stored(std::move(name), "path", std::move(meaning), member, show_text, &TableReader::path);
  }
  /// Of an interface or a reader.
  template <typename Member>
  static Key<Section> name(std::string name, Member member, std::string meaning) {
    return stored(std::move(name), "name", std::move(meaning), member, show_text, &TableReader::good_name);
  }
  /// A name that only paths of [[compare]] use.
  static Key<Section> label(std::string name, std::string meaning) {
    return custom(name, "string", std::move(meaning),
                  [name](TableReader& reader, Section&) { (void)reader.text(name); });
  }
  template <typename Member>
  static Key<Section> flag(std::string name, Member member, std::string meaning) {
    return stored(std::move(name), "true or false", std::move(meaning), member, show_plain,
                  &TableReader::flag);
  }
  template <typename Member>
  static Key<Section> number(std::string name, Member member, std::uint64_t low, std::uint64_t high,
                             std::string meaning) {
    return stored(std::move(name), fmt::format("{} to {}", low, high), std::move(meaning), member, show_plain,
                  &TableReader::number, low, high);
  }
  template <typename Member>
  static Key<Section> real(std::string name, Member member, double low, double high, std::string meaning) {
    return stored(std::move(name), fmt::format("{} to {}", low, high), std::move(meaning), member, show_plain,
                  &TableReader::real, low, high);
  }
  template <typename Member>
  static Key<Section> rate(std::string name, Member member, double low, double high, std::string meaning) {
    return stored(std::move(name), fmt::format("rate, {} to {}", low, high), std::move(meaning), member,
                  show_plain, &TableReader::rate, low, high);
  }
  template <typename Member>
  static Key<Section> duration(std::string name, Member member, std::uint64_t low, std::uint64_t high,
                               std::string meaning) {
    return quantity(std::move(name), "duration", Quantity::duration, member, low, high, std::move(meaning));
  }
  template <typename Member>
  static Key<Section> size(std::string name, Member member, std::uint64_t low, std::uint64_t high,
                           std::string meaning) {
    return quantity(std::move(name), "size", Quantity::size, member, low, high, std::move(meaning));
  }
  template <typename Member>
  static Key<Section> bit_rate(std::string name, Member member, std::uint64_t low, std::uint64_t high,
                               std::string meaning) {
    return quantity(std::move(name), "bit rate", Quantity::bit_rate, member, low, high, std::move(meaning));
  }
  /// One of some words.
  template <typename Member>
  static Key<Section> choice(std::string name, Member member,
                             TableReader::Choices<key_detail::ValueOf<Section, Member>> choices,
                             std::string meaning) {
    std::vector<std::string_view> names;
    for (const auto& [word, value] : choices)
      names.push_back(word);
    const auto show = [&](const auto& now) {
      for (const auto& [word, value] : choices)
        if (value == now)
          return key_detail::in_code(word);
      return std::string{};
    };
    Section usual{};
    Key<Section> key = custom(name, key_detail::listed(names), std::move(meaning), {});
    key.fallback = key_detail::fallback(member(usual), show);
    key.read = [name, member, choices = std::move(choices)](TableReader& reader, Section& section) {
      if (const auto value = reader.choice(name, choices))
        member(section) = *value;
    };
    return key;
  }

 private:
  template <typename Member, typename Show, typename Ask, typename... Bounds>
  static Key<Section> stored(std::string name, std::string type, std::string meaning, Member member,
                             Show show, Ask ask, Bounds... bounds) {
    Section usual{};
    Key<Section> key = custom(name, std::move(type), std::move(meaning), {});
    key.fallback = key_detail::fallback(member(usual), show);
    key.read = [name, member, ask, bounds...](TableReader& reader, Section& section) {
      if (auto value = (reader.*ask)(name, bounds...))
        put(member(section), *value);
    };
    return key;
  }

  template <typename Member>
  static Key<Section> quantity(std::string name, std::string_view type, Quantity quantity, Member member,
                               std::uint64_t low, std::uint64_t high, std::string meaning) {
    const auto show = [quantity](auto value) {
      return show_exactly(static_cast<std::uint64_t>(value), quantity);
    };
    return stored(std::move(name), fmt::format("{}, {} to {}", type, show(low), show(high)),
                  std::move(meaning), member, show, &TableReader::quantity, quantity, low, high);
  }

  template <typename Place, typename Value>
  static void put(Place& place, Value& value) {
    if constexpr (std::is_same_v<Place, std::string>)
      place = std::move(value.text);
    else if constexpr (std::is_arithmetic_v<typename key_detail::Bare<Place>::type>)
      place = static_cast<typename key_detail::Bare<Place>::type>(value);
    else
      place = std::move(value);
  }

  // How a default stands in documents.
  static constexpr auto show_plain = [](const auto& value) { return fmt::format("{}", value); };
  static constexpr auto show_text = [](const auto& text) {
    if constexpr (std::is_same_v<decltype(text), const LocatedText&>)
      return key_detail::in_code(text.text);
    else
      return key_detail::in_code(text);
  };
};

} // namespace zbuf

// SPDX-License-Identifier: BSD-2-Clause
#include "core/scenario/variants.h"

#include "core/scenario/key_info.h"
#include "core/scenario/table_reader.h"

#include <fmt/format.h>

namespace zbuf {

namespace {

/// A value that a [[compare]] sets: where, and what.
struct Setting {
  std::vector<std::string> path;
  toml::source_region source;
  toml::node* value;
};

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> parts;
  for (std::size_t from = 0; from <= path.size();) {
    const std::size_t dot = std::min(path.find('.', from), path.size());
    parts.emplace_back(path.substr(from, dot - from));
    from = dot + 1;
  }
  return parts;
}

/// `reader.mode = "read"` makes nested tables, `"reader.mode" = "read"` does not: both mean the same. A table
/// that is itself a value (sizes, protocols) is set as a whole.
void flatten(toml::table& table, const std::vector<std::string>& prefix, std::vector<Setting>& settings) {
  for (auto&& [key, node] : table) {
    std::vector<std::string> path = prefix;
    for (std::string& part : split_path(key.str()))
      path.push_back(std::move(part));
    const bool is_value = takes_table(path.back());
    if (toml::table* inner = node.as_table(); inner != nullptr && !is_value)
      flatten(*inner, path, settings);
    else
      settings.push_back({std::move(path), key.source(), &node});
  }
}

/// Puts values where paths point to.
class Assigner {
 public:
  Assigner(toml::table& document, Diagnostics& diagnostics)
      : document_(document), diagnostics_(diagnostics) {}

  void assign(const Setting& setting) {
    setting_ = &setting;
    into_table(document_, 0);
  }

 private:
  [[nodiscard]] const std::vector<std::string>& path() const { return setting_->path; }
  void report(std::string message) {
    diagnostics_.report({setting_->source.begin.line, setting_->source.begin.column}, std::move(message));
  }

  void into_table(toml::table& table, std::size_t at) {
    const bool is_sysctl = at > 0 && path()[at - 1] == "sysctl"; // names with dots
    if (at + 1 >= path().size() || is_sysctl) {
      const std::string key =
          fmt::format("{}", fmt::join(path().begin() + static_cast<std::ptrdiff_t>(at), path().end(), "."));
      put(table, key);
      return;
    }
    const std::string& key = path()[at];
    toml::node* next = table.get(key);
    if (next == nullptr && at == 0 && is_repeated_section(key)) {
      report(fmt::format("\"{}\": there is no [[{}]] in which to set it", fmt::join(path(), "."), key));
      return;
    }
    if (next == nullptr) {
      table.insert(toml::key(key, setting_->source), toml::table{});
      next = table.get(key);
    }
    if (toml::table* inner = next->as_table())
      into_table(*inner, at + 1);
    else if (toml::array* array = next->as_array())
      into_array(*array, at + 1);
    else
      report(fmt::format("\"{}\": {} is {}, in which nothing can be set", fmt::join(path(), "."), key,
                         type_name(*next)));
  }

  /// An element by its name, or all of them.
  void into_array(toml::array& array, std::size_t at) {
    std::vector<std::string_view> names;
    for (toml::node& element : array) {
      toml::table* table = element.as_table();
      const auto* name = table == nullptr ? nullptr : table->get_as<std::string>("name");
      if (name == nullptr)
        continue;
      if (name->get() == path()[at]) {
        if (at + 1 == path().size())
          report(fmt::format("\"{}\" is a whole table; expected a key of it", fmt::join(path(), ".")));
        else
          into_table(*table, at + 1);
        return;
      }
      names.push_back(name->get());
    }
    if (at + 1 < path().size()) {
      report(fmt::format("\"{}\": there is no [[{}]] named \"{}\"{}", fmt::join(path(), "."), path()[at - 1],
                         path()[at], suggestion(path()[at], names)));
      return;
    }
    for (toml::node& element : array)
      if (toml::table* table = element.as_table())
        into_table(*table, at);
  }

  /// The first to get the value gets its place as well: a copy has none.
  void put(toml::table& table, const std::string& key) {
    table.erase(key);
    setting_->value->visit([&](auto& value) {
      if (taken_ != setting_->value) {
        taken_ = setting_->value;
        table.insert(toml::key(key, setting_->source), std::move(value));
        original_ = table.get(key);
      } else {
        original_->visit(
            [&](const auto& original) { table.insert(toml::key(key, setting_->source), original); });
      }
    });
  }

  toml::table& document_;
  Diagnostics& diagnostics_;
  const Setting* setting_ = nullptr;
  const toml::node* taken_ = nullptr;
  const toml::node* original_ = nullptr;
};

void override(toml::table& document, const Overrides& overrides) {
  if (overrides.seed)
    document.insert_or_assign("seed", static_cast<std::int64_t>(*overrides.seed));
  if (overrides.revision) {
    if (!document.contains("kernel"))
      document.insert("kernel", toml::table{});
    if (toml::table* kernel = document.get_as<toml::table>("kernel"))
      kernel->insert_or_assign("revision", *overrides.revision);
  }
}

/// mode = "both": a run in each. Says whether any reader has that.
bool settle_both(toml::table& document, const char* mode) {
  bool any = false;
  if (toml::array* readers = document.get_as<toml::array>("reader"))
    for (toml::node& element : *readers) {
      toml::table* reader = element.as_table();
      auto* value = reader == nullptr ? nullptr : reader->get_as<std::string>("mode");
      if (value != nullptr && value->get() == "both") {
        value->get() = mode;
        any = true;
      }
    }
  return any;
}

/// Sets in a document what its [[compare]] number `i` says, and takes its name.
void apply_compare(VariantDocument& variant, std::size_t i, Diagnostics& diagnostics) {
  toml::table* compare = variant.document.get_as<toml::array>("compare")->get(i)->as_table();
  if (compare == nullptr)
    return; // reported where the key is read
  variant.place = place_of(*compare);
  if (const auto* name = compare->get_as<std::string>("name"))
    variant.name = name->get();
  toml::table* set = compare->get_as<toml::table>("set");
  if (set == nullptr)
    return;
  std::vector<Setting> settings;
  flatten(*set, {}, settings);
  Assigner assigner(variant.document, diagnostics);
  for (const Setting& setting : settings)
    assigner.assign(setting);
}

} // namespace

std::optional<toml::table> parse_document(std::string_view text, Diagnostics& diagnostics) {
  try {
    return toml::parse(text, diagnostics.file());
  } catch (const toml::parse_error& error) {
    const toml::source_position at = error.source().begin;
    diagnostics.report({at.line, at.column}, fmt::format("not TOML: {}", error.description()));
    return std::nullopt;
  }
}

std::vector<VariantDocument> split_variants(std::string_view toml, const Overrides& overrides,
                                            Diagnostics& diagnostics) {
  constexpr std::size_t most_runs = 32;
  std::vector<VariantDocument> all;
  bool both = false;
  const auto once = parse_document(toml, diagnostics);
  if (!once)
    return all;
  const toml::array* compares = once->get_as<toml::array>("compare");
  const std::size_t count = compares == nullptr ? 0 : compares->size();
  if (count >= most_runs) {
    diagnostics.report(place_of(*compares),
                       fmt::format("{} [[compare]]; expected fewer than {}", count, most_runs));
    return all;
  }
  // Each from a parse of its own: a copy of a node forgets its place.
  const auto add = [&](const char* mode_of_both) -> VariantDocument& {
    all.push_back({"", *parse_document(toml, diagnostics), {}, {}});
    override(all.back().document, overrides);
    if (settle_both(all.back().document, mode_of_both))
      both = true;
    return all.back();
  };
  add("zbuf");
  if (both)
    add("read").name = "read";
  for (std::size_t i = 0; i < count; ++i) {
    VariantDocument& variant = add("zbuf");
    variant.compare = i;
    apply_compare(variant, i, diagnostics);
  }
  return all;
}

} // namespace zbuf

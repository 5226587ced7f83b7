// SPDX-License-Identifier: BSD-2-Clause
// Who reads: a reader of one of the two kinds, or a process that follows a script.
#include "core/scenario/keys.h"

#include <algorithm>
#include <fmt/format.h>

namespace zbuf {

namespace {

/// "sleep 5 ms", "at 10ms", or an operation.
std::optional<SimStep> read_step(const LocatedText& text, Diagnostics& diagnostics) {
  const auto timed = [&](std::string_view word) -> std::optional<std::string_view> {
    if (!text.text.starts_with(word) || text.text.size() <= word.size() || text.text[word.size()] != ' ')
      return std::nullopt;
    return std::string_view(text.text).substr(word.size());
  };
  const bool sleeps = timed("sleep").has_value();
  if (const auto quantity = sleeps ? timed("sleep") : timed("at")) {
    const auto time_ns = parse_quantity(*quantity, Quantity::duration);
    if (time_ns && *time_ns <= longest_ns)
      return SimStep{sleeps ? SimStep::Kind::sleep : SimStep::Kind::at, {}, *time_ns};
    diagnostics.report(text.place,
                       fmt::format("\"{}\": expected {}, at most {}", text.text,
                                   quantity_example(Quantity::duration), show_duration(longest_ns)));
    return std::nullopt;
  }
  const Operation operation = parse_operation(text.text);
  if (const auto good = check_operation(operation); !good) {
    std::vector<std::string_view> names = operation_names();
    names.emplace_back("sleep");
    names.emplace_back("at");
    const bool known = std::find(names.begin(), names.end(), operation.name) != names.end();
    diagnostics.report(text.place, known ? good.error().message
                                         : fmt::format("\"{}\": no such step{}", text.text,
                                                       suggestion(operation.name, names)));
    return std::nullopt;
  }
  return SimStep{SimStep::Kind::operation, operation, 0};
}

} // namespace

void read_script(TableReader& reader, PlannedReader& planned) {
  constexpr std::size_t most_steps = 10'000;
  const auto steps = reader.texts("script");
  if (!steps)
    return;
  if (steps->empty() || steps->size() > most_steps)
    reader.diagnostics().report(
        reader.place(), fmt::format("\"script\" has {} steps; expected 1 to {}", steps->size(), most_steps));
  for (const LocatedText& text : *steps)
    if (auto step = read_step(text, reader.diagnostics()))
      planned.reader.script.push_back(std::move(*step));
}

namespace {

void check_name(TableReader& reader, const std::string& name) {
  const toml::node* const node = reader.find("name");
  if (node != nullptr && node->is_string() && is_good_name(name) && is_reserved_name(name))
    reader.diagnostics().report(place_of(*node),
                                fmt::format("\"name\" is \"{}\", which means something else in expressions; "
                                            "choose another one",
                                            name));
}

void read_options(TableReader& reader, PlannedReader& planned) {
  read_keys(reader, reader_option_keys(), planned);
  planned.has_filter = !planned.filter.text.empty() || reader.find("snaplen") != nullptr;
  const ReaderOptions& options = planned.reader.options;
  if (options.waiting == Waiting::spin && options.mode == BufferMode::buffer)
    reader.diagnostics().report(
        place_of(*reader.find("wait")),
        "\"wait\" is \"spin\", which takes shared memory; expected sleep or poll with mode "
        "= \"read\"");
  if (planned.reader.acknowledges_out_of_order && options.mode == BufferMode::buffer)
    reader.diagnostics().report(place_of(*reader.find("returns")),
                                "\"returns\" means nothing with mode = \"read\": nothing is lent");
}

} // namespace

PlannedReader read_reader(const toml::table& table, Diagnostics& diagnostics) {
  TableReader reader(table, "[[reader]]", diagnostics);
  PlannedReader planned;
  planned.reader.interface.clear();
  read_keys(reader, reader_keys(), planned);
  check_name(reader, planned.reader.name);
  if (reader.find("script") != nullptr)
    refuse_keys(reader, reader_option_keys(), "the script does everything itself");
  else
    read_options(reader, planned);
  reader.finish();
  return planned;
}

} // namespace zbuf

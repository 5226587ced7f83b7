// SPDX-License-Identifier: BSD-2-Clause
// Who reads: a reader of one of the two kinds, or a process that follows a script.
#include "core/scenario/sections.h"

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
    names.push_back("sleep");
    names.push_back("at");
    const bool known = std::find(names.begin(), names.end(), operation.name) != names.end();
    diagnostics.report(text.place, known ? good.error().message
                                         : fmt::format("\"{}\": no such step{}", text.text,
                                                       suggestion(operation.name, names)));
    return std::nullopt;
  }
  return SimStep{SimStep::Kind::operation, operation, 0};
}

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
  for (const std::string_view key :
       {"mode", "buffer", "filter", "snaplen", "immediate", "wait", "timeout", "kernel_timeout", "returns"})
    reader.refuse(key, "the script does everything itself");
}

void read_filter(TableReader& reader, PlannedReader& planned) {
  if (const auto filter = reader.text("filter"))
    planned.filter = *filter;
  if (const auto snaplen = reader.quantity("snaplen", Quantity::size, 1, 262144)) {
    planned.snaplen = static_cast<std::uint32_t>(*snaplen);
    planned.has_filter = true;
  }
  planned.has_filter |= !planned.filter.text.empty();
}

void read_options(TableReader& reader, PlannedReader& planned) {
  ReaderOptions& options = planned.reader.options;
  const TableReader::Choices<BufferMode> modes{{"zbuf", BufferMode::zbuf}, {"read", BufferMode::buffer}};
  options.mode = reader.choice("mode", modes).value_or(options.mode);
  options.buffer_bytes =
      reader.quantity("buffer", Quantity::size, 32, 2 * 1024 * 1024).value_or(options.buffer_bytes);
  read_filter(reader, planned);
  options.immediate = reader.flag("immediate").value_or(options.immediate);
  const TableReader::Choices<Waiting> ways{
      {"sleep", Waiting::sleep}, {"poll", Waiting::poll}, {"spin", Waiting::spin}};
  options.waiting = reader.choice("wait", ways).value_or(options.waiting);
  if (options.waiting == Waiting::spin && options.mode == BufferMode::buffer)
    reader.diagnostics().report(
        place_of(*reader.find("wait")),
        "\"wait\" is \"spin\", which takes shared memory; expected sleep or poll with mode "
        "= \"read\"");
  options.timeout_ns =
      reader.quantity("timeout", Quantity::duration, 0, longest_ns).value_or(options.timeout_ns);
  options.kernel_timeout_ns = reader.quantity("kernel_timeout", Quantity::duration, 0, longest_ns);
  const TableReader::Choices<bool> orders{{"in_order", false}, {"younger_first", true}};
  planned.reader.acknowledges_out_of_order = reader.choice("returns", orders).value_or(false);
  if (planned.reader.acknowledges_out_of_order && options.mode == BufferMode::buffer)
    reader.diagnostics().report(place_of(*reader.find("returns")),
                                "\"returns\" means nothing with mode = \"read\": nothing is lent");
}

} // namespace

PlannedReader read_reader(const toml::table& table, Diagnostics& diagnostics) {
  constexpr std::uint64_t highest_cost = 1'000'000'000;
  TableReader reader(table, "[[reader]]", diagnostics);
  PlannedReader planned;
  if (const auto name = reader.text("name")) {
    planned.reader.name = name->text;
    if (!is_good_name(name->text))
      diagnostics.report(name->place,
                         fmt::format("\"name\" is \"{}\"; expected 1 to 15 letters, digits and _, the "
                                     "first of them not a digit",
                                     name->text));
    else if (is_reserved_name(name->text))
      diagnostics.report(name->place,
                         fmt::format("\"name\" is \"{}\", which means something else in expressions; "
                                     "choose another one",
                                     name->text));
  }
  planned.reader.interface.clear();
  if (const auto interface = reader.text("interface"))
    planned.reader.interface = interface->text;
  planned.reader.start_ns = reader.quantity("start", Quantity::duration, 0, longest_ns).value_or(0);
  planned.reader.handle_ns = reader.number("handle_ns", 0, highest_cost);
  planned.reader.handle_byte_ps = reader.number("handle_byte_ps", 0, highest_cost);
  if (table.contains("script"))
    read_script(reader, planned);
  else
    read_options(reader, planned);
  (void)reader.find("script");
  reader.finish();
  return planned;
}

} // namespace zbuf

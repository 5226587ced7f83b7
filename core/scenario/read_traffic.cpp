// SPDX-License-Identifier: BSD-2-Clause
// What arrives: packets made up, or a capture.
#include "core/scenario/sections.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>

namespace zbuf {

namespace {

constexpr double least_rate = 0.001;
constexpr double highest_rate = 1e9;

/// Reads the sizes, in one of their forms.
class SizesReader {
 public:
  SizesReader(TableReader& reader, SyntheticConfig& config) : reader_(reader), config_(config) {}

  void read() {
    const toml::node* node = reader_.find("sizes");
    if (node == nullptr)
      return;
    if (const auto* text = node->as_string(); text != nullptr && text->get() == "imix") {
      config_.sizes = SizeModel::imix;
    } else if (const toml::table* range = node->as_table()) {
      read_range(*range);
    } else if (const toml::array* list = node->as_array()) {
      read_list(*list);
    } else if (const auto bytes = size_of(*node)) {
      config_.sizes = SizeModel::fixed;
      config_.size_bytes = *bytes;
    } else {
      reader_.wrong("sizes", *node, expected);
    }
  }

 private:
  static constexpr std::string_view expected = "bytes of a frame, 14 to 9216; or \"imix\"; or { min = 60, "
                                               "max = 1514 }; or an array of sizes, in turn; or an "
                                               "array of { bytes = 60, weight = 7 }";

  static std::optional<std::uint32_t> size_of(const toml::node& node) {
    const auto bytes = TableReader::as_quantity(node, Quantity::size);
    if (!bytes || *bytes < min_frame_bytes || *bytes > max_frame_bytes)
      return std::nullopt;
    return static_cast<std::uint32_t>(*bytes);
  }

  void read_range(const toml::table& table) {
    TableReader range(table, "sizes", reader_.diagnostics());
    config_.sizes = SizeModel::uniform;
    const auto low = range.quantity("min", Quantity::size, min_frame_bytes, max_frame_bytes);
    const auto high = range.quantity("max", Quantity::size, min_frame_bytes, max_frame_bytes);
    range.missing("min", "the least bytes of a frame");
    range.missing("max", "the most bytes of a frame");
    range.finish();
    if (!low || !high)
      return;
    config_.min_size_bytes = static_cast<std::uint32_t>(*low);
    config_.max_size_bytes = static_cast<std::uint32_t>(*high);
    if (*low > *high)
      reader_.diagnostics().report(
          place_of(table), fmt::format("sizes: min is {}, max is {}; expected min <= max", *low, *high));
  }

  void read_list(const toml::array& list) {
    constexpr std::size_t most = 4096;
    const bool weighted = !list.empty() && list.front().is_table();
    config_.sizes = weighted ? SizeModel::weighted : SizeModel::repeated;
    if (list.empty() || list.size() > most)
      reader_.diagnostics().report(place_of(list),
                                   fmt::format("sizes: {} of them; expected 1 to {}", list.size(), most));
    std::uint64_t sum = 0;
    for (const toml::node& node : list) {
      ListedSize size;
      if (weighted && node.is_table())
        size = read_weighted(*node.as_table());
      else if (const auto bytes = size_of(node); bytes && !weighted)
        size.bytes = *bytes;
      else
        reader_.wrong("sizes", node, expected);
      sum += size.weight;
      config_.listed_sizes.push_back(size);
    }
    if (weighted && sum == 0)
      reader_.diagnostics().report(place_of(list), "sizes: all weights are 0; expected at least one above");
  }

  ListedSize read_weighted(const toml::table& table) {
    ListedSize size;
    TableReader entry(table, "sizes", reader_.diagnostics());
    entry.missing("bytes", "the bytes of a frame");
    size.bytes = static_cast<std::uint32_t>(
        entry.quantity("bytes", Quantity::size, min_frame_bytes, max_frame_bytes).value_or(size.bytes));
    size.weight = static_cast<std::uint32_t>(entry.number("weight", 0, 1'000'000).value_or(size.weight));
    entry.finish();
    return size;
  }

  TableReader& reader_;
  SyntheticConfig& config_;
};

void read_protocol_weights(const toml::table& table, SyntheticConfig& config, Diagnostics& diagnostics) {
  TableReader weights(table, "protocols", diagnostics);
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < protocol_count; ++i) {
    config.protocol_weights[i] =
        static_cast<std::uint32_t>(weights.number(protocol_names[i], 0, 1'000'000).value_or(0));
    sum += config.protocol_weights[i];
  }
  weights.finish();
  if (sum == 0)
    diagnostics.report(place_of(table), "protocols: all weights are 0; expected at least one above");
}

void read_protocols(TableReader& reader, SyntheticConfig& config) {
  const toml::node* node = reader.find("protocols");
  if (node == nullptr)
    return;
  if (const toml::table* weights = node->as_table()) {
    read_protocol_weights(*weights, config, reader.diagnostics());
    return;
  }
  const auto names = reader.texts("protocols");
  if (!names)
    return;
  config.protocol_weights = {};
  const std::vector<std::string_view> known(protocol_names.begin(), protocol_names.end());
  for (const LocatedText& name : *names) {
    const auto found = std::find(known.begin(), known.end(), name.text);
    if (found == known.end())
      reader.not_a_choice("protocols", name, known);
    else
      config.protocol_weights[static_cast<std::size_t>(found - known.begin())] = 1;
  }
  if (names->empty())
    reader.diagnostics().report(place_of(*node), "protocols: there are none; expected at least one");
}

SyntheticConfig read_synthetic(TableReader& reader, bool pattern) {
  constexpr std::uint64_t day_ns = 86'400'000'000'000;
  SyntheticConfig config;
  config.content = pattern ? Content::pattern : Content::protocols;
  const TableReader::Choices<ArrivalProcess> processes{{"constant", ArrivalProcess::constant},
                                                       {"poisson", ArrivalProcess::poisson},
                                                       {"bursts", ArrivalProcess::bursts}};
  config.arrivals = reader.choice("process", processes).value_or(config.arrivals);
  config.packets_per_second =
      reader.rate("rate", least_rate, highest_rate).value_or(config.packets_per_second);
  if (config.arrivals == ArrivalProcess::bursts) {
    config.burst_on_ns = reader.quantity("burst", Quantity::duration, 1, day_ns).value_or(config.burst_on_ns);
    config.burst_off_ns =
        reader.quantity("pause", Quantity::duration, 0, day_ns).value_or(config.burst_off_ns);
  } else {
    reader.refuse("burst", "process is not \"bursts\"");
    reader.refuse("pause", "process is not \"bursts\"");
  }
  SizesReader(reader, config).read();
  if (pattern) {
    for (const std::string_view key : {"protocols", "flows", "outgoing"})
      reader.refuse(key, "kind is \"pattern\"");
  } else {
    read_protocols(reader, config);
    config.flow_count =
        static_cast<std::uint32_t>(reader.number("flows", 1, 16384).value_or(config.flow_count));
    config.outgoing_fraction = reader.real("outgoing", 0, 1);
  }
  config.start_ns = reader.quantity("start", Quantity::duration, 0, longest_ns).value_or(0);
  for (const std::string_view key : {"file", "timing", "factor", "line_rate", "loop"})
    reader.refuse(key, "kind is not \"capture\"");
  return config;
}

PlannedCapture read_capture(TableReader& reader, const std::string& folder) {
  PlannedCapture capture;
  reader.missing("file", "the path of a capture, relative to this file");
  if (const auto file = reader.text("file")) {
    if (file->text.empty())
      reader.diagnostics().report(file->place, "\"file\" is empty; expected the path of a capture");
    capture.shown = file->text;
    capture.path = (std::filesystem::path(folder) / file->text).lexically_normal().string();
  }
  const TableReader::Choices<ReplayTiming> timings{{"original", ReplayTiming::original},
                                                   {"scaled", ReplayTiming::scaled},
                                                   {"rate", ReplayTiming::rate},
                                                   {"line", ReplayTiming::line}};
  ReplayConfig& replay = capture.replay;
  replay.timing = reader.choice("timing", timings).value_or(replay.timing);
  if (replay.timing == ReplayTiming::scaled)
    replay.time_factor = reader.real("factor", 1e-6, 1e6).value_or(replay.time_factor);
  else
    reader.refuse("factor", "timing is not \"scaled\"");
  if (replay.timing == ReplayTiming::rate)
    replay.packets_per_second =
        reader.rate("rate", least_rate, highest_rate).value_or(replay.packets_per_second);
  else
    reader.refuse("rate", "timing is not \"rate\"");
  if (replay.timing == ReplayTiming::line)
    replay.line_bits_per_second = reader.quantity("line_rate", Quantity::bit_rate, 1000, 1'000'000'000'000)
                                      .value_or(replay.line_bits_per_second);
  else
    reader.refuse("line_rate", "timing is not \"line\"");
  replay.loop_count = reader.number("loop", 1, 1'000'000).value_or(replay.loop_count);
  for (const std::string_view key :
       {"process", "burst", "pause", "sizes", "protocols", "flows", "outgoing", "start"})
    reader.refuse(key, "kind is \"capture\"");
  return capture;
}

} // namespace

PlannedTraffic read_traffic(const toml::table& table, const std::string& folder, Diagnostics& diagnostics) {
  enum class Kind { synthetic, pattern, capture };
  TableReader reader(table, "[[traffic]]", diagnostics);
  PlannedTraffic planned;
  planned.place = reader.place();
  (void)reader.text("name"); // for paths of [[compare]]
  if (const auto interface = reader.text("interface"))
    planned.interface = interface->text;
  const TableReader::Choices<Kind> kinds{
      {"synthetic", Kind::synthetic}, {"pattern", Kind::pattern}, {"capture", Kind::capture}};
  const Kind kind = reader.choice("kind", kinds).value_or(Kind::synthetic);
  const std::uint64_t limit = reader.number("limit", 1, most_packets).value_or(0);
  const std::uint64_t duration_ns =
      reader.quantity("duration", Quantity::duration, 1, longest_ns).value_or(0);
  if (kind == Kind::capture) {
    PlannedCapture capture = read_capture(reader, folder);
    capture.replay.limit_packets = limit;
    capture.replay.duration_ns = duration_ns;
    planned.packets = std::move(capture);
  } else {
    SyntheticConfig config = read_synthetic(reader, kind == Kind::pattern);
    config.limit_packets = limit;
    config.duration_ns = duration_ns;
    planned.packets = std::move(config);
  }
  reader.finish();
  return planned;
}

} // namespace zbuf

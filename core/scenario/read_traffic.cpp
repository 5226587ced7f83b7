// SPDX-License-Identifier: BSD-2-Clause
// What arrives: packets made up, or a capture.
#include "core/scenario/keys.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>

namespace zbuf {

namespace {

/// Refuses the keys of the other kind of traffic, but for those that this one has too.
template <typename Other, typename Section>
void refuse_others(TableReader& reader, const Keys<Other>& others, const Keys<Section>& own,
                   std::string_view why) {
  for (const Key<Other>& key : others)
    if (std::none_of(own.begin(), own.end(), [&](const auto& mine) { return mine.name == key.name; }))
      reader.refuse(key.name, why);
}

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
    config_.sizes = SizeModel::uniform;
    TableReader range(table, "sizes", reader_.diagnostics());
    SizeRange sizes;
    read_keys(range, size_range_keys(), sizes);
    range.finish();
    if (!sizes.min_bytes || !sizes.max_bytes)
      return;
    config_.min_size_bytes = *sizes.min_bytes;
    config_.max_size_bytes = *sizes.max_bytes;
    if (config_.min_size_bytes > config_.max_size_bytes)
      reader_.diagnostics().report(place_of(table),
                                   fmt::format("sizes: min is {}, max is {}; expected min <= max",
                                               config_.min_size_bytes, config_.max_size_bytes));
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
    read_keys(entry, listed_size_keys(), size);
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

} // namespace

void read_sizes(TableReader& reader, SyntheticConfig& config) {
  SizesReader(reader, config).read();
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

PlannedTraffic read_traffic(const toml::table& table, const std::string& folder, Diagnostics& diagnostics) {
  TableReader reader(table, "[[traffic]]", diagnostics);
  TrafficHead head;
  read_keys(reader, traffic_keys(), head);
  PlannedTraffic planned;
  planned.place = reader.place();
  planned.interface = std::move(head.interface);
  if (head.kind == TrafficKind::capture) {
    PlannedCapture capture;
    read_keys(reader, capture_keys(), capture);
    refuse_others(reader, synthetic_keys(), capture_keys(), "kind is \"capture\"");
    capture.path = (std::filesystem::path(folder) / capture.shown).lexically_normal().string();
    capture.replay.limit_packets = head.limit_packets;
    capture.replay.duration_ns = head.duration_ns;
    planned.packets = std::move(capture);
  } else {
    SyntheticConfig config;
    config.content = head.kind == TrafficKind::pattern ? Content::pattern : Content::protocols;
    read_keys(reader, synthetic_keys(), config);
    refuse_others(reader, capture_keys(), synthetic_keys(), "kind is not \"capture\"");
    config.limit_packets = head.limit_packets;
    config.duration_ns = head.duration_ns;
    planned.packets = std::move(config);
  }
  reader.finish();
  return planned;
}

} // namespace zbuf

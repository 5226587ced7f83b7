// SPDX-License-Identifier: BSD-2-Clause
#include "core/scenario/recorded.h"

#include "core/trace/fold.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace zbuf {

namespace {

using nlohmann::json;

std::string text_of(const json& object, const char* key, const std::string& otherwise) {
  if (!object.is_object())
    return otherwise;
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : otherwise;
}

const json& list_of(const json& object, const char* key) {
  static const json none = json::array();
  const auto found = object.find(key);
  return found != object.end() && found->is_array() ? *found : none;
}

void add_reader(VariantReport& report, const DescriptorState& d, std::size_t number, const json& metadata) {
  ReaderReport reader;
  reader.name = fmt::format("descriptor {}", number);
  for (const json& planned : list_of(metadata, "readers"))
    if (planned.is_object() && planned.value("descriptor", json()) == number)
      reader.name = text_of(planned, "name", reader.name);
  reader.description = d.mode == 2 ? "zero-copy" : "read(2)";
  reader.descriptor = static_cast<std::uint16_t>(number);
  reader.counters = d.total;
  reader.in_buffers = d.in_buffers();
  report.readers.push_back(std::move(reader));
}

} // namespace

VariantReport report_of_recording(const Recording& recording) {
  json metadata = json::parse(recording.metadata(), nullptr, false);
  if (!metadata.is_object())
    metadata = json::object();
  VariantReport report;
  report.name = text_of(metadata, "run", "recording");
  report.revision = text_of(metadata, "revision", "unknown");
  report.has_processor_times = false;
  State state = recording.state_after(0); // of a bounded recording, whose beginning was dropped
  report.picture.begin(state);
  recording.for_each(0, recording.event_count(), [&](std::uint64_t, const Event& event) {
    fold(state, event);
    if (contains(Picture::kinds(), event.kind))
      report.picture.add(state, event);
  });
  report.picture.finish(state.time_ns);
  report.end = state.ended ? RunEnd::finished : RunEnd::interrupted;
  report.end_ns = state.time_ns;
  report.events = state.events;
  report.arrived = state.arrived();
  report.missed = state.missed();
  report.in_buffers = state.in_buffers();
  report.total = state.total();
  for (std::size_t i = 0; i < state.descriptors.size(); ++i)
    add_reader(report, state.descriptors[i], i, metadata);
  for (std::size_t i = 0; i < invariants; ++i)
    if (const auto invariant = static_cast<Invariant>(i); invariant != Invariant::repeatable)
      report.invariants.push_back({invariant, true, false, state.violation(invariant)});
  for (const json& text : list_of(metadata, "chapters"))
    report.chapters.push_back({text.is_string() ? text.get<std::string>() : ""});
  for (const PictureMark& mark : report.picture.marks())
    if (mark.chapter < report.chapters.size())
      report.chapters[mark.chapter] = {report.chapters[mark.chapter].text, "", true, mark.time_ns,
                                       mark.event};
  return report;
}

} // namespace zbuf

// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/filter/filter_facts.h"

#include "gui/explain/run_facts.h"

namespace zbuf::gui {

namespace {

/// The most instructions that the read filter ever had, and so the length of the one that was set.
std::uint32_t length_of(const Recording& recording, std::uint16_t descriptor) {
  std::uint32_t length = 0;
  std::uint64_t from = recording.event_count();
  // The last one counts; write filters are not looked at.
  while (const auto n =
             recording.next(mask_of({ZB_EV_FILTER_SET}), from, Recording::Direction::backward, descriptor)) {
    const Event e = recording.event(*n);
    if (e.b == 0) {
      length = e.a;
      break;
    }
    from = *n;
  }
  return length;
}

} // namespace

FilterProgram filter_of(const Recording& recording, const State& end, std::uint16_t descriptor) {
  FilterProgram program;
  program.length = length_of(recording, descriptor);
  const explain::RunFacts facts = explain::run_facts(recording.metadata());
  const explain::ReaderFacts* const reader = facts.reader(descriptor);
  if (program.length == 0)
    return program;
  program.known = FilterProgram::Known::length;
  if (reader == nullptr || !reader->filter || descriptor >= end.descriptors.size())
    return program;
  const auto link_type = static_cast<int>(end.descriptors[descriptor].link_type);
  auto compiled = compile_filter(*reader->filter, link_type, reader->snaplen);
  if (!compiled || compiled->size() != program.length)
    return program;
  program.known = FilterProgram::Known::program;
  program.expression = QString::fromStdString(*reader->filter);
  program.instructions = std::move(*compiled);
  for (const std::string& line : list_filter(program.instructions)) {
    const auto number_end = line.find(' '); // "(000) ldh [12]"
    program.lines.append(
        QString::fromStdString(line.substr(number_end == std::string::npos ? 0 : number_end + 1)));
  }
  return program;
}

std::optional<PacketPath> path_of(const Recording& recording, const FilterProgram& program,
                                  std::uint32_t packet) {
  if (program.known != FilterProgram::Known::program)
    return std::nullopt;
  const auto kept = recording.packet(packet);
  if (!kept)
    return std::nullopt;
  PacketPath found{follow_filter(program.instructions, kept->bytes, kept->wire_length)};
  found.kept_bytes = static_cast<std::uint32_t>(kept->bytes.size());
  found.undecided = found.path.ran_out && kept->bytes.size() < kept->wire_length;
  return found;
}

} // namespace zbuf::gui

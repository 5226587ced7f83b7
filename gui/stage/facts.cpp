// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/stage/facts.h"

#include "gui/stage/words.h"

#include <nlohmann/json.hpp>

namespace zbuf::gui::stage {

namespace {

using nlohmann::json;

const json& list_of(const json& object, const char* key) {
  static const json none = json::array();
  const auto found = object.find(key);
  return found != object.end() && found->is_array() ? *found : none;
}

QString string_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? QString::fromStdString(found->get<std::string>())
                                                     : QString();
}

} // namespace

QString Facts::reader(std::uint16_t descriptor) const {
  const auto found = readers.find(descriptor);
  return found != readers.end() && !found->second.name.isEmpty() ? found->second.name
                                                                 : Words::tr("reader %1").arg(descriptor);
}

QString Facts::interface(std::uint32_t number) const {
  return number < interfaces.size() && !interfaces[number].isEmpty() ? interfaces[number]
                                                                     : Words::tr("interface %1").arg(number);
}

Facts facts_of(const Track& track) {
  Facts facts;
  facts.revision = QString::fromStdString(track.report.revision);
  const json metadata = json::parse(track.recording->metadata(), nullptr, false);
  if (metadata.is_object()) {
    for (const json& name : list_of(metadata, "interfaces"))
      facts.interfaces.push_back(name.is_string() ? QString::fromStdString(name.get<std::string>())
                                                  : QString());
    for (const json& reader : list_of(metadata, "readers")) {
      const auto number = reader.is_object() ? reader.find("descriptor") : reader.end();
      if (!reader.is_object() || number == reader.end() || !number->is_number_unsigned())
        continue;
      const auto descriptor = number->get<std::uint64_t>();
      if (descriptor < ZB_NO_DESCRIPTOR)
        facts.readers[static_cast<std::uint16_t>(descriptor)] = {
            string_of(reader, "name"), string_of(reader, "filter"), reader.contains("filter")};
    }
  }
  for (const ReaderReport& reader : track.report.readers)
    if (reader.descriptor != ZB_NO_DESCRIPTOR && !reader.name.empty())
      facts.readers[reader.descriptor].name = QString::fromStdString(reader.name);
  return facts;
}

} // namespace zbuf::gui::stage

// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/explain/run_facts.h"

#include "gui/explain/words.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace zbuf::gui::explain {

namespace {

using nlohmann::json;

const json& member(const json& object, const char* key) {
  static const json none;
  if (!object.is_object())
    return none;
  const auto found = object.find(key);
  return found == object.end() ? none : *found;
}

QString text(const json& value) {
  return value.is_string() ? QString::fromStdString(value.get<std::string>()) : QString();
}

ReaderFacts reader_facts(const json& reader) {
  ReaderFacts facts;
  facts.name = text(member(reader, "name"));
  facts.mode = text(member(reader, "mode"));
  if (const json& number = member(reader, "descriptor"); number.is_number_unsigned())
    facts.descriptor =
        static_cast<std::uint16_t>(std::min<std::uint64_t>(number.get<std::uint64_t>(), 0xffff));
  if (const json& filter = member(reader, "filter"); filter.is_string())
    facts.filter = filter.get<std::string>();
  if (const json& snaplen = member(reader, "snaplen"); snaplen.is_number_unsigned())
    facts.snaplen = static_cast<std::uint32_t>(std::min<std::uint64_t>(snaplen.get<std::uint64_t>(), 262144));
  return facts;
}

} // namespace

QString RunFacts::interface(std::uint32_t number) const {
  if (number < interfaces.size() && !interfaces[number].isEmpty())
    return interfaces[number];
  return Captions::tr("interface %1").arg(number);
}

const ReaderFacts* RunFacts::reader(std::uint16_t descriptor) const {
  for (const ReaderFacts& facts : readers)
    if (facts.descriptor == descriptor)
      return &facts;
  return nullptr;
}

RunFacts run_facts(const std::string& metadata) {
  const json object = json::parse(metadata, nullptr, false);
  RunFacts facts;
  if (const json& interfaces = member(object, "interfaces"); interfaces.is_array())
    for (const json& name : interfaces)
      facts.interfaces.push_back(text(name));
  if (const json& readers = member(object, "readers"); readers.is_array())
    for (const json& reader : readers)
      facts.readers.push_back(reader_facts(reader));
  if (const json& boot = member(object, "boot_time_ns"); boot.is_number_unsigned())
    facts.boot_time_ns = boot.get<std::uint64_t>();
  return facts;
}

} // namespace zbuf::gui::explain

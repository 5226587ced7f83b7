// SPDX-License-Identifier: BSD-2-Clause
// For tests: whether a document follows a schema of this folder.
#pragma once

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

namespace zbuf {

namespace schema_detail {

using nlohmann::json;

/// As much of JSON Schema as the schemas here use: returns what does not follow it, or nothing.
inline std::string fault(const json& root, const json& schema, const json& value, const std::string& at) {
  if (schema.contains("$ref"))
    return fault(root, root.at(json::json_pointer(schema["$ref"].get<std::string>().substr(1))), value, at);
  if (schema.contains("const") && value != schema["const"])
    return at + " is another constant";
  if (schema.contains("enum") &&
      std::find(schema["enum"].begin(), schema["enum"].end(), value) == schema["enum"].end())
    return at + " is none of the words";
  const std::string type = schema.value("type", "");
  if ((type == "object" && !value.is_object()) || (type == "array" && !value.is_array()) ||
      (type == "string" && !value.is_string()) || (type == "boolean" && !value.is_boolean()) ||
      (type == "integer" && !value.is_number_integer()) || (type == "number" && !value.is_number()))
    return at + " is of another type";
  if (schema.contains("minimum") && value < schema["minimum"])
    return at + " is too small";
  for (const json& key : schema.value("required", json::array()))
    if (!value.contains(key.get<std::string>()))
      return at + " has no " + key.dump();
  if (value.is_object() && schema.contains("properties"))
    for (const auto& [key, member] : value.items()) {
      if (!schema["properties"].contains(key))
        return at + " has " + key;
      if (std::string found = fault(root, schema["properties"][key], member, at + "/" + key); !found.empty())
        return found;
    }
  if (value.is_array())
    for (const json& element : value)
      if (std::string found = fault(root, schema["items"], element, at + "/[]"); !found.empty())
        return found;
  return {};
}

} // namespace schema_detail

/// What does not follow the schema in the file `name`; empty: it does.
inline std::string schema_fault(const std::string& name, const nlohmann::json& document) {
  std::ifstream in(ZBUF_SOURCE_DIR "/core/bench/" + name);
  const nlohmann::json schema = nlohmann::json::parse(in);
  return schema_detail::fault(schema, schema, document, "");
}

} // namespace zbuf

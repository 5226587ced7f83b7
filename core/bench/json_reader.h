// SPDX-License-Identifier: BSD-2-Clause
// JSON of which nothing is known yet, read member by member. The first thing that is not as it should be is
// kept, with its place; what is read after that means nothing, and does no harm.
#pragma once

#include "core/base/result.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace zbuf {

class JsonPlace {
 public:
  using Fault = std::optional<std::string>;

  /// `json` and `fault` outlive it.
  JsonPlace(const nlohmann::json& json, Fault& fault, std::string at = {})
      : json_(&json), fault_(&fault), at_(std::move(at)) {}

  [[nodiscard]] bool has(const char* key) const { return json_->is_object() && json_->contains(key); }

  [[nodiscard]] JsonPlace operator[](const char* key) const {
    const std::string at = at_.empty() ? key : at_ + "." + key;
    if (has(key))
      return {(*json_)[key], *fault_, at};
    complain(at, "is not there");
    return {nothing(), *fault_, at};
  }

  [[nodiscard]] std::vector<JsonPlace> items() const {
    std::vector<JsonPlace> places;
    if (!json_->is_array())
      expected("a list");
    else
      for (std::size_t i = 0; i < json_->size(); ++i)
        places.emplace_back((*json_)[i], *fault_, at_ + "[" + std::to_string(i) + "]");
    return places;
  }

  [[nodiscard]] std::uint64_t count(std::uint64_t most = std::numeric_limits<std::uint64_t>::max()) const {
    if (json_->is_number_unsigned() && json_->get<std::uint64_t>() <= most)
      return json_->get<std::uint64_t>();
    expected(most == std::numeric_limits<std::uint64_t>::max()
                 ? std::string("a whole number, 0 or more")
                 : "a whole number, 0 to " + std::to_string(most));
    return 0;
  }

  [[nodiscard]] double number() const {
    if (json_->is_number())
      return json_->get<double>();
    expected("a number");
    return 0;
  }

  [[nodiscard]] std::string text() const {
    if (json_->is_string())
      return json_->get<std::string>();
    expected("text");
    return {};
  }

  [[nodiscard]] bool yes() const {
    if (json_->is_boolean())
      return json_->get<bool>();
    expected("true or false");
    return false;
  }

  /// Says that what is here is not what it should be.
  void expected(const std::string& what) const {
    constexpr std::size_t most = 40;
    std::string shown = json_->is_structured()
                            ? json_->type_name()
                            : json_->dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    if (shown.size() > most)
      shown = shown.substr(0, most) + " ...";
    complain(at_.empty() ? "the document" : at_, "is " + shown + "; expected " + what);
  }

 private:
  static const nlohmann::json& nothing() {
    static const nlohmann::json none;
    return none;
  }
  void complain(const std::string& at, const std::string& what) const {
    if (!*fault_)
      *fault_ = at + " " + what;
  }

  const nlohmann::json* json_;
  Fault* fault_;
  std::string at_;
};

} // namespace zbuf

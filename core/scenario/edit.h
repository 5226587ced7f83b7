// SPDX-License-Identifier: BSD-2-Clause
// Changes one value in the text of a scenario, and leaves the rest of it as its author wrote it.
#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace zbuf {

/// A key of a scenario: of [section], or of the `element`-th [[section]], from 0. `section` may be empty: a
/// key of the scenario itself.
struct SettingPlace {
  std::string section{};
  std::size_t element = 0;
  std::string key{};
};

/// The text with that value, written as TOML ("\"64 KiB\"", "900", "true"). The key's old value is replaced
/// where it stands; a new key goes behind the head of its section, and a [section] that is not there to the
/// end.
///
/// Errors: bad_input, where `toml` or the result is not TOML, or there is no such [[section]].
Result<std::string> with_setting(std::string_view toml, const SettingPlace& place, std::string_view value);

/// The value as TOML, as it stands in the text; nothing if the key is not there, or the text is not TOML.
[[nodiscard]] std::optional<std::string> setting_in(std::string_view toml, const SettingPlace& place);

/// A string as TOML: in quotes, with what needs it escaped.
[[nodiscard]] std::string toml_string(std::string_view text);

} // namespace zbuf
